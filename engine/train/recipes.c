// SPDX-License-Identifier: LGPL-3.0-or-later
// Where recipes are found by name.
#include <folders.h>
#include <gan/trainer.h>

#include <string.h>

static void list_recipes(const char *folder, GString *names)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = dir != NULL ? g_dir_read_name(dir) : NULL; name != NULL;
         name = g_dir_read_name(dir))
        if (g_str_has_suffix(name, ".ini"))
            g_string_append_printf(names, "%s%.*s", names->len > 0 ? ", " : "",
                                   (int)strlen(name) - 4, name);
}

// The path of a recipe that is in this folder; NULL when it is not, and others are
// added to `known`.
static char *recipe_in(const char *folder, const char *file, GString *known)
{
    g_autofree char *path = g_build_filename(folder, file, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&path);
    list_recipes(folder, known);
    return NULL;
}

char *gan_recipe_find(const char *name, GError **error)
{
    if (strchr(name, G_DIR_SEPARATOR) != NULL || g_file_test(name, G_FILE_TEST_IS_REGULAR))
        return g_strdup(name);
    g_autofree char *file = g_strconcat(name, ".ini", NULL);
    g_autoptr(GString) known = g_string_new(NULL);
    g_autofree char *user = gan_folders_user("recipes");
    g_auto(GStrv) system = gan_folders_system("recipes");
    char *path = recipe_in(user, file, known);
    for (guint i = 0; path == NULL && system[i] != NULL; i++)
        path = recipe_in(system[i], file, known);
    if (path != NULL)
        return path;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "there is no recipe '%s'; %s%s", name,
                known->len > 0 ? "there are "
                               : "none was found in gimp-gan/recipes of the data folders",
                known->str);
    return NULL;
}
