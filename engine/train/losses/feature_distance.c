// SPDX-License-Identifier: LGPL-3.0-or-later
// The perceptual loss as a measure of ready pictures.
#include "loss_features.h"

#include <gan/features.h>
#include <step.h>
#include <string.h>

#define TILE 512u

struct GanFeatureDistance {
    GanFeatures *features;
    GanDevice *device;
    char *layer;
    GanStep *step; // of the last size
    gsize height, width;
};

// Builds the graph for tiles of one size.
static gboolean set_size(GanFeatureDistance *d, gsize height, gsize width, GError **error)
{
    if (d->step != NULL && d->height == height && d->width == width)
        return TRUE;
    g_clear_pointer(&d->step, gan_step_free);
    const GanShape shapes[] = {{1, height, width, 3}, {1, height, width, 3}};
    const char *names[] = {d->layer};
    const float weight = 1;
    g_autoptr(GanGraph) graph = gan_graph_new();
    GanNode *a = gan_named_input(graph, "a", 3), *b = gan_named_input(graph, "b", 3);
    GanNode *loss =
        gan_loss_perceptual(d->features, GAN_PERCEPTUAL_L1, a, b, names, &weight, 1, error);
    if (loss == NULL)
        return FALSE;
    gan_graph_add_output(graph, loss);
    d->step = gan_step_new(g_steal_pointer(&graph), d->device, shapes, error);
    d->height = height;
    d->width = width;
    return d->step != NULL;
}

GanFeatureDistance *gan_feature_distance_open(const char *path, const char *layer,
                                              GanDevice *device, GError **error)
{
    g_autoptr(GanFeatureDistance) d = g_new0(GanFeatureDistance, 1);
    d->device = gan_device_ref(device);
    d->features = gan_features_open(path, error);
    if (d->features == NULL)
        return NULL;
    d->layer = g_strdup(layer != NULL ? layer : gan_features_last(d->features));
    // A wrong layer is said now; the size is one that all networks take.
    if (!set_size(d, 64, 64, error)) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    return g_steal_pointer(&d);
}

void gan_feature_distance_free(GanFeatureDistance *d)
{
    if (d == NULL)
        return;
    gan_step_free(d->step);
    gan_features_free(d->features);
    gan_device_unref(d->device);
    g_free(d->layer);
    g_free(d);
}

const char *gan_feature_distance_layer(const GanFeatureDistance *d)
{
    return d->layer;
}

// Copies a part of a picture, in 0..1.
static void copy_tile(float *to, const GanTensor *from, gsize top, gsize left, gsize height,
                      gsize width)
{
    for (gsize y = 0; y < height; y++) {
        const float *row = from->data + ((top + y) * from->shape[2] + left) * 3;
        for (gsize i = 0; i < width * 3; i++)
            *to++ = row[i] / 255;
    }
}

static gboolean check(const GanTensor *a, const GanTensor *b, guint crop, GError **error)
{
    if (a->rank == 4 && b->rank == 4 && memcmp(a->shape, b->shape, 4 * sizeof(gsize)) == 0 &&
        a->shape[0] == 1 && a->shape[3] == 3 && a->shape[1] > 2 * crop && a->shape[2] > 2 * crop)
        return TRUE;
    g_autofree char *one = gan_shape_text(a->rank, a->shape);
    g_autofree char *other = gan_shape_text(b->rank, b->shape);
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "Pictures of %s and %s cannot be compared without a border of %u pixels; two equal "
                "shapes [1,H,W,3] are wanted.",
                one, other, crop);
    return FALSE;
}

gboolean gan_feature_distance_measure(GanFeatureDistance *d, GanTensor *a, GanTensor *b, guint crop,
                                      double *value, GError **error)
{
    if (!check(a, b, crop, error))
        return FALSE;
    const gsize height = a->shape[1] - 2 * crop, width = a->shape[2] - 2 * crop;
    // Tiles of nearly equal sizes: a narrow rest could be too small for the network.
    const gsize rows = (height + TILE - 1) / TILE, columns = (width + TILE - 1) / TILE;
    const gsize most = (height / rows + 1) * (width / columns + 1) * 3;
    g_autofree float *one = g_new(float, most), *other = g_new(float, most);
    double sum = 0;
    for (gsize r = 0; r < rows; r++)
        for (gsize c = 0; c < columns; c++) {
            const gsize top = r * height / rows, bottom = (r + 1) * height / rows;
            const gsize left = c * width / columns, right = (c + 1) * width / columns;
            float distance = 0;
            if (!set_size(d, bottom - top, right - left, error))
                return FALSE;
            copy_tile(one, a, crop + top, crop + left, bottom - top, right - left);
            copy_tile(other, b, crop + top, crop + left, bottom - top, right - left);
            if (!gan_step_run(d->step, (const void *[]){one, other}, (void *[]){&distance}, error))
                return FALSE;
            sum += (double)distance * (double)((bottom - top) * (right - left));
        }
    *value = sum / (double)(height * width);
    return TRUE;
}
