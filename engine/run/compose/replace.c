// SPDX-License-Identifier: LGPL-3.0-or-later
// Replacing: a picture of the same size, some part of the way from the input to what the network
// makes of it. Alpha stays, and so does what nobody sees.
#include "kept.h"

typedef struct {
    GanComposer composer;
    GanKeptRows rows;
} Replace;

static gboolean begin(GanComposer *composer, const GanTileResult *result, GError **error)
{
    return gan_kept_rows_init(&((Replace *)composer)->rows, result, error);
}

static const float *base(GanComposer *composer, const GanTileResult *result, guint y, guint worker)
{
    return gan_kept_rows_base(&((Replace *)composer)->rows, result, y, worker);
}

static gboolean finish(GanComposer *composer, GeglBuffer *in, const GeglRectangle *area,
                       GError **error)
{
    return gan_kept_copy(in, area, composer->out, NULL, composer->weight <= 0.0f, error);
}

static void free_replace(GanComposer *composer)
{
    gan_kept_rows_clear(&((Replace *)composer)->rows);
}

GanComposer *gan_composer_replace(GeglBuffer *out, double strength)
{
    g_return_val_if_fail(GEGL_IS_BUFFER(out), NULL);
    Replace *replace = g_new0(Replace, 1);
    replace->composer = (GanComposer){.out = g_object_ref(out),
                                      .begin = begin,
                                      .base = base,
                                      .weight = (float)CLAMP(strength, 0.0, 1.0),
                                      .finish = finish,
                                      .free = free_replace};
    return &replace->composer;
}
