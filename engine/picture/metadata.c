// SPDX-License-Identifier: LGPL-3.0-or-later
// EXIF, XMP and IPTC carried from one picture file to another by gexiv2.
#include "metadata.h"

#include "leftover.h"
#include "notes.h"
#include "pixeltags.h"
#include "pngtext.h"
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
    "ImageSourceData", // Photoshop's layers
    "0x935c",
    "0xcd41", // content credentials
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

static void set_number(GExiv2Metadata *metadata, const char *tag, guint value)
{
    g_autofree char *text = g_strdup_printf("%u", value);
    gexiv2_metadata_try_set_tag_string(metadata, tag, text, NULL);
}

static void set_if_there(GExiv2Metadata *metadata, const char *tag, guint value)
{
    if (gexiv2_metadata_try_has_tag(metadata, tag, NULL))
        set_number(metadata, tag, value);
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
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);
    return map ? gan_container_kind((const guint8 *)g_mapped_file_get_contents(map),
                                    g_mapped_file_get_length(map))
               : GAN_CONTAINER_UNKNOWN;
}

// PNG's texts for other formats: the keys of the standard, and those of image generators, whose
// own programs write them there, too.
static void tell_texts(GExiv2Metadata *metadata, const GanOrigin *origin, GPtrArray *notes)
{
    static const char *const tags[][2] = {
        {"Title", "Xmp.dc.title"},
        {"Author", "Exif.Image.Artist"},
        {"Description", "Exif.Image.ImageDescription"},
        {"Copyright", "Exif.Image.Copyright"},
        {"Software", "Exif.Image.Software"},
        {"parameters", "Exif.Photo.UserComment"},
        {"Comment", "Exif.Photo.UserComment"},
    };
    g_autoptr(GPtrArray) chunks = gan_png_text_chunks(origin->data, origin->length);
    g_autoptr(GString) left = g_string_new(NULL);
    for (guint i = 0; i < chunks->len; i++) {
        GanPngText text = {0};
        gboolean told = FALSE;
        if (!gan_png_text_read(chunks->pdata[i], &text)) {
            g_string_append_printf(left, "%sa damaged one", left->len > 0 ? ", " : "");
            continue;
        }
        for (guint k = 0; k < G_N_ELEMENTS(tags) && !told && metadata; k++) {
            if (g_ascii_strcasecmp(text.key, tags[k][0]) != 0)
                continue;
            const gboolean comment = g_str_has_suffix(tags[k][1], "UserComment");
            g_autofree char *value =
                comment ? g_strconcat("charset=Unicode ", text.value, NULL) : g_strdup(text.value);
            told = !gexiv2_metadata_try_has_tag(metadata, tags[k][1], NULL) &&
                   gexiv2_metadata_try_set_tag_string(metadata, tags[k][1], value, NULL);
        }
        if (!told && strcmp(text.key, GAN_OWN_TEXT) != 0)
            g_string_append_printf(left, "%s'%s'", left->len > 0 ? ", " : "", text.key);
        gan_png_text_clear(&text);
    }
    if (left->len > 0)
        gan_note(notes, "of its PNG texts %s %s not carried over", left->str,
                 strchr(left->str, ',') ? "are" : "is");
}

// Finds the largest property of XMP, or tag of EXIF, with all that is in it.
static char *largest(GExiv2Metadata *metadata, gboolean xmp)
{
    g_auto(GStrv) tags =
        xmp ? gexiv2_metadata_get_xmp_tags(metadata) : gexiv2_metadata_get_exif_tags(metadata);
    g_autoptr(GHashTable) sizes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const char *found = NULL;
    gsize most = 0;
    for (guint i = 0; tags && tags[i]; i++) {
        g_autofree char *value = gexiv2_metadata_try_get_tag_string(metadata, tags[i], NULL);
        char *head = g_strndup(tags[i], strcspn(tags[i], "[/"));
        const gsize size = GPOINTER_TO_SIZE(g_hash_table_lookup(sizes, head)) +
                           (value ? strlen(value) : 0) + strlen(tags[i]);
        g_hash_table_replace(sizes, head, GSIZE_TO_POINTER(size));
        if (size > most) {
            most = size;
            found = head;
        }
    }
    return g_strdup(found);
}

