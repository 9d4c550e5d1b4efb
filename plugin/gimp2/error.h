// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP's failures as GErrors.
#ifndef GIMP2_ERROR_H
#define GIMP2_ERROR_H

#include <gan/error.h>

G_BEGIN_DECLS

// Sets GAN_ERROR_DEVICE: what was tried, and GIMP's own words of the last call.
void error_set_gimp(GError **error, const char *what);

// Returns whether the image exists; sets GAN_ERROR_ARGUMENT if not.
gboolean error_check_image(gint image, GError **error);
// Returns whether the drawable exists; sets GAN_ERROR_ARGUMENT if not.
gboolean error_check_drawable(gint drawable, GError **error);

G_END_DECLS
#endif
