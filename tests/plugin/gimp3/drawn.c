// SPDX-License-Identifier: LGPL-3.0-or-later
// Layers that GIMP 3.2 makes of something else: links to files, vector layers, text.
//
// Compiled without by_id.h, over libgimp 3 as it is.
#include "own.h"

#include "../gimp2/support.h"
#include <string.h>

enum { WIDTH = 60, HEIGHT = 40 };

static GimpImage *image_of(gint layer)
{
    return gimp_item_get_image(gimp_item_get_by_id(layer));
}

static gint id_of(gpointer item)
{
    return gimp_item_get_id(GIMP_ITEM(item));
}

static gboolean is_rasterized(gpointer layer)
{
    return gimp_rasterizable_is_rasterized(GIMP_RASTERIZABLE(layer));
}

// Width, height and pixels of a layer as text.
static char *describe(gpointer layer)
{
    GeglBuffer *buffer = gimp_drawable_get_buffer(GIMP_DRAWABLE(layer));
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const gsize n = (gsize)extent->width * (gsize)extent->height * 4;
    g_autofree guchar *bytes = g_malloc(n);
    gegl_buffer_get(buffer, NULL, 1.0, babl_format("R'G'B'A u8"), bytes, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, n);
    char *text = g_strdup_printf("%d x %d %.16s", extent->width, extent->height, sum);
    g_object_unref(buffer);
    return text;
}

static GimpLayer *add_link(GimpImage *image, const char *path)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    GimpLayer *layer = GIMP_LAYER(gimp_link_layer_new(image, file));
    g_assert_true(gimp_image_insert_layer(image, layer, NULL, 0));
    return layer;
}

static GimpLayer *add_vector_layer(GimpImage *image)
{
    GimpPath *path = gimp_path_new(image, "ellipse");
    gimp_image_insert_path(image, path, NULL, 0);
    gimp_path_bezier_stroke_new_ellipse(path, 30, 20, 15, 10, 0);
    GimpVectorLayer *layer = gimp_vector_layer_new(image, path);
    gimp_image_insert_layer(image, GIMP_LAYER(layer), NULL, 0);
    gimp_vector_layer_refresh(layer);
    return GIMP_LAYER(layer);
}

static char *drawing(void)
{
    char *path = test_path("drawing.svg");
    g_assert_true(
        g_file_set_contents(path,
                            "<svg xmlns='http://www.w3.org/2000/svg' width='30' height='20'>"
                            "<circle cx='15' cy='10' r='9' fill='#c03020'/></svg>",
                            -1, NULL));
    return path;
}

