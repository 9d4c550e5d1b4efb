// SPDX-License-Identifier: LGPL-3.0-or-later
// The curves of a run as a picture.
#ifndef GAN_CURVES_H
#define GAN_CURVES_H

#include "log.h"

// Draws each series of the log into a panel of its own, the running mean over what was measured,
// and writes the picture as PNG under a temporary name, then renames it. `title`: stands above.
// Errors:  GAN_ERROR_FILE. GAN_ERROR_MEMORY.
gboolean gan_curves_write(const GanLog *log, const char *title, const char *path, GError **error);

#endif
