// SPDX-License-Identifier: LGPL-3.0-or-later
// JPEG files (ITU-T T.81) read and written with libjpeg, which answers trouble with a jump out of itself.
#include "jpegfile.h"

#include "notes.h"
#include "spaces.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

// Pixels of a block that colours of the next one reach.
#define SPREAD 2

// Pictures larger than this are coded with the standard tables: libjpeg finds better ones only with
// all coefficients of the picture in memory, 6 bytes a pixel.
#define OPTIMISED_PIXELS ((gint64)16 << 20)

typedef struct {
    struct jpeg_error_mgr manager; // first, because libjpeg hands back its address
    jmp_buf back;
    char text[JMSG_LENGTH_MAX]; // of the last error or warning
    gboolean truncated;         // its end was not found
    gboolean starved;           // pixels were wanted that are not there
    gboolean damaged;
} Trouble;

static void on_error(j_common_ptr info)
{
    Trouble *trouble = (Trouble *)info->err;
    info->err->format_message(info, trouble->text);
    longjmp(trouble->back, 1);
}

static void on_message(j_common_ptr info, int level)
{
    Trouble *trouble = (Trouble *)info->err;
    if (level >= 0)
        return;
    if (info->err->msg_code == JWRN_HIT_MARKER)
        trouble->starved = TRUE;
    if (info->err->msg_code == JWRN_JPEG_EOF) {
        trouble->truncated = TRUE;
        return;
    }
    // Cameras leave stray bytes between segments; nothing of the picture is lost by them.
    if (info->err->msg_code != JWRN_EXTRANEOUS_DATA) {
        trouble->damaged = TRUE;
        info->err->format_message(info, trouble->text);
    }
}

static struct jpeg_error_mgr *trouble_init(Trouble *trouble)
{
    struct jpeg_error_mgr *manager = jpeg_std_error(&trouble->manager);
    manager->error_exit = on_error;
    manager->emit_message = on_message;
    trouble->text[0] = '\0';
    trouble->truncated = trouble->starved = trouble->damaged = FALSE;
    return manager;
}

// A profile for another kind of picture than the file holds is left aside.
static const Babl *decoded_format(const struct jpeg_decompress_struct *info, const Babl *space)
{
    const gboolean ink = babl_space_is_cmyk(space) != 0, grey = babl_space_is_gray(space) != 0;
    switch (info->out_color_space) {
    case JCS_GRAYSCALE:
        return babl_format_with_space("Y' u8", ink ? NULL : space);
    case JCS_CMYK:
        // Adobe's programs store what the ink leaves over, and say that they made the file.
        return babl_format_with_space(info->saw_Adobe_marker ? "cmyk u8" : "CMYK u8",
                                      ink ? space : NULL);
    default:
        return babl_format_with_space("R'G'B' u8", ink || grey ? NULL : space);
    }
}

// Whether all of the picture came before the file ended: every scan of a progressive one, every
// component of one in several scans. Of arithmetic coding the last scan does not tell.
static gboolean is_whole(const struct jpeg_decompress_struct *info, const Trouble *trouble)
{
    if (trouble->starved || (info->arith_code && trouble->damaged))
        return FALSE;
    for (int c = 0; c < info->num_components; c++) {
        if (!info->comp_info[c].quant_table)
            return FALSE;
        for (int k = 0; info->progressive_mode && k < DCTSIZE2; k++) {
            if (!info->coef_bits || info->coef_bits[c][k] != 0)
                return FALSE;
        }
    }
    return TRUE;
}

// The last block of a picture, as far as it is coded in one piece.
typedef struct {
    gboolean is_unsure; // whether all before is there: arithmetic coding without an end
    gint x, y;          // it begins there
} Last;

// Whether the file may well be in order: 12 bits, lossless, JPEG-LS, where libjpeg has none of them.
static gboolean is_unsupported(const Trouble *trouble)
{
    const int code = trouble->manager.msg_code;
    return code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED ||
           code == JERR_UNKNOWN_MARKER || code == JERR_ARITH_NOTIMPL ||
           code == JERR_CONVERSION_NOTIMPL;
}

