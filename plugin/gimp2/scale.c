// SPDX-License-Identifier: LGPL-3.0-or-later
// Scale Image without computing pixels that are overwritten afterwards.
//
// gimp_image_scale() carries everything along (layers, groups, masks, channels, selection, paths,
// guides, sample points), but takes long over the pixels of large layers. Layers that the caller
// fills are made 1 x 1 pixels before and get their room back after it, which leaves their old
// pixels in the undo step. What that would change beside them is held fast: their masks are scaled
// in an image of their own, by GIMP and so with its sampler, and the bounds of the groups they lie
// in, from which GIMP computes the places of the groups' children, by two layers of one pixel in
// the corners.
//
// Source: places and sizes are gimp_item_scale_by_factors_with_origin()'s, GIMP 2.10.
#include "../host.h"

#include "colour.h"
#include "error.h"
#include "locks.h"
#include <gan/image.h>
#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>
#include <math.h>

// What GIMP scales the children of a group, or of the image, by.
typedef struct {
    double x_factor, y_factor;
    gint from_x, from_y; // the corner that stays in its place,
    gint to_x, to_y;     // and where that lies after it
} Frame;

// GIMP's SIGNED_ROUND(): halves go up, left of and above the canvas, too.
static gint rounded(double x)
{
    return (gint)floor(x + 0.5);
}

static void place(const Frame *frame, const HostLayer *layer, HostLayer *scaled)
{
    const gint x = layer->x - frame->from_x, y = layer->y - frame->from_y;
    const gint left = rounded(frame->x_factor * x), top = rounded(frame->y_factor * y);
    const gint right = rounded(frame->x_factor * (x + (gint)layer->width));
    const gint bottom = rounded(frame->y_factor * (y + (gint)layer->height));
    *scaled = *layer;
    scaled->x = left + frame->to_x;
    scaled->y = top + frame->to_y;
    scaled->width = (guint)MAX(right - left, 0);
    scaled->height = (guint)MAX(bottom - top, 0);
}

static Frame frame_in(const HostImageInfo *info, gint parent, guint width, guint height)
{
    HostLayer group, scaled;
    if (parent <= 0 || !host_layer(parent, &group, NULL) || group.width == 0 || group.height == 0)
        return (Frame){
            .x_factor = (double)width / info->width,
            .y_factor = (double)height / info->height,
        };
    const Frame around = frame_in(info, gimp_item_get_parent(parent), width, height);
    place(&around, &group, &scaled);
    return (Frame){(double)scaled.width / group.width,
                   (double)scaled.height / group.height,
                   group.x,
                   group.y,
                   scaled.x,
                   scaled.y};
}

void host_scaled_layer(const HostImageInfo *info, const HostLayer *layer, guint width, guint height,
                       HostLayer *scaled)
{
    const gint parent = layer->id > 0 ? gimp_item_get_parent(layer->id) : 0;
    const Frame frame = frame_in(info, parent, width, height);
    place(&frame, layer, scaled);
}

static GimpInterpolationType interpolation_type(HostInterpolation interpolation)
{
    switch (interpolation) {
    case HOST_INTERPOLATION_NONE:
        return GIMP_INTERPOLATION_NONE;
    case HOST_INTERPOLATION_LINEAR:
        return GIMP_INTERPOLATION_LINEAR;
    case HOST_INTERPOLATION_CUBIC:
        return GIMP_INTERPOLATION_CUBIC;
    case HOST_INTERPOLATION_NOHALO:
        return GIMP_INTERPOLATION_NOHALO;
    case HOST_INTERPOLATION_LOHALO:
        return GIMP_INTERPOLATION_LOHALO;
    }
    g_return_val_if_reached(GIMP_INTERPOLATION_CUBIC);
}

// A layer to be filled: where it comes to lie, and its mask.
typedef struct {
    HostLayer scaled;
    GeglBuffer *mask; // scaled; NULL: it has none
} Filled;

static void filled_clear(gpointer data)
{
    Filled *filled = data;
    g_clear_object(&filled->mask);
}

