// SPDX-License-Identifier: LGPL-3.0-or-later
// Data sets: which kind of place a path is, and what all kinds share.
#include "dataset-private.h"
#include "luma.h"
#include "pack.h"

#include <math.h>
#include <string.h>

GanDataset *gan_dataset_open(const char *path, const GanDatasetOptions *options, GError **error)
{
    g_return_val_if_fail(path && (options->channels == 1 || options->channels == 3), NULL);
    g_autoptr(GanDataset) dataset = g_new0(GanDataset, 1);
    dataset->options = *options;
    dataset->path = g_strdup(path);
    dataset->classes = g_ptr_array_new_with_free_func(g_free);
    const gboolean folder = g_file_test(path, G_FILE_TEST_IS_DIR);
    gboolean opened;
    if (gan_dataset_is_arrays(path)) {
        opened = gan_dataset_open_arrays(dataset, error);
    } else if (folder) {
        opened = gan_dataset_open_folder(dataset, error);
    } else if (gan_pack_is_one(path)) {
        opened = gan_dataset_open_pack(dataset, error);
    } else {
        g_set_error(
            error, GAN_ERROR,
            g_file_test(path, G_FILE_TEST_EXISTS) ? GAN_ERROR_FORMAT : GAN_ERROR_FILE,
            g_file_test(path, G_FILE_TEST_EXISTS)
                ? "%s: neither a folder, a pack of 'gimp-gan prepare', nor IDX or CIFAR data"
                : "%s: there is no such file or folder",
            path);
        opened = FALSE;
    }
    return opened ? g_steal_pointer(&dataset) : NULL;
}

void gan_dataset_free(GanDataset *dataset)
{
    if (dataset == NULL)
        return;
    if (dataset->place != NULL)
        dataset->row->free(dataset->place);
    for (guint side = 0; side < 2; side++)
        g_clear_pointer(&dataset->names[side], g_ptr_array_unref);
    g_clear_pointer(&dataset->labels, g_array_unref);
    g_clear_pointer(&dataset->classes, g_ptr_array_unref);
    g_free(dataset->path);
    g_free(dataset);
}

GanDatasetKind gan_dataset_kind(const GanDataset *dataset)
{
    return dataset->options.kind;
}

guint gan_dataset_channels(const GanDataset *dataset)
{
    return dataset->options.channels;
}

guint64 gan_dataset_n(const GanDataset *dataset, guint side)
{
    g_return_val_if_fail(side < 2, 0);
    return dataset->n[side];
}

guint gan_dataset_n_classes(const GanDataset *dataset)
{
    return dataset->options.kind == GAN_DATASET_CLASSES ? dataset->classes->len : 0;
}

const char *gan_dataset_class_name(const GanDataset *dataset, guint label)
{
    g_return_val_if_fail(label < dataset->classes->len, NULL);
    return dataset->classes->pdata[label];
}

guint gan_dataset_label(const GanDataset *dataset, guint64 item)
{
    g_return_val_if_fail(item < dataset->n[0], 0);
    return dataset->labels != NULL && item < dataset->labels->len
               ? g_array_index(dataset->labels, guint, item)
               : 0;
}

const char *gan_dataset_name(const GanDataset *dataset, guint side, guint64 item)
{
    g_return_val_if_fail(side < 2 && item < dataset->n[side], NULL);
    return dataset->names[side] != NULL ? dataset->names[side]->pdata[item] : dataset->path;
}

gboolean gan_dataset_read(GanDataset *dataset, guint side, guint64 item, GanPicture *picture,
                          GError **error)
{
    g_return_val_if_fail(side < 2 && item < dataset->n[side], FALSE);
    return dataset->row->read(dataset, side, item, picture, error);
}

guint64 gan_dataset_memory_bytes(GanDataset *dataset)
{
    return dataset->row->memory_bytes != NULL ? dataset->row->memory_bytes(dataset)
                                              : dataset->memory_bytes;
}

char *gan_dataset_hash(GanDataset *dataset, GError **error)
{
    return dataset->row->hash(dataset, error);
}

gboolean gan_dataset_fit_channels(GanPicture *picture, guint channels, GError **error)
{
    if (picture->channels == channels)
        return TRUE;
    const gsize n = (gsize)picture->width * picture->height;
    guint8 *pixels = g_try_malloc_n(n, channels);
    if (pixels == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a picture of %u x %u pixels",
                    picture->width, picture->height);
        return FALSE;
    }
    const guint8 *from = gan_picture_pixels(picture);
    for (gsize i = 0; i < n; i++) {
        if (channels == 3)
            memset(pixels + 3 * i, from[i], 3);
        else
            pixels[i] = (guint8)lrintf(
                gan_luma((const float[]){from[3 * i], from[3 * i + 1], from[3 * i + 2]}));
    }
    g_bytes_unref(picture->bytes);
    picture->bytes = g_bytes_new_take(pixels, n * channels);
    picture->channels = channels;
    return TRUE;
}
