// SPDX-License-Identifier: LGPL-3.0-or-later
// A result depends on nothing but the arguments: not on the number of threads, nor on what lies in
// lanes without a channel, in the output, or in scratch memory.
#include "gk.h"
#include "ops/conv2d.h"
#include "ops/conv2d_gradient.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    size_t n, h, w, ic, oc, kernel, stride, groups, upsample, shuffle;
    GkActivationKind activation;
} Row;

static const Row rows[] = {
    {"winograd", 1, 37, 50, 64, 64, 3, 1, 1, 1, 1, GK_ACT_PRELU},
    {"winograd-batch", 5, 31, 31, 20, 40, 3, 1, 1, 1, 1, GK_ACT_SILU},
    {"winograd-many-outputs", 1, 20, 33, 48, 176, 3, 1, 1, 2, 1, GK_ACT_LEAKY},
    {"winograd-shuffle", 1, 20, 33, 64, 48, 3, 1, 1, 1, 4, GK_ACT_NONE},
    {"first", 1, 33, 50, 3, 64, 3, 1, 1, 1, 1, GK_ACT_PRELU},
    {"last", 1, 33, 50, 64, 3, 3, 1, 1, 1, 1, GK_ACT_TANH},
    {"strided", 2, 33, 50, 20, 40, 4, 2, 1, 1, 1, GK_ACT_LEAKY},
    {"grouped", 1, 33, 50, 40, 40, 3, 1, 4, 1, 1, GK_ACT_NONE},
    {"depthwise", 1, 33, 50, 40, 40, 3, 1, 40, 1, 1, GK_ACT_SILU},
    {"grouped-shuffle", 2, 33, 50, 32, 64, 3, 1, 2, 1, 2, GK_ACT_PRELU},
};

static float *make_floats(GRand *random, size_t n)
{
    float *data = g_new(float, n);
    for (size_t i = 0; i < n; i++)
        data[i] = (float)g_rand_double_range(random, -1, 1);
    return data;
}

// Makes a view of `background` everywhere.
static GkView make_view(size_t n, size_t h, size_t w, size_t c, float background)
{
    GkView view = gk_view_blocked(NULL, GK_F32, n, h, w, c);
    const size_t n_floats = gk_view_bytes(&view) / sizeof(float);
    float *data = g_new(float, n_floats);
    for (size_t i = 0; i < n_floats; i++)
        data[i] = background;
    view.data = data;
    return view;
}

static void fill(const GkView *view, GRand *random)
{
    for (size_t n = 0; n < view->n; n++)
        for (size_t y = 0; y < view->h; y++)
            for (size_t x = 0; x < view->w; x++)
                for (size_t c = 0; c < view->c; c++)
                    ((float *)view->data)[gk_offset(view, n, y, x, c)] =
                        (float)g_rand_double_range(random, -1, 1);
}

static void assert_same_bits(const GkView *a, const GkView *b)
{
    for (size_t n = 0; n < a->n; n++)
        for (size_t y = 0; y < a->h; y++)
            for (size_t x = 0; x < a->w; x++)
                for (size_t c = 0; c < a->c; c++) {
                    const float *p = (const float *)a->data + gk_offset(a, n, y, x, c);
                    const float *q = (const float *)b->data + gk_offset(b, n, y, x, c);
                    g_assert_false(isnan(*p));
                    g_assert_cmpmem(p, sizeof *p, q, sizeof *q);
                }
}

// Runs the row. The same seed gives the same arguments; `background` fills everything that
// must not matter.
static GkView run_conv2d(GkContext *ctx, const Row *row, float background)
{
    GRand *random = g_rand_new_with_seed(7);
    const size_t oh = row->h * row->upsample / row->stride,
                 ow = row->w * row->upsample / row->stride;
    const size_t channels = row->oc / row->shuffle / row->shuffle;
    GkView x = make_view(row->n, row->h, row->w, row->ic, background);
    GkView y = make_view(row->n, oh * row->shuffle, ow * row->shuffle, channels, background);
    fill(&x, random);
    g_autofree float *weight =
        make_floats(random, row->oc * (row->ic / row->groups) * row->kernel * row->kernel);
    g_autofree float *bias = make_floats(random, row->oc);
    g_autofree float *slopes = make_floats(random, row->oc);
    const GkConv2d args = {.x = x,
                           .y = y,
                           .weight = weight,
                           .bias = bias,
                           .out_channels = row->oc,
                           .kernel_h = row->kernel,
                           .kernel_w = row->kernel,
                           .stride = row->stride,
                           .dilation = 1,
                           .groups = row->groups,
                           .pad_top = row->kernel / 2,
                           .pad_left = row->kernel / 2,
                           .upsample = row->upsample,
                           .activation = {row->activation, 0.2f, slopes},
                           .shuffle = row->shuffle};
    GkPlan *plan = NULL;
    g_assert_cmpint(gk_backend_cpu.ops.conv2d(ctx, &args, &plan), ==, GK_OK);
    gk_backend_cpu.plan_free(ctx, plan);
    g_free(x.data);
    g_rand_free(random);
    return y;
}

