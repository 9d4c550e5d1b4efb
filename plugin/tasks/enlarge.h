// SPDX-License-Identifier: LGPL-3.0-or-later
// Enlarges the pixels of one layer: what gan_upscale() does, for palettes and for alpha as well.
#ifndef PLUGIN_ENLARGE_H
#define PLUGIN_ENLARGE_H

#include "../host.h"

G_BEGIN_DECLS

// Returns `in`, of any origin, as width x height pixels of the same format at (0, 0). Colours of a
// palette go through the network as R'G'B' and come back as the palette's nearest.
// `network_alpha`: alpha as a grey picture through the network rather than by a cubic; where it is
//                  0 or 1 all around a pixel it stays that.
// Owner:   the caller unrefs the buffer.
// Errors:  gan_upscale()'s.
GeglBuffer *enlarge_pixels(GanRunner *runner, GeglBuffer *in, guint width, guint height,
                           gboolean network_alpha, GanProgress progress, gpointer data,
                           GError **error);

// Returns the mask `in` ("Y float" at (0, 0)) as width x height pixels, resampled as GIMP does.
// Owner:   the caller unrefs the buffer.
GeglBuffer *enlarge_mask(GeglBuffer *in, guint width, guint height,
                         HostInterpolation interpolation);

G_END_DECLS
#endif
