// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP's failures as GErrors.
#ifndef PLUGIN_HOST_ERROR_H
#define PLUGIN_HOST_ERROR_H

#include <gan/error.h>

G_BEGIN_DECLS

// Sets GAN_ERROR_DEVICE: what was tried, and GIMP's own words of the last call.
void error_set_gimp(GError **error, const char *what);

// Return whether the id is one of that kind; set GAN_ERROR_ARGUMENT if not.
gboolean error_check_image(gint image, GError **error);
gboolean error_check_drawable(gint drawable, GError **error);
// The message says what it is instead of a layer.
gboolean error_check_layer(gint layer, GError **error);

G_END_DECLS
#endif
