// SPDX-License-Identifier: LGPL-3.0-or-later
// PNG files read and written with libpng, which answers trouble with a jump out of itself.
#include "pngfile.h"

#include "container.h"
#include "notes.h"
#include "spaces.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <png.h>
#include <stdio.h>
#include <string.h>

// zlib's middle road: 3 % larger files than its best, written several times as fast.
#define COMPRESSION 4

typedef struct {
    const guint8 *data;
    gsize length, at;
    GPtrArray *notes;
    char text[200]; // of the error
} Source;

static void on_error(png_structp png, png_const_charp text)
{
    Source *source = png_get_error_ptr(png);
    g_strlcpy(source->text, text, sizeof source->text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    Source *source = png_get_error_ptr(png);
    // What libpng finds wrong with profiles and small chunks says nothing of the pixels.
    if (strstr(text, "IDAT"))
        gan_note(source->notes, "the PNG data is damaged: %s", text);
}

static void on_read(png_structp png, png_bytep to, png_size_t n)
{
    Source *source = png_get_io_ptr(png);
    if (n > source->length - source->at)
        png_error(png, "it ends too early");
    memcpy(to, source->data + source->at, n);
    source->at += n;
}

static const Babl *decoded_format(png_structp png, png_infop info, const Babl *space)
{
    const gboolean deep = png_get_bit_depth(png, info) == 16;
    switch (png_get_channels(png, info)) {
    case 1:
        return babl_format_with_space(deep ? "Y' u16" : "Y' u8", space);
    case 2:
        return babl_format_with_space(deep ? "Y'A u16" : "Y'A u8", space);
    case 3:
        return babl_format_with_space(deep ? "R'G'B' u16" : "R'G'B' u8", space);
    default:
        return babl_format_with_space(deep ? "R'G'B'A u16" : "R'G'B'A u8", space);
    }
}

// That deflate unpacks from one byte.
#define DEFLATE_MOST 1032

GeglBuffer *gan_png_decode(const guint8 *data, gsize length, const Babl *space, GPtrArray *notes,
                           GError **error)
{
    Source source = {.data = data, .length = length, .notes = notes};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_read_struct(&png, NULL, NULL);
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a PNG decoder");
        return NULL;
    }
    // Changed between setjmp and longjmp, hence volatile.
    GeglBuffer *volatile buffer = NULL;
    guint8 *volatile rows = NULL;
    png_bytepp volatile row_list = NULL;
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, NULL);
        g_free(rows);
        g_free(row_list);
        if (buffer)
            g_object_unref(buffer);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "the PNG data is damaged: %s", source.text);
        return NULL;
    }
    png_set_read_fn(png, &source, on_read);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    // Profiles, texts and the like are read from the file as it is; libpng takes as much memory as they
    // say to need.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, info);
    png_set_expand(png); // palettes, less than 8 bits, a transparent colour
    if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
        png_set_swap(png);
    const gboolean interlaced = png_set_interlace_handling(png) > 1;
    // A profile for ink, or for grey in a picture of colours, is for another kind of picture.
    const gboolean fits =
        space && !babl_space_is_cmyk(space) &&
        !(babl_space_is_gray(space) && (png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR));
    const Babl *own = fits ? space : babl_space("sRGB");
    png_read_update_info(png, info);
    const gint width = (gint)png_get_image_width(png, info),
               height = (gint)png_get_image_height(png, info);
    const gsize row = png_get_rowbytes(png, info);
    const Babl *format = decoded_format(png, info, own);
    const gsize n_rows = interlaced ? (gsize)height : 1;
    // Before memory is asked for: a byte that is packed stands for 1032 at most.
    if ((double)row * height / DEFLATE_MOST > (double)length + 1)
        png_error(png, "it ends too early");
    rows = g_try_malloc_n(n_rows, row);
    row_list = g_try_new(png_bytep, n_rows);
    if (!rows || !row_list)
        png_error(png, "no memory for its rows");
    buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, width, height), format);
    if (interlaced) {
        for (gsize y = 0; y < n_rows; y++)
            row_list[y] = rows + y * row;
        png_read_image(png, row_list);
        gegl_buffer_set(buffer, NULL, 0, format, rows, GEGL_AUTO_ROWSTRIDE);
    } else {
        for (gint y = 0; y < height; y++) {
            png_read_row(png, rows, NULL);
            gegl_buffer_set(buffer, GEGL_RECTANGLE(0, y, width, 1), 0, format, rows,
                            GEGL_AUTO_ROWSTRIDE);
        }
    }
    if (gan_png_has_end(data, length))
        png_read_end(png, NULL);
    else
        gan_note(notes, "the PNG file lacks its end, but all of the picture is there");
    png_destroy_read_struct(&png, &info, NULL);
    g_free(rows);
    g_free(row_list);
    return buffer;
}