static void clear_with_parts(GExiv2Metadata *metadata, const char *head)
{
    g_auto(GStrv) tags = g_str_has_prefix(head, "Xmp.") ? gexiv2_metadata_get_xmp_tags(metadata)
                                                        : gexiv2_metadata_get_exif_tags(metadata);
    const gsize n = strlen(head);
    for (guint i = 0; tags && tags[i]; i++) {
        if (strncmp(tags[i], head, n) == 0 && strchr("[/", tags[i][n])) // also at its end
            gexiv2_metadata_try_clear_tag(metadata, tags[i], NULL);
    }
    gexiv2_metadata_try_clear_tag(metadata, head, NULL);
}

// Writes what the format holds: where the library refuses, the largest part goes, and so on until
// it takes the rest. The picture never fails for it.
static void write_what_fits(GExiv2Metadata *metadata, const char *to, GPtrArray *notes)
{
    g_autoptr(GString) left = g_string_new(NULL);
    for (;;) {
        g_autoptr(GError) reason = NULL;
        if (gexiv2_metadata_save_file(metadata, to, &reason))
            break;
        const char *text = reason ? reason->message : "";
        const gboolean xmp =
            gexiv2_metadata_has_xmp(metadata) && !strstr(text, "Exif") && !strstr(text, "IPTC");
        g_autofree char *head = strstr(text, "IPTC") ? NULL : largest(metadata, xmp);
        if (head) {
            clear_with_parts(metadata, head);
        } else if (gexiv2_metadata_has_iptc(metadata)) {
            gexiv2_metadata_clear_iptc(metadata);
            head = g_strdup("IPTC");
        } else {
            gan_note(notes, "metadata is not carried over: %s",
                     *text ? text : "it cannot be written");
            return;
        }
        g_string_append_printf(left, "%s%s", left->len > 0 ? ", " : "", head);
    }
    // XMP that cannot be put into words is left out by the library without an error.
    g_autoptr(GExiv2Metadata) written = gexiv2_metadata_new();
    if (gexiv2_metadata_has_xmp(metadata) && gexiv2_metadata_open_path(written, to, NULL) &&
        !gexiv2_metadata_has_xmp(written))
        g_string_append_printf(left, "%sXMP", left->len > 0 ? ", " : "");
    if (left->len > 0)
        gan_note(notes, "the new format has no room for all metadata; left out: %s", left->str);
}

// The comment of a JPEG or a GIF goes into EXIF where the library does not carry it over itself.
// Returns TRUE when it does.
static gboolean tell_comment(GExiv2Metadata *metadata, const GanOrigin *origin, GanContainer kind,
                             GPtrArray *notes)
{
    g_autofree char *text = gan_leftover_comment(origin);
    if (text && metadata && origin->kind == GAN_CONTAINER_JPEG &&
        (kind == GAN_CONTAINER_JPEG || kind == GAN_CONTAINER_PNG))
        return TRUE;
    g_autofree char *value = g_strconcat("charset=Unicode ", text, NULL);
    if (text &&
        (!metadata || gexiv2_metadata_try_has_tag(metadata, "Exif.Photo.UserComment", NULL) ||
         !gexiv2_metadata_try_set_tag_string(metadata, "Exif.Photo.UserComment", value, NULL)))
        gan_note(notes, "its comment is not carried over");
    return FALSE;
}

