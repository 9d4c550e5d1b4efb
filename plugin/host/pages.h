// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of several pages or frames.
#ifndef PLUGIN_HOST_PAGES_H
#define PLUGIN_HOST_PAGES_H

#include "../host.h"

G_BEGIN_DECLS

// Leaves only the first page or frame of an image that was opened from `path`, and no thumbnail of
// a TIFF file; `keep_all`: all pages stay layers. An image of layers stays as it is. Returns how many
// pages there were to choose from, 1 where nothing was left out.
HostPages pages_choose(gint image, const char *path, gboolean keep_all);

G_END_DECLS
#endif
