// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP's progress over several parts of known weight, with the time that is left.
#ifndef PLUGIN_SCOPE_PROGRESS_H
#define PLUGIN_SCOPE_PROGRESS_H

#include "../host.h"

G_BEGIN_DECLS

typedef struct {
    const char *title;        // of what is done; borrowed
    double whole, done, part; // weights: of all, of the finished parts, of the part at work
    char *name;               // of the part at work
    gint64 begun_us, told_us; // monotonic
} Progress;

// Shows the progress; `whole` is the sum of the weights of all parts.
void progress_begin(Progress *progress, const char *title, double whole);

// Begins the next part; the one before is finished. `name`: NULL for one that has none.
void progress_part(Progress *progress, const char *name, double weight);

// A GanProgress over the part at work; data is the Progress.
gboolean progress_update(double fraction, gpointer data);

// Hides it.
void progress_end(Progress *progress);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Progress, progress_end)

G_END_DECLS
#endif
