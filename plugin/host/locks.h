// SPDX-License-Identifier: LGPL-3.0-or-later
// Locks of layers, which bind a procedure's calls but not Scale Image: taken off for a change and
// put back, in one undo group with it.
#ifndef PLUGIN_HOST_LOCKS_H
#define PLUGIN_HOST_LOCKS_H

#include <glib.h>

G_BEGIN_DECLS

// Takes the locks of contents and position off all layers and groups of the image.
// Owner:   the caller passes the answer to locks_restore(), which frees it.
GArray *locks_take_off(gint image);
void locks_restore(GArray *locks);

G_END_DECLS
#endif
