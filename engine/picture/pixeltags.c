// SPDX-License-Identifier: LGPL-3.0-or-later
// Metadata that speaks in pixels, or of bytes, of the file that it was written for.
// Source:  EXIF 2.32; Google's Photo Sphere, Motion Photo and Ultra HDR; MWG 2.0 (regions);
//          IPTC 2019.1 (image regions); XMP part 3, 1.1.3.1 (extended XMP); OGC 19-008r4 (GeoTIFF 1.1);
//          C2PA 2.1, A.6 (embedding references to external manifests).
#include "pixeltags.h"

#include "notes.h"
#include <math.h>
#include <string.h>

// What a number of a tag is multiplied by.
typedef enum { ACROSS, DOWN, BOTH } Axis;

typedef struct {
    const char *name; // the last part of the tag
    Axis axis;
} Scaled;

// Numbers of tags that are always in pixels.
static const Scaled always[] = {
    {"FullPanoWidthPixels", ACROSS},
    {"FullPanoHeightPixels", DOWN},
    {"CroppedAreaImageWidthPixels", ACROSS},
    {"CroppedAreaImageHeightPixels", DOWN},
    {"CroppedAreaLeftPixels", ACROSS},
    {"CroppedAreaTopPixels", DOWN},
    {"LargestValidInteriorRectLeft", ACROSS},
    {"LargestValidInteriorRectTop", DOWN},
    {"LargestValidInteriorRectWidth", ACROSS},
    {"LargestValidInteriorRectHeight", DOWN},
    {"RelatedImageWidth", ACROSS},
    {"RelatedImageLength", DOWN},
};

// Those that are in pixels where a tag beside them says so.
static const Scaled with_unit[] = {
    {"stDim:w", ACROSS},         {"stDim:h", DOWN},           {"stArea:x", ACROSS},
    {"stArea:y", DOWN},          {"stArea:w", ACROSS},        {"stArea:h", DOWN},
    {"stArea:d", BOTH},          {"Iptc4xmpExt:rbX", ACROSS}, {"Iptc4xmpExt:rbY", DOWN},
    {"Iptc4xmpExt:rbW", ACROSS}, {"Iptc4xmpExt:rbH", DOWN},   {"Iptc4xmpExt:rbRx", BOTH},
};

// What tags that begin like this speak of.
static const struct {
    const char *head, *what;
} others[] = {
    {"Xmp.hdrgm.", "the gain map (HDR)"},
    {"Xmp.HDRGainMap.", "the gain map (HDR)"},
    {"Xmp.apdi.", "the gain map (HDR)"},
    {"Xmp.GCamera.MicroVideo", "the video of the motion photo"},
    {"Xmp.GCamera.MotionPhoto", "the video of the motion photo"},
    {"Xmp.Container.", NULL}, // a list of these
    {"Xmp.GContainer.", NULL},
    {"Xmp.Device.", "what belongs to its depth map"},
    {"Xmp.GDepth.", "the depth map"},
    {"Xmp.GImage.", "the original picture inside its metadata"},
    {"Xmp.xmpNote.HasExtendedXMP", "extended XMP"},
};

static void scale(GExiv2Metadata *metadata, const char *tag, double factor)
{
    g_autofree char *text = gexiv2_metadata_try_get_tag_string(metadata, tag, NULL);
    char *end = NULL;
    const double value = text ? g_ascii_strtod(text, &end) : 0;
    if (!text || end == text || *end != '\0')
        return;
    g_autofree char *scaled = g_strdup_printf("%.0f", rint(value * factor));
    gexiv2_metadata_try_set_tag_string(metadata, tag, scaled, NULL);
}

// A fraction, as "5000/1".
static void scale_fraction(GExiv2Metadata *metadata, const char *tag, double factor)
{
    g_autofree char *text = gexiv2_metadata_try_get_tag_string(metadata, tag, NULL);
    char *end = NULL;
    const double above = text ? g_ascii_strtod(text, &end) : 0;
    const double below = text && *end == '/' ? g_ascii_strtod(end + 1, NULL) : 1;
    const double value = below > 0 ? above / below * factor : 0;
    if (!(value > 0 && value < 2e9))
        return;
    const double parts = value == rint(value) ? 1 : value < 2e6 ? 1000 : 1;
    g_autofree char *scaled = g_strdup_printf("%.0f/%.0f", rint(value * parts), parts);
    gexiv2_metadata_try_set_tag_string(metadata, tag, scaled, NULL);
}

