// SPDX-License-Identifier: LGPL-3.0-or-later
// Transfers to the device and back, in other pieces, of more than passes at once.
#include "tables.h"

#include <glib.h>
#include <string.h>

enum { LENGTH = 50000017 };

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
    backend->free(ctx, there, LENGTH);
    backend->close(ctx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/transfers", test_transfers);
    return g_test_run();
}
