// SPDX-License-Identifier: LGPL-3.0-or-later
// The line on a picture's origin inside its file: a text chunk of PNG, an APP15 segment of JPEG, a
// chunk of its own of WebP, and behind the end of TIFF and OpenEXR, which are read by offsets. All
// else of the file stays where it is, byte for byte; libraries for metadata would arrange it anew.
// Source:  PNG specification, third edition, 11.3.3; ITU-T T.81, annex B; RFC 9649.
#include "container.h"
#include "provenance.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define KEY "gimp-gan"         // with its closing zero, in front of the text
#define KEY_BYTES (sizeof KEY) // 9
#define PNG_FLAGS_BYTES 4u     // not compressed, no language, no translated key
#define PNG_SIGNATURE_BYTES 8u // in front of the first chunk
#define PNG_FRAME_BYTES 12u    // length, type and sum of a chunk
#define JPEG_TEXT_BYTES (65533u - KEY_BYTES)
#define WEBP_TYPE "GGAN"
#define TAIL_BYTES (KEY_BYTES + 4) // KEY and the length of the text before it, little-endian

static guint32 get_le32(const guint8 *data)
{
    return (guint32)data[3] << 24 | (guint32)data[2] << 16 | (guint32)data[1] << 8 | data[0];
}

static void append_be32(GByteArray *bytes, guint32 value)
{
    value = GUINT32_TO_BE(value);
    g_byte_array_append(bytes, (const guint8 *)&value, sizeof value);
}

static void append_le32(GByteArray *bytes, guint32 value)
{
    value = GUINT32_TO_LE(value);
    g_byte_array_append(bytes, (const guint8 *)&value, sizeof value);
}

static void append_text(GByteArray *bytes, const char *text)
{
    g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text));
}

// --- finding ---

static const char *find_png(const guint8 *data, gsize length, gsize *text_length)
{
    const gsize before = KEY_BYTES + PNG_FLAGS_BYTES;
    const char *found = NULL;
    gsize at = PNG_SIGNATURE_BYTES;
    GanChunk chunk;
    // The last one counts: others may have come with the text of a source.
    while (gan_png_next(data, length, &at, &chunk))
        if (memcmp(chunk.name, "iTXt", 4) == 0 && chunk.length >= before &&
            memcmp(chunk.data, KEY, KEY_BYTES) == 0) {
            found = (const char *)chunk.data + before;
            *text_length = chunk.length - before;
        }
    return found;
}

// Returns where the segments of an application and comments end; 0: the file is damaged.
static gsize jpeg_segments_end(const guint8 *data, gsize length, const char **text,
                               gsize *text_length)
{
    for (gsize at = 2; length - at >= 4 && data[at] == 0xFF;) {
        const guint8 marker = data[at + 1];
        if ((marker & 0xF0) != 0xE0 && marker != 0xFE)
            return at;
        const gsize size = (gsize)data[at + 2] << 8 | data[at + 3];
        if (size < 2 || size > length - at - 2)
            return 0;
        if (marker == 0xEF && size >= 2 + KEY_BYTES && memcmp(data + at + 4, KEY, KEY_BYTES) == 0) {
            *text = (const char *)data + at + 4 + KEY_BYTES;
            *text_length = size - 2 - KEY_BYTES;
        }
        at += 2 + size;
    }
    return 0;
}

static const char *find_webp(const guint8 *data, gsize length, gsize *text_length)
{
    const char *found = NULL;
    for (gsize at = 12; length > at && length - at >= 8;) {
        const gsize size = get_le32(data + at + 4);
        if (size > length - at - 8)
            break;
        if (memcmp(data + at, WEBP_TYPE, 4) == 0) {
            found = (const char *)data + at + 8;
            *text_length = size;
        }
        at += 8 + size + size % 2;
    }
    return found;
}

static const char *find_tail(const guint8 *data, gsize length, gsize *text_length)
{
    if (length < TAIL_BYTES || memcmp(data + length - TAIL_BYTES, KEY, KEY_BYTES) != 0)
        return NULL;
    *text_length = get_le32(data + length - 4);
    return *text_length <= length - TAIL_BYTES
               ? (const char *)data + length - TAIL_BYTES - *text_length
               : NULL;
}

const char *gan_provenance_find(const guint8 *data, gsize length, gsize *text_length)
{
    const char *text = NULL;
    switch (gan_container_kind(data, length)) {
    case GAN_CONTAINER_PNG:
        return find_png(data, length, text_length);
    case GAN_CONTAINER_JPEG:
        (void)jpeg_segments_end(data, length, &text, text_length);
        return text;
    case GAN_CONTAINER_WEBP:
        return find_webp(data, length, text_length);
    case GAN_CONTAINER_TIFF:
    case GAN_CONTAINER_EXR:
        return find_tail(data, length, text_length);
    default:
        return NULL;
    }
}

