// SPDX-License-Identifier: LGPL-3.0-or-later
#include "error.h"

#include "pdb.h"
#include <glib/gi18n-lib.h>

void error_set_gimp(GError **error, const char *what)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE, "%s: %s", what, pdb_last_error());
}

gboolean error_check_image(gint image, GError **error)
{
    if (image > 0 && pdb_image_is_valid(image))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, _("The image (%d) is not there any more."),
                image);
    return FALSE;
}

gboolean error_check_drawable(gint drawable, GError **error)
{
    if (drawable <= 0) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                            _("Select exactly one layer: none or several are selected."));
        return FALSE;
    }
    if (pdb_item_kind(drawable) != PDB_NO_DRAWABLE)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The layer (%d) is not there any more, or it is no layer."), drawable);
    return FALSE;
}

gboolean error_check_layer(gint layer, GError **error)
{
    if (!error_check_drawable(layer, error))
        return FALSE;
    switch (pdb_item_kind(layer)) {
    case PDB_LAYER:
        return TRUE;
    case PDB_LAYER_MASK:
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                            _("This is a layer mask. Choose the layer itself."));
        return FALSE;
    default:
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                            _("This is a channel or the selection. Choose a layer."));
        return FALSE;
    }
}