static void correct(GExiv2Metadata *metadata, guint width, guint height, GPtrArray *notes)
{
    const gint old_width = gexiv2_metadata_get_pixel_width(metadata),
               old_height = gexiv2_metadata_get_pixel_height(metadata);
    g_auto(GStrv) tags = gexiv2_metadata_get_exif_tags(metadata);
    for (guint i = 0; tags && tags[i]; i++) {
        if (is_layout_tag(tags[i]))
            gexiv2_metadata_try_clear_tag(metadata, tags[i], NULL);
    }
    gexiv2_metadata_try_erase_exif_thumbnail(metadata, NULL);
    gan_pixel_tags_adapt(metadata, old_width > 0 ? (double)width / old_width : 1,
                         old_height > 0 ? (double)height / old_height : 1, notes);
    set_if_there(metadata, "Exif.Photo.PixelXDimension", width);
    set_if_there(metadata, "Exif.Photo.PixelYDimension", height);
    set_if_there(metadata, "Xmp.exif.PixelXDimension", width);
    set_if_there(metadata, "Xmp.exif.PixelYDimension", height);
    set_if_there(metadata, "Xmp.tiff.ImageWidth", width);
    set_if_there(metadata, "Xmp.tiff.ImageLength", height);
}

static gboolean is_empty(GExiv2Metadata *metadata)
{
    return !gexiv2_metadata_has_exif(metadata) && !gexiv2_metadata_has_xmp(metadata) &&
           !gexiv2_metadata_has_iptc(metadata);
}

// By the library that knows the file, or by gexiv2 itself.
static gboolean read_metadata(GExiv2Metadata *metadata, const GanOrigin *origin, const char *path)
{
    if (!origin->beside.has_metadata)
        return gexiv2_metadata_open_path(metadata, path, NULL);
    g_autoptr(GBytes) file = gan_beside_file(&origin->beside);
    return file && gexiv2_metadata_open_buf(metadata, g_bytes_get_data(file, NULL),
                                            (glong)g_bytes_get_size(file), NULL);
}

void gan_metadata_copy(const GanOrigin *origin, const char *from, const char *to, guint width,
                       guint height, GPtrArray *notes)
{
    gexiv2_log_set_level(GEXIV2_LOG_LEVEL_MUTE);
    gexiv2_initialize(); // without it AVIF, HEIC and JPEG XL are not read
    const GanContainer kind = kind_of(to);
    g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
    const gboolean found = read_metadata(metadata, origin, from);
    if (found)
        correct(metadata, width, height, notes);
    if (found &&
        origin->orientation == 1) { // its reader has turned it, or there is nothing to turn
        set_if_there(metadata, "Exif.Image.Orientation", 1);
        set_if_there(metadata, "Xmp.tiff.Orientation", 1);
    }
    if (found && origin->beside.orientation > 1) // a page's own
        set_number(metadata, "Exif.Image.Orientation", origin->orientation);
    gan_leftover_note(origin, kind, notes);
    g_autoptr(GExiv2Metadata) target = gexiv2_metadata_new();
    const gboolean holds = gexiv2_metadata_open_path(target, to, NULL);
    if (!found && holds) { // what there is to tell goes to the new file's own
        g_object_unref(metadata);
        metadata = g_object_ref(target);
    }
    if (origin->kind == GAN_CONTAINER_PNG && kind != GAN_CONTAINER_PNG)
        tell_texts(holds ? metadata : NULL, origin, notes);
    const gboolean comment = tell_comment(holds ? metadata : NULL, origin, kind, notes);
    if (kind == GAN_CONTAINER_WEBP && holds && gexiv2_metadata_has_iptc(metadata))
        gan_note(notes, "IPTC data is not carried over: WebP has no place for it");
    if (kind == GAN_CONTAINER_WEBP && holds)
        tell_density(metadata, &origin->density);
    if (!holds && found) // the pixels are turned
        gexiv2_metadata_try_clear_tag(metadata, "Exif.Image.Orientation", NULL);
    if ((!found && !holds) || (is_empty(metadata) && !comment))
        return;
    if (!holds) {
        gan_note(notes, "metadata (EXIF, XMP, IPTC) is not carried over: the format has none");
        return;
    }
    write_what_fits(metadata, to, notes);
    if (kind != GAN_CONTAINER_PNG || !gexiv2_metadata_has_exif(metadata))
        return;
    // The library's older versions write EXIF as a text, which browsers do not look at.
    g_autoptr(GBytes) exif =
        gexiv2_metadata_get_exif_data(metadata, GEXIV2_BYTE_ORDER_LITTLE, NULL);
    if (exif)
        gan_png_embed(to, "eXIf", exif);
}
