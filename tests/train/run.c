// SPDX-License-Identifier: LGPL-3.0-or-later
// What a run leaves on the disk: log, curves, grids, checkpoints.
#include "pictures.h"

#include <checkpoint.h>
#include <curves.h>
#include <gan/image.h>
#include <glib/gstdio.h>
#include <grid.h>
#include <math.h>
#include <string.h>

static void write_line(GanLog *log, guint64 step, double loss)
{
    GError *error = NULL;
    gan_log_begin(log, step);
    gan_log_number(log, "loss/pixel", loss);
    gan_log_number(log, "rate", 1. / (double)step);
    gan_log_text(log, "note", "\"quoted\"\n");
    gan_log_end(log, &error);
    g_assert_no_error(error);
}

static void test_log(void)
{
    char *folder = test_folder();
    g_autofree char *path = g_build_filename(folder, "log.jsonl", NULL);
    {
        g_autoptr(GanLog) log = gan_log_open(path, 0, NULL);
        for (guint64 step = 10; step <= 50; step += 10)
            write_line(log, step, step == 30 ? NAN : 1. / 3);
        g_assert_cmpuint(gan_log_find(log, "loss/pixel")->points->len, ==, 4);
    }
    // A process was killed while it wrote.
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_autofree char *cut = g_strconcat(text, "{\"step\":60,\"loss/pi", NULL);
    test_write_bytes(folder, "log.jsonl", cut, strlen(cut));
    {
        g_autoptr(GanLog) log = gan_log_open(path, 40, NULL);
        g_assert_cmpuint(gan_log_find(log, "loss/pixel")->points->len, ==, 3);
        const GanSeries *rate = gan_log_find(log, "rate");
        g_assert_cmpuint(rate->points->len, ==, 4);
        g_assert_cmpfloat(g_array_index(rate->points, GanPoint, 3).value, ==, 1. / 40);
        g_assert_null(gan_log_find(log, "note"));
        write_line(log, 50, 1. / 3);
    }
    // What was cut off and written anew equals what was there.
    g_autofree char *again = NULL;
    g_assert_true(g_file_get_contents(path, &again, NULL, NULL));
    g_assert_cmpstr(again, ==, text);
    test_remove(folder);
}

