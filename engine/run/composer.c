// SPDX-License-Identifier: LGPL-3.0-or-later
// The rows of a finished picture.
#include "composer.h"

#include "luma.h"
#include "range.h"
#include <string.h>

void gan_composer_free(GanComposer *composer)
{
    if (composer == NULL)
        return;
    if (composer->free)
        composer->free(composer);
    g_object_unref(composer->out);
    g_free(composer);
}

static guint n_channels(const GanTileResult *result)
{
    return result->n_colours + (result->alpha ? 1 : 0);
}

void gan_composer_input_row(const GanTileResult *result, guint y, float *row)
{
    const GanTile *tile = result->tile;
    const guint channels = n_channels(result);
    const gsize wide = tile->wide_x1 - tile->wide_x0;
    const float *from = result->pixels + ((tile->area_y0 - tile->wide_y0 + (gsize)y) * wide +
                                          tile->area_x0 - tile->wide_x0) *
                                             channels;
    memcpy(row, from, (gsize)(tile->area_x1 - tile->area_x0) * channels * sizeof(float));
}

// The network's own row, where it makes all channels; `copied`: in `row` in any case.
static const float *plain_row(const float *from, const GanEnd *end, gsize length, gboolean copied,
                              float *row)
{
    const float low = end->low, unit = 1.0f / (end->high - low);
    if (low == 0.0f && unit == 1.0f && !copied)
        return from;
    for (gsize i = 0; i < length; i++)
        row[i] = (from[i] - low) * unit;
    return row;
}

// Numbers that lay beyond 0..1 go back there, those between what is around them in the input.
static void open_row(const GanTileResult *result, guint y, float *row)
{
    const GanTile *tile = result->tile;
    const guint colours = result->n_colours, channels = n_channels(result), scale = result->scale;
    const gsize wide = tile->wide_x1 - tile->wide_x0, high = tile->wide_y1 - tile->wide_y0;
    const gsize v = tile->area_y0 - tile->wide_y0 + y / scale;
    for (guint x = tile->area_x0; x < tile->area_x1; x++, row += (gsize)channels * scale) {
        const gsize u = x - tile->wide_x0;
        float least[3] = {0.0f, 0.0f, 0.0f}, most[3] = {1.0f, 1.0f, 1.0f};
        for (gsize j = v > 0 ? v - 1 : 0; j <= MIN(v + 1, high - 1); j++) {
            for (gsize i = u > 0 ? u - 1 : 0; i <= MIN(u + 1, wide - 1); i++) {
                const float *pixel = result->pixels + (j * wide + i) * channels;
                for (guint c = 0; c < colours; c++) {
                    least[c] = MIN(least[c], pixel[c]);
                    most[c] = MAX(most[c], pixel[c]);
                }
            }
        }
        for (guint c = 0; c < MIN(colours, 3); c++)
            gan_range_open(row + c, scale, channels, least[c], most[c]);
    }
}

// Puts a row together near 0..1.
static const float *closed_row(GanComposer *composer, const GanTileResult *result, guint y,
                               guint worker, float *row)
{
    const GanTile *tile = result->tile;
    const guint scale = result->scale, colours = result->n_colours, channels = n_channels(result);
    const guint net = result->end->channels;
    const gsize width = (gsize)(tile->area_x1 - tile->area_x0) * scale;
    const gsize net_width = (gsize)(tile->read_x1 - tile->read_x0) * scale;
    const gsize net_y = (gsize)(tile->area_y0 - tile->read_y0) * scale + y;
    const gsize net_x = (gsize)(tile->area_x0 - tile->read_x0) * scale;
    const float *from = result->net + (net_y * net_width + net_x) * net;
    const float low = result->end->low, unit = 1.0f / (result->end->high - low);
    const float *base = composer->base(composer, result, y, worker);
    if (base == NULL) {
        g_assert(net == channels);
        return plain_row(from, result->end, width * net, result->beyond, row);
    }
    const float *weights =
        composer->weights ? composer->weights(composer, result, y, worker) : NULL;
    float *to = row;
    for (gsize x = 0; x < width; x++, from += net, base += channels, to += channels) {
        const float weight = weights ? weights[x] : composer->weight;
        if (net < colours) {
            // The network's luma with the base's differences of colour.
            const float change = ((from[0] - low) * unit - gan_luma(base)) * weight;
            for (guint c = 0; c < colours; c++)
                to[c] = base[c] + change;
        } else {
            for (guint c = 0; c < colours; c++) {
                const float made = (from[c] - low) * unit;
                to[c] = weight == 1.0f ? made : base[c] + weight * (made - base[c]);
            }
        }
        if (result->alpha)
            to[colours] = CLAMP(base[colours], 0.0f, 1.0f);
    }
    return row;
}

const float *gan_composer_row(GanComposer *composer, const GanTileResult *result, guint y,
                              guint worker, float *row)
{
    const float *made = closed_row(composer, result, y, worker, row);
    if (result->beyond)
        open_row(result, y, row);
    return made;
}
