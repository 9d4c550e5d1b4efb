// SPDX-License-Identifier: LGPL-3.0-or-later
// A large image: what the plug-in's process and GIMP's take of memory. TEST_MODEL names the model,
// TEST_SIZE the image's sides ("6000x4000"), TEST_LIMIT_MB what the two may take together.
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The largest resident memory that a process had, in kB; 0: there is no such process.
static guint64 peak_kb(pid_t process)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)process);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    const char *line = strstr(text, "VmHWM:");
    return line ? g_ascii_strtoull(line + 6, NULL, 10) : 0;
}

typedef struct {
    gint running;
    guint64 peak_kb;
} Watch;

// Reads the plug-in's peak while it is there. It calls no function of GIMP's, which serves
// one thread only.
static gpointer watch_plugin(gpointer data)
{
    Watch *watch = data;
    pid_t process = 0;
    while (g_atomic_int_get(&watch->running)) {
        const guint64 peak = process > 0 ? peak_kb(process) : 0;
        watch->peak_kb = MAX(watch->peak_kb, peak);
        if (peak == 0)
            process = test_find_plugin();
        g_usleep(5000);
    }
    return NULL;
}

static void test_memory(void)
{
    const char *size = g_getenv("TEST_SIZE");
    const char *limit = g_getenv("TEST_LIMIT_MB");
    guint width = 6000, height = 4000;
    if (size)
        width = (guint)atoi(size), height = (guint)atoi(strchr(size, 'x') + 1);
    const gint layer = test_image(width, height, GIMP_RGB_IMAGE, GIMP_PRECISION_U8_GAMMA);
    const gint image = gimp_item_get_image(layer);
    GimpColorProfile *profile = gimp_color_profile_new_rgb_adobe();
    gimp_image_set_color_profile(image, profile);
    g_object_unref(profile);
    const Upscale upscale = {.model = g_getenv("TEST_MODEL") ? g_getenv("TEST_MODEL") : MODEL_X4};
    Watch watch = {.running = TRUE};
    GThread *thread = g_thread_new("watch", watch_plugin, &watch);
    const gint64 began = g_get_monotonic_time();
    test_upscale(image, layer, &upscale);
    const double seconds = (double)(g_get_monotonic_time() - began) * 1e-6;
    g_atomic_int_set(&watch.running, FALSE);
    g_thread_join(thread);
    const guint64 gimp_peak_kb = peak_kb(getppid());
    g_print("# %u x %u to %d x %d in %.2f s; peak of the plug-in %" G_GUINT64_FORMAT
            " MB, of GIMP %" G_GUINT64_FORMAT " MB\n",
            width, height, gimp_image_width(image), gimp_image_height(image), seconds,
            watch.peak_kb / 1000, gimp_peak_kb / 1000);
    g_assert_cmpuint(watch.peak_kb, >, 0);
    g_assert_cmpuint(gimp_peak_kb, >, 0);
    g_assert_cmpuint(watch.peak_kb + gimp_peak_kb, <,
                     1000 * g_ascii_strtoull(limit ? limit : "2000", NULL, 10));
    gimp_image_delete(image);
}

void test_add_large(void)
{
    g_test_add_func("/gimp/large/24-megapixels-below-2-gigabytes", test_memory);
}