// `last`: set.
static GeglBuffer *decode(const guint8 *data, gsize length, const Babl *space, GPtrArray *notes,
                          Last *last, GError **error)
{
    struct jpeg_decompress_struct info;
    Trouble trouble;
    // Changed between setjmp and longjmp, hence volatile.
    GeglBuffer *volatile buffer = NULL;
    guint8 *volatile row = NULL;
    info.err = trouble_init(&trouble);
    if (setjmp(trouble.back)) {
        jpeg_destroy_decompress(&info);
        g_free(row);
        if (buffer)
            g_object_unref(buffer);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: %s",
                    is_unsupported(&trouble) ? "the JPEG file is of a kind that is not read"
                                             : "the JPEG data is damaged",
                    trouble.text);
        return NULL;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, data, length);
    jpeg_read_header(&info, TRUE);
    info.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&info);
    const Babl *format = decoded_format(&info, space ? space : babl_space("sRGB"));
    buffer = gegl_buffer_new(
        GEGL_RECTANGLE(0, 0, (gint)info.output_width, (gint)info.output_height), format);
    row = g_malloc((gsize)info.output_width * (gsize)info.output_components);
    while (info.output_scanline < info.output_height && !(trouble.truncated && trouble.starved)) {
        const gint y = (gint)info.output_scanline;
        guint8 *rows[1] = {row};
        jpeg_read_scanlines(&info, rows, 1);
        gegl_buffer_set(buffer, GEGL_RECTANGLE(0, y, (gint)info.output_width, 1), 0, format, row,
                        GEGL_AUTO_ROWSTRIDE);
    }
    const gboolean whole = !trouble.truncated || is_whole(&info, &trouble);
    const gint across = info.max_h_samp_factor * DCTSIZE, down = info.max_v_samp_factor * DCTSIZE;
    *last = (Last){trouble.truncated && info.arith_code,
                   MAX(((gint)info.output_width - 1) / across * across - SPREAD, 0),
                   MAX(((gint)info.output_height - 1) / down * down - SPREAD, 0)};
    jpeg_destroy_decompress(&info);
    g_free(row);
    if (!whole) {
        g_object_unref(buffer);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "the JPEG data ends too early");
        return NULL;
    }
    if (trouble.truncated)
        gan_note(notes, last->is_unsure
                            ? "the JPEG file lacks its end, but all of the picture is "
                              "there, or all but its last block"
                            : "the JPEG file lacks its end, but all of the picture is there");
    if (trouble.damaged)
        gan_note(notes, "the JPEG data is damaged: %s", trouble.text);
    return buffer;
}

// Whether two pictures are the same but for the last block.
static gboolean agree(GeglBuffer *a, GeglBuffer *b, const Last *last)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(a);
    const Babl *format = gegl_buffer_get_format(a);
    const gsize pixel = (gsize)babl_format_get_bytes_per_pixel(format);
    g_autofree guint8 *x = g_malloc((gsize)extent->width * pixel),
                      *y = g_malloc((gsize)extent->width * pixel);
    for (gint row = 0; row < extent->height; row++) {
        const GeglRectangle line = {0, row, row < last->y ? extent->width : last->x, 1};
        if (line.width == 0)
            return TRUE;
        gegl_buffer_get(a, &line, 1.0, format, x, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(b, &line, 1.0, format, y, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        if (memcmp(x, y, (gsize)line.width * pixel) != 0)
            return FALSE;
    }
    return TRUE;
}

// Where data of arithmetic coding ends early, anything goes on: libjpeg takes zeros. All of the picture
// was there when other bytes would make the same of it.
static gboolean stays(const guint8 *data, gsize length, GeglBuffer *buffer, const Last *last)
{
    const gsize tail = 4096;
    while (length > 0 && data[length - 1] == 0xff)
        length--; // half a marker
    guint8 *longer = g_try_malloc(length + tail);
    if (!longer)
        return FALSE;
    memcpy(longer, data, length);
    memset(longer + length, 0x55, tail);
    Last ignored;
    g_autoptr(GeglBuffer) other =
        decode(longer, length + tail, babl_format_get_space(gegl_buffer_get_format(buffer)), NULL,
               &ignored, NULL);
    g_free(longer);
    return other && agree(buffer, other, last);
}

// Number of two bytes.
static guint big16(const guint8 *p)
{
    return (guint)p[0] << 8 | p[1];
}

// Scanners that do not know how long a page is write its height behind it (marker DNL), which
// libjpeg does not read. Returns a copy with the height in its place, or NULL: it is there.
static guint8 *with_height(const guint8 *data, gsize length)
{
    gsize at = 2, frame = 0;
    while (at + 6 <= length) {
        if (data[at] != 0xff) { // within a scan
            const guint8 *next = memchr(data + at, 0xff, length - at);
            at = next ? (gsize)(next - data) : length;
            continue;
        }
        const guint8 marker = data[at + 1];
        const gboolean alone = marker <= 1 || (marker >= 0xd0 && marker <= 0xd8);
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
            marker != 0xcc && at + 7 <= length)
            frame = at;
        if (frame > 0 && big16(data + frame + 5) > 0)
            return NULL;
        if (frame > 0 && marker == 0xdc && big16(data + at + 2) == 4) {
            guint8 *copy = g_try_malloc(length);
            if (copy) {
                memcpy(copy, data, length);
                memcpy(copy + frame + 5, data + at + 4, 2);
            }
            return copy;
        }
        at += marker == 0xff ? 1 : alone ? 2 : 2 + big16(data + at + 2);
    }
    return NULL;
}

