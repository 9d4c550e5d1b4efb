// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP 2.10's calls by ids.
#include "../host/pdb.h"

#include <libgimp/gimp.h>

// GIMP 2.10 says -1 where there is none.
static gint id_or_none(gint id)
{
    return MAX(id, 0);
}

const char *pdb_last_error(void)
{
    return gimp_get_pdb_error();
}

gboolean pdb_image_is_valid(gint image)
{
    return gimp_image_is_valid(image);
}

PdbKind pdb_item_kind(gint item)
{
    if (!gimp_item_is_valid(item) || !gimp_item_is_drawable(item))
        return PDB_NO_DRAWABLE;
    if (gimp_item_is_layer(item))
        return PDB_LAYER;
    return gimp_item_is_layer_mask(item) ? PDB_LAYER_MASK : PDB_CHANNEL;
}

// --- new images ---

gint pdb_image_new(HostBase base, guint precision, guint width, guint height)
{
    static const GimpImageBaseType bases[] = {
        [HOST_RGB] = GIMP_RGB, [HOST_GREY] = GIMP_GRAY, [HOST_INDEXED] = GIMP_INDEXED};
    return id_or_none(gimp_image_new_with_precision((gint)width, (gint)height, bases[base],
                                                    (GimpPrecision)precision));
}

gboolean pdb_image_set_profile(gint image, const void *icc, gsize length, gboolean is_linear)
{
    GimpColorProfile *profile = gimp_color_profile_new_from_icc_profile(icc, length, NULL);
    GimpColorProfile *linear =
        profile && is_linear ? gimp_color_profile_new_linear_from_color_profile(profile) : NULL;
    const gboolean done = profile && gimp_image_set_color_profile(image, linear ? linear : profile);
    g_clear_object(&linear);
    g_clear_object(&profile);
    return done;
}

// --- names ---

char *pdb_image_file(gint image)
{
    return gimp_image_get_filename(image);
}

char *pdb_image_source(gint image)
{
    // A loader that was called by a script tells its file as the image's own.
    g_autofree char *imported = gimp_image_get_imported_uri(image);
    g_autofree char *own = imported ? NULL : gimp_image_get_xcf_uri(image);
    const char *uri = imported ? imported : own;
    return uri ? g_filename_from_uri(uri, NULL, NULL) : NULL;
}

char *pdb_image_name(gint image)
{
    char *name = gimp_image_get_name(image);
    return name ? name : g_strdup("");
}

const char *pdb_name_ending(void)
{
    return "";
}

gint *pdb_images(gint *n)
{
    return gimp_image_list(n);
}

void pdb_image_set_file(gint image, const char *path)
{
    gimp_image_set_filename(image, path);
}

// --- layers ---

gint *pdb_layers(gint image, gint group, gint *n)
{
    return group > 0 ? gimp_item_get_children(group, n) : gimp_image_get_layers(image, n);
}

gint pdb_layer_parent(gint layer)
{
    return id_or_none(gimp_item_get_parent(layer));
}

gint pdb_layer_position(gint image, gint layer)
{
    return gimp_image_get_item_position(image, layer);
}

void pdb_layer_describe(gint layer, HostLayer *description)
{
    *description = (HostLayer){
        .id = layer,
        .width = (guint)gimp_drawable_width(layer),
        .height = (guint)gimp_drawable_height(layer),
        .pixel_bytes = (guint)gimp_drawable_bpp(layer),
        .is_group = gimp_item_is_group(layer),
        .is_text = gimp_item_is_text_layer(layer),
        .is_floating = gimp_layer_is_floating_sel(layer),
        .has_alpha = gimp_drawable_has_alpha(layer),
        .has_mask = gimp_layer_get_mask(layer) > 0,
    };
    gimp_drawable_offsets(layer, &description->x, &description->y);
}

gboolean pdb_layer_hides(gint layer)
{
    const GimpLayerMode mode = gimp_layer_get_mode(layer);
    return gimp_item_get_visible(layer) && !gimp_drawable_has_alpha(layer) &&
           gimp_layer_get_mask(layer) <= 0 && gimp_layer_get_opacity(layer) >= 100.0 &&
           (mode == GIMP_LAYER_MODE_NORMAL || mode == GIMP_LAYER_MODE_NORMAL_LEGACY);
}

gint pdb_layer_mask(gint layer)
{
    return id_or_none(gimp_layer_get_mask(layer));
}

gint pdb_mask_layer(gint mask)
{
    return id_or_none(gimp_layer_from_mask(mask));
}

