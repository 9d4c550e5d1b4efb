// SPDX-License-Identifier: LGPL-3.0-or-later
// Which pictures a command line means. No picture is opened here.
#include "batch.h"

#include <gan/image.h>
#include <glib/gstdio.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    GPtrArray *items;
    GHashTable *seen; // canonical paths of the items
    char *exclude;    // canonical path of the folder that is not entered, or NULL
    gboolean recursive;
    CliLeft *left; // or NULL
} Search;

void cli_item_free(CliItem *item)
{
    if (item == NULL)
        return;
    g_free(item->input);
    g_free(item->folder);
    g_free(item->output);
    g_free(item->problem);
    for (guint i = 0; i < CLI_MAX_COMPANIONS; i++)
        g_free(item->companions[i]);
    g_free(item);
}

gboolean cli_batch_is_picture(const char *name)
{
    return name[0] != '.' && gan_image_name(name) == GAN_IMAGE_NAME_READ;
}

// Remembers the ending of a file in a folder that is a picture, but is not taken.
static void pass_over(Search *search, const char *name)
{
    const GanImageName kind = gan_image_name(name);
    if (search->left != NULL && (kind == GAN_IMAGE_NAME_NOT_READ || kind == GAN_IMAGE_NAME_ALONE)) {
        GPtrArray *endings =
            kind == GAN_IMAGE_NAME_ALONE ? search->left->alone : search->left->not_read;
        g_ptr_array_add(endings, g_ascii_strdown(strrchr(name, '.'), -1));
    }
}

char *cli_batch_canonical(const char *path)
{
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autofree char *folder = g_path_get_dirname(absolute);
    g_autofree char *name = g_path_get_basename(absolute);
    char *resolved = realpath(folder, NULL);
    char *result = g_build_filename(resolved != NULL ? resolved : folder, name, NULL);
    free(resolved);
    return result;
}

static CliItem *add_item(Search *search, const char *path, const char *folder, gboolean named)
{
    g_autofree char *canonical = cli_batch_canonical(path);
    if (!g_hash_table_add(search->seen, g_steal_pointer(&canonical)))
        return NULL;
    CliItem *item = g_new0(CliItem, 1);
    item->input = g_strdup(path);
    item->folder = g_strdup(folder);
    item->named = named;
    // To open a pipe waits for who writes into it.
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR))
        item->problem = g_strdup("It is a pipe or a device, not a file.");
    g_ptr_array_add(search->items, item);
    return item;
}

static void add_problem(Search *search, const char *path, const char *problem)
{
    CliItem *item = add_item(search, path, "", TRUE);
    if (item != NULL && item->problem == NULL)
        item->problem = g_strdup(problem);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean is_excluded(const Search *search, const char *path)
{
    if (search->exclude == NULL)
        return FALSE;
    g_autofree char *canonical = cli_batch_canonical(path);
    return strcmp(canonical, search->exclude) == 0;
}

static void add_folder(Search *search, const char *path, const char *folder)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &error);
    if (dir == NULL) {
        add_problem(search, path, error->message);
        return;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir))
        if (name[0] != '.')
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *full = g_build_filename(path, name, NULL);
        if (!g_file_test(full, G_FILE_TEST_IS_DIR)) {
            if (cli_batch_is_picture(name))
                add_item(search, full, folder, FALSE);
            else
                pass_over(search, name);
            continue;
        }
        if (!search->recursive || is_excluded(search, full))
            continue;
        // Links are not followed: a link to a parent would never end.
        if (g_file_test(full, G_FILE_TEST_IS_SYMLINK)) {
            if (search->left != NULL)
                g_ptr_array_add(search->left->links, g_steal_pointer(&full));
            continue;
        }
        g_autofree char *below = g_build_filename(folder, name, NULL);
        add_folder(search, full, below);
    }
}

