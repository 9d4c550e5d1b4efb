// SPDX-License-Identifier: LGPL-3.0-or-later
// Animated WebP files by libwebp's demuxer, which GEGL's loader gives no picture of.
#include "reader.h"

#include "container.h"
#include <webp/demux.h>

static gboolean recognise(const guint8 *data, gsize length)
{
    return gan_container_kind(data, length) == GAN_CONTAINER_WEBP &&
           gan_container_webp_moves(data, length);
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    const WebPData data = {reading->data, reading->length};
    WebPAnimDecoderOptions options;
    WebPAnimInfo info;
    const guint wanted = MAX(reading->page, 1);
    if (!WebPAnimDecoderOptionsInit(&options))
        return gan_reading_refuse(error, "libwebp is of another version than it was built with");
    WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &options);
    if (!decoder || !WebPAnimDecoderGetInfo(decoder, &info)) {
        WebPAnimDecoderDelete(decoder);
        return gan_reading_refuse(error, "it is damaged or ends too early");
    }
    reading->n_pages = info.frame_count;
    reading->unit = "frame";
    reading->delays = g_array_new(FALSE, FALSE, sizeof(guint));
    reading->n_plays = info.loop_count;
    uint8_t *pixels = NULL;
    int time_ms = 0, before_ms = 0;
    guint n = 0;
    while ((reading->only_list || n < wanted) && WebPAnimDecoderHasMoreFrames(decoder) &&
           WebPAnimDecoderGetNext(decoder, &pixels, &time_ms)) {
        const guint delay_ms = (guint)MAX(time_ms - before_ms, 0);
        g_array_append_val(reading->delays, delay_ms);
        before_ms = time_ms;
        n++;
    }
    GeglBuffer *buffer = NULL;
    if (n == wanted && pixels && !reading->only_list) {
        buffer =
            gan_reading_buffer(info.canvas_width, info.canvas_height, babl_format("R'G'B'A u8"));
        gegl_buffer_set(buffer, gegl_buffer_get_extent(buffer), 0, babl_format("R'G'B'A u8"),
                        pixels, GEGL_AUTO_ROWSTRIDE);
    }
    WebPAnimDecoderDelete(decoder);
    if (reading->only_list)
        return NULL;
    if (buffer)
        return gan_reading_opaque(buffer);
    return wanted > info.frame_count
               ? gan_reading_refuse(error, "it has no frame %u, but %u", wanted, info.frame_count)
               : gan_reading_refuse(error, "it is damaged or ends too early");
}

const GanFormat gan_format_webpanim = {
    "animated WebP", recognise, read_picture, FALSE, TRUE, NULL, FALSE};
