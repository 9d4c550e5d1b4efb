// SPDX-License-Identifier: LGPL-3.0-or-later
// What a preview shows of a drawable, zoomed and moved.
#include <dialog/view.h>
#include <math.h>

// A picture of 4000 x 3000, enlarged twice, in an area of 500 x 400.
static View photo(void)
{
    return (View){.area_width = 500,
                  .area_height = 400,
                  .width = 4000,
                  .height = 3000,
                  .factor_x = 2,
                  .factor_y = 2,
                  .zoom = 100,
                  .x = 2000,
                  .y = 1500};
}

static void test_fit(void)
{
    View view = photo();
    view.fit = TRUE;
    g_assert_cmpfloat_with_epsilon(view_zoom(&view), 6.25, 1e-9);
    GeglRectangle area;
    g_assert_true(view_area(&view, &area));
    g_assert_true(gegl_rectangle_equal(&area, &(GeglRectangle){0, 0, 4000, 3000}));
    // It follows the area, and is not without end.
    view.area_width = 1000;
    view.area_height = 800;
    g_assert_cmpfloat_with_epsilon(view_zoom(&view), 12.5, 1e-9);
    view.width = view.height = 4;
    g_assert_cmpfloat(view_zoom(&view), ==, VIEW_MOST);
}

static void test_area(void)
{
    View view = photo();
    GeglRectangle area;
    g_assert_true(view_area(&view, &area));
    g_assert_true(gegl_rectangle_equal(&area, &(GeglRectangle){1875, 1400, 250, 200}));
    // At an edge the area is as full as in the middle.
    view_center(&view, -50, 5000);
    g_assert_true(view_area(&view, &area));
    g_assert_true(gegl_rectangle_equal(&area, &(GeglRectangle){0, 2800, 250, 200}));
    // What is smaller than the area stands in its middle.
    view.width = 100;
    view.height = 50;
    g_assert_true(view_area(&view, &area));
    g_assert_true(gegl_rectangle_equal(&area, &(GeglRectangle){0, 0, 100, 50}));
    const ViewPlace place = view_place(&view);
    g_assert_cmpfloat(place.x, ==, 150);
    g_assert_cmpfloat(place.y, ==, 150);
    view.width = 0;
    g_assert_false(view_area(&view, &area));
}

static void test_step(void)
{
    View view = photo();
    const double at_x = 420, at_y = 30;
    const ViewPlace before = view_place(&view);
    const double x = (at_x - before.x) / before.scale_x, y = (at_y - before.y) / before.scale_y;
    double last = view_zoom(&view);
    for (int i = 0; i < 8; i++) {
        view_step(&view, 1, at_x, at_y);
        g_assert_cmpfloat(view_zoom(&view), >=, last);
        last = view_zoom(&view);
        const ViewPlace now = view_place(&view);
        // To a pixel of the screen, by which places are rounded.
        g_assert_cmpfloat_with_epsilon(now.x + x * now.scale_x, at_x, 0.5 * (i + 2));
        g_assert_cmpfloat_with_epsilon(now.y + y * now.scale_y, at_y, 0.5 * (i + 2));
    }
    g_assert_cmpfloat(last, ==, VIEW_MOST);
    for (int i = 0; i < 20; i++)
        view_step(&view, -1, at_x, at_y);
    g_assert_true(view.fit);
    g_assert_cmpfloat_with_epsilon(view_zoom(&view), 6.25, 1e-9);
    view_step(&view, 1, at_x, at_y);
    g_assert_false(view.fit);
    g_assert_cmpfloat(view_zoom(&view), ==, 12.5);
    // The pixels of a small result are not made smaller.
    view.width = view.height = 20;
    for (int i = 0; i < 20; i++)
        view_step(&view, -1, at_x, at_y);
    g_assert_cmpfloat(view_zoom(&view), ==, 100);
    g_assert_false(view.fit);
}

static void test_interest(void)
{
    View view = photo();
    view_center(&view, 1000, 700);
    view.fit = TRUE;
    view_pan(&view, 100, 100);
    view.fit = FALSE;
    g_assert_cmpfloat(view.x, ==, 1000);
    g_assert_cmpfloat(view.y, ==, 700);
}

static void test_pan(void)
{
    View view = photo();
    GeglRectangle area;
    view_pan(&view, 100, -60);
    g_assert_true(view_area(&view, &area));
    g_assert_true(gegl_rectangle_equal(&area, &(GeglRectangle){1825, 1430, 250, 200}));
    // Beyond the edge there is nothing to come back from.
    view_pan(&view, 1e6, 0);
    view_pan(&view, -20, 0);
    g_assert_true(view_area(&view, &area));
    g_assert_cmpint(area.x, ==, 10);
}

static void test_part(void)
{
    View view = photo();
    GeglRectangle part, area;
    g_assert_true(view_part(&view, 500 * 400, &part));
    g_assert_true(view_area(&view, &area));
    g_assert_true(gegl_rectangle_equal(&part, &area));
    g_assert_true(view_part(&view, 500 * 400 - 1, &part));
    g_assert_cmpint(4 * part.width * part.height, <, 500 * 400);
    view.fit = TRUE;
    view_center(&view, 3990, 10);
    g_assert_true(view_part(&view, 1e6, &part));
    g_assert_cmpfloat(4.0 * part.width * part.height, <=, 1e6);
    g_assert_cmpfloat(4.0 * part.width * part.height, >=, 0.98e6);
    g_assert_cmpint(part.x + part.width, ==, 4000);
    g_assert_cmpint(part.y, ==, 0);
    view_center(&view, 1000, 2000);
    g_assert_true(view_part(&view, 1e6, &part));
    g_assert_cmpfloat_with_epsilon(part.x + part.width / 2.0, 1000, 1);
    g_assert_cmpfloat_with_epsilon(part.y + part.height / 2.0, 2000, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/view/fit-shows-all", test_fit);
    g_test_add_func("/view/an-edge-fills-the-area", test_area);
    g_test_add_func("/view/what-is-under-the-pointer-stays", test_step);
    g_test_add_func("/view/fit-keeps-the-place-of-interest", test_interest);
    g_test_add_func("/view/a-way-back-begins-at-once", test_pan);
    g_test_add_func("/view/no-more-is-computed-than-may-be", test_part);
    return g_test_run();
}
