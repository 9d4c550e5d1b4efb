// SPDX-License-Identifier: LGPL-3.0-or-later
// The pictures of an evaluation: originals, and what lies beside them under matching names.
#include "dataset.h"

#include "batch.h"

#include <string.h>

void cli_sample_free(CliSample *sample)
{
    if (sample == NULL)
        return;
    g_free(sample->name);
    g_free(sample->hr);
    g_free(sample->lr);
    g_free(sample->ready);
    g_free(sample);
}

static char *stem(const char *path)
{
    char *name = g_path_get_basename(path);
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = '\0';
    return name;
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Returns the paths of the pictures in `folder`, sorted.
static GPtrArray *list_pictures(const char *folder, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    if (dir == NULL) {
        g_autofree char *shown = g_filename_display_name(folder);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "'%s' is not a folder that can be read.",
                    shown);
        return NULL;
    }
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (cli_batch_is_picture(name) && !g_file_test(path, G_FILE_TEST_IS_DIR))
            g_ptr_array_add(paths, g_steal_pointer(&path));
    }
    g_ptr_array_sort(paths, compare_paths);
    return paths;
}

// Finds the picture that belongs to `name` as the data sets and programs call it: name.png,
// namex4.png, name_x4.png, name-x4.png, and with more behind it when only one file begins so.
static char *find_partner(const GPtrArray *paths, const char *name, guint scale)
{
    static const char *const joints[] = {"x", "_x", "-x"};
    const char *only = NULL;
    guint n_beginning = 0;
    for (guint pass = 0; pass < 2; pass++)
        for (guint i = 0; i < paths->len; i++) {
            const char *path = paths->pdata[i];
            g_autofree char *other = stem(path);
            if (pass == 0 && strcmp(other, name) == 0)
                return g_strdup(path);
            if (pass == 0 || !g_str_has_prefix(other, name))
                continue;
            const char *rest = other + strlen(name);
            for (gsize k = 0; k < G_N_ELEMENTS(joints); k++) {
                g_autofree char *ending = g_strdup_printf("%s%u", joints[k], scale);
                if (strcmp(rest, ending) == 0)
                    return g_strdup(path);
            }
            if (!g_ascii_isalnum(rest[0])) {
                only = path;
                n_beginning++;
            }
        }
    return n_beginning == 1 ? g_strdup(only) : NULL;
}

// Returns the folder of given low-resolution pictures, or NULL.
static char *find_lr_folder(const char *folder, guint scale)
{
    g_autofree char *upper = g_strdup_printf("X%u", scale);
    g_autofree char *joined = g_strdup_printf("LRx%u", scale);
    char *const candidates[] = {g_build_filename(folder, "LR_bicubic", upper, NULL),
                                g_build_filename(folder, "LR", upper, NULL),
                                g_build_filename(folder, joined, NULL),
                                g_build_filename(folder, "LR", NULL)};
    char *found = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(candidates); i++) {
        if (found == NULL && g_file_test(candidates[i], G_FILE_TEST_IS_DIR))
            found = candidates[i];
        else
            g_free(candidates[i]);
    }
    return found;
}

static gboolean pair(const GPtrArray *candidates, const char *folder, const CliSample *sample,
                     guint scale, char **partner, GError **error)
{
    *partner = find_partner(candidates, sample->name, scale);
    if (*partner != NULL)
        return TRUE;
    g_autofree char *shown = g_filename_display_name(folder);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                "%s has no picture for '%s', such as %s.png or %sx%u.png.", shown, sample->name,
                sample->name, sample->name, scale);
    return FALSE;
}

GPtrArray *cli_dataset_open(const char *folder, const char *ready, guint scale, guint limit,
                            GError **error)
{
    g_autofree char *below = g_build_filename(folder, "HR", NULL);
    const gboolean has_hr = g_file_test(below, G_FILE_TEST_IS_DIR);
    const char *hr_folder = has_hr ? below : folder;
    g_autofree char *lr_folder = has_hr ? find_lr_folder(folder, scale) : NULL;
    g_autoptr(GPtrArray) hr = list_pictures(hr_folder, error);
    if (hr == NULL)
        return NULL;
    if (hr->len == 0) {
        g_autofree char *shown = g_filename_display_name(hr_folder);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "There is no picture in '%s'.", shown);
        return NULL;
    }
    g_autoptr(GPtrArray) lr = lr_folder != NULL ? list_pictures(lr_folder, error) : NULL;
    if (lr_folder != NULL && lr == NULL)
        return NULL;
    g_autoptr(GPtrArray) results = ready != NULL ? list_pictures(ready, error) : NULL;
    if (ready != NULL && results == NULL)
        return NULL;
    g_autoptr(GPtrArray) samples = g_ptr_array_new_with_free_func((GDestroyNotify)cli_sample_free);
    for (guint i = 0; i < hr->len && (limit == 0 || i < limit); i++) {
        CliSample *sample = g_new0(CliSample, 1);
        g_ptr_array_add(samples, sample);
        sample->hr = g_strdup(hr->pdata[i]);
        sample->name = stem(sample->hr);
        if (lr != NULL && !pair(lr, lr_folder, sample, scale, &sample->lr, error))
            return NULL;
        if (results != NULL && !pair(results, ready, sample, scale, &sample->ready, error))
            return NULL;
    }
    return g_steal_pointer(&samples);
}