static void add_argument(Search *search, const char *argument)
{
    if (g_file_test(argument, G_FILE_TEST_IS_DIR)) {
        add_folder(search, argument, "");
        return;
    }
    if (g_file_test(argument, G_FILE_TEST_EXISTS)) {
        add_item(search, argument, "", TRUE);
        return;
    }
    if (strpbrk(argument, "*?[") == NULL) {
        add_problem(search, argument, "No such file or folder.");
        return;
    }
    glob_t found = {0};
    const int status = glob(argument, 0, NULL, &found);
    if (status != 0)
        add_problem(search, argument,
                    status == GLOB_NOMATCH ? "No file matches this pattern."
                                           : "The pattern failed.");
    for (gsize i = 0; status == 0 && i < found.gl_pathc; i++) {
        if (g_file_test(found.gl_pathv[i], G_FILE_TEST_IS_DIR))
            add_folder(search, found.gl_pathv[i], "");
        else
            add_item(search, found.gl_pathv[i], "", FALSE);
    }
    globfree(&found);
}

char *cli_batch_describe_left(const GPtrArray *endings, const char *what)
{
    if (endings->len == 0)
        return NULL;
    g_autoptr(GPtrArray) different = g_ptr_array_new();
    for (guint i = 0; i < endings->len; i++)
        if (!g_ptr_array_find_with_equal_func(different, endings->pdata[i], g_str_equal, NULL))
            g_ptr_array_add(different, endings->pdata[i]);
    g_ptr_array_sort(different, compare_names);
    g_ptr_array_add(different, NULL);
    g_autofree char *list = g_strjoinv(", ", (char **)different->pdata);
    return g_strdup_printf("%u %s of %s %s: %s", endings->len, endings->len == 1 ? "file" : "files",
                           endings->len == 1 ? "a kind that is" : "kinds that are", what, list);
}

GPtrArray *cli_batch_expand(char **arguments, gboolean recursive, const char *exclude,
                            CliLeft *left)
{
    Search search = {
        .items = g_ptr_array_new_with_free_func((GDestroyNotify)cli_item_free),
        .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .exclude = exclude != NULL ? cli_batch_canonical(exclude) : NULL,
        .recursive = recursive,
        .left = left,
    };
    for (char **argument = arguments; *argument != NULL; argument++)
        add_argument(&search, *argument);
    g_hash_table_unref(search.seen);
    g_free(search.exclude);
    return search.items;
}

// The name of a file without its ending, which is its length in the path's last part.
static gsize stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && dot != name ? (gsize)(dot - name) : strlen(name);
}

// Returns the picture in `folder` that is called like the file `path`, or NULL.
static char *find_namesake(const char *folder, const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autofree char *name = g_path_get_basename(path);
    const gsize length = stem_length(name);
    g_autofree char *found = NULL;
    for (const char *other = dir != NULL ? g_dir_read_name(dir) : NULL; other != NULL;
         other = g_dir_read_name(dir)) {
        if (!cli_batch_is_picture(other) || stem_length(other) != length ||
            memcmp(other, name, length) != 0)
            continue;
        // The very name comes first, then the first in the order of names: the same on every run.
        const gboolean same = strcmp(other, name) == 0;
        if (same || found == NULL || (strcmp(found, name) != 0 && strcmp(other, found) < 0)) {
            g_free(found);
            found = g_strdup(other);
        }
        if (same)
            break;
    }
    return found != NULL ? g_build_filename(folder, found, NULL) : NULL;
}

gboolean cli_batch_pair(GPtrArray *items, guint number, const char *option, const char *place,
                        GError **error)
{
    g_autofree char *shown = g_filename_display_name(place);
    const gboolean is_folder = g_file_test(place, G_FILE_TEST_IS_DIR);
    if (!is_folder && !g_file_test(place, G_FILE_TEST_EXISTS)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "%s is '%s': no such file or folder.",
                    option, shown);
        return FALSE;
    }
    for (guint i = 0; i < items->len; i++) {
        CliItem *item = items->pdata[i];
        if (item->problem != NULL)
            continue;
        g_autofree char *folder = g_build_filename(place, item->folder, NULL);
        item->companions[number] = is_folder ? find_namesake(folder, item->input) : g_strdup(place);
        if (item->companions[number] == NULL)
            item->problem = g_strdup_printf("There is no picture of this name in '%s', which %s "
                                            "is.",
                                            shown, option);
    }
    return TRUE;
}
