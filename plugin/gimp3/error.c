// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP's failures as GErrors, and GIMP's objects by their ids.
#include "error.h"

#include <glib/gi18n-lib.h>

void error_set_gimp(GError **error, const char *what)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE, "%s: %s", what,
                gimp_pdb_get_last_error(gimp_get_pdb()));
}

GimpImage *error_get_image(gint image, GError **error)
{
    // libgimp keeps an object for an image that the user has closed.
    if (image > 0 && gimp_image_id_is_valid(image))
        return gimp_image_get_by_id(image);
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, _("The image (%d) is not there any more."),
                image);
    return NULL;
}

GimpDrawable *error_get_drawable(gint drawable, GError **error)
{
    if (drawable > 0 && gimp_item_id_is_valid(drawable) && gimp_item_id_is_drawable(drawable))
        return gimp_drawable_get_by_id(drawable);
    if (drawable <= 0)
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                            _("Select exactly one layer: none or several are selected."));
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("The layer (%d) is not there any more, or it is no layer."), drawable);
    return NULL;
}

GimpLayer *error_get_layer(gint layer, GError **error)
{
    GimpDrawable *drawable = error_get_drawable(layer, error);
    if (!drawable)
        return NULL;
    const char *wrong = NULL;
    if (GIMP_IS_LAYER_MASK(drawable))
        wrong = _("This is a layer mask. Choose the layer itself.");
    else if (GIMP_IS_CHANNEL(drawable))
        wrong = _("This is a channel or the selection. Choose a layer.");
    else if (!GIMP_IS_LAYER(drawable))
        wrong = _("This is not a layer. Choose a layer.");
    if (!wrong)
        return GIMP_LAYER(drawable);
    g_set_error_literal(error, GAN_ERROR, GAN_ERROR_ARGUMENT, wrong);
    return NULL;
}