GeglBuffer *gan_jpeg_decode(const guint8 *data, gsize length, const Babl *space, GPtrArray *notes,
                            GError **error)
{
    Last last;
    g_autofree guint8 *copy = with_height(data, length);
    if (copy)
        data = copy;
    GeglBuffer *buffer = decode(data, length, space, notes, &last, error);
    if (!buffer || !last.is_unsure || stays(data, length, buffer, &last))
        return buffer;
    g_object_unref(buffer);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "the JPEG data ends too early");
    return NULL;
}

gboolean gan_jpeg_write(GeglBuffer *buffer, const char *path, guint quality, GBytes *profile,
                        const GanDensity *density, GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *own = gegl_buffer_get_format(buffer), *space = babl_format_get_space(own);
    const gboolean grey =
        (babl_get_model_flags(babl_format_get_model(own)) & BABL_MODEL_FLAG_GRAY) != 0;
    const Babl *format = babl_format_with_space(grey ? "Y' u8" : "R'G'B' u8", space);
    FILE *file = g_fopen(path, "wb");
    if (!file) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", g_strerror(errno));
        return FALSE;
    }
    struct jpeg_compress_struct info;
    Trouble trouble;
    guint8 *volatile row = NULL;
    info.err = trouble_init(&trouble);
    if (setjmp(trouble.back)) {
        jpeg_destroy_compress(&info);
        g_free(row);
        fclose(file);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", trouble.text);
        return FALSE;
    }
    jpeg_create_compress(&info);
    jpeg_stdio_dest(&info, file);
    info.image_width = (JDIMENSION)extent->width;
    info.image_height = (JDIMENSION)extent->height;
    info.input_components = grey ? 1 : 3;
    info.in_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, (int)quality, TRUE);
    info.optimize_coding = (gint64)extent->width * extent->height <= OPTIMISED_PIXELS;
    for (int c = 0; c < info.num_components; c++)
        info.comp_info[c].h_samp_factor = info.comp_info[c].v_samp_factor = 1;
    guint across, down, unit;
    if (density && gan_density_jpeg(density, &across, &down, &unit)) {
        info.density_unit = (UINT8)unit;
        info.X_density = (UINT16)across;
        info.Y_density = (UINT16)down;
    }
    jpeg_start_compress(&info, TRUE);
    if (profile)
        jpeg_write_icc_profile(&info, g_bytes_get_data(profile, NULL),
                               (unsigned)g_bytes_get_size(profile));
    row = g_malloc((gsize)extent->width * (gsize)info.input_components);
    while (info.next_scanline < info.image_height) {
        const gint y = extent->y + (gint)info.next_scanline;
        gan_numbers_get(buffer, GEGL_RECTANGLE(extent->x, y, extent->width, 1), format, row);
        guint8 *rows[1] = {row};
        jpeg_write_scanlines(&info, rows, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    g_free(row);
    if (fclose(file) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}