gint pdb_layer_new_visible(gint image)
{
    return id_or_none(gimp_layer_new_from_visible(image, image, ""));
}

void pdb_layer_delete(gint layer)
{
    gimp_item_delete(layer);
}

gboolean pdb_layer_make_own(gint layer)
{
    return TRUE;
}

gboolean pdb_layer_copy_filters(gint from, gint to)
{
    return TRUE; // it has none
}

gboolean pdb_layer_lock_content(gint layer)
{
    return gimp_item_get_lock_content(layer);
}

gboolean pdb_layer_lock_position(gint layer)
{
    return gimp_item_get_lock_position(layer);
}

void pdb_layer_set_lock_content(gint layer, gboolean lock)
{
    gimp_item_set_lock_content(layer, lock);
}

void pdb_layer_set_lock_position(gint layer, gboolean lock)
{
    gimp_item_set_lock_position(layer, lock);
}

gboolean pdb_layer_resize(gint layer, guint width, guint height)
{
    return gimp_layer_resize(layer, (gint)width, (gint)height, 0, 0);
}

gint pdb_layer_new_pixel(gint image, gint group, gint x, gint y)
{
    static const GimpImageType types[] = {[GIMP_RGB] = GIMP_RGBA_IMAGE,
                                          [GIMP_GRAY] = GIMP_GRAYA_IMAGE,
                                          [GIMP_INDEXED] = GIMP_INDEXEDA_IMAGE};
    const gint pixel = gimp_layer_new(image, "", 1, 1, types[gimp_image_base_type(image)], 100.0,
                                      GIMP_LAYER_MODE_NORMAL);
    if (pixel > 0 && gimp_layer_set_offsets(pixel, x, y) &&
        gimp_image_insert_layer(image, pixel, group, 0))
        return pixel;
    return 0;
}

void pdb_layer_remove(gint image, gint layer)
{
    gimp_image_remove_layer(image, layer);
}

GArray *pdb_selected_items(gint image)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint));
    gint active = gimp_image_get_active_channel(image);
    if (active <= 0)
        active = gimp_image_get_active_layer(image);
    if (active > 0)
        g_array_append_val(ids, active);
    return ids;
}

void pdb_select_items(gint image, const GArray *items)
{
    const gint active = items->len > 0 ? g_array_index(items, gint, 0) : 0;
    if (active > 0 && gimp_item_is_channel(active))
        gimp_image_set_active_channel(image, active);
    else if (active > 0)
        gimp_image_set_active_layer(image, active);
}

// --- scaling ---

gboolean pdb_image_scale(gint image, guint width, guint height)
{
    return gimp_image_scale(image, (gint)width, (gint)height);
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

gint pdb_image_of_channel(gint image, guint width, guint height, gint *channel)
{
    const GimpRGB black = {0.0, 0.0, 0.0, 1.0};
    const gint own = gimp_image_new_with_precision(
        (gint)width, (gint)height, GIMP_GRAY, linear_precision(gimp_image_get_precision(image)));
    if (own <= 0)
        return 0;
    gimp_image_undo_disable(own);
    const gint made = gimp_channel_new(own, "mask", (gint)width, (gint)height, 100.0, &black);
    *channel = made > 0 && gimp_image_insert_channel(own, made, 0, 0) ? made : 0;
    return own;
}

GeglBuffer *pdb_mask_buffer(gint drawable)
{
    return gimp_drawable_get_buffer(drawable);
}

gboolean pdb_mask_update(gint drawable)
{
    return gimp_drawable_update(drawable, 0, 0, gimp_drawable_width(drawable),
                                gimp_drawable_height(drawable));
}

// --- files ---

gint pdb_file_load(const char *path)
{
    return id_or_none(gimp_file_load(GIMP_RUN_NONINTERACTIVE, path, path));
}

gboolean pdb_image_fit(gint image)
{
    return gimp_image_resize_to_layers(image);
}

gboolean pdb_image_merge(gint image, gboolean flatten)
{
    return (flatten ? gimp_image_flatten(image)
                    : gimp_image_merge_visible_layers(image, GIMP_CLIP_TO_IMAGE)) > 0;
}

gboolean pdb_file_save(gint image, const char *path, GError **error)
{
    const gint drawable = gimp_image_get_active_drawable(image);
    if (gimp_file_save(GIMP_RUN_NONINTERACTIVE, image, drawable, path, path))
        return TRUE;
    g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FILE, pdb_last_error());
    return FALSE;
}
