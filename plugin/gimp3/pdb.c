// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP 3's calls by ids.
#include "../host/pdb.h"

#include "content.h"
#include "filters.h"

#include <libgimp/gimp.h>

static GimpItem *item_of(gint id)
{
    return gimp_item_get_by_id(id);
}

static GimpLayer *layer_of(gint id)
{
    return gimp_layer_get_by_id(id);
}

static gint id_of(gpointer item)
{
    return item ? gimp_item_get_id(GIMP_ITEM(item)) : 0;
}

const char *pdb_last_error(void)
{
    return gimp_pdb_get_last_error(gimp_get_pdb());
}

gboolean pdb_image_is_valid(gint image)
{
    return gimp_image_id_is_valid(image);
}

PdbKind pdb_item_kind(gint item)
{
    if (!gimp_item_id_is_valid(item) || !gimp_item_id_is_drawable(item))
        return PDB_NO_DRAWABLE;
    if (gimp_item_id_is_layer(item))
        return PDB_LAYER;
    return gimp_item_id_is_layer_mask(item) ? PDB_LAYER_MASK : PDB_CHANNEL;
}

// --- new images ---

gint pdb_image_new(HostBase base, guint precision, guint width, guint height)
{
    static const GimpImageBaseType bases[] = {
        [HOST_RGB] = GIMP_RGB, [HOST_GREY] = GIMP_GRAY, [HOST_INDEXED] = GIMP_INDEXED};
    GimpImage *image = gimp_image_new_with_precision((gint)width, (gint)height, bases[base],
                                                     (GimpPrecision)precision);
    return image ? gimp_image_get_id(image) : 0;
}

gboolean pdb_image_set_profile(gint image, const void *icc, gsize length, gboolean is_linear)
{
    g_autoptr(GimpColorProfile) profile =
        gimp_color_profile_new_from_icc_profile(icc, length, NULL);
    g_autoptr(GimpColorProfile) linear =
        profile && is_linear ? gimp_color_profile_new_linear_from_color_profile(profile) : NULL;
    return profile &&
           gimp_image_set_color_profile(gimp_image_get_by_id(image), linear ? linear : profile);
}

// --- names ---

char *pdb_image_file(gint image)
{
    GimpImage *of = gimp_image_get_by_id(image);
    g_autoptr(GFile) own = gimp_image_get_xcf_file(of);
    g_autoptr(GFile) imported = own ? NULL : gimp_image_get_imported_file(of);
    GFile *file = own ? own : imported;
    return file ? g_file_get_path(file) : NULL;
}

char *pdb_image_source(gint image)
{
    // A loader that was called by a script tells its file as the image's own.
    GimpImage *of = gimp_image_get_by_id(image);
    g_autoptr(GFile) imported = gimp_image_get_imported_file(of);
    g_autoptr(GFile) own = imported ? NULL : gimp_image_get_xcf_file(of);
    GFile *file = imported ? imported : own;
    return file ? g_file_get_path(file) : NULL;
}

char *pdb_image_name(gint image)
{
    char *name = gimp_image_get_name(gimp_image_get_by_id(image));
    return name ? name : g_strdup("");
}

const char *pdb_name_ending(void)
{
    return ".xcf";
}

gint *pdb_images(gint *n)
{
    g_autofree gpointer *images = (gpointer *)(void *)gimp_get_images();
    *n = (gint)gimp_core_object_array_get_length((GObject **)(void *)images);
    gint *ids = g_new(gint, *n);
    for (gint i = 0; i < *n; i++)
        ids[i] = gimp_image_get_id(images[i]);
    return ids;
}

void pdb_image_set_file(gint image, const char *path)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    gimp_image_set_file(gimp_image_get_by_id(image), file);
}

// --- layers ---

