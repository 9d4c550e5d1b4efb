// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether results of some size find room in memory and in GEGL's swap folder.
#ifndef PLUGIN_SCOPE_ROOM_H
#define PLUGIN_SCOPE_ROOM_H

#include "../host.h"

G_BEGIN_DECLS

// What a pixel takes that has no format yet: 8 bits each of R, G, B and alpha.
#define ROOM_LEAST_BYTES 4

// Returns how many bytes tiles may take before memory and swap folder are full.
guint64 room_free(void);

// All that a run takes: the network, the pixels that it works on, and the result, which is here and
// in GIMP's tiles. The one figure that dialogs and messages give.
double room_needed(guint64 network_bytes, double source_bytes, double result_bytes);

// Checks that there is room for so many bytes.
// Errors:  GAN_ERROR_MEMORY: in words that say what to do.
gboolean room_check(double needed_bytes, GError **error);

// The same, and lets GEGL keep the results in memory, as far as that is plentiful, rather than swap
// them while the network runs and back when GIMP gets them.
gboolean room_take(guint64 network_bytes, double source_bytes, double result_bytes, GError **error);

G_END_DECLS
#endif
