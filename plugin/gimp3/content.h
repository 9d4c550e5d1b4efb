// SPDX-License-Identifier: LGPL-3.0-or-later
// Layers whose pixels GIMP makes of something else, which there are since GIMP 3.2.
#ifndef GIMP3_CONTENT_H
#define GIMP3_CONTENT_H

#include "../host.h"
#include <libgimp/gimp.h>

G_BEGIN_DECLS

HostContent content_of(GimpLayer *layer);

// Makes the pixels of a link the layer's own; others have them already.
gboolean content_make_own(GimpLayer *layer);

G_END_DECLS
#endif
