// SPDX-License-Identifier: LGPL-3.0-or-later
// JPEG XL by libjxl, turned as it says; 8 or 16 bits, or floats, and of animations one frame.
#include "reader.h"

#include "notes.h"
#include <jxl/decode.h>
#include <jxl/version.h>
#include <string.h>

static gboolean recognise(const guint8 *data, gsize length)
{
    const JxlSignature found = JxlSignatureCheck(data, length);
    return found == JXL_SIG_CODESTREAM || found == JXL_SIG_CONTAINER;
}

typedef struct {
    JxlBasicInfo info;
    JxlPixelFormat format;
    const Babl *babl;
    GeglBuffer *buffer; // of the frame that is wanted
    guint8 *pixels;
    guint n_frames;
} Picture;

// Whether there is a box of this name at the file's top.
static gboolean has_box(const GanReading *reading, const char *name)
{
    gsize at = 0;
    while (reading->length - at >= 8) {
        guint32 n;
        memcpy(&n, reading->data + at, 4);
        n = GUINT32_FROM_BE(n);
        if (memcmp(reading->data + at + 4, name, 4) == 0)
            return TRUE;
        if (n < 8 || n > reading->length - at)
            return FALSE; // the last, or a very long one
        at += n;
    }
    return FALSE;
}

static void choose_format(Picture *picture)
{
    static const char *const colours[] = {"", "Y'", "Y'A", "R'G'B'", "R'G'B'A"};
    const JxlBasicInfo *info = &picture->info;
    const guint n = MIN(info->num_color_channels, 3) + (info->alpha_bits > 0);
    const gboolean is_float = info->exponent_bits_per_sample > 0, deep = info->bits_per_sample > 8;
    picture->format = (JxlPixelFormat){
        .num_channels = n,
        .data_type = is_float ? JXL_TYPE_FLOAT
                     : deep   ? JXL_TYPE_UINT16
                              : JXL_TYPE_UINT8,
        .endianness = JXL_NATIVE_ENDIAN,
    };
    g_autofree char *name = g_strdup_printf("%s %s", colours[n],
                                            is_float ? "float"
                                            : deep   ? "u16"
                                                     : "u8");
    picture->babl = babl_format(name);
}

// The calls for the profile took a format once, and left it unused.
#if JPEGXL_NUMERIC_VERSION < JPEGXL_COMPUTE_NUMERIC_VERSION(0, 9, 0)
static JxlDecoderStatus profile_size(const JxlDecoder *decoder, gsize *n)
{
    return JxlDecoderGetICCProfileSize(decoder, NULL, JXL_COLOR_PROFILE_TARGET_DATA, n);
}

static JxlDecoderStatus read_profile(const JxlDecoder *decoder, guint8 *data, gsize n)
{
    return JxlDecoderGetColorAsICCProfile(decoder, NULL, JXL_COLOR_PROFILE_TARGET_DATA, data, n);
}
#else
static JxlDecoderStatus profile_size(const JxlDecoder *decoder, gsize *n)
{
    return JxlDecoderGetICCProfileSize(decoder, JXL_COLOR_PROFILE_TARGET_DATA, n);
}

static JxlDecoderStatus read_profile(const JxlDecoder *decoder, guint8 *data, gsize n)
{
    return JxlDecoderGetColorAsICCProfile(decoder, JXL_COLOR_PROFILE_TARGET_DATA, data, n);
}
#endif

static GBytes *profile_of(const JxlDecoder *decoder)
{
    gsize n = 0;
    if (profile_size(decoder, &n) != JXL_DEC_SUCCESS || n == 0)
        return NULL;
    guint8 *data = g_malloc(n);
    if (read_profile(decoder, data, n) == JXL_DEC_SUCCESS)
        return g_bytes_new_take(data, n);
    g_free(data);
    return NULL;
}

