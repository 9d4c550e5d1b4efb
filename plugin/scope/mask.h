// SPDX-License-Identifier: LGPL-3.0-or-later
// Layer masks and selections: "Y float", their corner at (0, 0).
#ifndef PLUGIN_SCOPE_MASK_H
#define PLUGIN_SCOPE_MASK_H

#include "../host.h"

G_BEGIN_DECLS

// Returns the mask `in` as width x height pixels, enlarged as GIMP does.
// Owner:   the caller unrefs the buffer.
GeglBuffer *mask_enlarge(GeglBuffer *in, guint width, guint height,
                         HostInterpolation interpolation);

// Multiplies a mask by another one of its size.
void mask_multiply(GeglBuffer *mask, GeglBuffer *by);

// Whether nothing is masked.
gboolean mask_is_white(GeglBuffer *mask);

G_END_DECLS
#endif
