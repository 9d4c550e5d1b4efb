// SPDX-License-Identifier: LGPL-3.0-or-later
// The pictures of an evaluation: originals, what lies beside them under matching names, and all of
// them as plain arrays of 0..255.
#include "dataset.h"

#include "batch.h"

#include <gan/image.h>
#include <gan/resample.h>
#include <math.h>
#include <string.h>

void cli_sample_free(CliSample *sample)
{
    if (sample == NULL)
        return;
    g_free(sample->name);
    g_free(sample->hr);
    g_free(sample->lr);
    g_free(sample->ready);
    g_free(sample->problem);
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

// Returns the paths of the pictures in `folder`, sorted. `not_read`: NULL, or gets the endings of
// those that are not taken.
static GPtrArray *list_pictures(const char *folder, GPtrArray *not_read, GError **error)
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
        else if (not_read != NULL && gan_image_name(name) >= GAN_IMAGE_NAME_ALONE)
            g_ptr_array_add(not_read, g_ascii_strdown(strrchr(name, '.'), -1));
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

// Returns the first of `names` that is a folder inside `folder`, or NULL.
static char *find_folder(const char *folder, const char *const *names)
{
    for (; *names != NULL; names++) {
        g_autofree char *path = g_build_filename(folder, *names, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            return g_steal_pointer(&path);
    }
    return NULL;
}

// The folder names are those that training takes pairs from.
static char *find_original_folder(const char *folder)
{
    return find_folder(folder, (const char *const[]){"HR", "target", NULL});
}

static char *find_input_folder(const char *folder, guint scale)
{
    g_autofree char *bicubic = g_strdup_printf("LR_bicubic/X%u", scale);
    g_autofree char *lower = g_strdup_printf("LR/X%u", scale);
    g_autofree char *joined = g_strdup_printf("LRx%u", scale);
    return find_folder(folder, (const char *const[]){bicubic, lower, joined, "LR", "input", NULL});
}

// Finds the partner, or says in the sample that there is none.
static char *pair(const GPtrArray *candidates, const char *folder, CliSample *sample, guint scale)
{
    char *partner = find_partner(candidates, sample->name, scale);
    if (partner == NULL && sample->problem == NULL) {
        g_autofree char *shown = g_filename_display_name(folder);
        sample->problem =
            scale > 1 ? g_strdup_printf("%s has no picture for '%s', such as %s.png or %sx%u.png.",
                                        shown, sample->name, sample->name, sample->name, scale)
                      : g_strdup_printf("%s has no picture for '%s', such as %s.png.", shown,
                                        sample->name, sample->name);
    }
    return partner;
}

GPtrArray *cli_dataset_open(const char *folder, const char *ready, guint scale, gboolean damaged,
                            guint limit, GPtrArray *not_read, GError **error)
{
    g_autofree char *below = find_original_folder(folder);
    const char *hr_folder = below != NULL ? below : folder;
    const gboolean alone = scale == 1 && damaged;
    g_autofree char *lr_folder = below != NULL && !alone ? find_input_folder(folder, scale) : NULL;
    if (scale == 1 && lr_folder == NULL && !alone) {
        g_autofree char *shown = g_filename_display_name(folder);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "'%s' has no pairs: at scale 1 originals are wanted in a folder HR or target, "
                    "and damaged copies in LR or input beside it, or --degrade to make them.",
                    shown);
        return NULL;
    }
    g_autoptr(GPtrArray) hr = list_pictures(hr_folder, not_read, error);
    if (hr == NULL)
        return NULL;
    if (hr->len == 0) {
        g_autofree char *shown = g_filename_display_name(hr_folder);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "There is no picture in '%s'.", shown);
        return NULL;
    }
    g_autoptr(GPtrArray) lr = lr_folder != NULL ? list_pictures(lr_folder, NULL, error) : NULL;
    if (lr_folder != NULL && lr == NULL)
        return NULL;
    g_autoptr(GPtrArray) results = ready != NULL ? list_pictures(ready, NULL, error) : NULL;
    if (ready != NULL && results == NULL)
        return NULL;
    g_autoptr(GPtrArray) samples = g_ptr_array_new_with_free_func((GDestroyNotify)cli_sample_free);
    for (guint i = 0; i < hr->len && (limit == 0 || i < limit); i++) {
        CliSample *sample = g_new0(CliSample, 1);
        g_ptr_array_add(samples, sample);
        sample->hr = g_strdup(hr->pdata[i]);
        sample->name = stem(sample->hr);
        if (lr != NULL)
            sample->lr = pair(lr, lr_folder, sample, scale);
        if (results != NULL)
            sample->ready = pair(results, ready, sample, scale);
    }
    return g_steal_pointer(&samples);
}