gint *pdb_layers(gint image, gint group, gint *n)
{
    g_autofree gpointer *items =
        group > 0 ? (gpointer *)(void *)gimp_item_get_children(item_of(group))
                  : (gpointer *)(void *)gimp_image_get_layers(gimp_image_get_by_id(image));
    *n = (gint)gimp_core_object_array_get_length((GObject **)(void *)items);
    gint *ids = g_new(gint, *n);
    for (gint i = 0; i < *n; i++)
        ids[i] = id_of(items[i]);
    return ids;
}

gint pdb_layer_parent(gint layer)
{
    return id_of(gimp_item_get_parent(item_of(layer)));
}

gint pdb_layer_position(gint image, gint layer)
{
    return gimp_image_get_item_position(gimp_image_get_by_id(image), item_of(layer));
}

void pdb_layer_describe(gint layer, HostLayer *description)
{
    GimpLayer *of = layer_of(layer);
    GimpDrawable *drawable = GIMP_DRAWABLE(of);
    *description = (HostLayer){
        .id = layer,
        .width = (guint)gimp_drawable_get_width(drawable),
        .height = (guint)gimp_drawable_get_height(drawable),
        .pixel_bytes = (guint)gimp_drawable_get_bpp(drawable),
        .content = content_of(of),
        .is_group = gimp_item_is_group(GIMP_ITEM(of)),
        .is_text = GIMP_IS_TEXT_LAYER(of),
        .is_floating = gimp_layer_is_floating_sel(of),
        .has_alpha = gimp_drawable_has_alpha(drawable),
        .has_mask = gimp_layer_get_mask(of) != NULL,
        .has_filters = filters_show(drawable),
    };
    gimp_drawable_get_offsets(drawable, &description->x, &description->y);
}

gboolean pdb_layer_hides(gint layer)
{
    GimpLayer *of = layer_of(layer);
    const GimpLayerMode mode = gimp_layer_get_mode(of);
    return gimp_item_get_visible(GIMP_ITEM(of)) && !gimp_drawable_has_alpha(GIMP_DRAWABLE(of)) &&
           gimp_layer_get_mask(of) == NULL && gimp_layer_get_opacity(of) >= 100.0 &&
           (mode == GIMP_LAYER_MODE_NORMAL || mode == GIMP_LAYER_MODE_NORMAL_LEGACY);
}

gint pdb_layer_mask(gint layer)
{
    return id_of(gimp_layer_get_mask(layer_of(layer)));
}

gint pdb_mask_layer(gint mask)
{
    return id_of(gimp_layer_from_mask(gimp_layer_mask_get_by_id(mask)));
}

gint pdb_layer_new_visible(gint image)
{
    GimpImage *of = gimp_image_get_by_id(image);
    return id_of(gimp_layer_new_from_visible(of, of, ""));
}

void pdb_layer_delete(gint layer)
{
    gimp_item_delete(item_of(layer));
}

gboolean pdb_layer_make_own(gint layer)
{
    return content_make_own(layer_of(layer));
}

gboolean pdb_layer_copy_filters(gint from, gint to)
{
    return filters_copy(GIMP_DRAWABLE(layer_of(from)), GIMP_DRAWABLE(layer_of(to)));
}

gboolean pdb_layer_lock_content(gint layer)
{
    return gimp_item_get_lock_content(item_of(layer));
}

gboolean pdb_layer_lock_position(gint layer)
{
    return gimp_item_get_lock_position(item_of(layer));
}

void pdb_layer_set_lock_content(gint layer, gboolean lock)
{
    gimp_item_set_lock_content(item_of(layer), lock);
}

void pdb_layer_set_lock_position(gint layer, gboolean lock)
{
    gimp_item_set_lock_position(item_of(layer), lock);
}

gboolean pdb_layer_resize(gint layer, guint width, guint height)
{
    return gimp_layer_resize(layer_of(layer), (gint)width, (gint)height, 0, 0);
}

