// SPDX-License-Identifier: LGPL-3.0-or-later
// The texts of PNG files.
// Source:  PNG third edition (W3C 2025), 11.3.3; ImageMagick's "Raw profile type" for metadata in
//          texts, which gexiv2 reads and writes.
#include "pngtext.h"

#include "container.h"
#include <string.h>
#include <zlib.h>

#define KEY_BYTES 80 // with its end
// A text larger than this would be an attack.
#define MOST_BYTES ((gsize)64 << 20)
// Larger files are not held in memory once more for a chunk.
#define MOST_FILE_BYTES ((gsize)1 << 30)

static gboolean is_metadata(const guint8 *data, gsize length)
{
    static const char *const keys[] = {
        "XML:com.adobe.xmp",     "Raw profile type exif",
        "Raw profile type APP1", "Raw profile type iptc",
        "Raw profile type xmp",  "Raw profile type icc",
        "Raw profile type icm",  "gimp-gan"}; // of the old file; see provenancefile.c
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        const gsize n = strlen(keys[i]) + 1;
        if (length >= n && memcmp(data, keys[i], n) == 0)
            return TRUE;
    }
    return FALSE;
}

GPtrArray *gan_png_text_chunks(const guint8 *data, gsize length)
{
    GPtrArray *chunks = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    gsize at = 8;
    GanChunk chunk;
    while (gan_png_next(data, length, &at, &chunk)) {
        const gboolean is_text = memcmp(chunk.name, "tEXt", 4) == 0 ||
                                 memcmp(chunk.name, "zTXt", 4) == 0 ||
                                 memcmp(chunk.name, "iTXt", 4) == 0;
        const gboolean is_own = chunk.length > sizeof GAN_OWN_TEXT &&
                                memcmp(chunk.data, GAN_OWN_TEXT, sizeof GAN_OWN_TEXT) == 0;
        if (is_text && !is_own && !is_metadata(chunk.data, chunk.length))
            g_ptr_array_add(chunks, g_bytes_new(chunk.name, chunk.length + 4));
    }
    return chunks;
}

// Whether the chunk tells that fewer bits count than there are.
static gboolean is_coarse(const GanChunk *chunk, guint depth)
{
    if (memcmp(chunk->name, "sBIT", 4) != 0)
        return FALSE;
    for (gsize i = 0; i < chunk->length; i++) {
        if (chunk->data[i] < depth)
            return TRUE;
    }
    return FALSE;
}

gboolean gan_png_has_chunk(const guint8 *data, gsize length, const char name[4])
{
    gsize at = 8;
    GanChunk chunk;
    while (gan_png_next(data, length, &at, &chunk)) {
        if (memcmp(chunk.name, name, 4) == 0)
            return TRUE;
    }
    return FALSE;
}

