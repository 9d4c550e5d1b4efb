// SPDX-License-Identifier: LGPL-3.0-or-later
// Scale Image without computing pixels that are overwritten afterwards.
//
// gimp_image_scale() carries everything along (layers with their effects, groups, masks, channels,
// selection, paths, guides, sample points), but takes long over the pixels of large layers. Layers
// that the caller fills are made 1 x 1 pixels before and get their room back after it, which leaves
// their old pixels in the undo step. What that would change beside them is held fast: their masks
// are scaled in an image of their own, by GIMP and so with its sampler, and the bounds of the
// groups they lie in, from which GIMP computes the places of the groups' children, and which the
// groups' own masks follow, by two layers of one pixel in the corners.
//
// Source: places and sizes are gimp_item_scale_by_factors_with_origin()'s, GIMP 3.0.
#include "../host.h"

#include "error.h"
#include "locks.h"
#include <gan/image.h>
#include <glib/gi18n-lib.h>
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

static GimpItem *parent_of(gint item)
{
    return item > 0 ? gimp_item_get_parent(gimp_item_get_by_id(item)) : NULL;
}

static Frame frame_in(const HostImageInfo *info, GimpItem *parent, guint width, guint height)
{
    HostLayer group, scaled;
    if (!parent || !host_layer(gimp_item_get_id(parent), &group, NULL) || group.width == 0 ||
        group.height == 0)
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
    const Frame frame = frame_in(info, parent_of(layer->id), width, height);
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
    GimpLayer *layer;
    HostLayer scaled;
    GeglBuffer *mask; // scaled; NULL: it has none
} Filled;

static void filled_clear(gpointer data)
{
    Filled *filled = data;
    g_clear_object(&filled->mask);
}

static void write_mask(GimpDrawable *drawable, GeglBuffer *mask)
{
    GeglBuffer *to = gimp_drawable_get_buffer(drawable);
    gegl_buffer_copy(mask, NULL, GEGL_ABYSS_NONE, to, NULL);
    g_object_unref(to); // which also sends the pixels
    gimp_drawable_update(drawable, 0, 0, gimp_drawable_get_width(drawable),
                         gimp_drawable_get_height(drawable));
}

// Masks hold linear numbers in every image, channels only in linear ones.
static GimpPrecision linear_precision(GimpPrecision precision)
{
    switch (precision) {
    case GIMP_PRECISION_U8_NON_LINEAR:
    case GIMP_PRECISION_U8_PERCEPTUAL:
        return GIMP_PRECISION_U8_LINEAR;
    case GIMP_PRECISION_U16_NON_LINEAR:
    case GIMP_PRECISION_U16_PERCEPTUAL:
        return GIMP_PRECISION_U16_LINEAR;
    case GIMP_PRECISION_U32_NON_LINEAR:
    case GIMP_PRECISION_U32_PERCEPTUAL:
        return GIMP_PRECISION_U32_LINEAR;
    case GIMP_PRECISION_HALF_NON_LINEAR:
    case GIMP_PRECISION_HALF_PERCEPTUAL:
        return GIMP_PRECISION_HALF_LINEAR;
    case GIMP_PRECISION_FLOAT_NON_LINEAR:
    case GIMP_PRECISION_FLOAT_PERCEPTUAL:
        return GIMP_PRECISION_FLOAT_LINEAR;
    case GIMP_PRECISION_DOUBLE_NON_LINEAR:
    case GIMP_PRECISION_DOUBLE_PERCEPTUAL:
        return GIMP_PRECISION_DOUBLE_LINEAR;
    default:
        return precision;
    }
}

