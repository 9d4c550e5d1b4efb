// SPDX-License-Identifier: LGPL-3.0-or-later
// WebP files written with libwebp.
#include "webpfile.h"

#include "spaces.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <webp/encode.h>

// Of 0 to 9: the next ones take several times as long for a few per cent.
#define LOSSLESS_EFFORT 3

static int on_write(const uint8_t *data, size_t n, const WebPPicture *picture)
{
    return fwrite(data, 1, n, picture->custom_ptr) == n;
}

static void fill(WebPPicture *picture, GeglBuffer *buffer, const Babl *format)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const gboolean alpha = babl_format_has_alpha(format) != 0;
    const gsize n = (gsize)extent->width, channels = alpha ? 4 : 3;
    g_autofree guint8 *row = g_malloc(n * channels);
    for (gint y = 0; y < extent->height; y++) {
        uint32_t *to = picture->argb + (gsize)y * (gsize)picture->argb_stride;
        gan_numbers_get(buffer, GEGL_RECTANGLE(extent->x, extent->y + y, extent->width, 1), format,
                        row);
        for (gsize i = 0; i < n; i++) {
            const guint8 *pixel = row + i * channels;
            to[i] = (uint32_t)(alpha ? pixel[3] : 255) << 24 | (uint32_t)pixel[0] << 16 |
                    (uint32_t)pixel[1] << 8 | pixel[2];
        }
    }
}

gboolean gan_webp_writes_lossless(void)
{
    return TRUE;
}

gboolean gan_webp_write(GeglBuffer *buffer, const char *path, guint quality, gboolean lossless,
                        GError **error)
{
    const Babl *own = gegl_buffer_get_format(buffer), *space = babl_format_get_space(own);
    const gboolean grey =
        (babl_get_model_flags(babl_format_get_model(own)) & BABL_MODEL_FLAG_GRAY) != 0;
    const Babl *format = babl_format_with_space(
        babl_format_has_alpha(own) ? "R'G'B'A u8" : "R'G'B' u8", grey ? NULL : space);
    WebPConfig config;
    WebPPicture picture;
    if (!WebPConfigInit(&config) || !WebPPictureInit(&picture) ||
        (lossless && !WebPConfigLosslessPreset(&config, LOSSLESS_EFFORT))) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "libwebp is of another version than it was built with");
        return FALSE;
    }
    if (!lossless)
        config.quality = (float)quality;
    config.alpha_quality = 100;
    config.use_sharp_yuv = 1; // colour has half the resolution: the sharper way to halve it
    config.exact = 1;         // colour under alpha 0 is kept, too
    config.thread_level = 1;
    picture.use_argb = 1;
    picture.width = gegl_buffer_get_width(buffer);
    picture.height = gegl_buffer_get_height(buffer);
    FILE *file = g_fopen(path, "wb");
    if (!file) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", g_strerror(errno));
        return FALSE;
    }
    picture.writer = on_write;
    picture.custom_ptr = file;
    gboolean done = WebPPictureAlloc(&picture) != 0;
    if (done) {
        fill(&picture, buffer, format);
        done = WebPEncode(&config, &picture) != 0;
    }
    const gboolean memory = picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
                            picture.error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY;
    WebPPictureFree(&picture);
    if (fclose(file) == 0 && done)
        return TRUE;
    g_set_error(error, GAN_ERROR, memory ? GAN_ERROR_MEMORY : GAN_ERROR_FILE, "%s",
                memory ? "no memory for the WebP encoder" : "the WebP file cannot be written");
    return FALSE;
}
