// SPDX-License-Identifier: LGPL-3.0-or-later
// Metadata in a picture of another size or format: scaled, turned, left out and said.
#include "folder.h"

#include <gan/image.h>

#include "container.h"
#include "tags.h"
#include <glib/gstdio.h>
#include <string.h>

typedef struct {
    const char *tag, *value;
} Tag;

// Saves a picture whose first row is red and whose first column is green below it.
static GeglBuffer *write_picture(const char *path, gint width, gint height, const Tag *tags,
                                 guint n_tags)
{
    const guint8 colours[][3] = {{20, 30, 200}, {250, 0, 0}, {0, 250, 0}};
    const Babl *format = babl_format("R'G'B' u8");
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, width, height), format);
    gegl_buffer_set_color_from_pixel(buffer, NULL, colours[0], format);
    gegl_buffer_set_color_from_pixel(buffer, GEGL_RECTANGLE(0, 0, 1, height), colours[2], format);
    gegl_buffer_set_color_from_pixel(buffer, GEGL_RECTANGLE(0, 0, width, 1), colours[1], format);
    g_assert_true(gan_image_save(buffer, path, NULL, NULL));
    g_autoptr(GError) error = NULL;
    g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
    g_assert_true(gexiv2_metadata_open_path(metadata, path, &error));
    for (guint i = 0; i < n_tags; i++)
        g_assert_true(
            gexiv2_metadata_try_set_tag_string(metadata, tags[i].tag, tags[i].value, &error));
    g_assert_true(gexiv2_metadata_save_file(metadata, path, &error));
    g_assert_no_error(error);
    return buffer;
}

// Puts an XMP packet with this inside its rdf:Description into the JPEG file.
static void add_xmp(const char *path, const char *inside)
{
    static const char head[] = "http://ns.adobe.com/xap/1.0/";
    g_autofree char *data = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    g_autofree char *packet = g_strconcat(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
        "rdf:about='' xmlns:GPano='http://ns.google.com/photos/1.0/panorama/' "
        "xmlns:GCamera='http://ns.google.com/photos/1.0/camera/' "
        "xmlns:hdrgm='http://ns.adobe.com/hdr-gain-map/1.0/' "
        "xmlns:Container='http://ns.google.com/photos/1.0/container/' "
        "xmlns:Item='http://ns.google.com/photos/1.0/container/item/' "
        "xmlns:xmpNote='http://ns.adobe.com/xmp/note/' "
        "xmlns:dcterms='http://purl.org/dc/terms/' "
        "xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/' "
        "xmlns:stDim='http://ns.adobe.com/xap/1.0/sType/Dimensions#' "
        "xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#'>",
        inside, "</rdf:Description></rdf:RDF></x:xmpmeta>", NULL);
    const gsize n = 2 + sizeof head + strlen(packet);
    const guint8 marker[4] = {0xff, 0xe1, (guint8)(n >> 8), (guint8)n};
    g_autoptr(GByteArray) all = g_byte_array_new();
    g_byte_array_append(all, (const guint8 *)data, 2);
    g_byte_array_append(all, marker, sizeof marker);
    g_byte_array_append(all, (const guint8 *)head, sizeof head);
    g_byte_array_append(all, (const guint8 *)packet, (guint)strlen(packet));
    g_byte_array_append(all, (const guint8 *)data + 2, (guint)length - 2);
    g_assert_true(g_file_set_contents(path, (const char *)all->data, (gssize)all->len, NULL));
}

static GPtrArray *save(GeglBuffer *buffer, const char *to, const char *from)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) foreseen = g_ptr_array_new_with_free_func(g_free);
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    GanImageSaveOptions options = {.metadata = from, .notes = foreseen};
    gan_image_foresee(gegl_buffer_get_format(buffer), to, &options);
    options.notes = notes;
    gan_image_save(buffer, to, &options, &error);
    g_assert_no_error(error);
    // All of it is known before.
    g_assert_cmpuint(foreseen->len, ==, notes->len);
    for (guint i = 0; i < notes->len; i++)
        g_assert_cmpstr(foreseen->pdata[i], ==, notes->pdata[i]);
    return notes;
}

