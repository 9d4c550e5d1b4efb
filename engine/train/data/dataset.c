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
    dataset->notices = g_ptr_array_new_with_free_func(g_free);
    guint i = 0;
    while (gan_sources[i] != NULL && !gan_sources[i]->knows(path))
        i++;
    dataset->source = gan_sources[i];
    if (dataset->source != NULL) {
        if (!dataset->source->open(dataset, error))
            return NULL;
        for (guint side = 0; side < 2; side++)
            dataset->given_up[side] = g_new0(gint, dataset->n[side]);
        return g_steal_pointer(&dataset);
    }
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
    for (guint side = 0; side < 2; side++) {
        g_clear_pointer(&dataset->names[side], g_ptr_array_unref);
        g_clear_pointer(&dataset->used[side], g_array_unref);
        g_free(dataset->given_up[side]);
    }
    g_clear_pointer(&dataset->labels, g_array_unref);
    g_clear_pointer(&dataset->classes, g_ptr_array_unref);
    g_clear_pointer(&dataset->notices, g_ptr_array_unref);
    g_free(dataset->path);
    g_free(dataset);
}

const GPtrArray *gan_dataset_notices(const GanDataset *dataset)
{
    return dataset->notices;
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
    return dataset->used[side] != NULL ? dataset->used[side]->len : dataset->n[side];
}

guint64 gan_dataset_n_pictures(const GanDataset *dataset)
{
    return gan_dataset_n(dataset, 0) +
           (dataset->options.kind == GAN_DATASET_UNPAIRED ? gan_dataset_n(dataset, 1) : 0);
}

// The source's number of an item.
static guint64 place_of(const GanDataset *dataset, guint side, guint64 item)
{
    return dataset->used[side] != NULL ? g_array_index(dataset->used[side], guint64, item) : item;
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
    g_return_val_if_fail(item < gan_dataset_n(dataset, 0), 0);
    const guint64 place = place_of(dataset, 0, item);
    return dataset->labels != NULL && place < dataset->labels->len
               ? g_array_index(dataset->labels, guint, place)
               : 0;
}

const char *gan_dataset_name(const GanDataset *dataset, guint side, guint64 item)
{
    g_return_val_if_fail(side < 2 && item < gan_dataset_n(dataset, side), NULL);
    return dataset->names[side] != NULL ? dataset->names[side]->pdata[place_of(dataset, side, item)]
                                        : dataset->path;
}

gboolean gan_dataset_read(GanDataset *dataset, guint side, guint64 item, GanPicture *picture,
                          GError **error)
{
    g_return_val_if_fail(side < 2 && item < gan_dataset_n(dataset, side), FALSE);
    return dataset->source->read(dataset, side, place_of(dataset, side, item), picture, error);
}

void gan_dataset_give_up(GanDataset *dataset, guint side, guint64 item)
{
    g_atomic_int_set(&dataset->given_up[side][place_of(dataset, side, item)], 1);
}

gboolean gan_dataset_is_given_up(const GanDataset *dataset, guint side, guint64 item)
{
    return g_atomic_int_get(&dataset->given_up[side][place_of(dataset, side, item)]) != 0;
}

// --- what fits ---

// Whether a picture can be used, and with pairs its partner; what it lacks is counted.
static gboolean fits(const GanDataset *dataset, guint side, guint64 item, guint patch, guint scale,
                     GanDatasetFit *fit)
{
    guint width, height, input_width, input_height;
    dataset->source->size(dataset, side, item, &width, &height);
    if (dataset->options.kind == GAN_DATASET_PAIRS) {
        dataset->source->size(dataset, 0, item, &input_width, &input_height);
        if (input_width != width / scale || input_height != height / scale) {
            fit->n_unmatched++;
            return FALSE;
        }
    }
    const guint most = MIN(width, height) / scale * scale;
    if (most >= patch)
        return TRUE;
    fit->n_small++;
    fit->most = MAX(fit->most, most);
    return FALSE;
}

void gan_dataset_fit(GanDataset *dataset, guint patch, guint scale, GanDatasetFit *fit)
{
    const gboolean pairs = dataset->options.kind == GAN_DATASET_PAIRS;
    g_return_if_fail(dataset->used[0] == NULL);
    *fit = (GanDatasetFit){.n = gan_dataset_n_pictures(dataset)};
    if (dataset->source->size == NULL)
        return;
    for (guint side = pairs ? 1 : 0; side < 2; side++) {
        GArray *used = g_array_new(FALSE, FALSE, sizeof(guint64));
        for (guint64 i = 0; i < dataset->n[side]; i++)
            if (fits(dataset, side, i, patch, scale, fit))
                g_array_append_val(used, i);
        if (used->len < dataset->n[side])
            dataset->used[side] = g_array_ref(used);
        g_array_unref(used);
    }
    if (pairs && dataset->used[1] != NULL)
        dataset->used[0] = g_array_ref(dataset->used[1]);
}

guint64 gan_dataset_memory_bytes(GanDataset *dataset)
{
    return dataset->source->memory_bytes(dataset);
}

char *gan_dataset_hash(GanDataset *dataset, GError **error)
{
    return dataset->source->hash(dataset, error);
}
