// SPDX-License-Identifier: LGPL-3.0-or-later
// The functions of libgimp 2.10, by ids, over libgimp 3: those that the tests inside GIMP use, so
// that both versions of GIMP run the same tests. It is included before their first line.
#ifndef TEST_GIMP3_BY_ID_H
#define TEST_GIMP3_BY_ID_H

#include <libgimp/gimp.h>

// --- procedures ---

typedef struct {
    double r, g, b, a;
} GimpRGB;

typedef enum {
    GIMP_PDB_INT32,
    GIMP_PDB_FLOAT,
    GIMP_PDB_STRING,
    GIMP_PDB_STRINGARRAY,
    GIMP_PDB_COLOR,
    GIMP_PDB_IMAGE,
    GIMP_PDB_DRAWABLE,
    GIMP_PDB_LAYER,
    GIMP_PDB_STATUS,
    GIMP_PDB_END,
} GimpPDBArgType;

typedef struct {
    GimpPDBArgType type;
    union {
        gint32 d_int32, d_image, d_drawable, d_layer;
        double d_float;
        char *d_string;
        char **d_stringarray;
        GimpPDBStatusType d_status;
        const GimpRGB *d_color;
    } data;
} GimpParam;

// Choices are passed as indices, as 2.10 does; run mode and number of files are left out where the
// procedure of GIMP 3 has none. A drawable below 1 stands for none.
GimpParam *gimp_run_procedure(const char *name, gint *n_results, ...);
GimpParam *gimp_run_procedure2(const char *name, gint *n_results, gint n, const GimpParam *params);
void gimp_destroy_params(GimpParam *params, gint n);
#define gimp_get_pdb_error() gimp_pdb_get_last_error(gimp_get_pdb())

// --- names and values ---

#define GIMP_PRECISION_U8_GAMMA GIMP_PRECISION_U8_NON_LINEAR
#define GIMP_PRECISION_U16_GAMMA GIMP_PRECISION_U16_NON_LINEAR
#define GIMP_PRECISION_U32_GAMMA GIMP_PRECISION_U32_NON_LINEAR
#define GIMP_PRECISION_HALF_GAMMA GIMP_PRECISION_HALF_NON_LINEAR
#define GIMP_PRECISION_FLOAT_GAMMA GIMP_PRECISION_FLOAT_NON_LINEAR
#define GIMP_PRECISION_DOUBLE_GAMMA GIMP_PRECISION_DOUBLE_NON_LINEAR

#define BY_ID_IMAGE(id) gimp_image_get_by_id(id)
#define BY_ID_ITEM(id) gimp_item_get_by_id(id)
#define BY_ID_DRAWABLE(id) gimp_drawable_get_by_id(id)
#define BY_ID_LAYER(id) gimp_layer_get_by_id(id)
#define BY_ID_PATH(id) gimp_path_get_by_id(id)
#define BY_ID_CHANNEL(id) gimp_channel_get_by_id(id)

// Returns the object's id, 0 without one.
gint by_id_of_item(gpointer item);
gint by_id_of_image(GimpImage *image);

// Returns the ids of a NULL-terminated array.
// Owner:   takes the array; the caller frees the answer.
gint *by_id_of_items(gpointer items, gint *n);

gint by_id_first(gpointer items);

// --- images ---

#define gimp_image_new_with_precision(w, h, base, precision)                                       \
    by_id_of_image(gimp_image_new_with_precision(w, h, base, precision))
gint *by_id_images(gint *n);
#define gimp_image_list(n) by_id_images(n)
#define gimp_image_duplicate(image) by_id_of_image(gimp_image_duplicate(BY_ID_IMAGE(image)))
#define gimp_image_delete(image) gimp_image_delete(BY_ID_IMAGE(image))
#define gimp_image_is_valid(image) gimp_image_id_is_valid(image)
#define gimp_image_width(image) gimp_image_get_width(BY_ID_IMAGE(image))
#define gimp_image_height(image) gimp_image_get_height(BY_ID_IMAGE(image))
#define gimp_layer_remove_mask(layer, mode) gimp_layer_remove_mask(BY_ID_LAYER(layer), mode)
#define gimp_image_base_type(image) gimp_image_get_base_type(BY_ID_IMAGE(image))
#define gimp_image_get_precision(image) gimp_image_get_precision(BY_ID_IMAGE(image))
#define gimp_image_scale(image, w, h) gimp_image_scale(BY_ID_IMAGE(image), w, h)
#define gimp_image_get_resolution(image, x, y) gimp_image_get_resolution(BY_ID_IMAGE(image), x, y)
#define gimp_image_set_resolution(image, x, y) gimp_image_set_resolution(BY_ID_IMAGE(image), x, y)
#define gimp_image_clean_all(image) gimp_image_clean_all(BY_ID_IMAGE(image))
#define gimp_image_is_dirty(image) gimp_image_is_dirty(BY_ID_IMAGE(image))
#define gimp_image_undo_is_enabled(image) gimp_image_undo_is_enabled(BY_ID_IMAGE(image))
#define gimp_image_undo_group_start(image) gimp_image_undo_group_start(BY_ID_IMAGE(image))
#define gimp_image_undo_group_end(image) gimp_image_undo_group_end(BY_ID_IMAGE(image))
#define gimp_image_get_color_profile(image) gimp_image_get_color_profile(BY_ID_IMAGE(image))
#define gimp_image_get_effective_color_profile(image)                                              \
    gimp_image_get_effective_color_profile(BY_ID_IMAGE(image))