static gboolean has_note(GPtrArray *notes, const char *text)
{
    for (guint i = 0; i < notes->len; i++) {
        if (strstr(notes->pdata[i], text))
            return TRUE;
    }
    return FALSE;
}

static void expect_tags(const char *path, const Tag *tags, guint n_tags)
{
    g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
    g_assert_true(gexiv2_metadata_open_path(metadata, path, NULL));
    for (guint i = 0; i < n_tags; i++) {
        g_autofree char *value = gexiv2_metadata_try_get_tag_string(metadata, tags[i].tag, NULL);
        g_assert_cmpstr(value, ==, tags[i].value);
    }
}

#define AREA "Xmp.mwg-rs.Regions/mwg-rs:RegionList[1]/mwg-rs:Area/stArea:"
#define DIMENSIONS "Xmp.mwg-rs.Regions/mwg-rs:AppliedToDimensions/stDim:"

static void test_pixels_are_scaled(void)
{
    static const char xmp[] =
        "<GPano:FullPanoWidthPixels>40</GPano:FullPanoWidthPixels>"
        "<GPano:FullPanoHeightPixels>20</GPano:FullPanoHeightPixels>"
        "<GPano:CroppedAreaTopPixels>3</GPano:CroppedAreaTopPixels>"
        "<mwg-rs:Regions rdf:parseType='Resource'>"
        "<mwg-rs:AppliedToDimensions stDim:w='40' stDim:h='20' stDim:unit='pixel'/>"
        "<mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType='Resource'>"
        "<mwg-rs:Area stArea:x='0.25' stArea:y='0.5' stArea:unit='normalized'/>"
        "</rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>";
    static const Tag before[] = {{"Xmp.GPano.FullPanoWidthPixels", "40"},
                                 {"Xmp.GPano.FullPanoHeightPixels", "20"},
                                 {"Xmp.GPano.CroppedAreaTopPixels", "3"},
                                 {DIMENSIONS "w", "40"},
                                 {DIMENSIONS "h", "20"},
                                 {DIMENSIONS "unit", "pixel"},
                                 {AREA "x", "0.25"},
                                 {AREA "unit", "normalized"},
                                 {"Exif.Photo.SubjectArea", "10 5 4 2"},
                                 {"Exif.Photo.SubjectLocation", "10 5"},
                                 {"Exif.Photo.PixelXDimension", "40"},
                                 {"Exif.Photo.FocalPlaneXResolution", "5000/1"},
                                 {"Exif.Photo.FocalPlaneYResolution", "10001/2"}};
    static const Tag after[] = {{"Xmp.GPano.FullPanoWidthPixels", "80"},
                                {"Xmp.GPano.FullPanoHeightPixels", "60"},
                                {"Xmp.GPano.CroppedAreaTopPixels", "9"},
                                {DIMENSIONS "w", "80"},
                                {DIMENSIONS "h", "60"},
                                {DIMENSIONS "unit", "pixel"},
                                {AREA "x", "0.25"},
                                {AREA "unit", "normalized"},
                                {"Exif.Photo.SubjectArea", "20 15 8 6"},
                                {"Exif.Photo.SubjectLocation", "20 15"},
                                {"Exif.Photo.PixelXDimension", "80"},
                                {"Exif.Photo.FocalPlaneXResolution", "10000/1"},
                                {"Exif.Photo.FocalPlaneYResolution", "15001500/1000"}};
    static const Tag circle[] = {{"Exif.Photo.SubjectArea", "10 5 4"}};
    static const Tag larger[] = {{"Exif.Photo.SubjectArea", "20 10 8"}};
    static const char *const names[] = {"new.jpg", "new.png", "new.tif", "new.webp"};
    g_autofree char *from = in_folder("pano.jpg");
    g_object_unref(write_picture(from, 40, 20, before, G_N_ELEMENTS(before)));
    add_xmp(from, xmp);
    g_autoptr(GeglBuffer) large =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, 80, 60), babl_format("R'G'B' u8"));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *to = in_folder(names[i]);
        g_autoptr(GPtrArray) notes = save(large, to, from);
        g_assert_cmpuint(notes->len, ==, 0);
        expect_tags(to, after, G_N_ELEMENTS(after));
    }
    g_autofree char *to = in_folder("new.jpg");
    g_object_unref(write_picture(from, 40, 30, circle, 1));
    g_ptr_array_unref(save(large, to, from));
    expect_tags(to, larger, 1);
}

