// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP 3's objects by their ids.
#ifndef GIMP3_ERROR_H
#define GIMP3_ERROR_H

#include "../host/error.h"
#include <libgimp/gimp.h>

G_BEGIN_DECLS

// Return the object, which libgimp owns; NULL and GAN_ERROR_ARGUMENT when there is none.
GimpImage *error_get_image(gint image, GError **error);
GimpDrawable *error_get_drawable(gint drawable, GError **error);
// The message says what it is instead of a layer.
GimpLayer *error_get_layer(gint layer, GError **error);

G_END_DECLS
#endif
