// SPDX-License-Identifier: LGPL-3.0-or-later
// The texts of PNG files.
// Source:  PNG third edition (W3C 2025), 11.3.3; ImageMagick's "Raw profile type" for metadata in
//          texts, which gexiv2 reads and writes.
#include "pngtext.h"

#include "container.h"
#include <string.h>

#define KEY_BYTES 80 // with its end
// A text larger than this would be an attack.
#define MOST_BYTES ((gsize)64 << 20)

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
        if (is_text && !is_metadata(chunk.data, chunk.length))
            g_ptr_array_add(chunks, g_bytes_new(chunk.name, chunk.length + 4));
    }
    return chunks;
}

static GBytes *inflate(const guint8 *data, gsize length)
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
        packed ? inflate(rest, (gsize)(end - rest)) : g_bytes_new(rest, (gsize)(end - rest));
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