static void test_other_parts_are_left_out(void)
{
#define ITEM(semantic)                                                                             \
    "<Container:Directory><rdf:Seq><rdf:li rdf:parseType='Resource'><Container:Item "              \
    "Item:Semantic='Primary'/></rdf:li><rdf:li rdf:parseType='Resource'><Container:Item "          \
    "Item:Semantic='" semantic "' Item:Length='383'/></rdf:li></rdf:Seq></Container:Directory>"
    static const struct {
        const char *xmp, *word;
    } cases[] = {
        {"<hdrgm:Version>1.0</hdrgm:Version>", "gain map"},
        {ITEM("GainMap"), "gain map"},
        {ITEM("MotionPhoto"), "video of the motion photo"},
        {ITEM("Depth"), "further picture"},
        {"<GCamera:MicroVideoOffset>5000</GCamera:MicroVideoOffset>", "video of the motion photo"},
        {"<GCamera:MotionPhoto>1</GCamera:MotionPhoto>", "video of the motion photo"},
        {"<xmpNote:HasExtendedXMP>0123456789ABCDEF</xmpNote:HasExtendedXMP>", "extended XMP"},
        {"<dcterms:provenance>https://a.org/Videntity.c2pa</dcterms:provenance>",
         "link to content credentials (C2PA)"},
    };
#undef ITEM
    static const Tag kept = {"Exif.Image.Artist", "Me"};
    g_autofree char *from = in_folder("parts.jpg"), *to = in_folder("parts-new.jpg");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GeglBuffer) buffer = write_picture(from, 16, 8, &kept, 1);
        add_xmp(from, cases[i].xmp);
        g_autoptr(GPtrArray) notes = save(buffer, to, from);
        g_assert_cmpuint(notes->len, ==, 1);
        g_assert_true(has_note(notes, cases[i].word));
        expect_tags(to, &kept, 1);
        g_autofree char *data = NULL;
        gsize length;
        g_assert_true(g_file_get_contents(to, &data, &length, NULL));
        for (gsize at = 0; at + 4 < length; at++)
            g_assert_false(memcmp(data + at, "Item", 4) == 0 || memcmp(data + at, "hdrg", 4) == 0 ||
                           memcmp(data + at, "Vide", 4) == 0 || memcmp(data + at, "Exte", 4) == 0);
    }
    // One in words tells of owners.
    static const Tag owners = {"Xmp.dcterms.provenance", "found in an attic"};
    g_autoptr(GeglBuffer) buffer = write_picture(from, 16, 8, &owners, 1);
    g_autoptr(GPtrArray) notes = save(buffer, to, from);
    g_assert_cmpuint(notes->len, ==, 0);
    expect_tags(to, &owners, 1);
}

static void test_too_large_for_the_format(void)
{
    g_autofree char *much = g_strnfill(80000, 'x'),
                    *comment = g_strconcat("charset=Ascii ", much, NULL);
    const Tag tags[] = {
        {"Xmp.dc.description", much}, {"Xmp.dc.source", "kept"}, {"Exif.Image.Artist", "Me"}};
    const Tag exif[] = {{"Exif.Image.Artist", "Me"},
                        {"Exif.Image.ImageDescription", much},
                        {"Exif.Photo.UserComment", comment}};
    g_autofree char *from = in_folder("large.png"), *to = in_folder("large.jpg"),
                    *whole = in_folder("large.tif");
    g_autoptr(GeglBuffer) buffer = write_picture(from, 16, 8, tags, G_N_ELEMENTS(tags));
    g_autoptr(GPtrArray) notes = save(buffer, to, from);
    g_assert_true(has_note(notes, "Xmp.dc.description"));
    expect_tags(to, tags + 1, 2);
    g_autoptr(GPtrArray) none = save(buffer, whole, from);
    g_assert_cmpuint(none->len, ==, 0);
    expect_tags(whole, tags + 1, 2);
    g_autoptr(GeglBuffer) other = write_picture(from, 16, 8, exif, G_N_ELEMENTS(exif));
    g_ptr_array_unref(save(other, to, from));
    expect_tags(to, exif, 1);
}

