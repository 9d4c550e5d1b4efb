// SPDX-License-Identifier: LGPL-3.0-or-later
// Repainting: the network's picture inside a mask, faded into the input around it.
#include "distance.h"
#include "kept.h"

#include "pixels.h"

typedef struct {
    GanComposer composer;
    GanKeptRows rows;
    GeglBuffer *weights; // "Y float", of the output's size
    gsize width;         // of a row of weights, which each worker has one of
    float *row;
} Repaint;

static gboolean begin(GanComposer *composer, const GanTileResult *result, GError **error)
{
    Repaint *repaint = (Repaint *)composer;
    repaint->width = result->tile->area_x1 - result->tile->area_x0;
    g_free(repaint->row);
    repaint->row = g_try_new(float, repaint->width *gan_pixels_n_workers());
    if (repaint->row)
        return gan_kept_rows_init(&repaint->rows, result, error);
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                "no memory for rows of %" G_GSIZE_FORMAT " pixels", repaint->width);
    return FALSE;
}

static const float *base(GanComposer *composer, const GanTileResult *result, guint y, guint worker)
{
    return gan_kept_rows_base(&((Repaint *)composer)->rows, result, y, worker);
}

static const float *weights(GanComposer *composer, const GanTileResult *result, guint y,
                            guint worker)
{
    const Repaint *repaint = (Repaint *)composer;
    const GanTile *tile = result->tile;
    float *row = repaint->row + worker * repaint->width;
    gegl_buffer_get(
        repaint->weights,
        GEGL_RECTANGLE((gint)tile->area_x0, (gint)(tile->area_y0 + y), (gint)repaint->width, 1),
        1.0, babl_format("Y float"), row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    return row;
}

static gboolean finish(GanComposer *composer, GeglBuffer *in, const GeglRectangle *area,
                       GError **error)
{
    return gan_kept_copy(in, area, composer->out, ((Repaint *)composer)->weights, FALSE, error);
}

static void free_repaint(GanComposer *composer)
{
    Repaint *repaint = (Repaint *)composer;
    gan_kept_rows_clear(&repaint->rows);
    g_clear_object(&repaint->weights);
    g_free(repaint->row);
}

// 1 inside the mask, falling smoothly to 0 at `feather` pixels from it; a soft edge of the
// mask is the least.
static GeglBuffer *feathered(GeglBuffer *mask, double feather, GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(mask);
    const gsize width = (gsize)extent->width, height = (gsize)extent->height;
    g_autofree float *values = g_try_new(float, width *height);
    g_autofree float *distances = g_try_new(float, width *height);
    if (!values || !distances) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for a mask of %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT " pixels",
                    width, height);
        return NULL;
    }
    gegl_buffer_get(mask, extent, 1.0, babl_format("Y float"), values, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    if (feather > 0.0 && !gan_distance(values, width, height, distances, error))
        return NULL;
    for (gsize i = 0; i < width * height; i++) {
        const float t =
            feather > 0.0 ? CLAMP(1.0f - distances[i] / (float)feather, 0.0f, 1.0f) : 0.0f;
        values[i] = MAX(CLAMP(values[i], 0.0f, 1.0f), t * t * (3.0f - 2.0f * t));
    }
    GeglBuffer *weights = gegl_buffer_new(GEGL_RECTANGLE(0, 0, extent->width, extent->height),
                                          babl_format("Y float"));
    gegl_buffer_set(weights, NULL, 0, babl_format("Y float"), values, GEGL_AUTO_ROWSTRIDE);
    return weights;
}

GanComposer *gan_composer_repaint(GeglBuffer *out, GeglBuffer *mask, double feather, GError **error)
{
    g_return_val_if_fail(GEGL_IS_BUFFER(out) && GEGL_IS_BUFFER(mask), NULL);
    GeglBuffer *weights_of_mask = feathered(mask, feather, error);
    if (!weights_of_mask)
        return NULL;
    Repaint *repaint = g_new0(Repaint, 1);
    repaint->weights = weights_of_mask;
    repaint->composer = (GanComposer){.out = g_object_ref(out),
                                      .begin = begin,
                                      .base = base,
                                      .weights = weights,
                                      .finish = finish,
                                      .free = free_repaint};
    return &repaint->composer;
}