// Scales a layer's mask as a channel of an image of its own: the same code of GIMP, on the same
// numbers.
static GeglBuffer *scaled_mask(GimpImage *image, GimpLayer *layer, const HostLayer *scaled,
                               GError **error)
{
    gan_image_init(0);
    const GimpPrecision precision = linear_precision(gimp_image_get_precision(image));
    g_autoptr(GeglBuffer) mask =
        gimp_drawable_get_buffer(GIMP_DRAWABLE(gimp_layer_get_mask(layer)));
    const GeglRectangle *extent = mask ? gegl_buffer_get_extent(mask) : NULL;
    GimpImage *own =
        extent ? gimp_image_new_with_precision(extent->width, extent->height, GIMP_GRAY, precision)
               : NULL;
    if (!own) {
        error_set_gimp(error, _("The layer mask cannot be scaled"));
        return NULL;
    }
    gimp_image_undo_disable(own);
    GeglColor *black = gegl_color_new("black");
    GimpChannel *channel =
        gimp_channel_new(own, "mask", extent->width, extent->height, 100.0, black);
    g_object_unref(black);
    g_autoptr(GeglBuffer) result = NULL;
    if (channel && gimp_image_insert_channel(own, channel, NULL, 0)) {
        write_mask(GIMP_DRAWABLE(channel), mask);
        if (gimp_image_scale(own, (gint)scaled->width, (gint)scaled->height)) {
            g_autoptr(GeglBuffer) large = gimp_drawable_get_buffer(GIMP_DRAWABLE(channel));
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
static gboolean add_pixel(GimpImage *image, GimpLayer *group, gint x, gint y, GPtrArray *pixels,
                          GError **error)
{
    const GimpImageType types[] = {[GIMP_RGB] = GIMP_RGBA_IMAGE,
                                   [GIMP_GRAY] = GIMP_GRAYA_IMAGE,
                                   [GIMP_INDEXED] = GIMP_INDEXEDA_IMAGE};
    GimpLayer *pixel = gimp_layer_new(image, "", 1, 1, types[gimp_image_get_base_type(image)],
                                      100.0, GIMP_LAYER_MODE_NORMAL);
    if (pixel && gimp_layer_set_offsets(pixel, x, y) &&
        gimp_image_insert_layer(image, pixel, group, 0)) {
        g_ptr_array_add(pixels, pixel);
        return TRUE;
    }
    error_set_gimp(error, _("The layer group cannot be scaled"));
    return FALSE;
}

// Holds the bounds of the groups of the filled layers, which are to lose their size.
static gboolean hold_groups(GimpImage *image, const GArray *layers, GPtrArray *pixels,
                            GError **error)
{
    g_autoptr(GHashTable) held = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < layers->len; i++) {
        const Filled *one = &g_array_index(layers, Filled, i);
        GimpItem *parent = gimp_item_get_parent(GIMP_ITEM(one->layer));
        HostLayer group;
        if (!parent || !g_hash_table_add(held, parent))
            continue;
        if (!host_layer(gimp_item_get_id(parent), &group, error) ||
            !add_pixel(image, GIMP_LAYER(parent), group.x, group.y, pixels, error) ||
            !add_pixel(image, GIMP_LAYER(parent), group.x + (gint)group.width - 1,
                       group.y + (gint)group.height - 1, pixels, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean resize(GimpLayer *layer, guint width, guint height, GError **error)
{
    if (gimp_layer_resize(layer, (gint)width, (gint)height, 0, 0))
        return TRUE;
    error_set_gimp(error, _("The layer cannot be resized"));
    return FALSE;
}

static gboolean scale_image(GimpImage *image, guint width, guint height, GError **error)
{
    if (gimp_image_scale(image, (gint)width, (gint)height))
        return TRUE;
    error_set_gimp(error, _("The image cannot be scaled"));
    return FALSE;
}

// Finds out where the filled layers will lie, while they still lie where they did.
static gboolean prepare(GimpImage *image, const HostImageInfo *info, guint width, guint height,
                        const gint *filled, guint n_filled, GArray *layers, GError **error)
{
    for (guint i = 0; i < n_filled; i++) {
        Filled one = {.layer = error_get_layer(filled[i], error)};
        HostLayer layer;
        if (!one.layer || !host_layer(filled[i], &layer, error))
            return FALSE;
        host_scaled_layer(info, &layer, width, height, &one.scaled);
        if (layer.has_mask) {
            one.mask = scaled_mask(image, one.layer, &one.scaled, error);
            if (!one.mask)
                return FALSE;
        }
        g_array_append_val(layers, one);
    }
    return TRUE;
}

static gboolean scale_around(GimpImage *image, guint width, guint height, const GArray *layers,
                             GPtrArray *pixels, GError **error)
{
    if (!hold_groups(image, layers, pixels, error))
        return FALSE;
    for (guint i = 0; i < layers->len; i++) {
        if (!resize(g_array_index(layers, Filled, i).layer, 1, 1, error))
            return FALSE;
    }
    if (!scale_image(image, width, height, error))
        return FALSE;
    for (guint i = 0; i < layers->len; i++) {
        const Filled *one = &g_array_index(layers, Filled, i);
        if (!resize(one->layer, one->scaled.width, one->scaled.height, error))
            return FALSE;
        if (one->mask)
            write_mask(GIMP_DRAWABLE(gimp_layer_get_mask(one->layer)), one->mask);
    }
    return TRUE;
}

// Selects what was selected before layers were added.
static void select_again(GimpImage *image, GimpLayer **layers, GimpChannel **channels)
{
    if (channels && channels[0])
        gimp_image_set_selected_channels(image, (const GimpChannel **)(void *)channels);
    else if (layers)
        gimp_image_set_selected_layers(image, (const GimpLayer **)(void *)layers);
}

// Scales the image; the layers in `filled` keep no pixels.
static gboolean scale_filled(GimpImage *image, const HostImageInfo *info, guint width, guint height,
                             const gint *filled, guint n_filled, GError **error)
{
    g_autoptr(GArray) layers = g_array_new(FALSE, FALSE, sizeof(Filled));
    g_array_set_clear_func(layers, filled_clear);
    g_autoptr(GPtrArray) pixels = g_ptr_array_new();
    g_autofree GimpLayer **selected_layers = gimp_image_get_selected_layers(image);
    g_autofree GimpChannel **selected_channels = gimp_image_get_selected_channels(image);
    GArray *locks = locks_take_off(image);
    const gboolean done = prepare(image, info, width, height, filled, n_filled, layers, error) &&
                          scale_around(image, width, height, layers, pixels, error);
    for (guint i = 0; i < pixels->len; i++)
        gimp_image_remove_layer(image, pixels->pdata[i]);
    locks_restore(locks);
    if (pixels->len > 0)
        select_again(image, selected_layers, selected_channels);
    return done;
}

gboolean host_image_scale(gint image, guint width, guint height, HostInterpolation interpolation,
                          const gint *filled, guint n_filled, GError **error)
{
    HostImageInfo info;
    if (!host_image_info(image, &info, error))
        return FALSE;
    GimpImage *of = gimp_image_get_by_id(image);
    // A layer of one pixel would vanish from an image that becomes smaller.
    const gboolean grows = width >= info.width && height >= info.height;
    gimp_context_push();
    gimp_context_set_interpolation(interpolation_type(interpolation));
    const gboolean done = grows && n_filled > 0
                              ? scale_filled(of, &info, width, height, filled, n_filled, error)
                              : scale_image(of, width, height, error);
    gimp_context_pop();
    return done;
}
