// SPDX-License-Identifier: LGPL-3.0-or-later
// How a picture is cut into tiles.
#include "tiles.h"

static guint align_down(guint64 x, guint alignment)
{
    return (guint)(x / alignment * alignment);
}

static guint align_up(guint64 x, guint alignment)
{
    return align_down(x + alignment - 1, alignment);
}

// Where tile `k` begins to answer: evenly spread, at multiples of the alignment.
static guint boundary(const GanTileAxis *axis, guint k)
{
    return k >= axis->n ? axis->length
                        : align_down((guint64)axis->length * k / axis->n, axis->alignment);
}

void gan_tile_axis_init(GanTileAxis *axis, guint length, guint tile, guint alignment, guint overlap,
                        gboolean exact)
{
    g_assert(length > 0 && alignment > 0);
    axis->length = length;
    axis->alignment = alignment;
    axis->border = align_up(overlap, alignment);
    axis->ramp = exact ? 0 : overlap / 2;
    const guint wanted = MAX(MAX(tile, 1), alignment);
    // The two ramps of a tile must not meet.
    const guint most = MAX(1, length / (2 * axis->ramp + alignment));
    axis->n = MIN((length - 1) / wanted + 1, most);
    guint core = 0;
    for (guint k = 0; k < axis->n; k++)
        core = MAX(core, boundary(axis, k + 1) - boundary(axis, k));
    axis->read = align_up(core, alignment) + 2 * axis->border;
    if (axis->n == 1 || axis->read >= length) {
        axis->n = 1;
        axis->read = length;
    }
}

void gan_tile_axis_read(const GanTileAxis *axis, guint k, guint *from, guint *to)
{
    const guint begin = boundary(axis, k);
    const guint last = align_up(axis->length - axis->read, axis->alignment);
    *from = axis->n == 1 ? 0 : MIN(begin > axis->border ? begin - axis->border : 0, last);
    *to = MIN(*from + axis->read, axis->length);
}

void gan_tile_axis_area(const GanTileAxis *axis, guint k, guint *from, guint *to)
{
    *from = k == 0 ? 0 : boundary(axis, k) - axis->ramp;
    *to = k + 1 == axis->n ? axis->length : boundary(axis, k + 1) + axis->ramp;
}

// A smooth step over n pixels: 0 before, 1 after, with no kink at either end.
static float step(guint i, guint n)
{
    const float t = ((float)i + 0.5f) / (float)n;
    return t * t * (3.0f - 2.0f * t);
}

void gan_tile_axis_weights(const GanTileAxis *axis, guint k, guint scale, float *weights)
{
    guint from, to;
    gan_tile_axis_area(axis, k, &from, &to);
    const guint n = (to - from) * scale, ramp = 2 * axis->ramp * scale;
    for (guint i = 0; i < n; i++)
        weights[i] = 1.0f;
    for (guint i = 0; i < ramp && k > 0; i++)
        weights[i] = step(i, ramp);
    for (guint i = 0; i < ramp && k + 1 < axis->n; i++)
        weights[n - ramp + i] = 1.0f - step(i, ramp);
}

void gan_tile_init(GanTile *tile, const GanTileAxis *x, const GanTileAxis *y, guint i, guint j,
                   guint margin)
{
    tile->i = i;
    tile->j = j;
    gan_tile_axis_read(x, i, &tile->read_x0, &tile->read_x1);
    gan_tile_axis_read(y, j, &tile->read_y0, &tile->read_y1);
    gan_tile_axis_area(x, i, &tile->area_x0, &tile->area_x1);
    gan_tile_axis_area(y, j, &tile->area_y0, &tile->area_y1);
    tile->wide_x0 = tile->read_x0 > margin ? tile->read_x0 - margin : 0;
    tile->wide_y0 = tile->read_y0 > margin ? tile->read_y0 - margin : 0;
    tile->wide_x1 = MIN(tile->read_x1 + margin, x->length);
    tile->wide_y1 = MIN(tile->read_y1 + margin, y->length);
}