gint pdb_layer_new_pixel(gint image, gint group, gint x, gint y)
{
    static const GimpImageType types[] = {[GIMP_RGB] = GIMP_RGBA_IMAGE,
                                          [GIMP_GRAY] = GIMP_GRAYA_IMAGE,
                                          [GIMP_INDEXED] = GIMP_INDEXEDA_IMAGE};
    GimpImage *in = gimp_image_get_by_id(image);
    GimpLayer *pixel = gimp_layer_new(in, "", 1, 1, types[gimp_image_get_base_type(in)], 100.0,
                                      GIMP_LAYER_MODE_NORMAL);
    if (pixel && gimp_layer_set_offsets(pixel, x, y) &&
        gimp_image_insert_layer(in, pixel, layer_of(group), 0))
        return id_of(pixel);
    return 0;
}

void pdb_layer_remove(gint image, gint layer)
{
    gimp_image_remove_layer(gimp_image_get_by_id(image), layer_of(layer));
}

GArray *pdb_selected_items(gint image)
{
    GimpImage *of = gimp_image_get_by_id(image);
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint));
    g_autofree gpointer *items = (gpointer *)(void *)gimp_image_get_selected_channels(of);
    if (!items || !items[0]) {
        g_free(items);
        items = (gpointer *)(void *)gimp_image_get_selected_layers(of);
    }
    for (gsize i = 0; items && items[i]; i++) {
        const gint id = id_of(items[i]);
        g_array_append_val(ids, id);
    }
    return ids;
}

void pdb_select_items(gint image, const GArray *items)
{
    GimpImage *of = gimp_image_get_by_id(image);
    g_autofree GimpItem **selected = g_new0(GimpItem *, (gsize)items->len + 1);
    for (guint i = 0; i < items->len; i++)
        selected[i] = item_of(g_array_index(items, gint, i));
    if (items->len > 0 && GIMP_IS_CHANNEL(selected[0]))
        gimp_image_set_selected_channels(of, (const GimpChannel **)(void *)selected);
    else
        gimp_image_set_selected_layers(of, (const GimpLayer **)(void *)selected);
}

// --- scaling ---

gboolean pdb_image_scale(gint image, guint width, guint height)
{
    return gimp_image_scale(gimp_image_get_by_id(image), (gint)width, (gint)height);
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

gint pdb_image_of_channel(gint image, guint width, guint height, gint *channel)
{
    GimpImage *own = gimp_image_new_with_precision(
        (gint)width, (gint)height, GIMP_GRAY,
        linear_precision(gimp_image_get_precision(gimp_image_get_by_id(image))));
    if (!own)
        return 0;
    gimp_image_undo_disable(own);
    GeglColor *black = gegl_color_new("black");
    GimpChannel *made = gimp_channel_new(own, "mask", (gint)width, (gint)height, 100.0, black);
    g_object_unref(black);
    *channel = made && gimp_image_insert_channel(own, made, NULL, 0) ? id_of(made) : 0;
    return gimp_image_get_id(own);
}

GeglBuffer *pdb_mask_buffer(gint drawable)
{
    return gimp_drawable_get_buffer(gimp_drawable_get_by_id(drawable));
}

gboolean pdb_mask_update(gint drawable)
{
    GimpDrawable *of = gimp_drawable_get_by_id(drawable);
    return gimp_drawable_update(of, 0, 0, gimp_drawable_get_width(of),
                                gimp_drawable_get_height(of));
}

// --- files ---

gint pdb_file_load(const char *path)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    GimpImage *image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, file);
    return image ? gimp_image_get_id(image) : 0;
}

gboolean pdb_image_fit(gint image)
{
    return gimp_image_resize_to_layers(gimp_image_get_by_id(image));
}

gboolean pdb_image_merge(gint image, gboolean flatten)
{
    GimpImage *of = gimp_image_get_by_id(image);
    return (flatten ? gimp_image_flatten(of)
                    : gimp_image_merge_visible_layers(of, GIMP_CLIP_TO_IMAGE)) != NULL;
}

gboolean pdb_file_save(gint image, const char *path, GError **error)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    if (gimp_file_save(GIMP_RUN_NONINTERACTIVE, gimp_image_get_by_id(image), file, NULL))
        return TRUE;
    g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FILE, pdb_last_error());
    return FALSE;
}