// --- embedding ---

// Returns what the file is to hold from `*at` on; NULL where there is no place for the text.
static GByteArray *png_end(const guint8 *data, gsize length, const char *text, gsize *at)
{
    static const guint8 flags[PNG_FLAGS_BYTES];
    if (length < PNG_FRAME_BYTES || memcmp(data + length - 8, "IEND", 4) != 0)
        return NULL;
    GByteArray *bytes = g_byte_array_new();
    append_be32(bytes, (guint32)(KEY_BYTES + PNG_FLAGS_BYTES + strlen(text)));
    append_text(bytes, "iTXt");
    g_byte_array_append(bytes, (const guint8 *)KEY, KEY_BYTES);
    g_byte_array_append(bytes, flags, PNG_FLAGS_BYTES);
    append_text(bytes, text);
    append_be32(bytes, (guint32)crc32(0, bytes->data + 4, bytes->len - 4));
    *at = length - PNG_FRAME_BYTES;
    g_byte_array_append(bytes, data + *at, PNG_FRAME_BYTES);
    return bytes;
}

static GByteArray *jpeg_end(const guint8 *data, gsize length, const char *text, gsize *at)
{
    const char *former = NULL;
    gsize former_length = 0;
    *at = jpeg_segments_end(data, length, &former, &former_length);
    if (*at == 0 || former != NULL || strlen(text) > JPEG_TEXT_BYTES || length - *at > G_MAXINT)
        return NULL;
    const guint size = (guint)(2 + KEY_BYTES + strlen(text));
    const guint8 begin[] = {0xFF, 0xEF, (guint8)(size >> 8), (guint8)size};
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, begin, sizeof begin);
    g_byte_array_append(bytes, (const guint8 *)KEY, KEY_BYTES);
    append_text(bytes, text);
    g_byte_array_append(bytes, data + *at, (guint)(length - *at));
    return bytes;
}

static GByteArray *webp_end(gsize length, const char *text, gsize *at)
{
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)"", length % 2);
    append_text(bytes, WEBP_TYPE);
    append_le32(bytes, (guint32)strlen(text));
    append_text(bytes, text);
    g_byte_array_append(bytes, (const guint8 *)"", strlen(text) % 2);
    *at = length;
    return bytes;
}

static GByteArray *tail(gsize length, const char *text, gsize *at)
{
    GByteArray *bytes = g_byte_array_new();
    append_text(bytes, text);
    g_byte_array_append(bytes, (const guint8 *)KEY, KEY_BYTES);
    append_le32(bytes, (guint32)strlen(text));
    *at = length;
    return bytes;
}

static gboolean write_at(int fd, gsize at, const GByteArray *bytes)
{
    gsize done = 0;
    while (done < bytes->len) {
        const ssize_t n = pwrite(fd, bytes->data + done, bytes->len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        done += (gsize)n;
    }
    return TRUE;
}

// Writes the end of a file, which is put back when there is no room for it.
static gboolean replace_end(const char *path, gsize length, gsize at, const GByteArray *bytes,
                            gboolean riff)
{
    const int fd = g_open(path, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0)
        return FALSE;
    g_autoptr(GByteArray) size = g_byte_array_new();
    append_le32(size, (guint32)(at + bytes->len - 8));
    // Room first: what follows then changes bytes that are on the disk.
    const gboolean done = posix_fallocate(fd, 0, (off_t)(at + bytes->len)) == 0 &&
                          write_at(fd, at, bytes) && (!riff || write_at(fd, 4, size));
    if (!done)
        (void)!ftruncate(fd, (off_t)length);
    return close(fd) == 0 && done;
}

gboolean gan_provenance_embed(const char *path, const char *text)
{
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);
    if (map == NULL || g_mapped_file_get_length(map) == 0)
        return FALSE;
    const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
    const gsize length = g_mapped_file_get_length(map);
    const GanContainer kind = gan_container_kind(data, length);
    g_autoptr(GByteArray) bytes = NULL;
    gsize at = 0;
    switch (kind) {
    case GAN_CONTAINER_PNG:
        bytes = png_end(data, length, text, &at);
        break;
    case GAN_CONTAINER_JPEG:
        bytes = jpeg_end(data, length, text, &at);
        break;
    case GAN_CONTAINER_WEBP:
        bytes = webp_end(length, text, &at);
        break;
    case GAN_CONTAINER_TIFF:
    case GAN_CONTAINER_EXR:
        bytes = tail(length, text, &at);
        break;
    default:
        break;
    }
    return bytes != NULL && replace_end(path, length, at, bytes, kind == GAN_CONTAINER_WEBP);
}