char *gan_png_other_chunks(const guint8 *data, gsize length, gboolean to_png)
{
    // Used, carried over, counted elsewhere, or of use for the old pixels only.
    static const char known[] = "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI "
                                "mDCv cLLi tEXt zTXt iTXt bKGD pHYs eXIf tIME acTL fcTL fdAT caBX ";
    const guint colours = length > 25 ? data[25] : 0,
                depth = colours == 3 || length < 26 ? 8 : data[24];
    g_autoptr(GString) names = g_string_new(NULL);
    gsize at = 8;
    GanChunk chunk;
    while (gan_png_next(data, length, &at, &chunk)) {
        const char name[5] = {(char)chunk.name[0], (char)chunk.name[1], (char)chunk.name[2],
                              (char)chunk.name[3], '\0'};
        gboolean is_word = TRUE;
        for (guint i = 0; i < 4; i++)
            is_word = is_word && g_ascii_isalpha(name[i]);
        // What shows through matters where something does.
        const gboolean is_behind =
            !to_png && (colours & 4) != 0 && memcmp(chunk.name, "bKGD", 4) == 0;
        if (is_word && (!strstr(known, name) || is_coarse(&chunk, depth) || is_behind) &&
            !strstr(names->str, name))
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", name);
    }
    return names->len > 0 ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

void gan_png_embed(const char *path, const char name[4], GBytes *contents)
{
    g_autofree char *data = NULL;
    gsize length, n, at = 8, place = 0;
    if (!g_file_get_contents(path, &data, &length, NULL))
        return;
    const guint8 *bytes = (const guint8 *)data, *body = g_bytes_get_data(contents, &n);
    GanChunk chunk;
    while (place == 0 && gan_png_next(bytes, length, &at, &chunk)) {
        if (memcmp(chunk.name, name, 4) == 0)
            return;
        if (memcmp(chunk.name, "IDAT", 4) == 0)
            place = (gsize)(chunk.whole - bytes);
    }
    if (place == 0 || length > MOST_FILE_BYTES || n > MOST_BYTES)
        return;
    g_autoptr(GByteArray) all = g_byte_array_sized_new((guint)(length + n + 12));
    g_byte_array_append(all, bytes, (guint)place);
    gan_append_big(all, (guint32)n, 4);
    g_byte_array_append(all, (const guint8 *)name, 4);
    g_byte_array_append(all, body, (guint)n);
    gan_append_big(all, (guint32)crc32(0, all->data + place + 4, (uInt)(n + 4)), 4);
    g_byte_array_append(all, bytes + place, (guint)(length - place));
    // The file stays as it is when this fails.
    g_file_set_contents(path, (const char *)all->data, (gssize)all->len, NULL);
}

static GBytes *unpacked(const guint8 *data, gsize length)
{
    g_autoptr(GConverter) unzip =
        G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
    g_autoptr(GInputStream) memory =
        g_memory_input_stream_new_from_data(data, (gssize)length, NULL);
    g_autoptr(GInputStream) stream = g_converter_input_stream_new(memory, unzip);
    g_autoptr(GByteArray) all = g_byte_array_new();
    guint8 part[16384];
    gssize n;
    while ((n = g_input_stream_read(stream, part, sizeof part, NULL, NULL)) > 0 &&
           all->len <= MOST_BYTES)
        g_byte_array_append(all, part, (guint)n);
    return n == 0 ? g_byte_array_free_to_bytes(g_steal_pointer(&all)) : NULL;
}

static char *utf8_of(const guint8 *data, gsize length, const char *charset)
{
    if (length == 0)
        return g_strdup("");
    return charset
               ? g_convert((const char *)data, (gssize)length, "UTF-8", charset, NULL, NULL, NULL)
               : g_utf8_make_valid((const char *)data, (gssize)length);
}

// Steps behind a string that ends in a zero; NULL when none does.
static const guint8 *behind(const guint8 *at, const guint8 *end)
{
    const guint8 *zero = at ? memchr(at, 0, (gsize)(end - at)) : NULL;
    return zero ? zero + 1 : NULL;
}

gboolean gan_png_text_read(GBytes *chunk, GanPngText *text)
{
    gsize n;
    const guint8 *data = g_bytes_get_data(chunk, &n), *end = data + n, *key = data + 4;
    const guint8 *rest = n > 4 ? behind(key, end) : NULL;
    const gboolean international = n > 4 && memcmp(data, "iTXt", 4) == 0;
    gboolean packed = n > 4 && memcmp(data, "zTXt", 4) == 0;
    if (!rest || rest - key > KEY_BYTES)
        return FALSE;
    if (international) { // packed or not, how, language, key in it
        packed = end - rest >= 2 && rest[0] == 1;
        rest = end - rest >= 2 ? behind(behind(rest + 2, end), end) : NULL;
    } else if (packed) { // how
        rest = end - rest >= 1 ? rest + 1 : NULL;
    }
    if (!rest)
        return FALSE;
    g_autoptr(GBytes) body =
        packed ? unpacked(rest, (gsize)(end - rest)) : g_bytes_new(rest, (gsize)(end - rest));
    if (!body)
        return FALSE;
    gsize length;
    const guint8 *bytes = g_bytes_get_data(body, &length);
    text->key = utf8_of(key, strlen((const char *)key), "ISO-8859-1");
    text->value = utf8_of(bytes, length, international ? NULL : "ISO-8859-1");
    if (text->key && text->value)
        return TRUE;
    gan_png_text_clear(text);
    return FALSE;
}

void gan_png_text_clear(GanPngText *text)
{
    g_clear_pointer(&text->key, g_free);
    g_clear_pointer(&text->value, g_free);
}
