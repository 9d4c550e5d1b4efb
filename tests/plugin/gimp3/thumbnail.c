// SPDX-License-Identifier: LGPL-3.0-or-later
// The dialog's small picture of a layer, which GIMP 3 gives in the layer's own precision.
//
// Compiled without by_id.h, over libgimp 3 as it is.
#include "own.h"

#include "../../../plugin/dialog/toolkit.h"
#include "../gimp2/support.h"

enum { WIDTH = 40, HEIGHT = 30 };

// As large as the layer, the thumbnail shows its very pixels, but for the rounding to 8 bits.
static void check(GimpImageType type, GimpPrecision precision, gboolean profile)
{
    const gint layer = test_image(WIDTH, HEIGHT, type, precision);
    GimpDrawable *drawable = gimp_drawable_get_by_id(layer);
    GimpImage *image = gimp_item_get_image(GIMP_ITEM(drawable));
    if (profile) {
        g_autoptr(GimpColorProfile) adobe = gimp_color_profile_new_rgb_adobe();
        g_assert_true(gimp_image_set_color_profile(image, adobe));
    }
    g_autoptr(GdkPixbuf) small = toolkit_thumbnail(layer, WIDTH / 2, HEIGHT / 2);
    g_assert_nonnull(small);
    g_assert_cmpint(gdk_pixbuf_get_width(small), ==, WIDTH / 2);
    g_assert_cmpint(gdk_pixbuf_get_height(small), ==, HEIGHT / 2);
    g_autoptr(GdkPixbuf) pixbuf = toolkit_thumbnail(layer, WIDTH, HEIGHT);
    g_assert_nonnull(pixbuf);
    g_assert_cmpint(gdk_pixbuf_get_width(pixbuf), ==, WIDTH);
    g_assert_cmpint(gdk_pixbuf_get_height(pixbuf), ==, HEIGHT);
    g_assert_cmpint(gdk_pixbuf_get_has_alpha(pixbuf), ==, gimp_drawable_has_alpha(drawable));
    const gint n = gdk_pixbuf_get_n_channels(pixbuf);
    g_autoptr(GeglBuffer) buffer = gimp_drawable_get_buffer(drawable);
    g_autofree guint8 *wanted = g_malloc((gsize)WIDTH * HEIGHT * (gsize)n);
    gegl_buffer_get(buffer, NULL, 1.0, babl_format(n == 4 ? "R'G'B'A u8" : "R'G'B' u8"), wanted,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    for (gint y = 0; y < HEIGHT; y++) {
        const guint8 *row = gdk_pixbuf_get_pixels(pixbuf) + y * gdk_pixbuf_get_rowstride(pixbuf);
        for (gint i = 0; i < WIDTH * n; i++) {
            if (ABS(row[i] - wanted[y * WIDTH * n + i]) > 1)
                g_error("type %d, precision %d, profile %d, row %d, number %d: %u, wanted %u", type,
                        precision, profile, y, i, row[i], wanted[y * WIDTH * n + i]);
        }
    }
    gimp_image_delete(image);
}

static void test_precisions(void)
{
    static const GimpPrecision precisions[] = {
        GIMP_PRECISION_U8_LINEAR,    GIMP_PRECISION_U16_NON_LINEAR,   GIMP_PRECISION_HALF_LINEAR,
        GIMP_PRECISION_FLOAT_LINEAR, GIMP_PRECISION_FLOAT_NON_LINEAR,
    };
    for (guint i = 0; i < G_N_ELEMENTS(precisions); i++) {
        for (gint type = GIMP_RGB_IMAGE; type <= GIMP_GRAYA_IMAGE; type++)
            check((GimpImageType)type, precisions[i], FALSE);
        check(GIMP_RGBA_IMAGE, precisions[i], TRUE);
    }
}

static void test_palette(void)
{
    check(GIMP_INDEXED_IMAGE, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
    check(GIMP_INDEXEDA_IMAGE, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
}

void test_add_thumbnail(void)
{
    g_test_add_func("/gimp3/thumbnail/shows-any-precision", test_precisions);
    g_test_add_func("/gimp3/thumbnail/shows-palettes", test_palette);
}
