// SPDX-License-Identifier: LGPL-3.0-or-later
// Frames of an animated WebP file, put behind each other as whole canvases.
// Source:  RFC 9649, 2.7 (VP8X, ANIM, ANMF).
#include "serieswriter.h"

#include "container.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define HEAD_BYTES 30u // RIFF's and VP8X with its name and length
#define FLAGS_AT 20u
#define SIZE_AT 24u
enum { MOVES = 0x02, HAS_ALPHA = 0x10 };
#define NOT_BLENDED 0x02

static void append_chunk(GByteArray *to, const char *name, const guint8 *data, gsize n)
{
    g_byte_array_append(to, (const guint8 *)name, 4);
    gan_append_little(to, (guint32)n, 4);
    g_byte_array_append(to, data, (guint)n);
    if (n % 2)
        gan_append_little(to, 0, 1);
}

static gboolean is_pixels(const GanChunk *chunk)
{
    return memcmp(chunk->name, "VP8 ", 4) == 0 || memcmp(chunk->name, "VP8L", 4) == 0 ||
           memcmp(chunk->name, "ALPH", 4) == 0;
}

// What a picture's pixels are: sizes less one and whether it is transparent. FALSE: there are none.
static gboolean measure(const GanChunk *chunk, guint32 *width, guint32 *height, gboolean *alpha)
{
    const guint8 *p = chunk->data;
    if (memcmp(chunk->name, "VP8L", 4) == 0 && chunk->length >= 5) {
        const guint32 bits = (guint32)p[4] << 24 | (guint32)p[3] << 16 | (guint32)p[2] << 8 | p[1];
        *width = bits & 0x3fff;
        *height = bits >> 14 & 0x3fff;
        *alpha = (bits >> 28 & 1) != 0;
        return TRUE;
    }
    if (memcmp(chunk->name, "VP8 ", 4) != 0 || chunk->length < 10)
        return FALSE;
    *width = (((guint32)p[7] << 8 | p[6]) & 0x3fff) - 1;
    *height = (((guint32)p[9] << 8 | p[8]) & 0x3fff) - 1;
    return TRUE;
}

// The frame as a chunk; it stands in place of what was there.
static gboolean append_frame(GByteArray *to, const guint8 *data, gsize length, guint delay_ms,
                             guint8 size[6], gboolean *alpha)
{
    guint32 width = 0, height = 0;
    gsize at = 12;
    gboolean found = FALSE;
    GanChunk chunk;
    g_autoptr(GByteArray) frame = g_byte_array_new(), pixels = g_byte_array_new();
    while (gan_webp_next(data, length, &at, &chunk)) {
        if (!is_pixels(&chunk))
            continue;
        *alpha = *alpha || memcmp(chunk.name, "ALPH", 4) == 0;
        found = measure(&chunk, &width, &height, alpha) || found;
        append_chunk(pixels, (const char *)chunk.name, chunk.data, chunk.length);
    }
    gan_append_little(frame, 0, 6);
    gan_append_little(frame, width, 3);
    gan_append_little(frame, height, 3);
    gan_append_little(frame, MIN(delay_ms, 0xffffff), 3);
    gan_append_little(frame, NOT_BLENDED, 1);
    memcpy(size, frame->data + 6, 6);
    g_byte_array_append(frame, pixels->data, pixels->len);
    append_chunk(to, "ANMF", frame->data, frame->len);
    return found;
}

// What stands before the first frame: the first picture's, but for its pixels.
static void append_head(GByteArray *to, const guint8 *data, gsize length, const guint8 size[6],
                        guint n_plays)
{
    guint8 header[10] = {0}, plays[6] = {0};
    gsize at = 12;
    GanChunk chunk;
    g_autoptr(GByteArray) others = g_byte_array_new();
    while (gan_webp_next(data, length, &at, &chunk)) {
        if (memcmp(chunk.name, "VP8X", 4) == 0 && chunk.length >= 10)
            header[0] = chunk.data[0] & (guint8)~HAS_ALPHA;
        else if (!is_pixels(&chunk))
            append_chunk(others, (const char *)chunk.name, chunk.data, chunk.length);
    }
    header[0] |= MOVES;
    memcpy(header + 4, size, 6);
    plays[4] = (guint8)MIN(n_plays, G_MAXUINT16);
    plays[5] = (guint8)(MIN(n_plays, G_MAXUINT16) >> 8);
    g_byte_array_append(to, (const guint8 *)"RIFF\0\0\0\0WEBP", 12);
    append_chunk(to, "VP8X", header, sizeof header);
    g_byte_array_append(to, others->data, others->len);
    append_chunk(to, "ANIM", plays, sizeof plays);
}

// Puts the bytes behind the others, and what has become of them into the head.
static gboolean write_frame(FILE *file, const GByteArray *bytes, guint8 *head, gboolean alpha)
{
    if (fseek(file, 0, SEEK_END) != 0 || fwrite(bytes->data, 1, bytes->len, file) != bytes->len)
        return FALSE;
    const long end = ftell(file);
    if (end < 8 || end > (long)G_MAXUINT32 - 8)
        return FALSE;
    for (guint i = 0; i < 4; i++)
        head[4 + i] = (guint8)((guint64)(end - 8) >> 8 * i);
    if (alpha)
        head[FLAGS_AT] |= HAS_ALPHA;
    return fseek(file, 0, SEEK_SET) == 0 && fwrite(head, 1, HEAD_BYTES, file) == HEAD_BYTES;
}

static gboolean join(const char *path, const char *part, guint number, const GanImagePages *pages,
                     GError **error)
{
    guint8 head[HEAD_BYTES], size[6] = {0};
    gboolean alpha = FALSE;
    g_autoptr(GMappedFile) map = g_mapped_file_new(part, FALSE, error);
    if (!map)
        return FALSE;
    const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
    const gsize length = g_mapped_file_get_length(map);
    g_autoptr(GByteArray) bytes = g_byte_array_new(), frame = g_byte_array_new();
    FILE *file = g_fopen(path, "r+b");
    gboolean fits = length < G_MAXINT32 &&
                    append_frame(frame, data, length,
                                 g_array_index(pages->delays_ms, guint, number), size, &alpha);
    if (number == 0)
        append_head(bytes, data, length, size, pages->n_plays);
    g_byte_array_append(bytes, frame->data, frame->len);
    if (number == 0)
        memcpy(head, bytes->data, HEAD_BYTES);
    else
        fits = fits && file && fread(head, 1, HEAD_BYTES, file) == HEAD_BYTES &&
               memcmp(head + SIZE_AT, size, 6) == 0;
    const gboolean written = file && fits && write_frame(file, bytes, head, alpha);
    const gboolean closed = file && fclose(file) == 0;
    if (written && closed)
        return TRUE;
    g_set_error(error, GAN_ERROR, fits ? GAN_ERROR_FILE : GAN_ERROR_FORMAT, "%s",
                fits ? "the frame cannot be written"
                     : "the frames of an animation have one size, and these have not");
    return FALSE;
}

const GanSeriesWriter gan_series_webp = {"webp", NULL, TRUE, FALSE, join};
