// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP 3.0, whose layers have pixels of their own. (Those of text it treats so.)
#include "content.h"

HostContent content_of(GimpLayer *layer)
{
    return HOST_PIXELS;
}

gboolean content_make_own(GimpLayer *layer)
{
    return TRUE;
}
