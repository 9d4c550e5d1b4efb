// SPDX-License-Identifier: LGPL-3.0-or-later
// The preview: a part of the picture or layer before and after, computed by the worker.
#ifndef PLUGIN_DIALOG_PREVIEW_H
#define PLUGIN_DIALOG_PREVIEW_H

#include "../task.h"
#include "toolkit.h"
#include "worker.h"

G_BEGIN_DECLS

typedef struct Preview Preview;

// `values`:  the dialog's own, read whenever a preview begins.
Preview *preview_new(const Task *task, const Values *values, const Subject *subject);
// After its widget and the worker are gone.
void preview_free(Preview *preview); // accepts NULL
GtkWidget *preview_widget(Preview *preview);

// Opens the pixels; until then nothing is shown. Takes a moment, so it is for the time
// after the window has been painted.
void preview_start(Preview *preview, Worker *worker);

// Shows what the scope that the values name works on: the layer, or all that is to be seen.
void preview_follow(Preview *preview);

// Computes what the values give now, soon; what is being computed is cancelled. The old picture
// stays until then. x, y: the result's pixels to one of the drawable's.
void preview_update(Preview *preview, double x, double y);
// Computes nothing until the next update.
void preview_stop(Preview *preview);

G_END_DECLS
#endif