#define gimp_image_set_color_profile(image, profile)                                               \
    gimp_image_set_color_profile(BY_ID_IMAGE(image), profile)
void by_id_set_colormap(gint image, guchar *colours, gint n);
#define gimp_image_set_colormap(image, colours, n) by_id_set_colormap(image, colours, n)
#define gimp_image_get_layers(image, n) by_id_of_items(gimp_image_get_layers(BY_ID_IMAGE(image)), n)
#define gimp_image_get_channels(image, n)                                                          \
    by_id_of_items(gimp_image_get_channels(BY_ID_IMAGE(image)), n)
#define gimp_image_get_vectors(image, n) by_id_of_items(gimp_image_get_paths(BY_ID_IMAGE(image)), n)
#define gimp_image_get_layer_by_name(image, name)                                                  \
    by_id_of_item(gimp_image_get_layer_by_name(BY_ID_IMAGE(image), name))
#define gimp_image_get_active_layer(image)                                                         \
    by_id_first(gimp_image_get_selected_layers(BY_ID_IMAGE(image)))
#define gimp_image_get_active_drawable(image)                                                      \
    by_id_first(gimp_image_get_selected_drawables(BY_ID_IMAGE(image)))
gboolean by_id_select_layer(gint image, gint layer);
#define gimp_image_set_active_layer(image, layer) by_id_select_layer(image, layer)
#define gimp_image_get_selection(image) by_id_of_item(gimp_image_get_selection(BY_ID_IMAGE(image)))
#define gimp_image_get_item_position(image, item)                                                  \
    gimp_image_get_item_position(BY_ID_IMAGE(image), BY_ID_ITEM(item))
#define gimp_image_insert_layer(image, layer, parent, position)                                    \
    gimp_image_insert_layer(BY_ID_IMAGE(image), BY_ID_LAYER(layer), BY_ID_LAYER(parent), position)
#define gimp_image_remove_layer(image, layer)                                                      \
    gimp_image_remove_layer(BY_ID_IMAGE(image), BY_ID_LAYER(layer))
#define gimp_image_insert_channel(image, channel, parent, position)                                \
    gimp_image_insert_channel(BY_ID_IMAGE(image), BY_ID_CHANNEL(channel), NULL, position)
#define gimp_image_insert_vectors(image, path, parent, position)                                   \
    gimp_image_insert_path(BY_ID_IMAGE(image), BY_ID_PATH(path), NULL, position)
#define gimp_image_select_rectangle(image, operation, x, y, w, h)                                  \
    gimp_image_select_rectangle(BY_ID_IMAGE(image), operation, x, y, w, h)
#define gimp_image_select_ellipse(image, operation, x, y, w, h)                                    \
    gimp_image_select_ellipse(BY_ID_IMAGE(image), operation, x, y, w, h)
#define gimp_selection_bounds(image, there, x1, y1, x2, y2)                                        \
    gimp_selection_bounds(BY_ID_IMAGE(image), there, x1, y1, x2, y2)
#define gimp_selection_none(image) gimp_selection_none(BY_ID_IMAGE(image))
#define gimp_selection_all(image) gimp_selection_all(BY_ID_IMAGE(image))
#define gimp_image_add_hguide(image, y) gimp_image_add_hguide(BY_ID_IMAGE(image), y)
#define gimp_image_add_vguide(image, x) gimp_image_add_vguide(BY_ID_IMAGE(image), x)
#define gimp_image_find_next_guide(image, guide)                                                   \
    (gint) gimp_image_find_next_guide(BY_ID_IMAGE(image), (guint)(guide))