GanTensor *cli_sample_from_buffer(GeglBuffer *buffer, GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const gsize shape[] = {1, (gsize)extent->height, (gsize)extent->width, 3};
    g_autoptr(GanTensor) tensor = gan_tensor_new(4, shape, error);
    if (tensor == NULL || !gan_image_see(buffer, extent, tensor->data, error))
        return NULL;
    const gsize length = gan_tensor_length(tensor);
    for (gsize i = 0; i < length; i++) {
        const float value = roundf(tensor->data[i] * 255);
        tensor->data[i] = value > 0 ? MIN(value, 255) : 0;
    }
    return g_steal_pointer(&tensor);
}

GeglBuffer *cli_sample_to_buffer(GanTensor *tensor, GError **error)
{
    const GeglRectangle extent = {0, 0, (int)tensor->shape[2], (int)tensor->shape[1]};
    g_autoptr(GanTensor) scaled = gan_tensor_new(4, tensor->shape, error);
    if (scaled == NULL)
        return NULL;
    const gsize length = gan_tensor_length(tensor);
    for (gsize i = 0; i < length; i++)
        scaled->data[i] = tensor->data[i] / 255;
    GeglBuffer *buffer = gegl_buffer_new(&extent, babl_format("R'G'B' float"));
    gegl_buffer_set(buffer, &extent, 0, babl_format("R'G'B' float"), scaled->data,
                    GEGL_AUTO_ROWSTRIDE);
    return buffer;
}

static GanTensor *load(const char *path, GError **error)
{
    // Profiles do not count here: stored values are compared.
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, error);
    return buffer != NULL ? cli_sample_from_buffer(buffer, error) : NULL;
}

// Returns the upper left width x height pixels; `tensor` itself when that is all.
static GanTensor *crop(GanTensor *tensor, gsize width, gsize height, GError **error)
{
    const gsize channels = tensor->shape[3];
    if (tensor->shape[1] == height && tensor->shape[2] == width)
        return gan_tensor_ref(tensor);
    const gsize shape[] = {1, height, width, channels};
    GanTensor *part = gan_tensor_new(4, shape, error);
    for (gsize y = 0; part != NULL && y < height; y++)
        memcpy(part->data + y * width * channels, tensor->data + y * tensor->shape[2] * channels,
               width * channels * sizeof(float));
    return part;
}

gboolean cli_sample_load(const CliSample *sample, guint scale, GanTensor **hr, GanTensor **lr,
                         GError **error)
{
    g_autoptr(GanTensor) whole = load(sample->hr, error);
    if (whole == NULL)
        return FALSE;
    const gsize width = whole->shape[2] / scale, height = whole->shape[1] / scale;
    if (width == 0 || height == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%s: the picture is smaller than the scale.",
                    sample->hr);
        return FALSE;
    }
    g_autoptr(GanTensor) original = crop(whole, width * scale, height * scale, error);
    if (original == NULL)
        return FALSE;
    g_autoptr(GanTensor) input = sample->lr != NULL
                                     ? load(sample->lr, error)
                                     : gan_resample_bicubic(original, width, height, TRUE, error);
    if (input == NULL)
        return FALSE;
    if (input->shape[1] != height || input->shape[2] != width) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "%s is %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT
                    " pixels; x%u of this original needs %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT
                    ".",
                    sample->lr, input->shape[2], input->shape[1], scale, width, height);
        return FALSE;
    }
    *hr = g_steal_pointer(&original);
    *lr = g_steal_pointer(&input);
    return TRUE;
}

GanTensor *cli_sample_load_ready(const CliSample *sample, guint scale, const GanTensor *hr,
                                 GError **error)
{
    g_autoptr(GanTensor) result = load(sample->ready, error);
    const gboolean whole =
        result != NULL && result->shape[1] >= hr->shape[1] && result->shape[2] >= hr->shape[2] &&
        result->shape[1] - hr->shape[1] < scale && result->shape[2] - hr->shape[2] < scale;
    return whole ? crop(result, hr->shape[2], hr->shape[1], error) : g_steal_pointer(&result);
}
