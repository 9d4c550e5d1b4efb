// SPDX-License-Identifier: LGPL-3.0-or-later
// AVIF and HEIC by libheif, turned as they say; 8 bits, or 16 where there are more.
#include "reader.h"

#include "boxes.h"
#include "notes.h"
#include <libheif/heif.h>
#include <string.h>

typedef struct {
    struct heif_context *context;
    struct heif_image_handle *handle;
    struct heif_image *image;
} Heif;

static void heif_clear(Heif *heif)
{
    if (heif->image)
        heif_image_release(heif->image);
    if (heif->handle)
        heif_image_handle_release(heif->handle);
    if (heif->context)
        heif_context_free(heif->context);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Heif, heif_clear)

static gboolean recognise(const guint8 *data, gsize length)
{
    static const char *const brands[] = {"avif", "avis", "heic", "heix", "hevc", "hevx",
                                         "heim", "heis", "mif1", "msf1", "miaf"};
    if (length < 12 || memcmp(data + 4, "ftyp", 4) != 0)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(brands); i++) {
        if (memcmp(data + 8, brands[i], 4) == 0)
            return TRUE;
    }
    return FALSE;
}

static GBytes *profile_of(const struct heif_image_handle *handle)
{
    const gsize n = heif_image_handle_get_raw_color_profile_size(handle);
    const enum heif_color_profile_type type = heif_image_handle_get_color_profile_type(handle);
    if (n == 0 || (type != heif_color_profile_type_rICC && type != heif_color_profile_type_prof))
        return NULL;
    guint8 *data = g_malloc(n);
    heif_image_handle_get_raw_color_profile(handle, data);
    return g_bytes_new_take(data, n);
}

// The code points of the picture, or of the stream within, for decoded pixels: R'G'B' of full range.
static gboolean code_points(const Heif *heif, GanCicp *cicp)
{
    struct heif_color_profile_nclx *nclx = NULL;
    if (heif_image_handle_get_nclx_color_profile(heif->handle, &nclx).code != heif_error_Ok ||
        !nclx)
        return FALSE;
    *cicp = (GanCicp){(guint8)nclx->color_primaries, (guint8)nclx->transfer_characteristics, 0, 1};
    heif_nclx_color_profile_free(nclx);
    // What is not specified is as most pictures have it.
    if (cicp->primaries == heif_color_primaries_unspecified)
        cicp->primaries = heif_color_primaries_ITU_R_BT_709_5;
    if (cicp->transfer == heif_transfer_characteristic_unspecified)
        cicp->transfer = heif_transfer_characteristic_IEC_61966_2_1;
    return TRUE;
}

// libheif turns luma and chroma into R'G'B' by a matrix of constants, which some have not.
static void note_matrix(const struct heif_image_handle *handle, GPtrArray *notes)
{
    struct heif_color_profile_nclx *nclx = NULL;
    if (heif_image_handle_get_nclx_color_profile(handle, &nclx).code != heif_error_Ok || !nclx)
        return;
    const guint matrix = nclx->matrix_coefficients;
    heif_nclx_color_profile_free(nclx);
    if (matrix == 3 || matrix == 10 || matrix == 11 || matrix >= 13)
        gan_note(notes,
                 "the matrix of its luma and chroma (%u) is not known: colours are not right",
                 matrix);
}

static GeglBuffer *to_buffer(const Heif *heif, gboolean alpha, gboolean deep, GError **error)
{
    int stride = 0;
    const uint8_t *plane =
        heif_image_get_plane_readonly(heif->image, heif_channel_interleaved, &stride);
    const gint width = heif_image_get_width(heif->image, heif_channel_interleaved),
               height = heif_image_get_height(heif->image, heif_channel_interleaved);
    if (!plane || width < 1 || height < 1)
        return gan_reading_refuse(error, "libheif gives no pixels");
    const char *name =
        alpha ? (deep ? "R'G'B'A u16" : "R'G'B'A u8") : (deep ? "R'G'B' u16" : "R'G'B' u8");
    GeglBuffer *buffer = gan_reading_buffer((guint)width, (guint)height, babl_format(name));
    const gsize n = (gsize)width * (alpha ? 4 : 3);
    const guint bits =
        (guint)heif_image_get_bits_per_pixel_range(heif->image, heif_channel_interleaved);
    const guint32 most = (1u << bits) - 1;
    g_autofree guint16 *row = g_new(guint16, n);
    for (gint y = 0; y < height; y++) {
        const uint8_t *from = plane + (gsize)y * (gsize)stride;
        for (gsize i = 0; deep && i < n; i++) {
            const guint32 x = ((const guint16 *)(const void *)from)[i];
            row[i] = (guint16)((MIN(x, most) * 65535u + most / 2) / most);
        }
        gan_reading_put_row(buffer, (guint)y, deep ? (const void *)row : from);
    }
    return buffer;
}