// The place of a subject: its middle, then nothing, a diameter, or a width and a height.
static void scale_place(GExiv2Metadata *metadata, const char *tag, double x, double y)
{
    g_autofree char *text = gexiv2_metadata_try_get_tag_string(metadata, tag, NULL);
    if (!text)
        return;
    g_auto(GStrv) numbers = g_strsplit_set(g_strdelimit(text, ",", ' '), " ", -1);
    g_autoptr(GPtrArray) scaled = g_ptr_array_new_with_free_func(g_free);
    guint n = 0;
    for (guint i = 0; numbers[i]; i++)
        n += *numbers[i] != '\0';
    for (guint i = 0; numbers[i]; i++) {
        if (*numbers[i] == '\0')
            continue;
        const gboolean diameter = n == 3 && scaled->len == 2;
        const double factor = diameter ? sqrt(x * y) : scaled->len % 2 == 0 ? x : y;
        const double value = MIN(rint(g_ascii_strtod(numbers[i], NULL) * factor), 65535);
        g_ptr_array_add(scaled, g_strdup_printf("%.0f", value));
    }
    g_ptr_array_add(scaled, NULL);
    char **values = (char **)scaled->pdata;
    g_autofree char *joined = g_strjoinv(" ", values);
    if (g_str_has_prefix(tag, "Exif."))
        gexiv2_metadata_try_set_tag_string(metadata, tag, joined, NULL);
    else
        gexiv2_metadata_try_set_tag_multiple(metadata, tag, (const char **)values, NULL);
}

// How a map's pixels lie on the earth (GeoTIFF): the library knows the tags by their numbers only.
#define PIXEL_SCALE "Exif.Image.0x830e"
#define TIE_POINTS "Exif.Image.0x8482"
#define TRANSFORMATION "Exif.Image.0x85d8"
#define GEO_KEYS "Exif.Image.0x87af"

// Whether the place of a pixel is its middle, of which the first is then at 0, 0.
static gboolean is_of_middles(GExiv2Metadata *metadata)
{
    g_autofree char *keys = gexiv2_metadata_try_get_tag_string(metadata, GEO_KEYS, NULL);
    return keys && strstr(keys, " 1025 0 1 2");
}

static void scale_map(GExiv2Metadata *metadata, const char *tag, double x, double y)
{
    g_autofree char *text = gexiv2_metadata_try_get_tag_string(metadata, tag, NULL);
    g_auto(GStrv) words = g_strsplit(text ? text : "", " ", -1);
    const guint n = g_strv_length(words);
    const double middle = is_of_middles(metadata) ? 0.5 : 0;
    g_autofree double *v = g_new0(double, n + 16);
    for (guint i = 0; i < n; i++)
        v[i] = g_ascii_strtod(words[i], NULL);
    if (strcmp(tag, PIXEL_SCALE) == 0) {
        v[0] /= x;
        v[1] /= y;
    }
    for (guint i = 0; strcmp(tag, TIE_POINTS) == 0 && i + 6 <= n; i += 6) {
        v[i] = (v[i] + middle) * x - middle;
        v[i + 1] = (v[i + 1] + middle) * y - middle;
    }
    for (guint i = 0; strcmp(tag, TRANSFORMATION) == 0 && i < 8 && n == 16; i += 4) {
        v[i + 3] += v[i] * (middle / x - middle) + v[i + 1] * (middle / y - middle);
        v[i] /= x;
        v[i + 1] /= y;
    }
    g_autoptr(GString) scaled = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        g_string_append_printf(scaled, "%s%s", i > 0 ? " " : "",
                               g_ascii_dtostr(number, sizeof number, v[i]));
    }
    if (n > 0)
        gexiv2_metadata_try_set_tag_string(metadata, tag, scaled->str, NULL);
}

// Programs of science tell a picture's size in its description, and believe it.
static void drop_description(GExiv2Metadata *metadata, GPtrArray *notes)
{
    static const char tag[] = "Exif.Image.ImageDescription";
    g_autofree char *text = gexiv2_metadata_try_get_tag_string(metadata, tag, NULL);
    const gboolean ome = text && g_str_has_prefix(text, "<?xml") && strstr(text, "<OME");
    if (!ome && !(text && g_str_has_prefix(text, "{\"shape\":")))
        return;
    gexiv2_metadata_try_clear_tag(metadata, tag, NULL);
    // A shape and nothing else is as good as the tags of the old file's layout.
    if (ome || !g_str_has_suffix(text, "]}") || strstr(text, ", \""))
        gan_note(notes, "its description, which tells %s the old size, is not carried over",
                 ome ? "microscopes' programs (OME)" : "tifffile");
}

// Returns the tag beside `tag` of that name: the same but for its last part.
static char *beside(const char *tag, const char *last, const char *name)
{
    g_autofree char *head = g_strndup(tag, (gsize)(last - tag));
    return g_strconcat(head, name, NULL);
}

