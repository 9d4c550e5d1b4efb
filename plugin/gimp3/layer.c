// SPDX-License-Identifier: LGPL-3.0-or-later
// Layers of GIMP 3: their pixels, names and masks; pixels written; new ones.
//
// The buffers that GIMP 3 gives have the image's profile as their space already, those of indexed
// layers the palette too. They are what lies below a layer's effects, which stay on it as they are.
#include "../host.h"
#include "../host/awake.h"
#include "../host/locks.h"
#include "error.h"
#include <gan/image.h>
#include <glib/gi18n-lib.h>

// The space next to the image's profile where that is a table, which GIMP's own buffers are not in;
// NULL: there is none, or none is needed.
static const Babl *nearest_space(GimpImage *image)
{
    g_autoptr(GimpColorProfile) profile = gimp_image_get_color_profile(image);
    gsize n = 0;
    if (!profile || !gimp_color_profile_is_rgb(profile) ||
        gimp_color_profile_get_space(profile, GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC,
                                     NULL))
        return NULL;
    const guint8 *icc = gimp_color_profile_get_icc_profile(profile, &n);
    return icc ? gan_image_nearest_space(icc, n) : NULL;
}

// Gives the buffer of a layer that space; to be done with what is read and what is written.
static void label(GimpDrawable *of, GeglBuffer *buffer)
{
    const Babl *space = GIMP_IS_LAYER(of) && gimp_drawable_is_rgb(of)
                            ? nearest_space(gimp_item_get_image(GIMP_ITEM(of)))
                            : NULL;
    if (space)
        gegl_buffer_set_format(
            buffer, babl_format_with_space(babl_format_get_encoding(gegl_buffer_get_format(buffer)),
                                           space));
}

// What is wrong with the image's profile for Babl; NULL: nothing. The caller frees it.
static char *profile_warning(GimpImage *image)
{
    g_autoptr(GimpColorProfile) profile = gimp_image_get_color_profile(image);
    g_autoptr(GError) reason = NULL;
    if (!profile ||
        gimp_color_profile_get_space(profile, GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC,
                                     &reason) ||
        nearest_space(image))
        return NULL;
    return g_strdup_printf(_("The colour profile '%s' cannot be used (%s): the numbers are taken "
                             "as sRGB. The image keeps its profile."),
                           gimp_color_profile_get_label(profile), reason ? reason->message : "");
}

GeglBuffer *host_drawable_buffer(gint drawable, char **warning, GError **error)
{
    if (warning)
        *warning = NULL;
    GimpDrawable *of = error_get_drawable(drawable, error);
    if (!of)
        return NULL;
    gan_image_init(0);
    GeglBuffer *buffer = gimp_drawable_get_buffer(of);
    if (!buffer)
        error_set_gimp(error, _("The layer's pixels cannot be read"));
    else
        label(of, buffer);
    if (buffer && warning && GIMP_IS_LAYER(of))
        *warning = profile_warning(gimp_item_get_image(GIMP_ITEM(of)));
    return buffer;
}

char *host_layer_name(gint layer)
{
    GimpLayer *of = error_get_layer(layer, NULL);
    char *name = of ? gimp_item_get_name(GIMP_ITEM(of)) : NULL;
    return name ? name : g_strdup("");
}

GeglBuffer *host_layer_mask(gint layer)
{
    GimpLayer *of = error_get_layer(layer, NULL);
    GimpLayerMask *mask = of ? gimp_layer_get_mask(of) : NULL;
    if (!mask)
        return NULL;
    gan_image_init(0);
    g_autoptr(GeglBuffer) own = gimp_drawable_get_buffer(GIMP_DRAWABLE(mask));
    if (!own)
        return NULL;
    GeglBuffer *buffer = gegl_buffer_new(gegl_buffer_get_extent(own), babl_format("Y float"));
    gegl_buffer_copy(own, NULL, GEGL_ABYSS_NONE, buffer, NULL);
    return buffer;
}

// Writes the whole of a drawable and tells GIMP.
static gboolean write_drawable(GimpDrawable *drawable, GeglBuffer *pixels, GError **error)
{
    const gint width = gimp_drawable_get_width(drawable);
    const gint height = gimp_drawable_get_height(drawable);
    const GeglRectangle *extent = gegl_buffer_get_extent(pixels);
    if (extent->width != width || extent->height != height) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    _("The result is %d x %d pixels; the layer has %d x %d."), extent->width,
                    extent->height, width, height);
        return FALSE;
    }
    gan_image_init(0);
    GeglBuffer *to = gimp_drawable_get_buffer(drawable);
    if (to) {
        label(drawable, to);
        Awake *awake = awake_begin();
        gegl_buffer_copy(pixels, extent, GEGL_ABYSS_NONE, to, GEGL_RECTANGLE(0, 0, width, height));
        g_object_unref(to); // which also sends the pixels
        awake_end(awake);
        if (gimp_drawable_update(drawable, 0, 0, width, height))
            return TRUE;
    }
    error_set_gimp(error, _("The layer's pixels cannot be written"));
    return FALSE;
}