#define gimp_image_get_guide_orientation(image, guide)                                             \
    gimp_image_get_guide_orientation(BY_ID_IMAGE(image), (guint)(guide))
#define gimp_image_get_guide_position(image, guide)                                                \
    gimp_image_get_guide_position(BY_ID_IMAGE(image), (guint)(guide))
#define gimp_image_add_sample_point(image, x, y)                                                   \
    gimp_image_add_sample_point(BY_ID_IMAGE(image), x, y)
#define gimp_image_find_next_sample_point(image, point)                                            \
    (gint) gimp_image_find_next_sample_point(BY_ID_IMAGE(image), (guint)(point))
#define gimp_image_get_sample_point_position(image, point, y)                                      \
    gimp_image_get_sample_point_position(BY_ID_IMAGE(image), (guint)(point), y)
#define gimp_image_flatten(image) by_id_of_item(gimp_image_flatten(BY_ID_IMAGE(image)))

// --- items ---

#define gimp_item_is_valid(item) gimp_item_id_is_valid(item)
#define gimp_item_delete(item) gimp_item_delete(BY_ID_ITEM(item))
#define gimp_item_get_image(item) by_id_of_image(gimp_item_get_image(BY_ID_ITEM(item)))
#define gimp_item_get_parent(item) by_id_of_item(gimp_item_get_parent(BY_ID_ITEM(item)))
#define gimp_item_get_children(item, n) by_id_of_items(gimp_item_get_children(BY_ID_ITEM(item)), n)
#define gimp_item_get_name(item) gimp_item_get_name(BY_ID_ITEM(item))
#define gimp_item_set_name(item, name) gimp_item_set_name(BY_ID_ITEM(item), name)
#define gimp_item_is_group(item) gimp_item_is_group(BY_ID_ITEM(item))
#define gimp_item_is_text_layer(item) gimp_item_id_is_text_layer(item)
#define gimp_item_get_visible(item) gimp_item_get_visible(BY_ID_ITEM(item))
#define gimp_item_set_visible(item, flag) gimp_item_set_visible(BY_ID_ITEM(item), flag)
#define gimp_item_get_lock_content(item) gimp_item_get_lock_content(BY_ID_ITEM(item))
#define gimp_item_set_lock_content(item, flag) gimp_item_set_lock_content(BY_ID_ITEM(item), flag)
#define gimp_item_get_lock_position(item) gimp_item_get_lock_position(BY_ID_ITEM(item))
#define gimp_item_set_lock_position(item, flag) gimp_item_set_lock_position(BY_ID_ITEM(item), flag)
// GIMP 3 has selections of several items in place of links.
#define gimp_item_get_linked(item) FALSE
#define gimp_item_set_linked(item, flag) ((void)(item))

// --- drawables and layers ---

#define gimp_drawable_get_buffer(drawable) gimp_drawable_get_buffer(BY_ID_DRAWABLE(drawable))
#define gimp_drawable_width(drawable) gimp_drawable_get_width(BY_ID_DRAWABLE(drawable))
#define gimp_drawable_height(drawable) gimp_drawable_get_height(BY_ID_DRAWABLE(drawable))
#define gimp_drawable_type(drawable) gimp_drawable_type(BY_ID_DRAWABLE(drawable))
#define gimp_drawable_is_indexed(drawable) gimp_drawable_is_indexed(BY_ID_DRAWABLE(drawable))
#define gimp_drawable_has_alpha(drawable) gimp_drawable_has_alpha(BY_ID_DRAWABLE(drawable))
#define gimp_drawable_is_gray(drawable) gimp_drawable_is_gray(BY_ID_DRAWABLE(drawable))
#define gimp_drawable_offsets(drawable, x, y)                                                      \
    gimp_drawable_get_offsets(BY_ID_DRAWABLE(drawable), x, y)
#define gimp_drawable_update(drawable, x, y, w, h)                                                 \
    gimp_drawable_update(BY_ID_DRAWABLE(drawable), x, y, w, h)
#define gimp_layer_new(image, name, w, h, type, opacity, mode)                                     \
    by_id_of_item(gimp_layer_new(BY_ID_IMAGE(image), name, w, h, type, opacity, mode))
