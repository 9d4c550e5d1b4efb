// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures of a data set as 8-bit numbers.
#include "picture.h"

#include <gan/image.h>
#include <gan/resample.h>
#include <luma.h>
#include <math.h>
#include <pixels.h>
#include <string.h>

// Rows read at a time.
#define BAND_ROWS 64

void gan_picture_clear(GanPicture *picture)
{
    g_clear_pointer(&picture->bytes, g_bytes_unref);
}

const guint8 *gan_picture_pixels(const GanPicture *picture)
{
    return g_bytes_get_data(picture->bytes, NULL);
}

static gboolean picture_new(guint width, guint height, guint channels, GanPicture *picture,
                            guint8 **pixels, GError **error)
{
    const gsize length = (gsize)width * height * channels;
    *pixels = g_try_malloc(MAX(length, 1));
    if (*pixels == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a picture of %u x %u pixels",
                    width, height);
        return FALSE;
    }
    *picture = (GanPicture){width, height, channels, g_bytes_new_take(*pixels, length)};
    return TRUE;
}

static guint8 to_byte(float value)
{
    return (guint8)(CLAMP(value, 0.0f, 1.0f) * 255.0f + 0.5f);
}

gboolean gan_picture_load(const char *path, guint channels, GanPicture *picture, GError **error)
{
    g_return_val_if_fail(channels == 1 || channels == 3, FALSE);
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, error);
    if (buffer == NULL)
        return FALSE;
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const guint width = (guint)extent->width, height = (guint)extent->height;
    g_auto(GanPixels) reader = {0};
    gan_pixels_init(&reader, gegl_buffer_get_format(buffer), NULL);
    gan_pixels_set_layout(&reader, channels, reader.alpha);
    const guint n = gan_pixels_n_channels(&reader);
    g_autofree float *band = g_try_new(float, (gsize)width *BAND_ROWS *n);
    g_auto(GanPicture) made = {0};
    guint8 *pixels;
    if (!picture_new(width, height, channels, &made, &pixels, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    if (band == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "%s: no memory for rows of %u pixels", path,
                    width);
        return FALSE;
    }
    for (guint y = 0; y < height; y += BAND_ROWS) {
        const guint rows = MIN(BAND_ROWS, height - y);
        const GeglRectangle part = {extent->x, extent->y + (gint)y, extent->width, (gint)rows};
        if (!gan_pixels_read(&reader, buffer, &part, band, error))
            return FALSE;
        guint8 *to = pixels + (gsize)y * width * channels;
        for (gsize x = 0; x < (gsize)width * rows; x++) {
            const float *from = band + x * n, alpha = reader.alpha ? CLAMP(from[n - 1], 0, 1) : 1;
            for (guint c = 0; c < channels; c++)
                to[x * channels + c] = to_byte(alpha * from[c] + (1 - alpha));
        }
    }
    *picture = made;
    made.bytes = NULL;
    return TRUE;
}

gboolean gan_picture_cut(const GanPicture *picture, guint x, guint y, guint width, guint height,
                         GanPicture *cut, GError **error)
{
    g_assert(x + width <= picture->width && y + height <= picture->height);
    const gsize row = (gsize)width * picture->channels;
    guint8 *to;
    if (!picture_new(width, height, picture->channels, cut, &to, error))
        return FALSE;
    for (guint k = 0; k < height; k++)
        memcpy(to + k * row,
               gan_picture_pixels(picture) +
                   ((gsize)(y + k) * picture->width + x) * picture->channels,
               row);
    return TRUE;
}

gboolean gan_picture_resize(const GanPicture *picture, guint width, guint height,
                            GanPicture *resized, GError **error)
{
    const gsize shape[] = {1, picture->height, picture->width, picture->channels};
    g_autoptr(GanTensor) in = gan_tensor_new(4, shape, error);
    if (in == NULL)
        return FALSE;
    const gsize n_in = gan_tensor_length(in);
    const guint8 *pixels = gan_picture_pixels(picture);
    for (gsize i = 0; i < n_in; i++)
        in->data[i] = pixels[i];
    g_autoptr(GanTensor) out = gan_resample_bicubic(in, width, height, FALSE, error);
    guint8 *to;
    if (out == NULL || !picture_new(width, height, picture->channels, resized, &to, error))
        return FALSE;
    const gsize n_out = gan_tensor_length(out);
    for (gsize i = 0; i < n_out; i++)
        to[i] = to_byte(out->data[i] / 255.0f);
    return TRUE;
}

gboolean gan_picture_fit_channels(GanPicture *picture, guint channels, GError **error)
{
    if (picture->channels == channels)
        return TRUE;
    const gsize n = (gsize)picture->width * picture->height;
    guint8 *pixels = g_try_malloc_n(n, channels);
    if (pixels == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a picture of %u x %u pixels",
                    picture->width, picture->height);
        return FALSE;
    }
    const guint8 *from = gan_picture_pixels(picture);
    for (gsize i = 0; i < n; i++) {
        if (channels == 3)
            memset(pixels + 3 * i, from[i], 3);
        else
            pixels[i] = (guint8)lrintf(
                gan_luma((const float[]){from[3 * i], from[3 * i + 1], from[3 * i + 2]}));
    }
    g_bytes_unref(picture->bytes);
    picture->bytes = g_bytes_new_take(pixels, n * channels);
    picture->channels = channels;
    return TRUE;
}