// Pixels of an area that are far from a grey.
static guint n_other(GeglBuffer *buffer, const GeglRectangle *area, int grey)
{
    const gsize length = (gsize)area->width * (gsize)area->height * 3;
    g_autofree guint8 *pixels = g_malloc(length);
    gegl_buffer_get(buffer, area, 1, babl_format("R'G'B' u8"), pixels, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    guint n = 0;
    for (gsize i = 0; i < length; i += 3)
        n += ABS(pixels[i] - grey) > 60 ? 1 : 0;
    return n;
}

static void test_curves(void)
{
    char *folder = test_folder();
    g_autofree char *path = g_build_filename(folder, "log.jsonl", NULL);
    g_autofree char *picture = g_build_filename(folder, "curves.png", NULL);
    GError *error = NULL;
    g_autoptr(GanLog) log = gan_log_open(path, 0, NULL);
    for (guint64 step = 1; step <= 400; step++) {
        gan_log_begin(log, step);
        gan_log_number(log, "loss/pixel", exp(-(double)step / 90) + 0.1 * sin((double)step * 1.7));
        gan_log_number(log, "constant", 3);
        if (step % 100 == 0)
            gan_log_number(log, "validation/psnr_y", 28 + (double)step / 200);
        if (step == 7)
            gan_log_number(log, "once", -1e-5);
        g_assert_true(gan_log_end(log, NULL));
    }
    gan_curves_write(log, "A run", picture, &error);
    g_assert_no_error(error);
    g_autoptr(GeglBuffer) buffer = gan_image_load(picture, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 3 * 420);
    g_assert_cmpint(gegl_buffer_get_height(buffer), ==, 60 + 2 * 262);
    // The first panel has a line from its upper left to its lower right.
    guint blue[2][2] = {{0}};
    for (int y = 60 + 34; y < 60 + 262 - 50; y++)
        for (int x = 80; x < 420 - 14; x++) {
            guint8 p[3];
            gegl_buffer_get(buffer, GEGL_RECTANGLE(x, y, 1, 1), 1, babl_format("R'G'B' u8"), p,
                            GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
            if (p[2] > p[0] + 60)
                blue[y > 60 + 34 + 89][x > 243]++;
        }
    g_assert_cmpuint(blue[0][0], >, 50);
    g_assert_cmpuint(blue[1][1], >, 50);
    g_assert_cmpuint(blue[0][1], <, blue[1][1]);
    // Both axes have names, and the smoothing is told: below the ticks, left of them, above all.
    const GeglRectangle texts[] = {
        {230, 60 + 262 - 24, 30, 14}, {4, 60 + 110, 12, 30}, {80, 36, 400, 16}};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_cmpuint(n_other(buffer, &texts[i], 255), >, 20);
    // A value that was logged once is seen.
    const GeglRectangle once = {80, 60 + 262 + 34, 340, 178};
    g_assert_cmpuint(n_other(buffer, &once, 255), >, 20);
    test_remove(folder);
}

static void test_grid(void)
{
    char *folder = test_folder();
    g_autofree char *path = g_build_filename(folder, "grid.png", NULL);
    const gsize large[] = {2, 4, 6, 3}, small[] = {1, 2, 2, 1};
    g_autoptr(GanTensor) batch = gan_tensor_new(4, large, NULL);
    g_autoptr(GanTensor) grey = gan_tensor_new(4, small, NULL);
    for (gsize i = 0; i < 144; i++)
        batch->data[i] = i < 72 ? -1 : 1;
    for (gsize i = 0; i < 4; i++)
        grey->data[i] = 0;
    g_autoptr(GanTensor) first = gan_grid_sample(batch, 0);
    g_autoptr(GanTensor) second = gan_grid_sample(batch, 1);
    GanTensor *const cells[] = {first, second, grey, NULL, second};
    GError *error = NULL;
    gan_grid_write(cells, 5, 2, -1, 1, NULL, path, &error);
    g_assert_no_error(error);
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, NULL);
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, 2 * (6 + 2) + 2);
    g_assert_cmpint(gegl_buffer_get_height(buffer), ==, 3 * (4 + 2) + 2);
    static const struct {
        int x, y;
        guint8 value;
    } spots[] = {{2, 2, 0},   {7, 5, 0},    {10, 2, 255},  {8, 2, 0x20},
                 {2, 8, 128}, {4, 8, 0x20}, {10, 8, 0x20}, {2, 14, 255}};
    for (gsize i = 0; i < G_N_ELEMENTS(spots); i++) {
        guint8 p[3];
        gegl_buffer_get(buffer, GEGL_RECTANGLE(spots[i].x, spots[i].y, 1, 1), 1,
                        babl_format("R'G'B' u8"), p, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        g_assert_cmpuint(p[0], ==, spots[i].value);
        g_assert_cmpuint(p[2], ==, spots[i].value);
    }
    test_remove(folder);
}

// Heads stand above their columns where they fit, else in a line of their own; the cells below are
// what they were.
static void test_grid_has_heads(void)
{
    char *folder = test_folder();
    g_autofree char *path = g_build_filename(folder, "grid.png", NULL);
    const char *const heads[] = {"before", "after", NULL};
    const GanGridText text = {"A run, step 7", heads};
    for (guint narrow = 0; narrow < 2; narrow++) {
        const gsize side = narrow ? 20 : 90, shape[] = {1, side, side, 3};
        g_autoptr(GanTensor) cell = gan_tensor_new(4, shape, NULL);
        for (gsize i = 0; i < gan_tensor_length(cell); i++)
            cell->data[i] = 1;
        GanTensor *const cells[] = {cell, cell, cell, cell};
        GError *error = NULL;
        gan_grid_write(cells, 4, 4, 0, 1, &text, path, &error);
        g_assert_no_error(error);
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, NULL);
        const int width = gegl_buffer_get_width(buffer), height = gegl_buffer_get_height(buffer);
        const int head = height - (int)side - 4, cells_width = 4 * ((int)side + 2) + 2;
        g_assert_cmpint(width, >=, cells_width);
        g_assert_cmpint(head, >=, 2 * 17);
        const GeglRectangle title = {0, 0, 100, 17};
        g_assert_cmpuint(n_other(buffer, &title, 0x20), >, 50);
        for (int k = 0; k < 4; k++) {
            const int x = 2 + k * ((int)side + 2);
            const GeglRectangle above = {x, head - 19, (int)side, 17},
                                below = {x, head + 2, (int)side, (int)side};
            g_assert_true(narrow || n_other(buffer, &above, 0x20) > 50);
            g_assert_cmpuint(n_other(buffer, &below, 255), ==, 0);
        }
    }
    test_remove(folder);
}

