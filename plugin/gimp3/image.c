// SPDX-License-Identifier: LGPL-3.0-or-later
// Images of GIMP 3 as tasks see them: size, selection, undo, copies.
#include "../host.h"

#include "error.h"
#include <gan/image.h>
#include <glib/gi18n-lib.h>

gboolean host_image_info(gint image, HostImageInfo *info, GError **error)
{
    GimpImage *of = error_get_image(image, error);
    if (!of)
        return FALSE;
    HostImageInfo found = {.width = (guint)gimp_image_get_width(of),
                           .height = (guint)gimp_image_get_height(of)};
    switch (gimp_image_get_base_type(of)) {
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
    if (!gimp_image_get_resolution(of, &found.x_resolution, &found.y_resolution)) {
        error_set_gimp(error, _("The image's resolution cannot be read"));
        return FALSE;
    }
    *info = found;
    return TRUE;
}

gboolean host_selection_bounds(gint image, GeglRectangle *bounds)
{
    GimpImage *of = error_get_image(image, NULL);
    gboolean there = FALSE;
    gint x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    if (!of || !gimp_selection_bounds(of, &there, &x1, &y1, &x2, &y2) || !there)
        return FALSE;
    *bounds = (GeglRectangle){x1, y1, x2 - x1, y2 - y1};
    return TRUE;
}

GeglBuffer *host_selection_buffer(gint image, const GeglRectangle *bounds, GError **error)
{
    GimpImage *of = error_get_image(image, error);
    if (!of)
        return NULL;
    gan_image_init(0);
    g_autoptr(GeglBuffer) selection =
        gimp_drawable_get_buffer(GIMP_DRAWABLE(gimp_image_get_selection(of)));
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
    gimp_image_undo_group_start(gimp_image_get_by_id(image));
}

void host_undo_end(gint image)
{
    gimp_image_undo_group_end(gimp_image_get_by_id(image));
}

void host_undo_disable(gint image)
{
    gimp_image_undo_disable(gimp_image_get_by_id(image));
}

void host_undo_enable(gint image)
{
    gimp_image_undo_enable(gimp_image_get_by_id(image));
}

gboolean host_image_set_resolution(gint image, double x, double y, GError **error)
{
    GimpImage *of = error_get_image(image, error);
    if (!of)
        return FALSE;
    if (gimp_image_set_resolution(of, CLAMP(x, GIMP_MIN_RESOLUTION, GIMP_MAX_RESOLUTION),
                                  CLAMP(y, GIMP_MIN_RESOLUTION, GIMP_MAX_RESOLUTION)))
        return TRUE;
    error_set_gimp(error, _("The image's resolution cannot be set"));
    return FALSE;
}

gint host_image_duplicate(gint image, GError **error)
{
    GimpImage *of = error_get_image(image, error);
    if (!of)
        return 0;
    GimpImage *copy = gimp_image_duplicate(of);
    if (copy)
        return gimp_image_get_id(copy);
    error_set_gimp(error, _("The image cannot be copied"));
    return 0;
}

gint host_image_new_like(gint image, guint width, guint height, GError **error)
{
    GimpImage *of = error_get_image(image, error);
    if (!of)
        return 0;
    GimpImage *made = gimp_image_new_with_precision(
        (gint)width, (gint)height, gimp_image_get_base_type(of), gimp_image_get_precision(of));
    if (!made) {
        error_set_gimp(error, _("The new image cannot be made"));
        return 0;
    }
    double x = 0.0, y = 0.0;
    g_autoptr(GimpColorProfile) profile = gimp_image_get_color_profile(of);
    if (profile)
        gimp_image_set_color_profile(made, profile);
    if (gimp_image_get_base_type(of) == GIMP_INDEXED)
        gimp_image_set_palette(made, gimp_image_get_palette(of));
    if (gimp_image_get_resolution(of, &x, &y))
        gimp_image_set_resolution(made, x, y);
    gimp_image_set_unit(made, gimp_image_get_unit(of));
    return gimp_image_get_id(made);
}

void host_image_delete(gint image)
{
    gimp_image_delete(gimp_image_get_by_id(image));
}

gint host_image_active_layer(gint image)
{
    GimpImage *of = error_get_image(image, NULL);
    guint n = 0;
    g_autofree HostLayer *layers = host_image_layers(image, &n, NULL);
    g_autofree GimpLayer **selected = of ? gimp_image_get_selected_layers(of) : NULL;
    for (guint i = 0; i < n; i++) {
        for (guint j = 0; selected && selected[j]; j++) {
            if (gimp_item_get_id(GIMP_ITEM(selected[j])) == layers[i].id)
                return layers[i].id;
        }
    }
    return 0;
}

void host_image_show(gint image)
{
    gimp_display_new(gimp_image_get_by_id(image));
}
