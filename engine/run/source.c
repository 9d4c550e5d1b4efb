// SPDX-License-Identifier: LGPL-3.0-or-later
// Tiles of a network's inputs.
#include "source.h"

#include "luma.h"
#include "range.h"

void gan_reader_init(GanReader *reader, const GanModelInfo *info, const GanSource *sources,
                     const GeglRectangle *area, const Babl *out)
{
    *reader = (GanReader){.info = info, .sources = sources, .area = *area};
    reader->seen = gegl_buffer_get_format(sources[0].buffer);
    gan_pixels_init(&reader->reader, reader->seen, NULL);
    reader->alpha = reader->reader.alpha && babl_format_has_alpha(out);
    reader->n_colours = MAX(info->output.channels, reader->reader.n_colours);
    gan_pixels_set_layout(&reader->reader, reader->n_colours, reader->alpha);
}

void gan_reader_clear(GanReader *reader)
{
    gan_pixels_clear(&reader->reader);
}

guint gan_reader_n_channels(const GanReader *reader)
{
    return reader->n_colours + (reader->alpha ? 1 : 0);
}

guint gan_reader_margin(const GanReader *reader)
{
    return reader->alpha || reader->reader.type == GAN_PIXELS_FLOAT ? GAN_BLEED_REACH : 0;
}

gboolean gan_reader_pixels(const GanReader *reader, const GanTile *tile, float *pixels,
                           gboolean *beyond, GError **error)
{
    const gsize wide = tile->wide_x1 - tile->wide_x0, high = tile->wide_y1 - tile->wide_y0;
    const GeglRectangle area = {reader->area.x + (gint)tile->wide_x0,
                                reader->area.y + (gint)tile->wide_y0, (gint)wide, (gint)high};
    if (!gan_pixels_read(&reader->reader, reader->sources[0].buffer, &area, pixels, error))
        return FALSE;
    *beyond = reader->reader.type == GAN_PIXELS_FLOAT &&
              gan_range_close(pixels, wide * high, reader->n_colours, reader->alpha);
    return !reader->alpha || gan_pixels_bleed(pixels, wide, high, reader->n_colours, error);
}

gsize gan_reader_length(const GanReader *reader, guint k, gsize n_pixels)
{
    const GanEnd *end = &reader->info->inputs[k];
    return end->kind == GAN_END_NUMBER ? 1 : n_pixels * end->channels;
}

static void take_picture(const GanReader *reader, const GanTile *tile, const float *pixels,
                         float *to)
{
    const GanEnd *end = &reader->info->inputs[0];
    const guint channels = gan_reader_n_channels(reader), net = end->channels;
    const float low = end->low, span = end->high - end->low;
    const gsize wide = tile->wide_x1 - tile->wide_x0;
    for (guint y = tile->read_y0; y < tile->read_y1; y++) {
        const float *from =
            pixels + ((y - tile->wide_y0) * wide + tile->read_x0 - tile->wide_x0) * channels;
        for (guint x = tile->read_x0; x < tile->read_x1; x++, from += channels, to += net) {
            if (net < reader->n_colours) {
                to[0] = low + gan_luma(from) * span;
                continue;
            }
            for (guint c = 0; c < net; c++)
                to[c] = low + from[c] * span;
        }
    }
}

// A further picture or a mask, as it is.
static gboolean take_other(const GanReader *reader, const GanTile *tile, guint k, float *to,
                           GError **error)
{
    const GanEnd *end = &reader->info->inputs[k];
    GeglBuffer *buffer = reader->sources[k].buffer;
    const GeglRectangle area = {
        reader->area.x + (gint)tile->read_x0, reader->area.y + (gint)tile->read_y0,
        (gint)(tile->read_x1 - tile->read_x0), (gint)(tile->read_y1 - tile->read_y0)};
    const gsize n = (gsize)area.width * (gsize)area.height * end->channels;
    if (end->kind == GAN_END_MASK) {
        gegl_buffer_get(buffer, &area, 1.0, babl_format("Y float"), to, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_CLAMP);
    } else {
        g_auto(GanPixels) pixels = {0};
        gan_pixels_init(&pixels, gegl_buffer_get_format(buffer), NULL);
        gan_pixels_set_layout(&pixels, end->channels, FALSE);
        if (!gan_pixels_read(&pixels, buffer, &area, to, error))
            return FALSE;
        gan_range_close(to, n / end->channels, end->channels, FALSE);
    }
    for (gsize i = 0; i < n; i++)
        to[i] = end->low + to[i] * (end->high - end->low);
    return TRUE;
}

gboolean gan_reader_input(const GanReader *reader, const GanTile *tile, guint k,
                          const float *pixels, float *to, GError **error)
{
    if (reader->info->inputs[k].kind == GAN_END_NUMBER)
        to[0] = (float)reader->sources[k].number;
    else if (k > 0)
        return take_other(reader, tile, k, to, error);
    else
        take_picture(reader, tile, pixels, to);
    return TRUE;
}