static gboolean is_in_pixels(GExiv2Metadata *metadata, const char *tag, const char *last)
{
    const char *name = g_str_has_prefix(last, "stDim:")    ? "stDim:unit"
                       : g_str_has_prefix(last, "stArea:") ? "stArea:unit"
                                                           : "Iptc4xmpExt:rbUnit";
    g_autofree char *unit_tag = beside(tag, last, name);
    g_autofree char *unit = gexiv2_metadata_try_get_tag_string(metadata, unit_tag, NULL);
    return unit ? g_ascii_strncasecmp(unit, "pixel", 5) == 0 : g_str_has_prefix(last, "stDim:");
}

static void adapt(GExiv2Metadata *metadata, const char *tag, double x, double y)
{
    const char *slash = strrchr(tag, '/'), *dot = strrchr(tag, '.');
    const char *last = slash ? slash + 1 : dot ? dot + 1 : tag;
    const double factors[] = {[ACROSS] = x, [DOWN] = y, [BOTH] = sqrt(x * y)};
    for (guint i = 0; i < G_N_ELEMENTS(always); i++) {
        if (strcmp(last, always[i].name) == 0)
            scale(metadata, tag, factors[always[i].axis]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(with_unit); i++) {
        if (strcmp(last, with_unit[i].name) == 0 && is_in_pixels(metadata, tag, last))
            scale(metadata, tag, factors[with_unit[i].axis]);
    }
    if (strcmp(last, "SubjectArea") == 0 || strcmp(last, "SubjectLocation") == 0)
        scale_place(metadata, tag, x, y);
    if (strcmp(last, "FocalPlaneXResolution") == 0)
        scale_fraction(metadata, tag, x);
    if (strcmp(last, "FocalPlaneYResolution") == 0)
        scale_fraction(metadata, tag, y);
}

// Where credentials stand elsewhere, their place is told in a property of the Dublin Core, which
// otherwise tells of owners in words.
static gboolean drop_link(GExiv2Metadata *metadata, const char *tag, GPtrArray *notes)
{
    if (strcmp(tag, "Xmp.dcterms.provenance") != 0)
        return FALSE;
    g_autofree char *value = gexiv2_metadata_try_get_tag_string(metadata, tag, NULL);
    if (!value || !(g_str_has_prefix(value, "http:") || g_str_has_prefix(value, "https:") ||
                    g_str_has_prefix(value, "self#")))
        return FALSE;
    gan_note(notes, "the link to content credentials (C2PA), which hold for the old pixels, is not "
                    "carried over");
    gexiv2_metadata_try_clear_tag(metadata, tag, NULL);
    return TRUE;
}

// Takes the tag out when it speaks of other parts of the old file.
static gboolean drop(GExiv2Metadata *metadata, const char *tag, GPtrArray *notes)
{
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        if (!g_str_has_prefix(tag, others[i].head))
            continue;
        g_autofree char *value = gexiv2_metadata_try_get_tag_string(metadata, tag, NULL);
        const char *what = others[i].what;
        if (!what && value && strcmp(value, "GainMap") == 0)
            what = "the gain map (HDR)";
        else if (!what && value && strcmp(value, "MotionPhoto") == 0)
            what = "the video of the motion photo";
        else if (!what && value && strstr(tag, "Semantic") && strcmp(value, "Primary") != 0)
            what = "a further picture in the file";
        if (what)
            gan_note(notes, "%s is not carried over", what);
        gexiv2_metadata_try_clear_tag(metadata, tag, NULL);
        // What it stood in, too; the library finds nothing that has no value.
        g_autofree char *around = g_strdup(tag);
        for (gsize end = strlen(around); end > 0; end--) {
            if (around[end] != '/' && around[end] != '[')
                continue;
            around[end] = '\0';
            gexiv2_metadata_try_set_tag_string(metadata, around, "-", NULL);
            gexiv2_metadata_try_clear_tag(metadata, around, NULL);
        }
        return TRUE;
    }
    return FALSE;
}

void gan_pixel_tags_adapt(GExiv2Metadata *metadata, double x, double y, GPtrArray *notes)
{
    g_auto(GStrv) exif = gexiv2_metadata_get_exif_tags(metadata);
    for (guint i = 0; exif && exif[i]; i++) {
        adapt(metadata, exif[i], x, y);
        if (strcmp(exif[i], PIXEL_SCALE) == 0 || strcmp(exif[i], TIE_POINTS) == 0 ||
            strcmp(exif[i], TRANSFORMATION) == 0)
            scale_map(metadata, exif[i], x, y);
    }
    drop_description(metadata, notes);
    g_auto(GStrv) xmp = gexiv2_metadata_get_xmp_tags(metadata);
    for (guint i = 0; xmp && xmp[i]; i++) {
        if (!drop_link(metadata, xmp[i], notes) && !drop(metadata, xmp[i], notes))
            adapt(metadata, xmp[i], x, y);
    }
}
