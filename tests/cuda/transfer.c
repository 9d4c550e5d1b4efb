// SPDX-License-Identifier: LGPL-3.0-or-later
// Transfers to the device and back, in other pieces, of more than passes at once; the ends of runs.
#include "tables.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { LENGTH = 50000017, WIDTH = 5, HEIGHT = 3, CHANNELS = 3 };

static void test_transfers(void)
{
    const GkBackend *backend = &gk_backend_cuda_f32;
    GkContext *ctx = NULL;
    g_assert_cmpint(backend->open(NULL, &ctx), ==, GK_OK);
    g_autofree guint8 *sent = g_malloc(LENGTH), *found = g_malloc0(LENGTH);
    for (gsize i = 0; i < LENGTH; i++)
        sent[i] = (guint8)((i * 2654435761u) >> 40);
    guint8 *there = backend->alloc(ctx, LENGTH);
    g_assert_nonnull(there);
    const GkTransfer up[] = {{there, sent, 1},
                             {there + 1, sent + 1, 40000000},
                             {there + 40000001, sent + 40000001, 0},
                             {there + 40000001, sent + 40000001, LENGTH - 40000001}};
    // The last of two writes counts, and what was given is free at once.
    g_autofree guint8 *other = g_memdup2(sent, 1000);
    memset(other, 0, 1000);
    const GkTransfer first = {there + 100, other, 1000};
    g_assert_cmpint(backend->device->write(ctx, &first, 1), ==, GK_OK);
    memset(other, 1, 1000);
    g_assert_cmpint(backend->device->write(ctx, up, G_N_ELEMENTS(up)), ==, GK_OK);
    const GkTransfer down[] = {
        {found, there, 0},
        {found, there, 16 << 20},
        {found + (16 << 20), there + (16 << 20), 5},
        {found + (16 << 20) + 5, there + (16 << 20) + 5, LENGTH - (16 << 20) - 5}};
    g_assert_cmpint(backend->device->read(ctx, down, G_N_ELEMENTS(down)), ==, GK_OK);
    g_assert_cmpint(memcmp(sent, found, LENGTH), ==, 0);
    g_assert_cmpint(backend->device->read(ctx, NULL, 0), ==, GK_OK);
    // A read of nothing waits for nothing: what was written before is not written over.
    const GkTransfer second = {there + 5000, other, 1000};
    g_assert_cmpint(backend->device->write(ctx, &first, 1), ==, GK_OK);
    g_assert_cmpint(backend->device->read(ctx, NULL, 0), ==, GK_OK);
    memset(other, 2, 1000);
    g_assert_cmpint(backend->device->write(ctx, &second, 1), ==, GK_OK);
    const GkTransfer back = {found, there, 6000};
    g_assert_cmpint(backend->device->read(ctx, &back, 1), ==, GK_OK);
    g_assert_true(found[100] == 1 && found[1099] == 1 && found[5000] == 2);
    backend->free(ctx, there, LENGTH);
    backend->close(ctx);
}

// A run that hands its input through, in a slot; `lost` is put in the place of one number.
static void start(const GkBackend *backend, GkContext *ctx, gsize slot, float first, float lost,
                  void *arena)
{
    float values[HEIGHT * WIDTH * CHANNELS];
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
        values[i] = first + (float)i;
    values[17] = lost;
    const GkView in = gk_view_nhwc(values, GK_F32, 1, HEIGHT, WIDTH, CHANNELS);
    const GkView inside =
        gk_view_lanes(arena, backend->device->dtype, 1, HEIGHT, WIDTH, CHANNELS, 8);
    g_assert_cmpint(backend->device->upload(ctx, slot, &in, &inside), ==, GK_OK);
    g_assert_cmpint(backend->device->download(ctx, slot, &inside), ==, GK_OK);
    memset(values, 0, sizeof values);
}

static void finish(const GkBackend *backend, GkContext *ctx, gsize slot, float first,
                   gboolean is_lost)
{
    GkView out;
    int overflowed = -1;
    g_assert_cmpint(backend->device->fetch(ctx, slot, &out, &overflowed), ==, GK_OK);
    g_assert_cmpint(overflowed, ==, is_lost);
    g_assert_true(out.dtype == GK_F32 && out.n == 1 && out.h == HEIGHT && out.w == WIDTH &&
                  out.c == CHANNELS && out.stride_x == CHANNELS);
    for (gsize i = 0; i < HEIGHT * WIDTH * CHANNELS && !is_lost; i++)
        if (i != 17)
            g_assert_cmpfloat(((const float *)out.data)[i], ==, first + (float)i);
    // It is fetched once.
    g_assert_cmpint(backend->device->fetch(ctx, slot, &out, &overflowed), !=, GK_OK);
}

// Two runs under way at once keep apart, and what is noted of one says nothing of the next.
static void test_runs(gconstpointer data)
{
    const GkBackend *backend = data;
    const gboolean is_short = backend->device->dtype == GK_F16;
    GkContext *ctx = NULL;
    g_assert_cmpint(backend->open(NULL, &ctx), ==, GK_OK);
    void *arena = backend->alloc(ctx, 4096);
    const struct {
        float lost;
        gboolean is_lost;
    } cases[] = {{1, FALSE},       {NAN, TRUE}, {2, FALSE},       {-INFINITY, TRUE},
                 {1e6f, is_short}, {3, FALSE},  {INFINITY, TRUE}, {4, FALSE}};
    for (gsize k = 0; k <= G_N_ELEMENTS(cases); k++) {
        if (k < G_N_ELEMENTS(cases))
            start(backend, ctx, k % 2, 100 * (float)k, cases[k].lost, arena);
        if (k > 0)
            finish(backend, ctx, (k - 1) % 2, 100 * (float)(k - 1), cases[k - 1].is_lost);
    }
    backend->free(ctx, arena, 4096);
    backend->close(ctx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/transfers", test_transfers);
    g_test_add_data_func("/cuda/runs/float16", &gk_backend_cuda_f16, test_runs);
    g_test_add_data_func("/cuda/runs/float32", &gk_backend_cuda_f32, test_runs);
    return g_test_run();
}
