// SPDX-License-Identifier: LGPL-3.0-or-later
// In the place of exrhalf.c where OpenEXR's C core is missing.
#include "exrhalf.h"

gboolean gan_exr_has_half(void)
{
    return FALSE;
}

gboolean gan_exr_write_half(GeglBuffer *buffer, const char *path, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "this build writes no half floats");
    return FALSE;
}
