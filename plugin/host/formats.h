// SPDX-License-Identifier: LGPL-3.0-or-later
// What the formats of picture files hold, by their extensions, as GIMP goes by them.
#ifndef PLUGIN_HOST_FORMATS_H
#define PLUGIN_HOST_FORMATS_H

#include <glib.h>

G_BEGIN_DECLS

gboolean formats_keep_layers(const char *path); // the layers of one picture
gboolean formats_are_opaque(const char *path);  // no alpha
gboolean formats_hold_frames(const char *path); // of a film, all on one canvas
gboolean formats_hold_pages(const char *path);  // pictures of any size

G_END_DECLS
#endif