// Masks hold linear numbers in every image, channels only in linear ones.
static GimpPrecision linear_precision(GimpPrecision precision)
{
    switch (precision) {
    case GIMP_PRECISION_U8_GAMMA:
        return GIMP_PRECISION_U8_LINEAR;
    case GIMP_PRECISION_U16_GAMMA:
        return GIMP_PRECISION_U16_LINEAR;
    case GIMP_PRECISION_U32_GAMMA:
        return GIMP_PRECISION_U32_LINEAR;
    case GIMP_PRECISION_HALF_GAMMA:
        return GIMP_PRECISION_HALF_LINEAR;
    case GIMP_PRECISION_FLOAT_GAMMA:
        return GIMP_PRECISION_FLOAT_LINEAR;
    case GIMP_PRECISION_DOUBLE_GAMMA:
        return GIMP_PRECISION_DOUBLE_LINEAR;
    default:
        return precision;
    }
}

// Scales a layer's mask as a channel of an image of its own: the same code of GIMP, on the same
// numbers.
static GeglBuffer *scaled_mask(gint image, gint layer, const HostLayer *scaled, GError **error)
{
    gan_image_init(0);
    const GimpPrecision precision = linear_precision(gimp_image_get_precision(image));
    g_autoptr(GeglBuffer) mask = gimp_drawable_get_buffer(gimp_layer_get_mask(layer));
    const GeglRectangle *extent = mask ? gegl_buffer_get_extent(mask) : NULL;
    const gint own =
        extent ? gimp_image_new_with_precision(extent->width, extent->height, GIMP_GRAY, precision)
               : -1;
    if (own <= 0) {
        error_set_gimp(error, _("The layer mask cannot be scaled"));
        return NULL;
    }
    gimp_image_undo_disable(own);
    const GimpRGB black = {0.0, 0.0, 0.0, 1.0};
    const gint channel =
        gimp_channel_new(own, "mask", extent->width, extent->height, 100.0, &black);
    g_autoptr(GeglBuffer) result = NULL;
    if (channel > 0 && gimp_image_insert_channel(own, channel, 0, 0)) {
        GeglBuffer *small = gimp_drawable_get_buffer(channel);
        gegl_buffer_copy(mask, NULL, GEGL_ABYSS_NONE, small, NULL);
        g_object_unref(small); // which also sends the pixels
        gimp_drawable_update(channel, 0, 0, extent->width, extent->height);
        if (gimp_image_scale(own, (gint)scaled->width, (gint)scaled->height)) {
            g_autoptr(GeglBuffer) large = gimp_drawable_get_buffer(channel);
            result = gegl_buffer_new(gegl_buffer_get_extent(large), gegl_buffer_get_format(large));
            gegl_buffer_copy(large, NULL, GEGL_ABYSS_NONE, result, NULL);
        }
    }
    if (!result)
        error_set_gimp(error, _("The layer mask cannot be scaled"));
    gimp_image_delete(own);
    return g_steal_pointer(&result);
}

// Adds a layer of one pixel to a group.
static gboolean add_pixel(gint image, gint group, gint x, gint y, GArray *pixels, GError **error)
{
    const GimpImageType types[] = {[GIMP_RGB] = GIMP_RGBA_IMAGE,
                                   [GIMP_GRAY] = GIMP_GRAYA_IMAGE,
                                   [GIMP_INDEXED] = GIMP_INDEXEDA_IMAGE};
    const gint pixel = gimp_layer_new(image, "", 1, 1, types[gimp_image_base_type(image)], 100.0,
                                      GIMP_LAYER_MODE_NORMAL);
    if (pixel > 0 && gimp_layer_set_offsets(pixel, x, y) &&
        gimp_image_insert_layer(image, pixel, group, 0)) {
        g_array_append_val(pixels, pixel);
        return TRUE;
    }
    error_set_gimp(error, _("The layer group cannot be scaled"));
    return FALSE;
}

