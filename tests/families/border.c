// SPDX-License-Identifier: LGPL-3.0-or-later
// What RRDBNet's border of 32 pixels leaves of the exact result. The paper's 23 blocks reach 349
// pixels far, so tiles are cut off sooner; here one side of a picture is cut off, and the result
// is compared at the border's width from the cut and beyond.
#include "plain.h"

#include <math.h>
#include <string.h>

// The greatest error at the border, of white: one level of 8 bits. rrdb.c says so, too.
#define BORDER_ERROR (1 / 255.)

// Twice what PyTorch's kaiming_normal_ draws for a leaky ReLU of 0.2, near the most that 23 blocks
// bear: at 2.5 times their values explode. The authors start their training from a tenth of it,
// where the error vanishes within 8 pixels.
#define GAIN 2

// Random weights of BasicSR's names. The output is scaled to the spread of a picture.
static Dict *make_rrdb(GRand *rand, gsize nf, gsize gc, guint n_blocks)
{
    Dict *dict = dict_new();
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(names, g_strdup("conv_first"));
    for (guint i = 0; i < n_blocks; i++)
        for (guint j = 1; j <= 3; j++)
            for (guint k = 1; k <= 5; k++)
                g_ptr_array_add(names, g_strdup_printf("body.%u.rdb%u.conv%u", i, j, k));
    static const char *const tail[] = {"conv_body", "conv_hr", "conv_last"};
    for (guint i = 0; i < G_N_ELEMENTS(tail); i++)
        g_ptr_array_add(names, g_strdup(tail[i]));
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        gsize in = nf, out = nf;
        const char *inner = strstr(name, ".conv");
        if (inner != NULL) {
            const gsize k = (gsize)(inner[5] - '0');
            in = nf + (k - 1) * gc;
            out = k == 5 ? nf : gc;
        }
        if (g_str_equal(name, "conv_first"))
            in = 3;
        if (g_str_equal(name, "conv_last"))
            out = 3;
        g_autofree char *weight = g_strconcat(name, ".weight", NULL);
        g_autofree char *bias = g_strconcat(name, ".bias", NULL);
        const double scale = GAIN * sqrt(2 / (1.04 * (double)in * 9));
        dict_set(dict, weight, tensor_random(rand, scale, 4, out, in, (gsize)3, (gsize)3));
        dict_set(dict, bias, tensor_random(rand, 0.1, 1, out));
    }
    g_ptr_array_unref(names);
    return dict;
}

static GanTensor *columns_from(const GanTensor *x, gsize first)
{
    const gsize h = x->shape[1], w = x->shape[2], c = x->shape[3];
    const gsize shape[] = {1, h, w - first, c};
    GanTensor *y = tensor_filled(4, shape, 0);
    for (gsize i = 0; i < h; i++)
        memcpy(y->data + i * (w - first) * c, x->data + (i * w + first) * c,
               (w - first) * c * sizeof(float));
    return y;
}

static double spread(const GanTensor *x)
{
    double sum = 0, squares = 0;
    const double n = (double)gan_tensor_length(x);
    for (gsize i = 0; i < gan_tensor_length(x); i++) {
        sum += x->data[i];
        squares += (double)x->data[i] * x->data[i];
    }
    return sqrt(squares / n - sum / n * (sum / n));
}

static void test_border_bounds_the_error(void)
{
    const gsize cut = 48, h = 12, w = 160;
    GError *error = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(23);
    g_autoptr(Dict) dict = make_rrdb(rand, 12, 6, 23);
    g_autoptr(GanWeights) weights = dict_open(dict);
    g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
    g_assert_no_error(error);
    const GanModelInfo *info = gan_model_info(model);
    g_assert_cmpfloat(info->scale, ==, 1);
    g_assert_cmpuint(info->reach, ==, 349);
    g_assert_cmpuint(info->overlap, ==, 32);
    g_assert_false(info->exact_tiles);
    g_autoptr(GanDevice) device = gan_device_open("reference", 1, &error);
    g_assert_no_error(error);
    g_autoptr(GanTensor) in = tensor_random(rand, 0.3, 4, (gsize)1, h, w, (gsize)3);
    g_autoptr(GanTensor) part = columns_from(in, cut);
    g_autoptr(GanTensor) whole_out = gan_model_run(model, device, in, &error);
    g_assert_no_error(error);
    g_autoptr(GanTensor) part_out = gan_model_run(model, device, part, &error);
    g_assert_no_error(error);
    // A picture's spread is about 0.3 of white.
    const double white = spread(whole_out) / 0.3;
    for (gsize border = 0; border <= 40; border += 8) {
        g_autoptr(GanTensor) a = columns_from(whole_out, cut + border);
        g_autoptr(GanTensor) b = columns_from(part_out, border);
        const double worst = difference(a, b) / white;
        g_test_message("border %d: %g of white", (int)border, worst);
        // The check can fail: without a border the tile is wrong.
        if (border == 0)
            g_assert_cmpfloat(worst, >, 10 * BORDER_ERROR);
        if (border == info->overlap)
            g_assert_cmpfloat(worst, <=, BORDER_ERROR);
    }
}

// Few blocks: the reach is small enough for exact tiles.
static void test_short_networks_are_exact(void)
{
    GError *error = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(24);
    g_autoptr(Dict) dict = make_rrdb(rand, 4, 2, 2);
    g_autoptr(GanWeights) weights = dict_open(dict);
    g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(gan_model_info(model)->exact_tiles);
    g_assert_cmpuint(gan_model_info(model)->overlap, ==, gan_model_info(model)->reach);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rrdb/border-bounds-the-error", test_border_bounds_the_error);
    g_test_add_func("/rrdb/short-networks-are-exact", test_short_networks_are_exact);
    return g_test_run();
}
