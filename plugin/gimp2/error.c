// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP's failures as GErrors.
#include "error.h"

#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>

void error_set_gimp(GError **error, const char *what)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE, "%s: %s", what, gimp_get_pdb_error());
}

gboolean error_check_image(gint image, GError **error)
{
    if (image > 0 && gimp_image_is_valid(image))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, _("The image (%d) is not there any more."),
                image);
    return FALSE;
}

gboolean error_check_drawable(gint drawable, GError **error)
{
    if (drawable > 0 && gimp_item_is_valid(drawable) && gimp_item_is_drawable(drawable))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The layer (%d) is not there any more, or it is no layer."), drawable);
    return FALSE;
}
