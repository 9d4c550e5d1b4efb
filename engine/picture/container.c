// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files as bytes: what kind a file is, whether it is complete, and its ICC profile.
//
// Source:  PNG 1.2 (W3C 2003); JFIF and ICC.1:2010 annex B.4 (profiles in APP2); TIFF 6.0 with tag
//          34675; the WebP container specification.
#include "container.h"

#include "tiffdirectory.h"
#include <gio/gio.h>
#include <string.h>

#define PNG_SIGNATURE "\211PNG\r\n\032\n"
#define JPEG_ICC "ICC_PROFILE" // with its terminating zero
#define JPEG_ICC_HEAD 14       // that, a number and a count
#define TIFF_ICC 34675

GanContainer gan_container_kind(const guint8 *data, gsize length)
{
    static const struct {
        const char *magic;
        gsize n;
        GanContainer kind;
    } table[] = {
        {PNG_SIGNATURE, 8, GAN_CONTAINER_PNG},
        {"\377\330\377", 3, GAN_CONTAINER_JPEG},
        // Raw files of cameras; those of most makers are TIFF, which does not tell yet.
        {"II*\0\020\0\0\0CR", 10, GAN_CONTAINER_RAW},
        {"FUJIFILMCCD-RAW", 15, GAN_CONTAINER_RAW},
        {"IIRO", 4, GAN_CONTAINER_RAW}, // Olympus
        {"IIRS", 4, GAN_CONTAINER_RAW},
        {"MMOR", 4, GAN_CONTAINER_RAW},
        {"IIU\0", 4, GAN_CONTAINER_RAW}, // Panasonic
        {"IIII", 4, GAN_CONTAINER_RAW},  // Phase One
        {"MMMM", 4, GAN_CONTAINER_RAW},
        {"\0MRM", 4, GAN_CONTAINER_RAW},                 // Minolta
        {"FOVb", 4, GAN_CONTAINER_RAW},                  // Sigma
        {"II\032\0\0\0HEAPCCDR", 14, GAN_CONTAINER_RAW}, // Canon, the old
        {"\0\0\0\030ftypcrx ", 12, GAN_CONTAINER_RAW},   // Canon, the new
        {"II*\0", 4, GAN_CONTAINER_TIFF},
        {"MM\0*", 4, GAN_CONTAINER_TIFF},
        {"II+\0", 4, GAN_CONTAINER_TIFF},
        {"MM\0+", 4, GAN_CONTAINER_TIFF},
        {"\166\057\061\001", 4, GAN_CONTAINER_EXR},
        {"GIF8", 4, GAN_CONTAINER_GIF},
        {"P2", 2, GAN_CONTAINER_PNM},
        {"P3", 2, GAN_CONTAINER_PNM},
        {"P5", 2, GAN_CONTAINER_PNM},
        {"P6", 2, GAN_CONTAINER_PNM},
        {"#?RADIANCE", 10, GAN_CONTAINER_HDR},
        {"#?RGBE", 6, GAN_CONTAINER_HDR},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (length >= table[i].n && memcmp(data, table[i].magic, table[i].n) == 0)
            return table[i].kind;
    }
    if (length >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0)
        return GAN_CONTAINER_WEBP;
    return GAN_CONTAINER_UNKNOWN;
}

