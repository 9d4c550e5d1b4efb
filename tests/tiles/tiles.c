// SPDX-License-Identifier: LGPL-3.0-or-later
// The tiling rule over random sizes: every pixel is answered for, with its border, by
// weights of sum 1.
#include <math.h>
#include <tiles.h>

static void check_axis(guint length, guint tile, guint alignment, guint overlap, gboolean exact)
{
    const guint scale = 1 + length % 3;
    GanTileAxis axis;
    gan_tile_axis_init(&axis, length, tile, alignment, overlap, exact);
    g_autofree double *sum = g_new0(double, length *scale);
    g_autofree guint *count = g_new0(guint, length * scale);
    guint n_widths = 0, widths[8];
    for (guint k = 0; k < axis.n; k++) {
        guint from, to, area_from, area_to;
        gan_tile_axis_read(&axis, k, &from, &to);
        gan_tile_axis_area(&axis, k, &area_from, &area_to);
        g_assert_cmpuint(from % alignment, ==, 0);
        g_assert_cmpuint(to, <=, length);
        g_assert_true(to % alignment == 0 || to == length);
        g_assert_cmpuint(to - from, <=, axis.read);
        g_assert_cmpuint(area_from, <, area_to);
        // Exact: the whole border; blended: at least its outer half counts for nothing.
        const guint border = exact ? overlap : overlap - axis.ramp;
        g_assert_true(from == 0 || from + border <= area_from);
        g_assert_true(to == length || to >= area_to + border);
        g_autofree float *weights = g_new(float, (area_to - area_from) * scale);
        gan_tile_axis_weights(&axis, k, scale, weights);
        for (guint i = area_from * scale; i < area_to * scale; i++) {
            sum[i] += weights[i - area_from * scale];
            count[i]++;
        }
        guint known = 0;
        while (known < n_widths && widths[known] != to - from)
            known++;
        if (known == n_widths)
            widths[n_widths++] = to - from;
        g_assert_cmpuint(n_widths, <=, 2);
    }
    for (guint i = 0; i < length * scale; i++) {
        g_assert_cmpfloat_with_epsilon(sum[i], 1.0, 1e-6);
        g_assert_cmpuint(count[i], <=, exact ? 1 : 2);
    }
}

static void test_every_pixel_once(void)
{
    for (guint i = 0; i < 20000; i++) {
        const guint length = (guint)g_test_rand_int_range(1, i % 2 ? 40 : 3000);
        const guint tile = (guint)g_test_rand_int_range(1, 400);
        const guint alignment = (guint)g_test_rand_int_range(1, 9);
        const guint overlap = (guint)g_test_rand_int_range(0, 70);
        check_axis(length, tile, alignment, overlap, i % 3 != 0);
    }
    check_axis(1, 1, 1, 0, TRUE);
    check_axis(1, 1, 4, 64, FALSE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tiles/every-pixel-written-once", test_every_pixel_once);
    return g_test_run();
}