// Goes through the file's events; `text`: set to what is wrong.
static gboolean decode(JxlDecoder *decoder, GanReading *reading, Picture *picture,
                       const char **text)
{
    const guint wanted = MAX(reading->page, 1);
    *text = "it is damaged or ends too early";
    for (;;) {
        switch (JxlDecoderProcessInput(decoder)) {
        case JXL_DEC_BASIC_INFO:
            if (JxlDecoderGetBasicInfo(decoder, &picture->info) != JXL_DEC_SUCCESS)
                return FALSE;
            choose_format(picture);
            break;
        case JXL_DEC_COLOR_ENCODING:
            g_clear_pointer(&reading->profile, g_bytes_unref);
            reading->profile = profile_of(decoder);
            break;
        case JXL_DEC_NEED_IMAGE_OUT_BUFFER: {
            gsize n = 0;
            if (JxlDecoderImageOutBufferSize(decoder, &picture->format, &n) != JXL_DEC_SUCCESS)
                return FALSE;
            if (!picture->pixels)
                picture->pixels = g_try_malloc(n);
            *text = "no memory for its pixels";
            if (!picture->pixels ||
                JxlDecoderSetImageOutBuffer(decoder, &picture->format, picture->pixels, n) !=
                    JXL_DEC_SUCCESS)
                return FALSE;
            *text = "it is damaged or ends too early";
            break;
        }
        case JXL_DEC_FULL_IMAGE:
            if (++picture->n_frames == wanted) {
                picture->buffer =
                    gan_reading_buffer(picture->info.xsize, picture->info.ysize, picture->babl);
                gegl_buffer_set(picture->buffer, gegl_buffer_get_extent(picture->buffer), 0,
                                picture->babl, picture->pixels, GEGL_AUTO_ROWSTRIDE);
            }
            break;
        case JXL_DEC_SUCCESS:
            return TRUE;
        default:
            return FALSE;
        }
    }
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    JxlDecoder *decoder = JxlDecoderCreate(NULL);
    Picture picture = {.n_frames = 0};
    const char *text = "libjxl cannot begin";
    const gboolean done =
        decoder &&
        JxlDecoderSubscribeEvents(decoder, JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING |
                                               JXL_DEC_FULL_IMAGE) == JXL_DEC_SUCCESS &&
        JxlDecoderSetInput(decoder, reading->data, reading->length) == JXL_DEC_SUCCESS;
    // The input is not closed: libjxl prints what is missing of one that is.
    const gboolean whole = done && decode(decoder, reading, &picture, &text);
    JxlDecoderDestroy(decoder);
    g_free(picture.pixels);
    reading->n_pages = MAX(picture.n_frames, 1);
    reading->unit = "frame";
    if (reading->only_list) {
        g_clear_object(&picture.buffer);
        return NULL;
    }
    if (reading->only_list) {
        g_clear_object(&picture.buffer);
        return NULL;
    }
    const guint n_further = picture.info.num_extra_channels - (picture.info.alpha_bits > 0);
    if (picture.buffer && n_further > 0 && n_further < 256)
        gan_note(reading->notes, "%u further %s beside colour and transparency %s left out",
                 n_further, n_further > 1 ? "channels" : "channel", n_further > 1 ? "are" : "is");
    if (picture.buffer && !whole)
        gan_note(reading->notes, "it ends too early, within a later frame");
    // The boxes of a container; a bare stream has none.
    if (picture.buffer && *reading->data == 0 &&
        (has_box(reading, "Exif") || has_box(reading, "xml ") || has_box(reading, "brob")))
        gan_reading_note_metadata(reading);
    if (picture.buffer)
        return picture.buffer;
    return whole ? gan_reading_refuse(error, "it has no frame %u, but %u", reading->page,
                                      picture.n_frames)
                 : gan_reading_refuse(error, "%s", text);
}

const GanFormat gan_format_jxl = {"JPEG XL", recognise, read_picture, TRUE, TRUE};