// The weights' gradient of a row without upsampling and shuffle, as a view.
static GkView run_weight_gradient(GkContext *ctx, const Row *row, float background)
{
    GRand *random = g_rand_new_with_seed(7);
    GkView x = make_view(row->n, row->h, row->w, row->ic, background);
    GkView g = make_view(row->n, row->h / row->stride, row->w / row->stride, row->oc, background);
    fill(&x, random);
    fill(&g, random);
    const size_t ic = row->ic / row->groups;
    GkView weight = gk_view_nhwc(NULL, GK_F32, row->oc, ic, row->kernel, row->kernel);
    float *data = g_new(float, row->oc *ic * row->kernel * row->kernel);
    for (size_t i = 0; i < row->oc * ic * row->kernel * row->kernel; i++)
        data[i] = background;
    weight.data = data;
    const GkConv2dWeightGradient args = {.x = x,
                                         .g = g,
                                         .weight = data,
                                         .shape = {.kernel_h = row->kernel,
                                                   .kernel_w = row->kernel,
                                                   .stride = row->stride,
                                                   .dilation = 1,
                                                   .groups = row->groups,
                                                   .pad_top = row->kernel / 2,
                                                   .pad_left = row->kernel / 2}};
    GkPlan *plan = NULL;
    g_assert_cmpint(gk_backend_cpu.ops.conv2d_weight_gradient(ctx, &args, &plan), ==, GK_OK);
    gk_backend_cpu.plan_free(ctx, plan);
    g_free(x.data);
    g_free(g.data);
    g_rand_free(random);
    return weight;
}

typedef GkView (*Run)(GkContext *ctx, const Row *row, float background);

static void check_row(const Row *row, Run run)
{
    static const char *const isas[] = {"avx512", "avx2", "plain"};
    for (size_t i = 0; i < G_N_ELEMENTS(isas); i++) {
        GkView first = {0};
        for (size_t n_threads = 1; n_threads <= 5; n_threads += n_threads) {
            GkContext *ctx = NULL;
            const GkOptions options = {.n_threads = n_threads, .isa = isas[i]};
            const GkStatus status = gk_backend_cpu.open(&options, &ctx);
            if (status == GK_ERROR_UNSUPPORTED) {
                g_test_message("this machine has no %s", isas[i]);
                break;
            }
            g_assert_cmpint(status, ==, GK_OK);
            // Another row leaves its values in scratch memory.
            if (n_threads > 1) {
                GkView other = run(ctx, &rows[(size_t)(row - rows + 1) % G_N_ELEMENTS(rows)], 3);
                g_free(other.data);
            }
            GkView y = run(ctx, row, n_threads == 1 ? 0 : n_threads == 2 ? NAN : INFINITY);
            if (n_threads == 1) {
                first = y;
            } else {
                assert_same_bits(&first, &y);
                g_free(y.data);
            }
            gk_backend_cpu.close(ctx);
        }
        g_free(first.data);
    }
}

static void test_row(gconstpointer data)
{
    check_row(data, run_conv2d);
}

static void test_weight_gradient(gconstpointer data)
{
    check_row(data, run_weight_gradient);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/conv2d/same-bits/%s", rows[i].name);
        g_test_add_data_func(path, &rows[i], test_row);
        g_autofree char *gradient =
            g_strdup_printf("/conv2d-weight-gradient/same-bits/%s", rows[i].name);
        g_test_add_data_func(gradient, &rows[i], test_weight_gradient);
    }
    return g_test_run();
}