gboolean host_layer_write(gint layer, GeglBuffer *pixels, GError **error)
{
    GimpLayer *of = error_get_layer(layer, error);
    if (!of)
        return FALSE;
    // GIMP ends a plug-in that writes to a locked layer.
    GArray *locks = locks_take_off(gimp_image_get_id(gimp_item_get_image(GIMP_ITEM(of))));
    const gboolean done = write_drawable(GIMP_DRAWABLE(of), pixels, error);
    locks_restore(locks);
    return done;
}

static GimpImageType layer_type(GimpImage *image, gboolean alpha)
{
    switch (gimp_image_get_base_type(image)) {
    case GIMP_RGB:
        return alpha ? GIMP_RGBA_IMAGE : GIMP_RGB_IMAGE;
    case GIMP_GRAY:
        return alpha ? GIMP_GRAYA_IMAGE : GIMP_GRAY_IMAGE;
    case GIMP_INDEXED:
        return alpha ? GIMP_INDEXEDA_IMAGE : GIMP_INDEXED_IMAGE;
    }
    g_return_val_if_reached(GIMP_RGBA_IMAGE);
}

// Puts the layer in its place, which a locked group would refuse, and selects it.
static gboolean insert(GimpImage *image, GimpLayer *layer, GimpLayer *above)
{
    GimpItem *parent = above ? gimp_item_get_parent(GIMP_ITEM(above)) : NULL;
    const gint position = above ? gimp_image_get_item_position(image, GIMP_ITEM(above)) : 0;
    GArray *locks = locks_take_off(gimp_image_get_id(image));
    const gboolean done =
        gimp_image_insert_layer(image, layer, parent ? GIMP_LAYER(parent) : NULL, position);
    locks_restore(locks);
    const GimpLayer *selected[] = {layer, NULL};
    return done && gimp_image_set_selected_layers(image, selected);
}

static gboolean add_mask(GimpLayer *layer, GeglBuffer *pixels, GError **error)
{
    GimpLayerMask *mask = gimp_layer_create_mask(layer, GIMP_ADD_MASK_WHITE);
    if (mask && gimp_layer_add_mask(layer, mask))
        return write_drawable(GIMP_DRAWABLE(mask), pixels, error);
    error_set_gimp(error, _("The layer mask cannot be added"));
    return FALSE;
}

static GimpLayer *make(GimpImage *image, const char *name, GeglBuffer *pixels, GimpLayer *above)
{
    const gboolean alpha = babl_format_has_alpha(gegl_buffer_get_format(pixels)) != 0;
    GimpLayer *layer = gimp_layer_new(
        image, name, gegl_buffer_get_width(pixels), gegl_buffer_get_height(pixels),
        layer_type(image, alpha), above ? gimp_layer_get_opacity(above) : 100.0,
        above ? gimp_layer_get_mode(above) : gimp_image_get_default_new_layer_mode(image));
    if (layer && above) {
        gimp_layer_set_blend_space(layer, gimp_layer_get_blend_space(above));
        gimp_layer_set_composite_space(layer, gimp_layer_get_composite_space(above));
        gimp_layer_set_composite_mode(layer, gimp_layer_get_composite_mode(above));
    }
    return layer;
}

gint host_layer_new(gint image, const char *name, GeglBuffer *pixels, gint x, gint y, gint above,
                    GeglBuffer *mask, GError **error)
{
    GimpImage *in = error_get_image(image, error);
    GimpLayer *below = in && above > 0 ? error_get_layer(above, error) : NULL;
    if (!in || (above > 0 && !below))
        return 0;
    GimpLayer *layer = make(in, name, pixels, below);
    if (!layer) {
        error_set_gimp(error, _("The new layer cannot be made"));
        return 0;
    }
    gimp_layer_set_offsets(layer, x, y);
    if (!write_drawable(GIMP_DRAWABLE(layer), pixels, error)) {
        gimp_item_delete(GIMP_ITEM(layer));
        return 0;
    }
    if (!insert(in, layer, below)) {
        error_set_gimp(error, _("The new layer cannot be added"));
        gimp_item_delete(GIMP_ITEM(layer));
        return 0;
    }
    return !mask || add_mask(layer, mask, error) ? gimp_item_get_id(GIMP_ITEM(layer)) : 0;
}