static GanTensor *counted(gsize n, float first)
{
    GanTensor *tensor = gan_tensor_new(1, &n, NULL);
    for (gsize i = 0; i < n; i++)
        tensor->data[i] = first + (float)i / 3;
    return tensor;
}

static void test_checkpoint(void)
{
    char *folder = test_folder();
    g_autofree char *path = g_build_filename(folder, "checkpoint.safetensors", NULL);
    GError *error = NULL;
    g_autoptr(GanTensor) a = counted(5, 1);
    g_autoptr(GanTensor) b = counted(3, 7);
    {
        g_autoptr(GanCheckpoint) state = gan_checkpoint_new();
        gan_checkpoint_add(state, "weights/a", a);
        gan_checkpoint_add(state, "adam.m/a", b);
        gan_checkpoint_set_count(state, "step", G_GUINT64_CONSTANT(9007199254740993));
        gan_checkpoint_set_number(state, "best", 0.1);
        gan_checkpoint_write(state, path, &error);
        g_assert_no_error(error);
    }
    g_autoptr(GanTensor) x = counted(5, 0);
    g_autoptr(GanTensor) y = counted(3, 0);
    g_autoptr(GanCheckpoint) state = gan_checkpoint_new();
    gan_checkpoint_add(state, "weights/a", x);
    gan_checkpoint_add(state, "adam.m/a", y);
    gan_checkpoint_set_count(state, "step", 1);
    gan_checkpoint_read(state, path, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(x->data, 20, a->data, 20);
    g_assert_cmpmem(y->data, 12, b->data, 12);
    g_assert_cmpuint(gan_checkpoint_get_count(state, "step"), ==,
                     G_GUINT64_CONSTANT(9007199254740993));
    g_assert_cmpfloat(gan_checkpoint_get_number(state, "best"), ==, 0.1);
    g_assert_cmpuint(gan_checkpoint_get_count(state, "nothing"), ==, 0);

    // A state that does not fit changes nothing.
    g_autoptr(GanTensor) z = counted(4, 0);
    x->data[0] = -1;
    gan_checkpoint_add(state, "weights/new", z);
    g_assert_false(gan_checkpoint_read(state, path, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_SHAPE);
    g_assert_nonnull(strstr(error->message, "tensor 'weights/new' is missing; this run needs [4]"));
    g_clear_error(&error);
    g_assert_cmpfloat(x->data[0], ==, -1);

    // A checkpoint that cannot be written leaves the former one.
    g_autofree char *nowhere = g_build_filename(folder, "no", "checkpoint.safetensors", NULL);
    g_assert_false(gan_checkpoint_write(state, nowhere, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FILE);
    g_clear_error(&error);
    test_write_bytes(folder, "checkpoint.safetensors", "damaged", 7);
    g_assert_false(gan_checkpoint_read(state, path, &error));
    g_clear_error(&error);
    test_remove(folder);
}

int main(int argc, char **argv)
{
    gan_image_init(1);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/goes-on-where-it-was-cut", test_log);
    g_test_add_func("/curves/are-drawn", test_curves);
    g_test_add_func("/grid/cells-stand-where-they-should", test_grid);
    g_test_add_func("/grid/heads-stand-above-their-columns", test_grid_has_heads);
    g_test_add_func("/checkpoint/comes-back-whole-or-not-at-all", test_checkpoint);
    const int status = g_test_run();
    gan_image_exit();
    return status;
}
