// SPDX-License-Identifier: LGPL-3.0-or-later
// Images of GIMP 3 as tasks see them: size, layers, selection, undo, copies.
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

static void describe(GimpLayer *of, HostLayer *layer)
{
    GimpDrawable *drawable = GIMP_DRAWABLE(of);
    *layer = (HostLayer){
        .id = gimp_item_get_id(GIMP_ITEM(of)),
        .width = (guint)gimp_drawable_get_width(drawable),
        .height = (guint)gimp_drawable_get_height(drawable),
        .is_group = gimp_item_is_group(GIMP_ITEM(of)),
        .is_text = GIMP_IS_TEXT_LAYER(of),
        .is_floating = gimp_layer_is_floating_sel(of),
        .has_alpha = gimp_drawable_has_alpha(drawable),
        .has_mask = gimp_layer_get_mask(of) != NULL,
    };
    gimp_drawable_get_offsets(drawable, &layer->x, &layer->y);
}

// `items`: NULL-terminated.
static void collect(GimpItem *const *items, GArray *layers)
{
    for (; *items; items++) {
        HostLayer layer;
        describe(GIMP_LAYER(*items), &layer);
        g_array_append_val(layers, layer);
        if (layer.is_group) {
            g_autofree GimpItem **children = gimp_item_get_children(*items);
            collect(children, layers);
        }
    }
}

HostLayer *host_image_layers(gint image, guint *n, GError **error)
{
    GimpImage *of = error_get_image(image, error);
    if (!of)
        return NULL;
    g_autofree GimpLayer **top = gimp_image_get_layers(of);
    GArray *layers = g_array_new(FALSE, FALSE, sizeof(HostLayer));
    collect((GimpItem *const *)(void *)top, layers);
    *n = layers->len;
    // An image without layers is not a failure, so the answer is not NULL then.
    if (layers->len == 0) {
        const HostLayer none = {0};
        g_array_append_val(layers, none);
    }
    return (HostLayer *)(void *)g_array_free(layers, FALSE);
}

gboolean host_layer(gint drawable, HostLayer *layer, GError **error)
{
    GimpLayer *of = error_get_layer(drawable, error);
    if (of)
        describe(of, layer);
    return of != NULL;
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

void host_image_delete(gint image)
{
    gimp_image_delete(gimp_image_get_by_id(image));
}

gint host_image_same_layer(gint image, gint layer, gint copy)
{
    GimpLayer *of = error_get_layer(layer, NULL);
    GimpImage *in = error_get_image(image, NULL), *other = error_get_image(copy, NULL);
    if (!of || !in || !other)
        return 0;
    g_autofree GimpItem **siblings = NULL;
    GimpItem *parent = gimp_item_get_parent(GIMP_ITEM(of));
    if (parent) {
        const gint same = host_image_same_layer(image, gimp_item_get_id(parent), copy);
        siblings = same > 0 ? gimp_item_get_children(gimp_item_get_by_id(same)) : NULL;
    } else {
        siblings = (GimpItem **)(void *)gimp_image_get_layers(other);
    }
    const gint wanted = gimp_image_get_item_position(in, GIMP_ITEM(of));
    for (gint i = 0; siblings && siblings[i]; i++) {
        if (i == wanted)
            return gimp_item_get_id(siblings[i]);
    }
    return 0;
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
