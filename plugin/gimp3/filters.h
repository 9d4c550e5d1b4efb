// SPDX-License-Identifier: LGPL-3.0-or-later
// Filters that stay beside a layer's pixels.
#ifndef GIMP3_FILTERS_H
#define GIMP3_FILTERS_H

#include <libgimp/gimp.h>

G_BEGIN_DECLS

// Whether there are any that are not hidden.
gboolean filters_show(GimpDrawable *drawable);

// Puts copies of one drawable's filters onto another. FALSE: GIMP refused one.
gboolean filters_copy(GimpDrawable *from, GimpDrawable *to);

G_END_DECLS
#endif
