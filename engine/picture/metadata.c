// SPDX-License-Identifier: LGPL-3.0-or-later
// EXIF, XMP and IPTC carried from one picture file to another by gexiv2.
#include "metadata.h"

#include "reader.h"

#include "tags.h"
#include <string.h>

// How a TIFF file lies on the disk is told by tags like those of a camera; they are the old file's.
static const char *const layout_tags[] = {
    "NewSubfileType",
    "SubfileType",
    "ImageWidth",
    "ImageLength",
    "BitsPerSample",
    "Compression",
    "PhotometricInterpretation",
    "FillOrder",
    "StripOffsets",
    "SamplesPerPixel",
    "RowsPerStrip",
    "StripByteCounts",
    "PlanarConfiguration",
    "Predictor",
    "ColorMap",
    "TileWidth",
    "TileLength",
    "TileOffsets",
    "TileByteCounts",
    "SubIFDs",
    "ExtraSamples",
    "SampleFormat",
    "SMinSampleValue",
    "SMaxSampleValue",
    "JPEGTables",
    "JPEGInterchangeFormat",
    "JPEGInterchangeFormatLength",
    "YCbCrCoefficients",
    "YCbCrSubSampling",
    "YCbCrPositioning",
    "ReferenceBlackWhite",
    "XMLPacket",
    "IPTCNAA",
    "ImageResources",
    "InterColorProfile",
    "TransferFunction",
    "GrayResponseUnit",
    "GrayResponseCurve",
    "T4Options",
    "T6Options",
    "InkSet",
    "DotRange",
};

static gboolean is_layout_tag(const char *tag)
{
    if (g_str_has_prefix(tag, "Exif.SubImage") || g_str_has_prefix(tag, "Exif.Thumbnail") ||
        g_str_has_prefix(tag, "Exif.Image2") || g_str_has_prefix(tag, "Exif.Image3"))
        return TRUE;
    if (!g_str_has_prefix(tag, "Exif.Image."))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(layout_tags); i++) {
        if (strcmp(tag + strlen("Exif.Image."), layout_tags[i]) == 0)
            return TRUE;
    }
    return FALSE;
}

static void set_if_there(GExiv2Metadata *metadata, const char *tag, guint value)
{
    g_autofree char *text = g_strdup_printf("%u", value);
    if (gexiv2_metadata_try_has_tag(metadata, tag, NULL))
        gexiv2_metadata_try_set_tag_string(metadata, tag, text, NULL);
}

// WebP says how large it is on paper in EXIF only.
static void tell_density(GExiv2Metadata *metadata, const GanDensity *density)
{
    static const char *const tags[] = {"Exif.Image.XResolution", "Exif.Image.YResolution"};
    if (density->unit == GAN_DENSITY_NONE)
        return;
    const GanDensity inches = gan_density_in_inches(density);
    const double values[] = {inches.x, inches.y};
    for (guint i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_autofree char *text = g_strdup_printf("%.0f/1000", MIN(values[i], 65535) * 1000);
        if (!gexiv2_metadata_try_has_tag(metadata, tags[i], NULL))
            gexiv2_metadata_try_set_tag_string(metadata, tags[i], text, NULL);
    }
    if (!gexiv2_metadata_try_has_tag(metadata, "Exif.Image.ResolutionUnit", NULL))
        gexiv2_metadata_try_set_tag_string(metadata, "Exif.Image.ResolutionUnit",
                                           inches.unit == GAN_DENSITY_SHAPE ? "1" : "2", NULL);
}

static GanContainer kind_of(const char *path)
{
    g_autoptr(GanOrigin) file = gan_origin_open(path);
    return file ? file->kind : GAN_CONTAINER_UNKNOWN;
}

gboolean gan_metadata_copy(const GanOrigin *origin, const char *from, const char *to, guint width,
                           guint height, GError **error)
{
    gexiv2_log_set_level(GEXIV2_LOG_LEVEL_MUTE);
    gexiv2_initialize(); // without it AVIF, HEIC and JPEG XL are not read
    g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
    const gboolean found = gexiv2_metadata_open_path(metadata, from, NULL);
    const GanContainer kind = kind_of(to);
    if (!found && kind != GAN_CONTAINER_WEBP)
        return TRUE;
    if (kind == GAN_CONTAINER_WEBP)
        tell_density(metadata, &origin->density);
    g_auto(GStrv) tags = gexiv2_metadata_get_exif_tags(metadata);
    for (guint i = 0; tags && tags[i]; i++) {
        if (is_layout_tag(tags[i]))
            gexiv2_metadata_try_clear_tag(metadata, tags[i], NULL);
    }
    gexiv2_metadata_try_erase_exif_thumbnail(metadata, NULL);
    const GanFormat *format = origin ? gan_format_of(origin->data, origin->length) : NULL;
    if (format && format->turns &&
        gexiv2_metadata_try_has_tag(metadata, "Exif.Image.Orientation", NULL))
        gexiv2_metadata_try_set_tag_string(metadata, "Exif.Image.Orientation", "1", NULL);
    set_if_there(metadata, "Exif.Photo.PixelXDimension", width);
    set_if_there(metadata, "Exif.Photo.PixelYDimension", height);
    set_if_there(metadata, "Xmp.exif.PixelXDimension", width);
    set_if_there(metadata, "Xmp.exif.PixelYDimension", height);
    set_if_there(metadata, "Xmp.tiff.ImageWidth", width);
    set_if_there(metadata, "Xmp.tiff.ImageLength", height);
    if (!gexiv2_metadata_has_exif(metadata) && !gexiv2_metadata_has_xmp(metadata) &&
        !gexiv2_metadata_has_iptc(metadata))
        return TRUE;
    g_autoptr(GExiv2Metadata) target = gexiv2_metadata_new();
    if (!gexiv2_metadata_open_path(target, to, NULL))
        return TRUE; // no metadata in this format
    g_autoptr(GError) reason = NULL;
    if (gexiv2_metadata_save_file(metadata, to, &reason))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "metadata: %s",
                reason ? reason->message : "cannot be written");
    return FALSE;
}
