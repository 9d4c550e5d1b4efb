// SPDX-License-Identifier: LGPL-3.0-or-later
// Data sets: which kind of place a path is, and what all kinds share.
#include "source.h"

// "a folder, an X or a Y"
static char *known_sources(void)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; gan_sources[i] != NULL; i++)
        g_string_append_printf(text, "%s%s",
                               i == 0                       ? ""
                               : gan_sources[i + 1] != NULL ? ", "
                                                            : " or ",
                               gan_sources[i]->name);
    return g_string_free(text, FALSE);
}

GanDataset *gan_dataset_open(const char *path, const GanDatasetOptions *options, GError **error)
{
    g_return_val_if_fail(path && (options->channels == 1 || options->channels == 3), NULL);
    g_autoptr(GanDataset) dataset = g_new0(GanDataset, 1);
    dataset->options = *options;
    dataset->path = g_strdup(path);
    dataset->classes = g_ptr_array_new_with_free_func(g_free);
    guint i = 0;
    while (gan_sources[i] != NULL && !gan_sources[i]->knows(path))
        i++;
    dataset->source = gan_sources[i];
    if (dataset->source != NULL)
        return dataset->source->open(dataset, error) ? g_steal_pointer(&dataset) : NULL;
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_autofree char *known = known_sources();
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: this is not %s", path, known);
    } else {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: there is no such file or folder", path);
    }
    return NULL;
}

void gan_dataset_free(GanDataset *dataset)
{
    if (dataset == NULL)
        return;
    if (dataset->place != NULL)
        dataset->source->free(dataset->place);
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

guint64 gan_dataset_n_pictures(const GanDataset *dataset)
{
    return dataset->n[0] + (dataset->options.kind == GAN_DATASET_UNPAIRED ? dataset->n[1] : 0);
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
    return dataset->source->read(dataset, side, item, picture, error);
}

guint64 gan_dataset_memory_bytes(GanDataset *dataset)
{
    return dataset->source->memory_bytes(dataset);
}

char *gan_dataset_hash(GanDataset *dataset, GError **error)
{
    return dataset->source->hash(dataset, error);
}
