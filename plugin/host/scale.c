// SPDX-License-Identifier: LGPL-3.0-or-later
// Scale Image without computing pixels that are overwritten afterwards.
//
// gimp_image_scale() carries everything along (layers, with their effects in GIMP 3, groups, masks,
// channels, selection, paths, guides, sample points), but takes long over the pixels of large
// layers. Layers that the caller fills are made 1 x 1 pixels before and get their room back after
// it, which leaves their old pixels in the undo step. What that would change beside them is held
// fast: their masks are scaled in an image of their own, by GIMP and so with its sampler, and the
// bounds of the groups they lie in, from which GIMP computes the places of the groups' children,
// and which the groups' own masks follow, by two layers of one pixel in the corners.
#include "error.h"
#include "locks.h"
#include "pdb.h"
#include <gan/image.h>
#include <glib/gi18n-lib.h>

// A layer to be filled: where it comes to lie, and its mask.
typedef struct {
    gint layer;
    HostLayer scaled;
    GeglBuffer *mask; // scaled; NULL: it has none
} Filled;

static void filled_clear(gpointer data)
{
    Filled *filled = data;
    g_clear_object(&filled->mask);
}

static gboolean write_mask(gint drawable, GeglBuffer *mask)
{
    GeglBuffer *to = pdb_mask_buffer(drawable);
    if (!to)
        return FALSE;
    gegl_buffer_copy(mask, NULL, GEGL_ABYSS_NONE, to, NULL);
    g_object_unref(to); // which also sends the pixels
    return pdb_mask_update(drawable);
}

static GeglBuffer *copied(GeglBuffer *buffer)
{
    GeglBuffer *copy =
        gegl_buffer_new(gegl_buffer_get_extent(buffer), gegl_buffer_get_format(buffer));
    gegl_buffer_copy(buffer, NULL, GEGL_ABYSS_NONE, copy, NULL);
    return copy;
}

static GeglBuffer *scaled_channel(gint image, gint channel, GeglBuffer *mask,
                                  const HostLayer *scaled)
{
    if (!write_mask(channel, mask) || !pdb_image_scale(image, scaled->width, scaled->height))
        return NULL;
    g_autoptr(GeglBuffer) large = pdb_mask_buffer(channel);
    return large ? copied(large) : NULL;
}

// Scales a layer's mask as a channel of an image of its own: the same code of GIMP, on
// the same numbers.
static GeglBuffer *scaled_mask(gint image, gint layer, const HostLayer *scaled, GError **error)
{
    gan_image_init(0);
    g_autoptr(GeglBuffer) mask = pdb_mask_buffer(pdb_layer_mask(layer));
    const GeglRectangle *extent = mask ? gegl_buffer_get_extent(mask) : NULL;
    gint own = 0, channel = 0;
    if (extent && (guint)extent->width == scaled->width && (guint)extent->height == scaled->height)
        return copied(mask);
    if (extent)
        own = pdb_image_of_channel(image, (guint)extent->width, (guint)extent->height, &channel);
    GeglBuffer *result = channel > 0 ? scaled_channel(own, channel, mask, scaled) : NULL;
    if (!result)
        error_set_gimp(error, _("The layer mask cannot be scaled"));
    if (own > 0)
        host_image_delete(own);
    return result;
}

// Adds a layer of one pixel to a group.
static gboolean add_pixel(gint image, gint group, gint x, gint y, GArray *pixels, GError **error)
{
    const gint pixel = pdb_layer_new_pixel(image, group, x, y);
    if (pixel > 0) {
        g_array_append_val(pixels, pixel);
        return TRUE;
    }
    error_set_gimp(error, _("The layer group cannot be scaled"));
    return FALSE;
}

// Holds the bounds of the groups of the filled layers, which are to lose their size.
static gboolean hold_groups(gint image, const GArray *layers, GArray *pixels, GError **error)
{
    g_autoptr(GHashTable) held = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < layers->len; i++) {
        const gint parent = pdb_layer_parent(g_array_index(layers, Filled, i).layer);
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
    if (pdb_layer_resize(layer, width, height))
        return TRUE;
    error_set_gimp(error, _("The layer cannot be resized"));
    return FALSE;
}

static gboolean scale_image(gint image, guint width, guint height, GError **error)
{
    HostImageInfo info;
    if (!host_image_info(image, &info, error))
        return FALSE;
    // Scale Image would compute all masks and channels anew.
    if (info.width == width && info.height == height)
        return TRUE;
    if (pdb_image_scale(image, width, height))
        return TRUE;
    error_set_gimp(error, _("The image cannot be scaled"));
    return FALSE;
}

// Finds out where the filled layers will lie, while they still lie where they did.
static gboolean prepare(gint image, const HostImageInfo *info, guint width, guint height,
                        const gint *filled, guint n_filled, GArray *layers, GError **error)
{
    for (guint i = 0; i < n_filled; i++) {
        Filled one = {.layer = filled[i]};
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

// Gives a filled layer its room, and its mask.
static gboolean restore(const Filled *filled, GError **error)
{
    if (!resize(filled->layer, filled->scaled.width, filled->scaled.height, error))
        return FALSE;
    if (!filled->mask || write_mask(pdb_layer_mask(filled->layer), filled->mask))
        return TRUE;
    error_set_gimp(error, _("The layer mask cannot be scaled"));
    return FALSE;
}

static gboolean scale_around(gint image, guint width, guint height, const GArray *layers,
                             GArray *pixels, GError **error)
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
        if (!restore(&g_array_index(layers, Filled, i), error))
            return FALSE;
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
    // GIMP selects a layer that is added.
    g_autoptr(GArray) selected = pdb_selected_items(image);
    GArray *locks = locks_take_off(image);
    const gboolean done = prepare(image, info, width, height, filled, n_filled, layers, error) &&
                          scale_around(image, width, height, layers, pixels, error);
    for (guint i = 0; i < pixels->len; i++)
        pdb_layer_remove(image, g_array_index(pixels, gint, i));
    locks_restore(locks);
    if (pixels->len > 0)
        pdb_select_items(image, selected);
    return done;
}

gboolean host_image_scale(gint image, guint width, guint height, HostInterpolation interpolation,
                          const gint *filled, guint n_filled, GError **error)
{
    HostImageInfo info;
    if (!host_image_info(image, &info, error))
        return FALSE;
    for (guint i = 0; i < n_filled; i++) {
        if (pdb_layer_make_own(filled[i]))
            continue;
        error_set_gimp(error, _("The layer cannot be rasterized"));
        return FALSE;
    }
    // A layer of one pixel would vanish from an image that becomes smaller.
    const gboolean grows = width >= info.width && height >= info.height;
    pdb_push_interpolation(interpolation);
    const gboolean done = grows && n_filled > 0
                              ? scale_filled(image, &info, width, height, filled, n_filled, error)
                              : scale_image(image, width, height, error);
    pdb_pop_interpolation();
    return done;
}