#define gimp_layer_group_new(image) by_id_of_item(gimp_group_layer_new(BY_ID_IMAGE(image), NULL))
#define gimp_layer_set_offsets(layer, x, y) gimp_layer_set_offsets(BY_ID_LAYER(layer), x, y)
#define gimp_layer_get_mode(layer) gimp_layer_get_mode(BY_ID_LAYER(layer))
#define gimp_layer_set_mode(layer, mode) gimp_layer_set_mode(BY_ID_LAYER(layer), mode)
#define gimp_layer_get_opacity(layer) gimp_layer_get_opacity(BY_ID_LAYER(layer))
#define gimp_layer_set_opacity(layer, opacity) gimp_layer_set_opacity(BY_ID_LAYER(layer), opacity)
#define gimp_layer_get_lock_alpha(layer) gimp_layer_get_lock_alpha(BY_ID_LAYER(layer))
#define gimp_layer_set_lock_alpha(layer, flag) gimp_layer_set_lock_alpha(BY_ID_LAYER(layer), flag)
#define gimp_layer_create_mask(layer, type)                                                        \
    by_id_of_item(gimp_layer_create_mask(BY_ID_LAYER(layer), type))
#define gimp_layer_add_mask(layer, mask)                                                           \
    gimp_layer_add_mask(BY_ID_LAYER(layer), gimp_layer_mask_get_by_id(mask))
#define gimp_layer_get_mask(layer) by_id_of_item(gimp_layer_get_mask(BY_ID_LAYER(layer)))
#define gimp_layer_get_apply_mask(layer) gimp_layer_get_apply_mask(BY_ID_LAYER(layer))
#define gimp_layer_get_show_mask(layer) gimp_layer_get_show_mask(BY_ID_LAYER(layer))
#define gimp_layer_get_edit_mask(layer) gimp_layer_get_edit_mask(BY_ID_LAYER(layer))
#define gimp_layer_set_apply_mask(layer, flag) gimp_layer_set_apply_mask(BY_ID_LAYER(layer), flag)
gboolean by_id_copy(gint drawable);
#define gimp_edit_copy(drawable) by_id_copy(drawable)
#define gimp_edit_paste(drawable, into) by_id_first(gimp_edit_paste(BY_ID_DRAWABLE(drawable), into))
#define gimp_floating_sel_anchor(layer) gimp_floating_sel_anchor(BY_ID_LAYER(layer))
#define gimp_layer_is_floating_sel(layer) gimp_layer_is_floating_sel(BY_ID_LAYER(layer))
#define gimp_floating_sel_to_layer(layer) gimp_floating_sel_to_layer(BY_ID_LAYER(layer))
gint by_id_text(gint image, double x, double y, const char *text, gint border, double size);
#define gimp_text_fontname(image, drawable, x, y, text, border, antialias, size, unit, font)       \
    by_id_text(image, x, y, text, border, size)

// --- channels and paths ---

gint by_id_channel_new(gint image, const char *name, gint width, gint height, double opacity,
                       const GimpRGB *colour);
#define gimp_channel_new(image, name, w, h, opacity, colour)                                       \
    by_id_channel_new(image, name, w, h, opacity, colour)
#define gimp_channel_get_opacity(channel) gimp_channel_get_opacity(BY_ID_CHANNEL(channel))
#define gimp_vectors_new(image, name) by_id_of_item(gimp_path_new(BY_ID_IMAGE(image), name))
#define gimp_vectors_bezier_stroke_new_moveto(path, x, y)                                          \
    gimp_path_bezier_stroke_new_moveto(BY_ID_PATH(path), x, y)
#define gimp_vectors_bezier_stroke_lineto(path, stroke, x, y)                                      \
    gimp_path_bezier_stroke_lineto(BY_ID_PATH(path), stroke, x, y)
#define gimp_vectors_bezier_stroke_cubicto(path, stroke, x0, y0, x1, y1, x2, y2)                   \
    gimp_path_bezier_stroke_cubicto(BY_ID_PATH(path), stroke, x0, y0, x1, y1, x2, y2)
gint *by_id_strokes(gint path, gint *n);
#define gimp_vectors_get_strokes(path, n) by_id_strokes(path, n)
void by_id_stroke_points(gint path, gint stroke, gint *n, double **points, gboolean *closed);
#define gimp_vectors_stroke_get_points(path, stroke, n, points, closed)                            \
    by_id_stroke_points(path, stroke, n, points, closed)

// --- files ---

gint by_id_load(const char *path);
#define gimp_file_load(mode, path, name) by_id_load(path)
gboolean by_id_save(gint image, const char *path);
#define gimp_file_save(mode, image, drawable, path, name) by_id_save(image, path)

#endif
