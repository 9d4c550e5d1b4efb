// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP's progress over several parts.
#include "progress.h"

#include "../quantity.h"
#include <glib/gi18n-lib.h>

// The text changes this often at most.
#define INTERVAL_US (G_USEC_PER_SEC / 2)

// The first moments hold one-time work and say little about the rest.
#define EARLY_US (G_USEC_PER_SEC / 3)
#define EARLY_FRACTION 0.005

void progress_begin(Progress *progress, const char *title, double whole)
{
    *progress =
        (Progress){.title = title, .whole = MAX(whole, 1.0), .begun_us = g_get_monotonic_time()};
    host_progress_begin(title);
}

static void tell(Progress *progress, double fraction)
{
    const gint64 now_us = g_get_monotonic_time(), spent_us = now_us - progress->begun_us;
    if (now_us - progress->told_us < INTERVAL_US) {
        host_progress_update(fraction, NULL);
        return;
    }
    progress->told_us = now_us;
    g_autofree char *left =
        fraction > EARLY_FRACTION && spent_us > EARLY_US
            ? quantity_time((double)spent_us * 1e-6 * (1.0 - fraction) / fraction)
            : NULL;
    // Translators: a task's title and a layer's name: "Upscale 'Background'"
    g_autofree char *what = progress->name != NULL
                                ? g_strdup_printf(_("%s '%s'"), progress->title, progress->name)
                                : g_strdup(progress->title);
    // Translators: what is done, and a time: "Upscale 'Background': 3 s left"
    g_autofree char *text = left != NULL ? g_strdup_printf(_("%s: %s left"), what, left) : NULL;
    host_progress_update(fraction, text != NULL ? text : what);
}

void progress_part(Progress *progress, const char *name, double weight)
{
    progress->done += progress->part;
    progress->part = weight;
    g_free(progress->name);
    progress->name = g_strdup(name);
    progress->told_us = 0;
    tell(progress, MIN(progress->done / progress->whole, 1.0));
}

gboolean progress_update(double fraction, gpointer data)
{
    Progress *progress = data;
    tell(progress, CLAMP((progress->done + fraction * progress->part) / progress->whole, 0.0, 1.0));
    return TRUE;
}

void progress_end(Progress *progress)
{
    if (progress->begun_us > 0)
        host_progress_end();
    g_clear_pointer(&progress->name, g_free);
    progress->begun_us = 0;
}