// Holds the bounds of the groups of the filled layers, which are to lose their size.
static gboolean hold_groups(gint image, const gint *filled, guint n_filled, GArray *pixels,
                            GError **error)
{
    g_autoptr(GHashTable) held = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < n_filled; i++) {
        const gint parent = gimp_item_get_parent(filled[i]);
        HostLayer group;
        if (parent <= 0 || !g_hash_table_add(held, GINT_TO_POINTER(parent)))
            continue;
        if (!host_layer(parent, &group, error) ||
            !add_pixel(image, parent, group.x, group.y, pixels, error) ||
            !add_pixel(image, parent, group.x + (gint)group.width - 1,
                       group.y + (gint)group.height - 1, pixels, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean resize(gint layer, guint width, guint height, GError **error)
{
    if (gimp_layer_resize(layer, (gint)width, (gint)height, 0, 0))
        return TRUE;
    error_set_gimp(error, _("The layer cannot be resized"));
    return FALSE;
}

static gboolean scale_image(gint image, guint width, guint height, GError **error)
{
    if (gimp_image_scale(image, (gint)width, (gint)height))
        return TRUE;
    error_set_gimp(error, _("The image cannot be scaled"));
    return FALSE;
}

// Finds out where the filled layers will lie, while they still lie where they did.
static gboolean prepare(gint image, const HostImageInfo *info, guint width, guint height,
                        const gint *filled, guint n_filled, GArray *layers, GError **error)
{
    for (guint i = 0; i < n_filled; i++) {
        Filled one = {0};
        HostLayer layer;
        if (!host_layer(filled[i], &layer, error))
            return FALSE;
        host_scaled_layer(info, &layer, width, height, &one.scaled);
        if (layer.has_mask) {
            one.mask = scaled_mask(image, filled[i], &one.scaled, error);
            if (!one.mask)
                return FALSE;
        }
        g_array_append_val(layers, one);
    }
    return TRUE;
}

static gboolean scale_around(gint image, guint width, guint height, const gint *filled,
                             guint n_filled, const GArray *layers, GArray *pixels, GError **error)
{
    if (!hold_groups(image, filled, n_filled, pixels, error))
        return FALSE;
    for (guint i = 0; i < n_filled; i++) {
        if (!resize(filled[i], 1, 1, error))
            return FALSE;
    }
    if (!scale_image(image, width, height, error))
        return FALSE;
    for (guint i = 0; i < n_filled; i++) {
        const Filled *one = &g_array_index(layers, Filled, i);
        if (!resize(filled[i], one->scaled.width, one->scaled.height, error))
            return FALSE;
        if (!one->mask)
            continue;
        const gint mask = gimp_layer_get_mask(filled[i]);
        GeglBuffer *to = gimp_drawable_get_buffer(mask);
        gegl_buffer_copy(one->mask, NULL, GEGL_ABYSS_NONE, to, NULL);
        g_object_unref(to);
        gimp_drawable_update(mask, 0, 0, (gint)one->scaled.width, (gint)one->scaled.height);
    }
    return TRUE;
}

// Scales the image; the layers in `filled` keep no pixels.
static gboolean scale_filled(gint image, const HostImageInfo *info, guint width, guint height,
                             const gint *filled, guint n_filled, GError **error)
{
    g_autoptr(GArray) layers = g_array_new(FALSE, FALSE, sizeof(Filled));
    g_array_set_clear_func(layers, filled_clear);
    g_autoptr(GArray) pixels = g_array_new(FALSE, FALSE, sizeof(gint));
    const gint active_layer = gimp_image_get_active_layer(image);
    const gint active_channel = gimp_image_get_active_channel(image);
    GArray *locks = locks_take_off(image);
    const gboolean done =
        prepare(image, info, width, height, filled, n_filled, layers, error) &&
        scale_around(image, width, height, filled, n_filled, layers, pixels, error);
    for (guint i = 0; i < pixels->len; i++)
        gimp_image_remove_layer(image, g_array_index(pixels, gint, i));
    locks_restore(locks);
    if (active_channel > 0)
        gimp_image_set_active_channel(image, active_channel);
    else if (active_layer > 0 && gimp_item_is_valid(active_layer))
        gimp_image_set_active_layer(image, active_layer);
    return done;
}

gboolean host_image_scale(gint image, guint width, guint height, HostInterpolation interpolation,
                          const gint *filled, guint n_filled, GError **error)
{
    HostImageInfo info;
    if (!host_image_info(image, &info, error))
        return FALSE;
    // A layer of one pixel would vanish from an image that becomes smaller.
    const gboolean grows = width >= info.width && height >= info.height;
    gimp_context_push();
    gimp_context_set_interpolation(interpolation_type(interpolation));
    const gboolean done = grows && n_filled > 0
                              ? scale_filled(image, &info, width, height, filled, n_filled, error)
                              : scale_image(image, width, height, error);
    gimp_context_pop();
    return done;
}
