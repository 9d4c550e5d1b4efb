// SPDX-License-Identifier: LGPL-3.0-or-later
#include "error.h"

// libgimp keeps an object for what the user has closed, so that the id is asked first.
GimpImage *error_get_image(gint image, GError **error)
{
    return error_check_image(image, error) ? gimp_image_get_by_id(image) : NULL;
}

GimpDrawable *error_get_drawable(gint drawable, GError **error)
{
    return error_check_drawable(drawable, error) ? gimp_drawable_get_by_id(drawable) : NULL;
}

GimpLayer *error_get_layer(gint layer, GError **error)
{
    return error_check_layer(layer, error) ? gimp_layer_get_by_id(layer) : NULL;
}
