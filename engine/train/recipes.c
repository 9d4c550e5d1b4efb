// SPDX-License-Identifier: LGPL-3.0-or-later
// Where recipes are found by name.
#include <folders.h>
#include <gan/nearest.h>
#include <gan/trainer.h>

#include <string.h>

// Adds the recipes of a folder that `known` has not.
static void list_recipes(const char *folder, GPtrArray *known)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = dir != NULL ? g_dir_read_name(dir) : NULL; name != NULL;
         name = g_dir_read_name(dir)) {
        if (!g_str_has_suffix(name, ".ini"))
            continue;
        g_autofree char *recipe = g_strndup(name, strlen(name) - strlen(".ini"));
        if (!g_ptr_array_find_with_equal_func(known, recipe, g_str_equal, NULL))
            g_ptr_array_add(known, g_steal_pointer(&recipe));
    }
}

static int compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The path of a recipe that is in this folder; NULL when it is not, and others are
// added to `known`.
static char *recipe_in(const char *folder, const char *file, GPtrArray *known)
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
    g_autofree char *file = g_strconcat(name, g_str_has_suffix(name, ".ini") ? "" : ".ini", NULL);
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *user = gan_folders_user("recipes");
    g_auto(GStrv) system = gan_folders_system("recipes");
    char *path = recipe_in(user, file, known);
    for (guint i = 0; path == NULL && system[i] != NULL; i++)
        path = recipe_in(system[i], file, known);
    if (path != NULL)
        return path;
    g_ptr_array_sort(known, compare_texts);
    g_ptr_array_add(known, NULL);
    g_autofree char *names = g_strjoinv(", ", (char **)known->pdata);
    const char *nearest = gan_nearest(name, (const char *const *)known->pdata);
    g_autofree char *meant =
        nearest != NULL ? g_strdup_printf("did you mean '%s'? T", nearest) : g_strdup("t");
    if (names[0] != '\0')
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "there is no recipe '%s'; %shere are %s",
                    name, meant, names);
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "there is no recipe '%s'; none was found in gimp-gan/recipes of the data "
                    "folders",
                    name);
    return NULL;
}
