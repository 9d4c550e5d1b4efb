// SPDX-License-Identifier: LGPL-3.0-or-later
// The file that a picture came from.
#include "origin.h"

#include "exif.h"
#include "pngcolour.h"
#include "profile.h"
#include "reader.h"
#include "tags.h"
#include "tiffpages.h"
#include <string.h>

// As the formats that have it say how pixels are to be held; what readers of others (HEIF) hand out
// is upright, as that of decoders that turn. Some PNGs have their EXIF in a text, which the library reads.
static guint read_orientation(const GanOrigin *origin, const char *path)
{
    gsize n;
    double value = 0;
    const GanFormat *format = gan_format_of(origin->data, origin->length);
    if ((format && format->turns) ||
        (origin->kind == GAN_CONTAINER_TIFF && gan_tiff_is_raw(origin->data, origin->length)))
        return 1;
    const guint8 *exif = gan_exif_find(origin->kind, origin->data, origin->length, &n);
    if (exif && gan_exif_number(exif, n, 274, &value))
        return value >= 1 && value <= 8 ? (guint)value : 1;
    if (origin->kind != GAN_CONTAINER_PNG)
        return 1;
    g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
    gexiv2_log_set_level(GEXIV2_LOG_LEVEL_MUTE);
    if (!gexiv2_metadata_open_path(metadata, path, NULL))
        return 1;
    const gint found = (gint)gexiv2_metadata_try_get_orientation(metadata, NULL);
    return found >= 1 && found <= 8 ? (guint)found : 1;
}

GanOrigin *gan_origin_open(const char *path, guint page)
{
    GMappedFile *map = path ? g_mapped_file_new(path, FALSE, NULL) : NULL;
    if (!map || g_mapped_file_get_length(map) == 0) {
        g_clear_pointer(&map, g_mapped_file_unref);
        return NULL;
    }
    GanOrigin *origin = g_new0(GanOrigin, 1);
    origin->map = map;
    origin->data = (const guint8 *)g_mapped_file_get_contents(map);
    origin->length = g_mapped_file_get_length(map);
    origin->kind = gan_container_kind(origin->data, origin->length);
    origin->density = gan_density_read(origin->kind, origin->data, origin->length);
    const GanFormat *format = gan_format_of(origin->data, origin->length);
    const gboolean raw = origin->kind == GAN_CONTAINER_TIFF &&
                         gan_tiff_is_raw(origin->data, origin->length); // turned by its reader
    if (format && format->look && !raw)
        format->look(origin->data, origin->length, page, &origin->beside);
    origin->orientation = origin->beside.orientation > 0 ? origin->beside.orientation
                                                         : read_orientation(origin, path);
    gsize n;
    const guint8 *exif = origin->beside.exif ? g_bytes_get_data(origin->beside.exif, &n) : NULL;
    if (exif && origin->density.unit == GAN_DENSITY_NONE)
        origin->density = gan_density_read(GAN_CONTAINER_TIFF, exif, n);
    if (origin->kind != GAN_CONTAINER_PNG ||
        !gan_png_space(origin->data, origin->length, NULL)) // which goes before a profile
        origin->profile = origin->beside.profile
                              ? g_bytes_ref(origin->beside.profile)
                              : gan_container_profile(origin->kind, origin->data, origin->length);
    return origin;
}

void gan_origin_free(GanOrigin *origin)
{
    if (!origin)
        return;
    gan_beside_clear(&origin->beside);
    g_clear_pointer(&origin->profile, g_bytes_unref);
    g_mapped_file_unref(origin->map);
    g_free(origin);
}

static gboolean is_grey(GeglBuffer *buffer)
{
    const Babl *model = babl_format_get_model(gegl_buffer_get_format(buffer));
    return (babl_get_model_flags(model) & BABL_MODEL_FLAG_GRAY) != 0;
}

static gboolean keeps_numbers(const GanOrigin *origin, GeglBuffer *buffer)
{
    return origin && origin->kind == GAN_CONTAINER_PNG &&
           gan_png_space(origin->data, origin->length, NULL) ==
               babl_format_get_space(gegl_buffer_get_format(buffer));
}

gboolean gan_origin_is_lossless(const GanOrigin *origin)
{
    gsize at = 12;
    GanChunk chunk;
    if (!origin)
        return FALSE;
    switch (origin->kind) {
    case GAN_CONTAINER_PNG:
    case GAN_CONTAINER_TIFF:
    case GAN_CONTAINER_EXR:
    case GAN_CONTAINER_GIF:
    case GAN_CONTAINER_PNM:
    case GAN_CONTAINER_HDR:
        return TRUE;
    case GAN_CONTAINER_WEBP:
        while (gan_webp_next(origin->data, origin->length, &at, &chunk)) {
            if (memcmp(chunk.name, "VP8L", 4) == 0 ||
                (memcmp(chunk.name, "ANMF", 4) == 0 && chunk.length > 20 &&
                 memcmp(chunk.data + 16, "VP8L", 4) == 0))
                return TRUE;
        }
        return FALSE;
    default: {
        const GanFormat *format = gan_format_of(origin->data, origin->length);
        return format && format->is_lossless;
    }
    }
}

gboolean gan_origin_has_bytes(const GanOrigin *origin)
{
    return origin->kind == GAN_CONTAINER_JPEG || origin->kind == GAN_CONTAINER_WEBP ||
           origin->kind == GAN_CONTAINER_GIF ||
           (origin->kind == GAN_CONTAINER_PNG && origin->length > 24 && origin->data[24] <= 8) ||
           (origin->beside.bits > 0 && origin->beside.bits <= 8);
}

gboolean gan_origin_hdr(const GanOrigin *origin, GeglBuffer *buffer, GanCicp *cicp)
{
    // Numbers of HDR go by the name of sRGB's.
    if (!origin || babl_format_get_space(gegl_buffer_get_format(buffer)) != babl_space("sRGB"))
        return FALSE;
    if (origin->kind == GAN_CONTAINER_PNG && gan_png_cicp(origin->data, origin->length, cicp)) {
        cicp->full_range = 1; // what is narrow is stretched
    } else if (origin->profile && gan_profile_hdr(origin->profile, cicp)) {
        return TRUE;
    } else if (origin->beside.has_cicp) {
        *cicp = origin->beside.cicp;
    } else {
        return FALSE;
    }
    const GanCicpKind kind = gan_cicp_kind(cicp);
    return kind == GAN_CICP_PQ || kind == GAN_CICP_HLG;
}

GPtrArray *gan_origin_colour_chunks(const GanOrigin *origin, GeglBuffer *buffer)
{
    if (!keeps_numbers(origin, buffer))
        return NULL;
    g_autoptr(GPtrArray) chunks = gan_png_colour_chunks(origin->data, origin->length);
    // A profile for colours does not go into a grey picture.
    const gboolean was_grey = origin->length > 25 && (origin->data[25] & 3) == 0;
    return chunks->len > 0 && was_grey == is_grey(buffer) ? g_steal_pointer(&chunks) : NULL;
}