static void write_chunk(png_structp png, GBytes *bytes)
{
    gsize n;
    const guint8 *chunk = g_bytes_get_data(bytes, &n);
    png_write_chunk(png, chunk, chunk + 4, n - 4);
}

static void write_chunks(png_structp png, const GPtrArray *chunks)
{
    for (guint i = 0; chunks && i < chunks->len; i++)
        write_chunk(png, chunks->pdata[i]);
}

gboolean gan_png_write(GeglBuffer *buffer, const char *path, GBytes *profile,
                       const GanPngParts *parts, GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *own = gegl_buffer_get_format(buffer);
    const gboolean grey =
        (babl_get_model_flags(babl_format_get_model(own)) & BABL_MODEL_FLAG_GRAY) != 0;
    const gboolean alpha = babl_format_has_alpha(own) != 0;
    const gboolean deep = babl_format_get_type(own, 0) != babl_type("u8");
    g_autofree char *name =
        g_strconcat(grey ? "Y'" : "R'G'B'", alpha ? "A" : "", deep ? " u16" : " u8", NULL);
    const Babl *format = babl_format_with_space(name, babl_format_get_space(own));
    g_autoptr(GBytes) chunk = profile ? gan_container_png_profile(profile, error) : NULL;
    if (profile && !chunk)
        return FALSE;
    FILE *file = g_fopen(path, "wb");
    if (!file) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", g_strerror(errno));
        return FALSE;
    }
    Source source = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    guint8 *volatile row = NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        g_free(row);
        fclose(file);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s",
                    *source.text ? source.text : "no memory for a PNG encoder");
        return FALSE;
    }
    png_init_io(png, file);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_option(png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
    png_set_compression_level(png, COMPRESSION);
    png_set_IHDR(png, info, (png_uint_32)extent->width, (png_uint_32)extent->height, deep ? 16 : 8,
                 (grey ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB) |
                     (alpha ? PNG_COLOR_MASK_ALPHA : 0),
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (!profile && !parts->colours)
        png_set_sRGB_gAMA_and_cHRM(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_write_info_before_PLTE(png, info);
    // As it is: libpng itself refuses profiles that it finds fault with.
    if (chunk)
        png_write_chunk(png, (png_const_bytep) "iCCP", g_bytes_get_data(chunk, NULL),
                        g_bytes_get_size(chunk));
    write_chunks(png, parts->colours);
    png_write_info(png, info);
    if (parts->density)
        write_chunk(png, parts->density);
    write_chunks(png, parts->texts);
    if (deep && G_BYTE_ORDER == G_LITTLE_ENDIAN)
        png_set_swap(png);
    row = g_malloc((gsize)extent->width * (gsize)babl_format_get_bytes_per_pixel(format));
    for (gint y = 0; y < extent->height; y++) {
        gan_numbers_get(buffer, GEGL_RECTANGLE(extent->x, extent->y + y, extent->width, 1), format,
                        row);
        png_write_row(png, row);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    g_free(row);
    if (fclose(file) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}
