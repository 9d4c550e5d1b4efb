// SPDX-License-Identifier: LGPL-3.0-or-later
// Frames of an animated PNG file, put behind each other as whole canvases.
// Source:  PNG specification, third edition, 11.3.6 (acTL, fcTL, fdAT).
#include "serieswriter.h"

#include "container.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#define SIGNATURE_BYTES 8u
#define HEAD_BYTES 33u // signature and header

static void append_chunk(GByteArray *to, const char *name, const GByteArray *data)
{
    gan_append_big(to, data ? data->len : 0, 4);
    const guint at = to->len;
    g_byte_array_append(to, (const guint8 *)name, 4);
    if (data)
        g_byte_array_append(to, data->data, data->len);
    gan_append_big(to, (guint32)crc32(crc32(0, NULL, 0), to->data + at, to->len - at), 4);
}

// How long a frame is shown; it stands in place of what was there. Chunks are numbered: each frame
// has two but the first, whose pixels are in IDAT.
static void append_control(GByteArray *to, const guint8 *head, guint number,
                           const GanImagePages *pages)
{
    guint delay = g_array_index(pages->delays_ms, guint, number), per_second = 1000;
    while (delay > G_MAXUINT16 && per_second > 1) {
        delay = (delay + 5) / 10;
        per_second /= 10;
    }
    g_autoptr(GByteArray) control = g_byte_array_new();
    gan_append_big(control, number > 0 ? 2 * number - 1 : 0, 4);
    g_byte_array_append(control, head + 16, 8);
    gan_append_big(control, 0, 4);
    gan_append_big(control, 0, 4);
    gan_append_big(control, MIN(delay, G_MAXUINT16), 2);
    gan_append_big(control, per_second, 2);
    gan_append_big(control, 0, 2);
    append_chunk(to, "fcTL", control);
}

// What goes into the file for the first picture but its end, which is that picture's own.
static void append_first(GByteArray *to, const guint8 *data, gsize length,
                         const GanImagePages *pages)
{
    g_autoptr(GByteArray) animation = g_byte_array_new();
    gsize at = SIGNATURE_BYTES;
    gboolean has_begun = FALSE;
    GanChunk chunk;
    gan_append_big(animation, pages->n, 4);
    gan_append_big(animation, pages->n_plays, 4);
    g_byte_array_append(to, data, SIGNATURE_BYTES);
    while (gan_png_next(data, length, &at, &chunk) && memcmp(chunk.name, "IEND", 4) != 0) {
        if (!has_begun && memcmp(chunk.name, "IDAT", 4) == 0) {
            append_chunk(to, "acTL", animation);
            append_control(to, data, 0, pages);
            has_begun = TRUE;
        }
        g_byte_array_append(to, chunk.whole, (guint)chunk.whole_length);
    }
}

static void append_further(GByteArray *to, const guint8 *data, gsize length, guint number,
                           const GanImagePages *pages)
{
    g_autoptr(GByteArray) pixels = g_byte_array_new();
    gsize at = SIGNATURE_BYTES;
    GanChunk chunk;
    append_control(to, data, number, pages);
    gan_append_big(pixels, 2 * number, 4);
    while (gan_png_next(data, length, &at, &chunk)) {
        if (memcmp(chunk.name, "IDAT", 4) == 0)
            g_byte_array_append(pixels, chunk.data, (guint)chunk.length);
    }
    append_chunk(to, "fdAT", pixels);
}

static gboolean join(const char *path, const char *part, guint number, const GanImagePages *pages,
                     GError **error)
{
    guint8 head[HEAD_BYTES];
    g_autoptr(GMappedFile) map = g_mapped_file_new(part, FALSE, error);
    if (!map)
        return FALSE;
    const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
    const gsize length = g_mapped_file_get_length(map);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (length > G_MAXINT32) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "a frame is larger than 2 GB");
        return FALSE;
    }
    FILE *file = g_fopen(path, "r+b");
    gboolean fits = file != NULL && length >= HEAD_BYTES;
    if (number == 0)
        append_first(bytes, data, length, pages);
    else
        append_further(bytes, data, length, number, pages);
    if (number > 0 && fits)
        fits =
            fread(head, 1, HEAD_BYTES, file) == HEAD_BYTES && memcmp(head, data, HEAD_BYTES) == 0;
    if (number + 1 == pages->n)
        append_chunk(bytes, "IEND", NULL);
    const gboolean written = fits && fseek(file, 0, SEEK_END) == 0 &&
                             fwrite(bytes->data, 1, bytes->len, file) == bytes->len;
    const int code = errno;
    const gboolean closed = file && fclose(file) == 0;
    if (written && closed)
        return TRUE;
    g_set_error(error, GAN_ERROR, fits ? GAN_ERROR_FILE : GAN_ERROR_FORMAT, "%s",
                fits ? g_strerror(written ? errno : code)
                     : "the frames of an animation have one size and depth, and these have not");
    return FALSE;
}

const GanSeriesWriter gan_series_png = {"png", NULL, TRUE, TRUE, join};
