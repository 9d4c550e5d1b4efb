// SPDX-License-Identifier: LGPL-3.0-or-later
// Images and layers of GIMP 2.10 as tasks see them: what there is, where it lies, its pixels.
#include "../host.h"
#include "../host/error.h"
#include "colour.h"
#include <gan/image.h>
#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>

gboolean host_image_info(gint image, HostImageInfo *info, GError **error)
{
    if (!error_check_image(image, error))
        return FALSE;
    HostImageInfo found = {.width = (guint)gimp_image_width(image),
                           .height = (guint)gimp_image_height(image)};
    switch (gimp_image_base_type(image)) {
    case GIMP_RGB:
        found.base = HOST_RGB;
        break;
    case GIMP_GRAY:
        found.base = HOST_GREY;
        break;
    case GIMP_INDEXED:
        found.base = HOST_INDEXED;
        break;
    }
    if (!gimp_image_get_resolution(image, &found.x_resolution, &found.y_resolution)) {
        error_set_gimp(error, _("The image's resolution cannot be read"));
        return FALSE;
    }
    *info = found;
    return TRUE;
}

GeglBuffer *host_drawable_buffer(gint drawable, char **warning, GError **error)
{
    if (warning)
        *warning = NULL;
    if (!error_check_drawable(drawable, error))
        return NULL;
    GeglBuffer *buffer = gimp_drawable_is_indexed(drawable)
                             ? colour_read_indexed(drawable, warning)
                             : colour_drawable_buffer(drawable, warning);
    if (!buffer)
        error_set_gimp(error, _("The layer's pixels cannot be read"));
    return buffer;
}

gboolean host_selection_bounds(gint image, GeglRectangle *bounds)
{
    gboolean there = FALSE;
    gint x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    if (!gimp_selection_bounds(image, &there, &x1, &y1, &x2, &y2) || !there)
        return FALSE;
    *bounds = (GeglRectangle){x1, y1, x2 - x1, y2 - y1};
    return TRUE;
}

GeglBuffer *host_selection_buffer(gint image, const GeglRectangle *bounds, GError **error)
{
    if (!error_check_image(image, error))
        return NULL;
    g_autoptr(GeglBuffer) selection = colour_drawable_buffer(gimp_image_get_selection(image), NULL);
    if (!selection) {
        error_set_gimp(error, _("The selection cannot be read"));
        return NULL;
    }
    const GeglRectangle own = {0, 0, bounds->width, bounds->height};
    GeglBuffer *buffer = gegl_buffer_new(&own, babl_format("Y float"));
    gegl_buffer_copy(selection, bounds, GEGL_ABYSS_NONE, buffer, &own);
    return buffer;
}

void host_undo_begin(gint image)
{
    gimp_image_undo_group_start(image);
}

void host_undo_end(gint image)
{
    gimp_image_undo_group_end(image);
}

void host_undo_disable(gint image)
{
    gimp_image_undo_disable(image);
}

void host_undo_enable(gint image)
{
    gimp_image_undo_enable(image);
}

gboolean host_image_set_resolution(gint image, double x, double y, GError **error)
{
    if (!error_check_image(image, error))
        return FALSE;
    // GIMP takes 0.005 to 1048576 pixels per inch.
    if (gimp_image_set_resolution(image, CLAMP(x, GIMP_MIN_RESOLUTION, GIMP_MAX_RESOLUTION),
                                  CLAMP(y, GIMP_MIN_RESOLUTION, GIMP_MAX_RESOLUTION)))
        return TRUE;
    error_set_gimp(error, _("The image's resolution cannot be set"));
    return FALSE;
}

gint host_image_new_like(gint image, guint width, guint height, GError **error)
{
    if (!error_check_image(image, error))
        return 0;
    const gint made = gimp_image_new_with_precision(
        (gint)width, (gint)height, gimp_image_base_type(image), gimp_image_get_precision(image));
    if (made <= 0) {
        error_set_gimp(error, _("The new image cannot be made"));
        return 0;
    }
    double x = 0.0, y = 0.0;
    gint n_colours = 0;
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    g_autofree guchar *colours = gimp_image_base_type(image) == GIMP_INDEXED
                                     ? gimp_image_get_colormap(image, &n_colours)
                                     : NULL;
    if (profile)
        gimp_image_set_color_profile(made, profile);
    g_clear_object(&profile);
    if (colours)
        gimp_image_set_colormap(made, colours, n_colours);
    if (gimp_image_get_resolution(image, &x, &y))
        gimp_image_set_resolution(made, x, y);
    gimp_image_set_unit(made, gimp_image_get_unit(image));
    return made;
}

void host_image_delete(gint image)
{
    gimp_image_delete(image);
}

gint host_image_duplicate(gint image, GError **error)
{
    if (!error_check_image(image, error))
        return 0;
    const gint copy = gimp_image_duplicate(image);
    if (copy <= 0) {
        error_set_gimp(error, _("The image cannot be copied"));
        return 0;
    }
    // GIMP makes the copy's first channel the active item, if there is one.
    const gint active = host_image_active_layer(image);
    if (active > 0)
        gimp_image_set_active_layer(copy, host_image_same_layer(image, active, copy));
    return copy;
}

gint host_image_active_layer(gint image)
{
    return MAX(gimp_image_get_active_layer(image), 0);
}

void host_image_show(gint image)
{
    gimp_display_new(image);
}