static void pixel_of(GeglBuffer *buffer, gint x, gint y, guint8 pixel[3])
{
    gegl_buffer_get(buffer, GEGL_RECTANGLE(x, y, 1, 1), 1.0, babl_format("R'G'B' u8"), pixel,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
}

static void test_orientation(void)
{
    // Where the first row and the first column are shown.
    static const char *const sides[] = {"top left", "top right", "bottom right", "bottom left",
                                        "left top", "right top", "right bottom", "left bottom"};
    g_autofree char *from = in_folder("turned.jpg"), *exr = in_folder("turned.exr"),
                    *png = in_folder("turned.png");
    for (guint i = 1; i <= 8; i++) {
        const char value[] = {(char)('0' + i), '\0'};
        const Tag tag = {"Exif.Image.Orientation", value};
        g_autoptr(GeglBuffer) buffer = write_picture(from, 12, 8, &tag, 1);
        g_assert_cmpuint(gan_image_orientation(from, 0), ==, i);
        g_autoptr(GPtrArray) notes = save(buffer, exr, from);
        g_assert_cmpuint(notes->len, ==, 0);
        g_assert_cmpuint(gan_image_orientation(exr, 0), ==, 1);
        g_autoptr(GeglBuffer) shown = gan_image_load(exr, NULL, NULL);
        const gint width = i >= 5 ? 8 : 12, height = i >= 5 ? 12 : 8;
        g_assert_cmpint(gegl_buffer_get_width(shown), ==, width);
        g_assert_cmpint(gegl_buffer_get_height(shown), ==, height);
        for (guint line = 0; line < 2; line++) { // the row is red, the column green
            g_auto(GStrv) words = g_strsplit(sides[i - 1], " ", 2);
            const char *side = words[line];
            const gint x = strcmp(side, "left") == 0    ? 0
                           : strcmp(side, "right") == 0 ? width - 1
                                                        : width / 2,
                       y = strcmp(side, "top") == 0      ? 0
                           : strcmp(side, "bottom") == 0 ? height - 1
                                                         : height / 2;
            guint8 pixel[3];
            pixel_of(shown, x, y, pixel);
            g_assert_cmpuint(pixel[line], >, 240);
            g_assert_cmpuint(pixel[1 - line], <, 10);
        }
        // Browsers look at PNG's own chunk.
        g_ptr_array_unref(save(buffer, png, from));
        g_autofree char *data = NULL;
        gsize length, at = 8;
        guint n = 0;
        g_assert_true(g_file_get_contents(png, &data, &length, NULL));
        GanChunk chunk;
        while (gan_png_next((const guint8 *)data, length, &at, &chunk))
            n += memcmp(chunk.name, "eXIf", 4) == 0;
        g_assert_cmpuint(n, ==, 1);
        g_assert_cmpuint(gan_image_orientation(png, 0), ==, i);
    }
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    gexiv2_initialize();
    gexiv2_log_set_level(GEXIV2_LOG_LEVEL_MUTE);
    g_test_add_func("/metadata/numbers-of-pixels-are-scaled", test_pixels_are_scaled);
    g_test_add_func("/metadata/other-parts-of-the-file-are-left-out",
                    test_other_parts_are_left_out);
    g_test_add_func("/metadata/too-large-for-the-format", test_too_large_for_the_format);
    g_test_add_func("/metadata/orientation", test_orientation);
    return folder_run();
}
