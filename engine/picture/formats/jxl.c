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
    guint32 duration; // of the frame that is read, in ticks
    gboolean has_pages;
} Picture;

// What libjxl's frames that are pages last.
#define FOR_EVER 0xffffffffu

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

// The calls for colours took a format once, and left it unused.
#if JPEGXL_NUMERIC_VERSION < JPEGXL_COMPUTE_NUMERIC_VERSION(0, 9, 0)
static JxlDecoderStatus profile_size(const JxlDecoder *decoder, gsize *n)
{
    return JxlDecoderGetICCProfileSize(decoder, NULL, JXL_COLOR_PROFILE_TARGET_DATA, n);
}

static JxlDecoderStatus read_profile(const JxlDecoder *decoder, guint8 *data, gsize n)
{
    return JxlDecoderGetColorAsICCProfile(decoder, NULL, JXL_COLOR_PROFILE_TARGET_DATA, data, n);
}

static JxlDecoderStatus read_encoding(const JxlDecoder *decoder, JxlColorEncoding *encoding)
{
    return JxlDecoderGetColorAsEncodedProfile(decoder, NULL, JXL_COLOR_PROFILE_TARGET_DATA,
                                              encoding);
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

static JxlDecoderStatus read_encoding(const JxlDecoder *decoder, JxlColorEncoding *encoding)
{
    return JxlDecoderGetColorAsEncodedProfile(decoder, JXL_COLOR_PROFILE_TARGET_DATA, encoding);
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

// HDR by its code points, whose numbers are those of the standard: the profile that libjxl makes of
// them is for displays that know no HDR.
static gboolean hdr_of(const JxlDecoder *decoder, GanCicp *cicp)
{
    JxlColorEncoding encoding;
    if (read_encoding(decoder, &encoding) != JXL_DEC_SUCCESS ||
        (encoding.transfer_function != JXL_TRANSFER_FUNCTION_PQ &&
         encoding.transfer_function != JXL_TRANSFER_FUNCTION_HLG))
        return FALSE;
    const gboolean grey = encoding.color_space == JXL_COLOR_SPACE_GRAY;
    const gboolean d65 = encoding.white_point == JXL_WHITE_POINT_D65;
    *cicp = (GanCicp){(guint8)(grey ? 9
                               : encoding.primaries == JXL_PRIMARIES_P3 && d65
                                   ? 12
                                   : (guint)encoding.primaries),
                      (guint8)encoding.transfer_function, 0, 1};
    const GanCicpKind kind = gan_cicp_kind(cicp);
    return kind == GAN_CICP_PQ || kind == GAN_CICP_HLG;
}

// How long the frame that was read is shown, in milliseconds.
static guint delay_of(const Picture *picture)
{
    const JxlAnimationHeader *times = &picture->info.animation;
    const double ms = times->tps_numerator > 0 ? 1000.0 * picture->duration *
                                                     times->tps_denominator / times->tps_numerator
                                               : 0;
    return (guint)(MIN(ms, (double)G_MAXINT) + 0.5);
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
            reading->has_cicp = hdr_of(decoder, &reading->cicp);
            reading->profile = reading->has_cicp ? NULL : profile_of(decoder);
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
        case JXL_DEC_FRAME: {
            JxlFrameHeader header;
            if (JxlDecoderGetFrameHeader(decoder, &header) != JXL_DEC_SUCCESS)
                return FALSE;
            picture->duration = header.duration;
            picture->has_pages = picture->has_pages || header.duration == FOR_EVER;
            break;
        }
        case JXL_DEC_FULL_IMAGE:
            if (picture->info.have_animation) {
                const guint delay_ms = delay_of(picture);
                g_array_append_val(reading->delays, delay_ms);
            }
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
                                               JXL_DEC_FRAME | JXL_DEC_FULL_IMAGE) ==
            JXL_DEC_SUCCESS &&
        JxlDecoderSetInput(decoder, reading->data, reading->length) == JXL_DEC_SUCCESS;
    reading->delays = g_array_new(FALSE, FALSE, sizeof(guint));
    // The input is not closed: libjxl prints what is missing of one that is.
    const gboolean whole = done && decode(decoder, reading, &picture, &text);
    JxlDecoderDestroy(decoder);
    g_free(picture.pixels);
    reading->n_pages = MAX(picture.n_frames, 1);
    reading->unit = picture.has_pages ? "page" : "frame";
    reading->n_plays = picture.info.animation.num_loops;
    if (!picture.info.have_animation || picture.has_pages || picture.n_frames == 0)
        g_clear_pointer(&reading->delays, g_array_unref);
    if (reading->only_list) {
        g_clear_object(&picture.buffer);
        return NULL;
    }
    const guint n_further = picture.info.num_extra_channels - (picture.info.alpha_bits > 0);
    if (picture.buffer && n_further > 0 && n_further < 256)
        gan_note(reading->notes, "%u further %s beside colour and transparency %s left out",
                 n_further, n_further > 1 ? "channels" : "channel", n_further > 1 ? "are" : "is");
    if (picture.buffer && !whole)
        gan_note(reading->notes, "it ends too early, within a later %s", reading->unit);
    if (picture.buffer)
        return picture.buffer;
    return whole ? gan_reading_refuse(error, "it has no %s %u, but %u", reading->unit,
                                      reading->page, picture.n_frames)
                 : gan_reading_refuse(error, "%s", text);
}

// Contents of a box that libjxl hands out piece by piece.
typedef struct {
    guint8 *data;
    gsize n; // that there is room for
    gboolean is_exif, is_xmp;
} Box;

static void box_begin(Box *box, JxlDecoder *decoder)
{
    JxlBoxType type = {0};
    box->is_exif = box->is_xmp = FALSE;
    if (JxlDecoderGetBoxType(decoder, type, JXL_TRUE) != JXL_DEC_SUCCESS)
        return;
    box->is_exif = memcmp(type, "Exif", 4) == 0;
    box->is_xmp = memcmp(type, "xml ", 4) == 0;
}

static gboolean box_room(Box *box, JxlDecoder *decoder)
{
    const gsize more = 65536, most = (gsize)256 << 20;
    const gsize used = box->data ? box->n - JxlDecoderReleaseBoxBuffer(decoder) : 0;
    guint8 *data = used < most ? g_try_realloc(box->data, used + more) : NULL;
    if (!data)
        return FALSE;
    box->data = data;
    box->n = used + more;
    return JxlDecoderSetBoxBuffer(decoder, data + used, more) == JXL_DEC_SUCCESS;
}

static void box_end(Box *box, JxlDecoder *decoder, GanBeside *beside)
{
    if (!box->data)
        return;
    const gsize n = box->n - JxlDecoderReleaseBoxBuffer(decoder);
    if (box->is_exif)
        gan_beside_take_exif(beside, box->data, n);
    else if (box->is_xmp && !beside->xmp)
        beside->xmp = g_bytes_new(box->data, n);
    g_clear_pointer(&box->data, g_free);
}

static void look(const guint8 *data, gsize length, guint page, GanBeside *beside)
{
    JxlDecoder *decoder = JxlDecoderCreate(NULL);
    Box box = {0};
    JxlBasicInfo info;
    beside->has_metadata = TRUE;
    JxlDecoderSetDecompressBoxes(decoder, JXL_TRUE);
    gboolean going =
        JxlDecoderSubscribeEvents(decoder, JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING |
                                               JXL_DEC_BOX) == JXL_DEC_SUCCESS &&
        JxlDecoderSetInput(decoder, data, length) == JXL_DEC_SUCCESS;
    while (going) {
        switch (JxlDecoderProcessInput(decoder)) {
        case JXL_DEC_BASIC_INFO:
            if (JxlDecoderGetBasicInfo(decoder, &info) == JXL_DEC_SUCCESS) {
                beside->width = info.xsize;
                beside->height = info.ysize;
                beside->bits = info.bits_per_sample;
            }
            break;
        case JXL_DEC_COLOR_ENCODING:
            beside->has_cicp = hdr_of(decoder, &beside->cicp);
            if (!beside->has_cicp && !beside->profile)
                beside->profile = profile_of(decoder);
            break;
        case JXL_DEC_BOX:
            box_end(&box, decoder, beside);
            box_begin(&box, decoder);
            going = !(box.is_exif || box.is_xmp) || box_room(&box, decoder);
            break;
        case JXL_DEC_BOX_NEED_MORE_OUTPUT:
            going = box_room(&box, decoder);
            break;
        default:
            going = FALSE;
        }
    }
    box_end(&box, decoder, beside);
    g_free(box.data);
    JxlDecoderDestroy(decoder);
}

const GanFormat gan_format_jxl = {"JPEG XL", recognise, read_picture, TRUE, TRUE, look, FALSE};
