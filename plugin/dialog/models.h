// SPDX-License-Identifier: LGPL-3.0-or-later
// The window of Models….
#ifndef PLUGIN_DIALOG_MODELS_H
#define PLUGIN_DIALOG_MODELS_H

#include "toolkit.h"

G_BEGIN_DECLS

// Shows it and waits until it is closed. `parent`: the dialog that it was opened from, or NULL.
void models_run(GtkWindow *parent);

G_END_DECLS
#endif