// The luma of a picture without chroma, and alpha, as they are coded. libheif makes R'G'B' of it, too,
// but passes over the range.
static GeglBuffer *grey_buffer(const Heif *heif, gboolean alpha, gboolean narrow, GError **error)
{
    static const enum heif_channel channels[] = {heif_channel_Y, heif_channel_Alpha};
    const guint n = alpha ? 2 : 1;
    const gint width = heif_image_get_width(heif->image, heif_channel_Y),
               height = heif_image_get_height(heif->image, heif_channel_Y);
    const uint8_t *planes[2] = {NULL};
    int strides[2] = {0};
    guint bits[2] = {8, 8};
    for (guint c = 0; c < n; c++) {
        planes[c] = heif_image_get_plane_readonly(heif->image, channels[c], &strides[c]);
        bits[c] = (guint)heif_image_get_bits_per_pixel_range(heif->image, channels[c]);
        if (!planes[c] || width < 1 || height < 1 || bits[c] < 1 || bits[c] > 16 ||
            heif_image_get_width(heif->image, channels[c]) != width ||
            heif_image_get_height(heif->image, channels[c]) != height)
            return gan_reading_refuse(error, "libheif gives no pixels");
    }
    const gboolean deep = bits[0] > 8;
    const char *name = alpha ? (deep ? "Y'A u16" : "Y'A u8") : (deep ? "Y' u16" : "Y' u8");
    GeglBuffer *buffer = gan_reading_buffer((guint)width, (guint)height, babl_format(name));
    const guint64 wanted = deep ? 65535 : 255;
    g_autofree guint16 *row = g_new(guint16, (gsize)width * n);
    for (gint y = 0; y < height; y++) {
        for (guint c = 0; c < n; c++) {
            const uint8_t *from = planes[c] + (gsize)y * (gsize)strides[c];
            const guint64 most = (1u << bits[c]) - 1;
            for (gsize x = 0; x < (gsize)width; x++) {
                const guint64 v =
                    MIN(bits[c] > 8 ? ((const guint16 *)(const void *)from)[x] : from[x], most);
                // The narrow range is told in steps of 8 bits.
                const guint64 wide =
                    narrow && deep && c == 0 ? v << (16 - bits[c]) : (v * wanted + most / 2) / most;
                if (deep)
                    row[x * n + c] = (guint16)wide;
                else
                    ((guint8 *)row)[x * n + c] = (guint8)wide;
            }
        }
        gan_reading_put_row(buffer, (guint)y, row);
    }
    if (narrow)
        gan_cicp_stretch(buffer);
    return buffer;
}

// Whether the decoder says that numbers lie in video's range.
static gboolean is_narrow(const struct heif_image *image)
{
    struct heif_color_profile_nclx *nclx = NULL;
    if (heif_image_get_nclx_color_profile(image, &nclx).code != heif_error_Ok || !nclx)
        return FALSE;
    const gboolean narrow = !nclx->full_range_flag;
    heif_nclx_color_profile_free(nclx);
    return narrow;
}

// Opens the file and one of its pictures; `n`: set to how many there are.
static gboolean open_picture(Heif *heif, const guint8 *data, gsize length, guint page, guint *n,
                             GError **error)
{
    heif->context = heif_context_alloc();
    struct heif_error status =
        heif_context_read_from_memory_without_copy(heif->context, data, length, NULL);
    if (status.code != heif_error_Ok)
        return gan_reading_refuse(error, "it is damaged or ends too early: %s", status.message) !=
               NULL;
    const gint n_top = heif_context_get_number_of_top_level_images(heif->context);
    g_autofree heif_item_id *ids = g_new0(heif_item_id, (gsize)MAX(n_top, 1));
    heif_context_get_list_of_top_level_image_IDs(heif->context, ids, n_top);
    *n = (guint)MAX(n_top, 1);
    if (page > *n)
        return gan_reading_refuse(error, "it has no picture %u, but %u", page, *n) != NULL;
    status = page == 0 ? heif_context_get_primary_image_handle(heif->context, &heif->handle)
                       : heif_context_get_image_handle(heif->context, ids[page - 1], &heif->handle);
    return status.code == heif_error_Ok ||
           gan_reading_refuse(error, "there is no picture in it: %s", status.message) != NULL;
}