static guint32 big32(const guint8 *p)
{
    return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static guint32 little32(const guint8 *p)
{
    return (guint32)p[3] << 24 | (guint32)p[2] << 16 | (guint32)p[1] << 8 | p[0];
}

void gan_append_big(GByteArray *to, guint64 x, guint n)
{
    for (guint i = 0; i < n; i++) {
        const guint8 byte = (guint8)(x >> 8 * (n - 1 - i));
        g_byte_array_append(to, &byte, 1);
    }
}

void gan_append_little(GByteArray *to, guint64 x, guint n)
{
    for (guint i = 0; i < n; i++) {
        const guint8 byte = (guint8)(x >> 8 * i);
        g_byte_array_append(to, &byte, 1);
    }
}

// What a file is made of: PNG's chunks, WebP's parts.
typedef GanChunk Chunk;

gboolean gan_png_next(const guint8 *data, gsize length, gsize *at, GanChunk *chunk)
{
    if (length < *at || length - *at < 12)
        return FALSE;
    const gsize n = big32(data + *at);
    if (n > length - *at - 12)
        return FALSE;
    *chunk = (Chunk){data + *at + 4, data + *at + 8, data + *at, n, n + 12};
    *at += n + 12;
    return TRUE;
}

// All of `bytes` through a converter. More than 64 MB would be an attack, not a profile.
static GBytes *convert(GConverter *converter, GBytes *bytes, GError **error)
{
    const gsize most = (gsize)64 << 20;
    g_autoptr(GInputStream) memory = g_memory_input_stream_new_from_bytes(bytes);
    g_autoptr(GInputStream) stream = g_converter_input_stream_new(memory, converter);
    g_autoptr(GByteArray) all = g_byte_array_new();
    guint8 part[16384];
    for (;;) {
        const gssize n = g_input_stream_read(stream, part, sizeof part, NULL, error);
        if (n < 0 || all->len > most)
            return NULL;
        if (n == 0)
            return g_byte_array_free_to_bytes(g_steal_pointer(&all));
        g_byte_array_append(all, part, (guint)n);
    }
}

static GBytes *png_profile(const guint8 *data, gsize length)
{
    gsize at = 8;
    Chunk chunk;
    while (gan_png_next(data, length, &at, &chunk)) {
        if (memcmp(chunk.name, "IDAT", 4) == 0)
            return NULL;
        if (memcmp(chunk.name, "iCCP", 4) != 0)
            continue;
        const guint8 *zero = memchr(chunk.data, 0, MIN(chunk.length, 80));
        if (!zero || zero + 2 > chunk.data + chunk.length)
            return NULL;
        const guint8 *packed = zero + 2;
        g_autoptr(GConverter) unzip =
            G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
        g_autoptr(GBytes) bytes = g_bytes_new(packed, chunk.length - (gsize)(packed - chunk.data));
        return convert(unzip, bytes, NULL);
    }
    return NULL;
}

gboolean gan_png_has_end(const guint8 *data, gsize length)
{
    gsize at = 8;
    Chunk chunk;
    while (gan_png_next(data, length, &at, &chunk)) {
        if (memcmp(chunk.name, "IEND", 4) == 0)
            return TRUE;
    }
    return FALSE;
}

GBytes *gan_container_png_profile(GBytes *profile, GError **error)
{
    static const guint8 head[] = "ICC profile\0"; // name, its end, method 0
    g_autoptr(GConverter) zip =
        G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9));
    g_autoptr(GBytes) packed = convert(zip, profile, error);
    if (!packed)
        return NULL;
    GByteArray *chunk = g_byte_array_new();
    g_byte_array_append(chunk, head, sizeof head);
    g_byte_array_append(chunk, g_bytes_get_data(packed, NULL), (guint)g_bytes_get_size(packed));
    return g_byte_array_free_to_bytes(chunk);
}

gboolean gan_jpeg_next(const guint8 *data, gsize length, gsize *at, guint8 *marker,
                       const guint8 **payload, gsize *n)
{
    while (*at <= length && length - *at >= 2 && data[*at] == 0xff && data[*at + 1] == 0xff)
        (*at)++;
    if (length < *at || length - *at < 4 || data[*at] != 0xff)
        return FALSE;
    const gsize size = (gsize)data[*at + 2] << 8 | data[*at + 3];
    if (size < 2 || size > length - *at - 2)
        return FALSE;
    *marker = data[*at + 1];
    *payload = data + *at + 4;
    *n = size - 2;
    *at += size + 2;
    return *marker != 0xda && *marker != 0xd9;
}

static gboolean jpeg_is_profile(guint8 marker, const guint8 *payload, gsize n)
{
    return marker == 0xe2 && n > JPEG_ICC_HEAD && memcmp(payload, JPEG_ICC, sizeof JPEG_ICC) == 0;
}

