// SPDX-License-Identifier: LGPL-3.0-or-later
// Locks of layers, which bind a procedure's calls but not Scale Image: taken off for a change and
// put back, in one undo group with it.
#ifndef GIMP3_LOCKS_H
#define GIMP3_LOCKS_H

#include <libgimp/gimp.h>

G_BEGIN_DECLS

// Takes the locks of contents and position off all layers and groups of the image.
// Owner:   the caller passes the answer to locks_restore(), which frees it.
GArray *locks_take_off(GimpImage *image);
void locks_restore(GArray *locks);

G_END_DECLS
#endif