static GeglBuffer *decode(Heif *heif, const GanReading *reading, GError **error)
{
    const gboolean alpha = heif_image_handle_has_alpha_channel(heif->handle) != 0;
    const gboolean deep = heif_image_handle_get_luma_bits_per_pixel(heif->handle) > 8;
    const enum heif_chroma chroma =
        alpha ? (deep ? (G_BYTE_ORDER == G_LITTLE_ENDIAN ? heif_chroma_interleaved_RRGGBBAA_LE
                                                         : heif_chroma_interleaved_RRGGBBAA_BE)
                      : heif_chroma_interleaved_RGBA)
              : (deep ? (G_BYTE_ORDER == G_LITTLE_ENDIAN ? heif_chroma_interleaved_RRGGBB_LE
                                                         : heif_chroma_interleaved_RRGGBB_BE)
                      : heif_chroma_interleaved_RGB);
    const gboolean grey = gan_boxes_are_grey(reading->data, reading->length);
    // Some of its decoders give no luma alone.
    if (grey && heif_decode_image(heif->handle, &heif->image, heif_colorspace_monochrome,
                                  heif_chroma_monochrome, NULL)
                        .code == heif_error_Ok) {
        const gboolean narrow = is_narrow(heif->image);
        if (narrow)
            gan_note(reading->notes, "video's narrow range is stretched to the full one");
        return grey_buffer(heif, alpha, narrow, error);
    }
    const struct heif_error status =
        heif_decode_image(heif->handle, &heif->image, heif_colorspace_RGB, chroma, NULL);
    if (status.code != heif_error_Ok)
        return gan_reading_refuse(error, "it is damaged or ends too early: %s", status.message);
    GeglBuffer *buffer = to_buffer(heif, alpha, deep, error);
    return buffer && grey ? gan_reading_grey(buffer) : buffer;
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    g_auto(Heif) heif = {0};
    reading->unit = "picture";
    if (!open_picture(&heif, reading->data, reading->length, reading->page, &reading->n_pages,
                      error) ||
        reading->only_list)
        return NULL;
    GeglBuffer *buffer = decode(&heif, reading, error);
    if (!buffer)
        return NULL;
    g_clear_pointer(&reading->profile, g_bytes_unref);
    reading->profile = profile_of(heif.handle);
    reading->has_cicp = code_points(&heif, &reading->cicp);
    const Babl *model = babl_format_get_model(gegl_buffer_get_format(buffer));
    if ((babl_get_model_flags(model) & BABL_MODEL_FLAG_GRAY) == 0)
        note_matrix(heif.handle, reading->notes);
    if (heif_image_handle_get_number_of_auxiliary_images(
            heif.handle,
            LIBHEIF_AUX_IMAGE_FILTER_OMIT_ALPHA | LIBHEIF_AUX_IMAGE_FILTER_OMIT_DEPTH) > 0)
        gan_note(reading->notes, "pictures beside it (gain maps and the like) are left out");
    if (heif_image_handle_has_depth_image(heif.handle))
        gan_note(reading->notes, "its depth map is left out");
    return buffer;
}

static GBytes *block_of(const struct heif_image_handle *handle, heif_item_id id)
{
    const gsize n = heif_image_handle_get_metadata_size(handle, id);
    guint8 *block = n > 0 ? g_try_malloc(n) : NULL;
    if (block && heif_image_handle_get_metadata(handle, id, block).code == heif_error_Ok)
        return g_bytes_new_take(block, n);
    g_free(block);
    return NULL;
}

static void look(const guint8 *data, gsize length, guint page, GanBeside *beside)
{
    g_auto(Heif) heif = {0};
    guint n = 0;
    if (!open_picture(&heif, data, length, page, &n, NULL))
        return;
    beside->width = (guint)heif_image_handle_get_width(heif.handle);
    beside->height = (guint)heif_image_handle_get_height(heif.handle);
    beside->bits = (guint)heif_image_handle_get_luma_bits_per_pixel(heif.handle);
    beside->has_metadata = TRUE;
    beside->profile = profile_of(heif.handle);
    beside->has_cicp = !beside->profile && code_points(&heif, &beside->cicp);
    const gint n_blocks = heif_image_handle_get_number_of_metadata_blocks(heif.handle, NULL);
    g_autofree heif_item_id *ids = g_new0(heif_item_id, (gsize)MAX(n_blocks, 1));
    heif_image_handle_get_list_of_metadata_block_IDs(heif.handle, NULL, ids, n_blocks);
    for (gint i = 0; i < n_blocks; i++) {
        const char *type = heif_image_handle_get_metadata_type(heif.handle, ids[i]);
        const char *content = heif_image_handle_get_metadata_content_type(heif.handle, ids[i]);
        g_autoptr(GBytes) block = block_of(heif.handle, ids[i]);
        if (block && g_strcmp0(type, "Exif") == 0)
            gan_beside_take_exif(beside, g_bytes_get_data(block, NULL), g_bytes_get_size(block));
        else if (block && !beside->xmp && g_strcmp0(content, "application/rdf+xml") == 0)
            beside->xmp = g_steal_pointer(&block);
    }
}

const GanFormat gan_format_heif = {
    "AVIF and HEIC", recognise, read_picture, TRUE, TRUE, look, FALSE};
