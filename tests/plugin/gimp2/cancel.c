// SPDX-License-Identifier: LGPL-3.0-or-later
// Cancel in GIMP's progress bar kills the plug-in. Killed at any moment of its work, it leaves the
// image as it was, and the next call works.
#include "support.h"

#include <signal.h>
#include <unistd.h>

typedef struct {
    gint delay_ms;
    gboolean killed;
} Killer;

// Waits for the plug-in to appear, then for the delay. It calls no function of GIMP's, which serves
// one thread only.
static gpointer kill_later(gpointer data)
{
    Killer *killer = data;
    pid_t process = 0;
    for (guint i = 0; i < 2000 && process == 0; i++) {
        g_usleep(1000);
        process = test_find_plugin();
    }
    g_usleep((gulong)killer->delay_ms * 1000);
    killer->killed = process > 0 && process == test_find_plugin() && kill(process, SIGKILL) == 0;
    return NULL;
}

static void test_killed_at_random_moments(void)
{
    const gint layer = test_image(900, 700, GIMP_RGBA_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    gimp_image_select_rectangle(image, GIMP_CHANNEL_OP_REPLACE, 20.0, 10.0, 800.0, 600.0);
    gimp_image_clean_all(image);
    g_autofree char *before = test_describe(image, TRUE);
    for (guint round = 0; round < 10; round++) {
        // The reference takes so long over this that the moment lies before any change.
        const Upscale upscale = {
            .model = MODEL_X4, .scope = (gint)(round % 4), .device = "reference"};
        Killer killer = {.delay_ms = g_test_rand_int_range(0, 900)};
        GThread *thread = g_thread_new("killer", kill_later, &killer);
        const gint64 began = g_get_monotonic_time();
        const GimpPDBStatusType status =
            test_upscale_mode(GIMP_RUN_NONINTERACTIVE, image, layer, &upscale, NULL, NULL);
        const gint64 took_ms = (g_get_monotonic_time() - began) / 1000;
        g_thread_join(thread);
        g_test_message("killed after %d ms, back after %d ms", killer.delay_ms, (gint)took_ms);
        g_assert_true(killer.killed);
        g_assert_cmpint(status, !=, GIMP_PDB_SUCCESS);
        g_autofree char *after = test_describe(image, TRUE);
        g_assert_cmpstr(after, ==, before);
        // Nothing to be undone or saved.
        g_assert_false(gimp_image_is_dirty(image));
        g_assert_true(gimp_image_undo_is_enabled(image));
        gint n_images = 0;
        g_free(gimp_image_list(&n_images));
        g_assert_cmpint(n_images, ==, 1);
    }
    const Upscale upscale = {.model = MODEL_X2};
    test_upscale(image, layer, &upscale);
    g_assert_cmpint(gimp_image_width(image), ==, 1800);
    g_assert_true(gimp_image_is_dirty(image));
    gimp_image_delete(image);
}

void test_add_cancel(void)
{
    g_test_add_func("/gimp/cancel/killed-at-random-moments-nothing-changes",
                    test_killed_at_random_moments);
}
