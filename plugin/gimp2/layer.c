// SPDX-License-Identifier: LGPL-3.0-or-later
// Layers of GIMP 2.10: their names and masks, their pixels written, new ones.
#include "../host.h"
#include "../host/awake.h"
#include "../host/error.h"
#include "../host/locks.h"
#include "colour.h"
#include <gan/image.h>
#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>

char *host_layer_name(gint layer)
{
    char *name = gimp_item_get_name(layer);
    return name ? name : g_strdup("");
}

GeglBuffer *host_layer_mask(gint layer)
{
    const gint mask = gimp_layer_get_mask(layer);
    g_autoptr(GeglBuffer) own = mask > 0 ? colour_drawable_buffer(mask, NULL) : NULL;
    if (!own)
        return NULL;
    GeglBuffer *buffer = gegl_buffer_new(gegl_buffer_get_extent(own), babl_format("Y float"));
    gegl_buffer_copy(own, NULL, GEGL_ABYSS_NONE, buffer, NULL);
    return buffer;
}

// Writes the whole of a drawable and tells GIMP.
static gboolean write_drawable(gint drawable, GeglBuffer *pixels, GError **error)
{
    const gint width = gimp_drawable_width(drawable), height = gimp_drawable_height(drawable);
    const GeglRectangle *extent = gegl_buffer_get_extent(pixels);
    if (extent->width != width || extent->height != height) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    _("The result is %d x %d pixels; the layer has %d x %d."), extent->width,
                    extent->height, width, height);
        return FALSE;
    }
    GeglBuffer *to = gimp_drawable_is_indexed(drawable) ? gimp_drawable_get_buffer(drawable)
                                                        : colour_drawable_buffer(drawable, NULL);
    if (!to) {
        error_set_gimp(error, _("The layer's pixels cannot be written"));
        return FALSE;
    }
    Awake *awake = awake_begin();
    if (gimp_drawable_is_indexed(drawable))
        colour_write_indexed(drawable, pixels, to);
    else
        gegl_buffer_copy(pixels, extent, GEGL_ABYSS_NONE, to, GEGL_RECTANGLE(0, 0, width, height));
    g_object_unref(to); // which also sends the pixels
    awake_end(awake);
    if (gimp_drawable_update(drawable, 0, 0, width, height))
        return TRUE;
    error_set_gimp(error, _("The layer's pixels cannot be written"));
    return FALSE;
}

gboolean host_layer_write(gint layer, GeglBuffer *pixels, GError **error)
{
    if (!error_check_drawable(layer, error))
        return FALSE;
    // GIMP kills a plug-in that sends pixels of a locked drawable.
    GArray *locks = locks_take_off(gimp_item_get_image(layer));
    const gboolean done = write_drawable(layer, pixels, error);
    locks_restore(locks);
    return done;
}

static GimpImageType layer_type(gint image, gboolean alpha)
{
    switch (gimp_image_base_type(image)) {
    case GIMP_RGB:
        return alpha ? GIMP_RGBA_IMAGE : GIMP_RGB_IMAGE;
    case GIMP_GRAY:
        return alpha ? GIMP_GRAYA_IMAGE : GIMP_GRAY_IMAGE;
    case GIMP_INDEXED:
        return alpha ? GIMP_INDEXEDA_IMAGE : GIMP_INDEXED_IMAGE;
    }
    g_return_val_if_reached(GIMP_RGBA_IMAGE);
}

static gboolean insert(gint image, gint layer, gint above, GError **error)
{
    const gint parent = above > 0 ? gimp_item_get_parent(above) : -1;
    const gint position = above > 0 ? gimp_image_get_item_position(image, above) : 0;
    if (gimp_image_insert_layer(image, layer, parent, position))
        return TRUE;
    error_set_gimp(error, _("The new layer cannot be added"));
    gimp_item_delete(layer);
    return FALSE;
}

static gboolean add_mask(gint layer, GeglBuffer *mask, GError **error)
{
    const gint id = gimp_layer_create_mask(layer, GIMP_ADD_MASK_WHITE);
    if (id > 0 && gimp_layer_add_mask(layer, id))
        return write_drawable(id, mask, error);
    error_set_gimp(error, _("The layer mask cannot be added"));
    return FALSE;
}

gint host_layer_new(gint image, const char *name, GeglBuffer *pixels, gint x, gint y, gint above,
                    GeglBuffer *mask, GError **error)
{
    if (!error_check_image(image, error) || (above > 0 && !error_check_drawable(above, error)))
        return 0;
    const gboolean alpha = babl_format_has_alpha(gegl_buffer_get_format(pixels)) != 0;
    const gint layer = gimp_layer_new(
        image, name, gegl_buffer_get_width(pixels), gegl_buffer_get_height(pixels),
        layer_type(image, alpha), above > 0 ? gimp_layer_get_opacity(above) : 100.0,
        above > 0 ? gimp_layer_get_mode(above) : gimp_image_get_default_new_layer_mode(image));
    if (layer <= 0) {
        error_set_gimp(error, _("The new layer cannot be made"));
        return 0;
    }
    if (above > 0) {
        gimp_layer_set_blend_space(layer, gimp_layer_get_blend_space(above));
        gimp_layer_set_composite_space(layer, gimp_layer_get_composite_space(above));
        gimp_layer_set_composite_mode(layer, gimp_layer_get_composite_mode(above));
    }
    gimp_layer_set_offsets(layer, x, y);
    if (!write_drawable(layer, pixels, error)) {
        gimp_item_delete(layer);
        return 0;
    }
    // A locked group would refuse it, or its mask.
    GArray *locks = locks_take_off(image);
    const gboolean done =
        insert(image, layer, above, error) && (!mask || add_mask(layer, mask, error));
    locks_restore(locks);
    return done ? layer : 0;
}
