// SPDX-License-Identifier: LGPL-3.0-or-later
// JPEG 2000 by OpenJPEG: grey, R'G'B' and YCbCr of 8 or 16 bits.
#include "reader.h"

#include "notes.h"
#include <openjpeg.h>
#include <string.h>

typedef struct {
    const guint8 *data;
    gsize length, at;
    char text[200]; // of the last error
} Source;

static gboolean is_stream(const guint8 *data, gsize length)
{
    return length > 12 && memcmp(data, "\377\117\377\121", 4) == 0;
}

static gboolean recognise(const guint8 *data, gsize length)
{
    return is_stream(data, length) ||
           (length > 12 && memcmp(data, "\0\0\0\014jP  \r\n\207\n", 12) == 0);
}

static OPJ_SIZE_T on_read(void *to, OPJ_SIZE_T n, void *data)
{
    Source *source = data;
    const gsize given = MIN(n, source->length - source->at);
    if (given == 0)
        return (OPJ_SIZE_T)-1;
    memcpy(to, source->data + source->at, given);
    source->at += given;
    return given;
}

static OPJ_BOOL on_seek(OPJ_OFF_T to, void *data)
{
    Source *source = data;
    if (to < 0 || (guint64)to > source->length)
        return OPJ_FALSE;
    source->at = (gsize)to;
    return OPJ_TRUE;
}

static OPJ_OFF_T on_skip(OPJ_OFF_T n, void *data)
{
    Source *source = data;
    if (n < 0 || (guint64)n > source->length - source->at)
        return -1;
    source->at += (gsize)n;
    return n;
}

static void on_error(const char *text, void *data)
{
    g_strlcpy(((Source *)data)->text, text, sizeof((Source *)data)->text);
    g_strchomp(((Source *)data)->text);
}

static opj_image_t *decode(Source *source)
{
    opj_dparameters_t parameters;
    opj_image_t *image = NULL;
    opj_set_default_decoder_parameters(&parameters);
    opj_codec_t *codec = opj_create_decompress(
        is_stream(source->data, source->length) ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
    opj_stream_t *stream = opj_stream_default_create(OPJ_TRUE);
    opj_set_error_handler(codec, on_error, source);
    opj_stream_set_user_data(stream, source, NULL);
    opj_stream_set_user_data_length(stream, source->length);
    opj_stream_set_read_function(stream, on_read);
    opj_stream_set_seek_function(stream, on_seek);
    opj_stream_set_skip_function(stream, on_skip);
    const gboolean done = opj_setup_decoder(codec, &parameters) &&
                          opj_decoder_set_strict_mode(codec, OPJ_TRUE) &&
                          opj_read_header(stream, codec, &image) &&
                          opj_decode(codec, stream, image) && opj_end_decompress(codec, stream);
    opj_destroy_codec(codec);
    opj_stream_destroy(stream);
    if (done)
        return image;
    if (image)
        opj_image_destroy(image);
    return NULL;
}

// Sample i of a component, 0..1.
static double sample(const opj_image_comp_t *component, gsize i)
{
    const gint offset = component->sgnd ? 1 << (component->prec - 1) : 0;
    return (double)(component->data[i] + offset) / (double)((1u << component->prec) - 1);
}

// The channels in the order of the file, each of the size of the first; false when they are not.
static gboolean fits(const opj_image_t *image)
{
    const opj_image_comp_t *first = &image->comps[0];
    for (guint c = 0; c < image->numcomps; c++) {
        const opj_image_comp_t *one = &image->comps[c];
        if (!one->data || one->prec < 1 || one->prec > 31 || one->w == 0 || one->h == 0 ||
            one->dx < first->dx || one->dy < first->dy || one->dx % first->dx != 0 ||
            one->dy % first->dy != 0)
            return FALSE;
    }
    return TRUE;
}

static GeglBuffer *to_buffer(const opj_image_t *image, GPtrArray *notes, GError **error)
{
    static const char *const colours[] = {"", "Y'", "Y'A", "R'G'B'", "R'G'B'A"};
    if (image->numcomps == 0 || !fits(image))
        return gan_reading_refuse(error, "its components are of a kind that is not read");
    if (image->color_space == OPJ_CLRSPC_CMYK || image->color_space == OPJ_CLRSPC_EYCC)
        return gan_reading_refuse(error, "its colours are of a kind that is not read");
    const gboolean grey = image->numcomps < 3;
    const guint n_colours = grey ? 1 : 3, n = MIN(image->numcomps, n_colours + 1);
    if (image->numcomps > n)
        gan_note(notes, "%u further %s left out", image->numcomps - n,
                 image->numcomps - n > 1 ? "channels are" : "channel is");
    const opj_image_comp_t *first = &image->comps[0];
    const gboolean deep = first->prec > 8, ycc = image->color_space == OPJ_CLRSPC_SYCC && !grey;
    g_autofree char *name = g_strdup_printf("%s %s", colours[n], deep ? "u16" : "u8");
    GeglBuffer *buffer = gan_reading_buffer(first->w, first->h, babl_format(name));
    const double most = deep ? 65535.0 : 255.0;
    g_autofree guint16 *row = g_new(guint16, (gsize)first->w * n);
    for (guint y = 0; y < first->h; y++) {
        for (guint x = 0; x < first->w; x++) {
            double value[4];
            for (guint c = 0; c < n; c++) {
                const opj_image_comp_t *one = &image->comps[c];
                const guint cx = MIN(x / (one->dx / first->dx), one->w - 1),
                            cy = MIN(y / (one->dy / first->dy), one->h - 1);
                value[c] = sample(one, (gsize)cy * one->w + cx);
            }
            if (ycc) {
                const double luma = value[0], blue = value[1] - 0.5, red = value[2] - 0.5;
                value[0] = luma + 1.402 * red;
                value[1] = luma - 0.344136 * blue - 0.714136 * red;
                value[2] = luma + 1.772 * blue;
            }
            for (guint c = 0; c < n; c++) {
                const guint whole = (guint)(CLAMP(value[c], 0.0, 1.0) * most + 0.5);
                if (deep)
                    row[x * n + c] = (guint16)whole;
                else
                    ((guint8 *)row)[x * n + c] = (guint8)whole;
            }
        }
        gan_reading_put_row(buffer, y, row);
    }
    return buffer;
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    Source source = {.data = reading->data, .length = reading->length};
    opj_image_t *image = decode(&source);
    if (!image)
        return gan_reading_refuse(error, "it is damaged or ends too early%s%s",
                                  *source.text ? ": " : "", source.text);
    if (image->icc_profile_buf && image->icc_profile_len > 0) {
        g_clear_pointer(&reading->profile, g_bytes_unref);
        reading->profile = g_bytes_new(image->icc_profile_buf, image->icc_profile_len);
    }
    GeglBuffer *buffer = to_buffer(image, reading->notes, error);
    opj_image_destroy(image);
    return buffer;
}

const GanFormat gan_format_jp2 = {"JPEG 2000", recognise, read_picture, FALSE, FALSE, NULL, FALSE};
