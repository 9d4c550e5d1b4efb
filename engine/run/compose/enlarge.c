// SPDX-License-Identifier: LGPL-3.0-or-later
// Enlarging: colours from the network, and what it does not make, alpha and the colours of a
// network of luma, by a cubic.
#include "../composer.h"

#include "cubic.h"
#include "pixels.h"

// Pixels that a cubic at the edge of a tile reaches beyond it.
#define CUBIC_REACH 3

typedef struct {
    GanComposer composer;
    gboolean needed;
    GanCubic x, y;
    gsize between_length, row_length; // of what follows, for each worker
    double *sums;
    float *between, *row; // a row of the tile's input width, and of its area's output width
} Enlarge;

static void clear(Enlarge *enlarge)
{
    gan_cubic_clear(&enlarge->x);
    gan_cubic_clear(&enlarge->y);
    g_clear_pointer(&enlarge->sums, g_free);
    g_clear_pointer(&enlarge->between, g_free);
    g_clear_pointer(&enlarge->row, g_free);
}

static guint margin(const GanComposer *composer, gboolean alpha, gboolean luma)
{
    return alpha || luma ? CUBIC_REACH : 0;
}

static gboolean begin(GanComposer *composer, const GanTileResult *result, GError **error)
{
    Enlarge *enlarge = (Enlarge *)composer;
    const GanTile *tile = result->tile;
    const gsize scale = result->scale, channels = result->n_colours + (result->alpha ? 1 : 0);
    clear(enlarge);
    enlarge->needed = result->alpha || result->end->channels < result->n_colours;
    if (!enlarge->needed)
        return TRUE;
    const gsize width = (tile->area_x1 - tile->area_x0) * scale,
                height = (tile->area_y1 - tile->area_y0) * scale;
    if (!gan_cubic_init(&enlarge->x, result->width, result->width * scale, tile->area_x0 * scale,
                        width, error) ||
        !gan_cubic_init(&enlarge->y, result->height, result->height * scale, tile->area_y0 * scale,
                        height, error))
        return FALSE;
    const guint n_workers = gan_pixels_n_workers();
    enlarge->between_length = (gsize)(tile->wide_x1 - tile->wide_x0) * channels;
    enlarge->row_length = width * channels;
    enlarge->sums = g_try_new(double, enlarge->between_length *n_workers);
    enlarge->between = g_try_new(float, enlarge->between_length *n_workers);
    enlarge->row = g_try_new(float, enlarge->row_length *n_workers);
    if (enlarge->sums && enlarge->between && enlarge->row)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                "no memory for rows of %" G_GSIZE_FORMAT " pixels", width);
    return FALSE;
}

static const float *base(GanComposer *composer, const GanTileResult *result, guint y, guint worker)
{
    Enlarge *enlarge = (Enlarge *)composer;
    if (!enlarge->needed)
        return NULL;
    float *between = enlarge->between + worker * enlarge->between_length;
    float *row = enlarge->row + worker * enlarge->row_length;
    gan_cubic_down(&enlarge->y, y, result->pixels, result->tile->wide_y0, enlarge->between_length,
                   enlarge->sums + worker * enlarge->between_length, between);
    gan_cubic_across(&enlarge->x, between, result->tile->wide_x0,
                     result->n_colours + (result->alpha ? 1 : 0), row);
    return row;
}

static void free_enlarge(GanComposer *composer)
{
    clear((Enlarge *)composer);
}

GanComposer *gan_composer_enlarge(GeglBuffer *out)
{
    g_return_val_if_fail(GEGL_IS_BUFFER(out), NULL);
    Enlarge *enlarge = g_new0(Enlarge, 1);
    enlarge->composer = (GanComposer){.out = g_object_ref(out),
                                      .enlarges = TRUE,
                                      .margin = margin,
                                      .begin = begin,
                                      .base = base,
                                      .weight = 1.0f,
                                      .free = free_enlarge};
    return &enlarge->composer;
}