// The file holds other pixels than the network's, so that the layer must not be drawn from it again.
static void test_links_become_pixels(void)
{
    g_autofree char *path =
        test_picture_file("link.png", GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    g_autofree char *saved = test_path("link.xcf");
    g_autoptr(GFile) file = g_file_new_for_path(saved);
    const gint base = test_image(WIDTH, HEIGHT, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    const gint other = test_image(WIDTH, HEIGHT, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpLayer *link = add_link(image_of(base), path), *pixels = add_link(image_of(other), path);
    g_assert_true(gimp_rasterizable_rasterize(GIMP_RASTERIZABLE(pixels)));
    const Upscale upscale = {.model = MODEL_X2};
    g_autofree char *before = describe(link);
    test_upscale(gimp_image_get_id(image_of(base)), base, &upscale);
    test_upscale(gimp_image_get_id(image_of(other)), other, &upscale);
    g_assert_true(is_rasterized(link));
    g_autofree char *found = describe(link), *wanted = describe(pixels);
    g_assert_cmpstr(found, ==, wanted);
    g_assert_true(g_str_has_prefix(found, "40 x 30 "));
    // The same after it was saved.
    g_assert_true(gimp_file_save(GIMP_RUN_NONINTERACTIVE, image_of(base), file, NULL));
    GimpImage *again = gimp_file_load(GIMP_RUN_NONINTERACTIVE, file);
    g_autofree GimpLayer **layers = gimp_image_get_layers(again);
    g_autofree char *kept = describe(layers[0]);
    g_assert_cmpstr(kept, ==, found);
    // The link is not lost.
    g_assert_true(gimp_rasterizable_restore(GIMP_RASTERIZABLE(link)));
    g_autofree char *restored = describe(link);
    g_assert_cmpstr(restored, ==, before);
    gimp_image_delete(again);
    gimp_image_delete(image_of(base));
    gimp_image_delete(image_of(other));
}

// Vector layers and links to drawings are as sharp as GIMP can draw them, and stay what they are.
static void test_drawings_are_drawn_anew(void)
{
    g_autofree char *path = drawing();
    for (gint in_new_image = 0; in_new_image < 2; in_new_image++) {
        const gint base = test_image(WIDTH, HEIGHT, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
        const gint other = test_image(WIDTH, HEIGHT, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
        GimpImage *image = image_of(base), *scaled = image_of(other);
        GimpLayer *same[2] = {add_vector_layer(scaled), add_link(scaled, path)};
        GimpLayer *link = (add_vector_layer(image), add_link(image, path));
        const Upscale upscale = {.model = MODEL_X2,
                                 .scope = in_new_image ? SCOPE_NEW_IMAGE : SCOPE_IMAGE};
        gint result = 0, layer = 0;
        g_assert_cmpint(test_upscale_mode(GIMP_RUN_NONINTERACTIVE, gimp_image_get_id(image), base,
                                          &upscale, &result, &layer),
                        ==, GIMP_PDB_SUCCESS);
        g_assert_true(gimp_image_scale(scaled, 2 * WIDTH, 2 * HEIGHT));
        g_autofree GimpLayer **layers = gimp_image_get_layers(gimp_image_get_by_id(result));
        for (guint i = 0; i < 2; i++) {
            g_autofree char *found = describe(layers[1 - i]), *wanted = describe(same[i]);
            g_assert_cmpstr(found, ==, wanted);
            g_assert_false(is_rasterized(layers[1 - i]));
        }
        // What is not drawn went through the network.
        g_autofree char *pixels = describe(layers[2]),
                        *cubic = describe(GIMP_LAYER(gimp_item_get_by_id(other)));
        g_assert_cmpstr(pixels, !=, cubic);
        g_assert_true(g_str_has_prefix(pixels, "120 x 80 "));
        // A new layer of one is of pixels, as large as the network makes it.
        const Upscale alone = {.model = MODEL_X2, .scope = SCOPE_LAYER};
        GimpLayer *made =
            gimp_layer_get_by_id(test_upscale(gimp_image_get_id(image), id_of(link), &alone));
        g_assert_true(made != link);
        g_assert_false(GIMP_IS_LINK_LAYER(made));
        g_assert_false(is_rasterized(link));
        if (in_new_image)
            gimp_image_delete(gimp_image_get_by_id(result));
        gimp_image_delete(image);
        gimp_image_delete(scaled);
    }
}

// A rasterized vector layer is a layer of pixels.
static void test_rasterized_drawings_are_pixels(void)
{
    const gint base = test_image(WIDTH, HEIGHT, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    GimpLayer *layer = add_vector_layer(image_of(base));
    const gint width = gimp_drawable_get_width(GIMP_DRAWABLE(layer));
    g_assert_true(gimp_rasterizable_rasterize(GIMP_RASTERIZABLE(layer)));
    const Upscale upscale = {.model = MODEL_X2};
    test_upscale(gimp_image_get_id(image_of(base)), base, &upscale);
    g_assert_true(is_rasterized(layer));
    g_assert_cmpint(gimp_drawable_get_width(GIMP_DRAWABLE(layer)), ==, 2 * width);
    gimp_image_delete(image_of(base));
}

// The network's pixels stay when the image is opened again; the text is not lost.
static void test_text_becomes_pixels(void)
{
    g_autofree char *saved = test_path("text.xcf");
    g_autoptr(GFile) file = g_file_new_for_path(saved);
    const gint base = test_image(WIDTH, HEIGHT, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR);
    g_autofree GimpFont **fonts = gimp_fonts_get_list(NULL);
    GimpLayer *text = gimp_text_font(image_of(base), NULL, 3, 3, "Xy", 0, TRUE, 20, fonts[0]);
    const Upscale upscale = {.model = MODEL_X2};
    test_upscale(gimp_image_get_id(image_of(base)), base, &upscale);
    g_assert_true(GIMP_IS_TEXT_LAYER(text) && is_rasterized(text));
    g_autofree char *found = describe(text);
    g_assert_true(gimp_file_save(GIMP_RUN_NONINTERACTIVE, image_of(base), file, NULL));
    GimpImage *again = gimp_file_load(GIMP_RUN_NONINTERACTIVE, file);
    g_autofree GimpLayer **layers = gimp_image_get_layers(again);
    g_autofree char *kept = describe(layers[0]);
    g_assert_cmpstr(kept, ==, found);
    g_assert_true(GIMP_IS_TEXT_LAYER(layers[0]));
    gimp_image_delete(again);
    gimp_image_delete(image_of(base));
}

void test_add_drawn(void)
{
    g_test_add_func("/gimp3/drawn/links-become-pixels", test_links_become_pixels);
    g_test_add_func("/gimp3/drawn/drawings-are-drawn-anew", test_drawings_are_drawn_anew);
    g_test_add_func("/gimp3/drawn/rasterized-drawings-are-pixels",
                    test_rasterized_drawings_are_pixels);
    g_test_add_func("/gimp3/drawn/text-becomes-pixels", test_text_becomes_pixels);
}
