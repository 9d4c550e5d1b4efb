// SPDX-License-Identifier: LGPL-3.0-or-later
// What composers of the input's size share: the input's pixels as the base, and those that come out
// as they went in, to the bit.
#ifndef GAN_KEPT_H
#define GAN_KEPT_H

#include "../composer.h"

// A row of the base for each worker.
typedef struct {
    float *rows;
    gsize length;
} GanKeptRows;

gboolean gan_kept_rows_init(GanKeptRows *rows, const GanTileResult *result, GError **error);
void gan_kept_rows_clear(GanKeptRows *rows);
const float *gan_kept_rows_base(GanKeptRows *rows, const GanTileResult *result, guint y,
                                guint worker);

// Copies into `out`, whose (0, 0) is the corner of `area`, those pixels of `in` that keep their
// bytes: where `weights` ("Y float", of the size of `out`; NULL: none) is 0, where alpha is 0, or
// all of them. Nothing is copied where the formats differ.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_kept_copy(GeglBuffer *in, const GeglRectangle *area, GeglBuffer *out,
                       GeglBuffer *weights, gboolean all, GError **error);

#endif