static GBytes *jpeg_profile(const guint8 *data, gsize length)
{
    const guint8 *parts[256] = {NULL}, *payload;
    gsize sizes[256] = {0}, at = 2, n;
    guint8 marker;
    guint count = 0;
    while (gan_jpeg_next(data, length, &at, &marker, &payload, &n)) {
        if (jpeg_is_profile(marker, payload, n)) {
            parts[payload[12]] = payload + JPEG_ICC_HEAD;
            sizes[payload[12]] = n - JPEG_ICC_HEAD;
            count = payload[13];
        }
    }
    if (count == 0)
        return NULL;
    g_autoptr(GByteArray) all = g_byte_array_new();
    for (guint i = 1; i <= count; i++) {
        if (!parts[i])
            return NULL;
        g_byte_array_append(all, parts[i], (guint)sizes[i]);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

static GBytes *tiff_profile(const guint8 *data, gsize length)
{
    GanTiffDirectory tiff;
    const guint64 at = gan_tiff_directory_open(data, length, &tiff)
                           ? gan_tiff_directory_entry(&tiff, TIFF_ICC)
                           : 0;
    if (at == 0)
        return NULL;
    const guint64 size = gan_tiff_directory_number(&tiff, at + 4, tiff.word),
                  from = gan_tiff_directory_number(&tiff, at + 4 + tiff.word, tiff.word);
    if (size <= tiff.word || from > length || size > length - from)
        return NULL;
    return g_bytes_new(data + from, (gsize)size);
}

gboolean gan_webp_next(const guint8 *data, gsize length, gsize *at, Chunk *chunk)
{
    if (length < *at || length - *at < 8)
        return FALSE;
    const gsize n = little32(data + *at + 4);
    if (n > length - *at - 8)
        return FALSE;
    *chunk = (Chunk){data + *at, data + *at + 8, data + *at, n, MIN(n + 8 + (n & 1), length - *at)};
    *at += chunk->whole_length;
    return TRUE;
}

gboolean gan_container_webp_moves(const guint8 *data, gsize length)
{
    return length > 20 && memcmp(data + 12, "VP8X", 4) == 0 && (data[20] & 0x02) != 0;
}

static GBytes *webp_profile(const guint8 *data, gsize length)
{
    gsize at = 12;
    Chunk chunk;
    while (gan_webp_next(data, length, &at, &chunk)) {
        if (memcmp(chunk.name, "ICCP", 4) == 0)
            return g_bytes_new(chunk.data, chunk.length);
    }
    return NULL;
}

static void webp_append(GByteArray *to, const char *name, const guint8 *data, gsize length)
{
    static const guint8 zero = 0;
    g_byte_array_append(to, (const guint8 *)name, 4);
    gan_append_little(to, (guint32)length, 4);
    g_byte_array_append(to, data, (guint)length);
    if (length & 1)
        g_byte_array_append(to, &zero, 1);
}

// The extended header, from the file's own or from the size in its first picture chunk.
static gboolean webp_header(const guint8 *data, gsize length, guint8 header[10])
{
    gsize at = 12;
    Chunk chunk;
    memset(header, 0, 10);
    while (gan_webp_next(data, length, &at, &chunk)) {
        guint32 width = 0, height = 0;
        if (memcmp(chunk.name, "VP8X", 4) == 0 && chunk.length >= 10) {
            memcpy(header, chunk.data, 10);
            return TRUE;
        }
        if (memcmp(chunk.name, "VP8L", 4) == 0 && chunk.length >= 5) {
            const guint32 bits = little32(chunk.data + 1);
            width = (bits & 0x3fff) + 1;
            height = (bits >> 14 & 0x3fff) + 1;
            header[0] = bits >> 28 & 1 ? 0x10 : 0;
        } else if (memcmp(chunk.name, "VP8 ", 4) == 0 && chunk.length >= 10) {
            width = ((guint32)chunk.data[7] << 8 | chunk.data[6]) & 0x3fff;
            height = ((guint32)chunk.data[9] << 8 | chunk.data[8]) & 0x3fff;
        }
        if (width > 0 && height > 0) {
            for (int i = 0; i < 3; i++) {
                header[4 + i] = (guint8)((width - 1) >> 8 * i);
                header[7 + i] = (guint8)((height - 1) >> 8 * i);
            }
            return TRUE;
        }
    }
    return FALSE;
}

static GByteArray *webp_with_profile(const guint8 *data, gsize length, GBytes *profile,
                                     GError **error)
{
    guint8 header[10];
    if (gan_container_kind(data, length) != GAN_CONTAINER_WEBP ||
        !webp_header(data, length, header)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "no picture in the WebP file");
        return NULL;
    }
    header[0] |= 0x20;
    gsize n;
    const guint8 *icc = g_bytes_get_data(profile, &n);
    GByteArray *riff = g_byte_array_new();
    g_byte_array_append(riff, (const guint8 *)"RIFF\0\0\0\0WEBP", 12);
    webp_append(riff, "VP8X", header, sizeof header);
    webp_append(riff, "ICCP", icc, n);
    gsize at = 12;
    Chunk chunk;
    while (gan_webp_next(data, length, &at, &chunk)) {
        if (memcmp(chunk.name, "VP8X", 4) != 0 && memcmp(chunk.name, "ICCP", 4) != 0)
            webp_append(riff, (const char *)chunk.name, chunk.data, chunk.length);
    }
    for (int i = 0; i < 4; i++)
        riff->data[4 + i] = (guint8)((riff->len - 8) >> 8 * i);
    return riff;
}

const char *gan_container_damage(GanContainer kind, const guint8 *data, gsize length)
{
    switch (kind) {
    case GAN_CONTAINER_WEBP:
        return (guint64)little32(data + 4) + 8 > length ? "it ends too early" : NULL;
    default:
        return NULL;
    }
}

GBytes *gan_container_profile(GanContainer kind, const guint8 *data, gsize length)
{
    switch (kind) {
    case GAN_CONTAINER_PNG:
        return png_profile(data, length);
    case GAN_CONTAINER_JPEG:
        return jpeg_profile(data, length);
    case GAN_CONTAINER_TIFF:
        return length >= 8 ? tiff_profile(data, length) : NULL;
    case GAN_CONTAINER_WEBP:
        return webp_profile(data, length);
    default:
        return NULL;
    }
}

gboolean gan_container_embed_webp(const char *path, GBytes *profile, GError **error)
{
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, error);
    if (!map)
        return FALSE;
    const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
    const gsize length = g_mapped_file_get_length(map);
    g_autoptr(GByteArray) whole = webp_with_profile(data, length, profile, error);
    return whole && g_file_set_contents(path, (const char *)whole->data, (gssize)whole->len, error);
}
