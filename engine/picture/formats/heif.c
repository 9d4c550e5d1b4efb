// SPDX-License-Identifier: LGPL-3.0-or-later
// AVIF and HEIC by libheif, turned as they say; 8 bits, or 16 where there are more.
#include "reader.h"

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

// The space that code points give where there is no profile: the primaries that phones use.
static const Babl *space_of(const struct heif_image_handle *handle, GPtrArray *notes)
{
    struct heif_color_profile_nclx *nclx = NULL;
    const Babl *space = NULL;
    if (heif_image_handle_get_nclx_color_profile(handle, &nclx).code != heif_error_Ok || !nclx)
        return NULL;
    if (nclx->color_primaries == heif_color_primaries_SMPTE_EG_432_1)
        space = babl_space_from_chromaticities(NULL, 0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690,
                                               0.150, 0.060, babl_trc("sRGB"), babl_trc("sRGB"),
                                               babl_trc("sRGB"), 0);
    if (nclx->color_primaries == heif_color_primaries_ITU_R_BT_2020_2_and_2100_0)
        space = babl_space_from_chromaticities(NULL, 0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797,
                                               0.131, 0.046, babl_trc("sRGB"), babl_trc("sRGB"),
                                               babl_trc("sRGB"), 0);
    if (nclx->transfer_characteristics == heif_transfer_characteristic_ITU_R_BT_2100_0_PQ ||
        nclx->transfer_characteristics == heif_transfer_characteristic_ITU_R_BT_2100_0_HLG)
        gan_note(notes, "its curve is one of HDR; numbers are taken as sRGB's");
    heif_nclx_color_profile_free(nclx);
    return space;
}

static GeglBuffer *to_buffer(const Heif *heif, gboolean alpha, gboolean deep, const Babl *space,
                             GError **error)
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
    GeglBuffer *buffer =
        gan_reading_buffer((guint)width, (guint)height, babl_format_with_space(name, space));
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

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    g_auto(Heif) heif = {.context = heif_context_alloc()};
    struct heif_error status = heif_context_read_from_memory_without_copy(
        heif.context, reading->data, reading->length, NULL);
    if (status.code != heif_error_Ok)
        return gan_reading_refuse(error, "it is damaged or ends too early: %s", status.message);
    const gint n = heif_context_get_number_of_top_level_images(heif.context);
    g_autofree heif_item_id *ids = g_new0(heif_item_id, (gsize)MAX(n, 1));
    heif_context_get_list_of_top_level_image_IDs(heif.context, ids, n);
    reading->n_pages = (guint)MAX(n, 1);
    reading->unit = "picture";
    if (reading->only_list)
        return NULL;
    if (reading->only_list)
        return NULL;
    if (reading->page > reading->n_pages)
        return gan_reading_refuse(error, "it has no picture %u, but %u", reading->page,
                                  reading->n_pages);
    status =
        reading->page == 0
            ? heif_context_get_primary_image_handle(heif.context, &heif.handle)
            : heif_context_get_image_handle(heif.context, ids[reading->page - 1], &heif.handle);
    if (status.code != heif_error_Ok)
        return gan_reading_refuse(error, "there is no picture in it: %s", status.message);
    const gboolean alpha = heif_image_handle_has_alpha_channel(heif.handle) != 0;
    const gboolean deep = heif_image_handle_get_luma_bits_per_pixel(heif.handle) > 8;
    const enum heif_chroma chroma =
        alpha ? (deep ? (G_BYTE_ORDER == G_LITTLE_ENDIAN ? heif_chroma_interleaved_RRGGBBAA_LE
                                                         : heif_chroma_interleaved_RRGGBBAA_BE)
                      : heif_chroma_interleaved_RGBA)
              : (deep ? (G_BYTE_ORDER == G_LITTLE_ENDIAN ? heif_chroma_interleaved_RRGGBB_LE
                                                         : heif_chroma_interleaved_RRGGBB_BE)
                      : heif_chroma_interleaved_RGB);
    status = heif_decode_image(heif.handle, &heif.image, heif_colorspace_RGB, chroma, NULL);
    if (status.code != heif_error_Ok)
        return gan_reading_refuse(error, "it is damaged or ends too early: %s", status.message);
    if (heif_image_handle_get_number_of_metadata_blocks(heif.handle, NULL) > 0)
        gan_reading_note_metadata(reading);
    g_clear_pointer(&reading->profile, g_bytes_unref);
    reading->profile = profile_of(heif.handle);
    if (heif_image_handle_get_number_of_auxiliary_images(
            heif.handle,
            LIBHEIF_AUX_IMAGE_FILTER_OMIT_ALPHA | LIBHEIF_AUX_IMAGE_FILTER_OMIT_DEPTH) > 0)
        gan_note(reading->notes, "pictures beside it (gain maps and the like) are left out");
    if (heif_image_handle_has_depth_image(heif.handle))
        gan_note(reading->notes, "its depth map is left out");
    return to_buffer(&heif, alpha, deep,
                     reading->profile ? NULL : space_of(heif.handle, reading->notes), error);
}

const GanFormat gan_format_heif = {"AVIF and HEIC", recognise, read_picture, TRUE, TRUE};
