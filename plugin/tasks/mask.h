// SPDX-License-Identifier: LGPL-3.0-or-later
// Layer masks and selections, enlarged as GIMP enlarges them.
#ifndef PLUGIN_MASK_H
#define PLUGIN_MASK_H

#include "../host.h"

G_BEGIN_DECLS

// Returns the mask `in` ("Y float" at (0, 0)) as width x height pixels.
// Owner:   the caller unrefs the buffer.
GeglBuffer *mask_enlarge(GeglBuffer *in, guint width, guint height,
                         HostInterpolation interpolation);

G_END_DECLS
#endif
