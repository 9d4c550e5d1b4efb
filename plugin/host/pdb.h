// SPDX-License-Identifier: LGPL-3.0-or-later
// The calls of GIMP's that the files of this folder make, by ids, as 2.10 and 3 both can: gimp2/
// and gimp3/ implement them. They do what GIMP does and nothing else, so that what both hosts have
// to do around them stands here once. Id 0 is none; where one is passed it is there.
// Threads: the main thread, as all of host.h.
// Errors:  FALSE, NULL or 0: GIMP refused, and pdb_last_error() says why.
#ifndef PLUGIN_HOST_PDB_H
#define PLUGIN_HOST_PDB_H

#include "../host.h"

G_BEGIN_DECLS

// GIMP's words about the last call, if that failed.
const char *pdb_last_error(void);

// --- what an id stands for ---

typedef enum {
    PDB_NO_DRAWABLE, // nothing that is there, or an item without pixels
    PDB_LAYER,
    PDB_LAYER_MASK,
    PDB_CHANNEL, // the selection, too
} PdbKind;

gboolean pdb_image_is_valid(gint image); // any number is taken
PdbKind pdb_item_kind(gint item);        // any number is taken

// --- new images ---

// Makes an image; `precision` is a GimpPrecision.
gint pdb_image_new(HostBase base, guint precision, guint width, guint height);
// Gives the image an ICC profile; `is_linear`: the same one with linear numbers.
gboolean pdb_image_set_profile(gint image, const void *icc, gsize length, gboolean is_linear);

// --- names ---

// Returns the path of the file that the image comes from; NULL: none.
// Owner:   the caller frees both.
char *pdb_image_file(gint image);
// Returns the path of the file that its pixels were read from, unlike one that it was exported to;
// NULL: none.
// Owner:   the caller frees it.
char *pdb_image_source(gint image);
char *pdb_image_name(gint image);
void pdb_image_set_file(gint image, const char *path);
const char *pdb_name_ending(void); // of such a file, which GIMP demands; "": none
gint *pdb_images(gint *n);         // all that are open; the caller frees them

// --- layers ---

// Returns the layers and groups of a group from the top down, or of the image for group 0.
// Owner:   the caller frees the array; NULL when there are none.
gint *pdb_layers(gint image, gint group, gint *n);
gint pdb_layer_parent(gint layer); // the group that it lies in; 0: none
gint pdb_layer_position(gint image, gint layer);
void pdb_layer_describe(gint layer, HostLayer *description);
// Whether nothing below its pixels shows: visible, opaque, without alpha and mask, its mode normal.
gboolean pdb_layer_hides(gint layer);
gint pdb_layer_mask(gint layer);
gint pdb_mask_layer(gint mask);
// A layer of the canvas's size with what is to be seen; the image does not get it.
gint pdb_layer_new_visible(gint image);
void pdb_layer_delete(gint layer); // of one that is in no image
// Makes the pixels of a link the layer's own; others have them already.
gboolean pdb_layer_make_own(gint layer);
gboolean pdb_layer_copy_filters(gint from, gint to);
gboolean pdb_layer_lock_content(gint layer);
gboolean pdb_layer_lock_position(gint layer);
void pdb_layer_set_lock_content(gint layer, gboolean lock);
void pdb_layer_set_lock_position(gint layer, gboolean lock);

// Gives the layer another size around the pixels at its upper left corner.
gboolean pdb_layer_resize(gint layer, guint width, guint height);

// Adds a layer of one pixel on top of a group.
gint pdb_layer_new_pixel(gint image, gint group, gint x, gint y);
void pdb_layer_remove(gint image, gint layer);

// Returns the ids of the layers or channels that are selected.
// Owner:   the caller frees the array.
GArray *pdb_selected_items(gint image);
void pdb_select_items(gint image, const GArray *items);

// --- scaling ---

// What pdb_image_scale() computes pixels by, until the pop.
void pdb_push_interpolation(HostInterpolation interpolation);
void pdb_pop_interpolation(void);
gboolean pdb_image_scale(gint image, guint width, guint height);

// Makes an image without undo for a channel that holds its numbers as the masks of the layers of
// `image` do. *channel: its id; 0: GIMP refused it.
gint pdb_image_of_channel(gint image, guint width, guint height, gint *channel);

// Returns a mask's or a channel's numbers.
// Owner:   the caller unrefs the buffer, which also sends what was written into it.
GeglBuffer *pdb_mask_buffer(gint drawable);
// Tells GIMP that all of them have changed.
gboolean pdb_mask_update(gint drawable);

// --- files ---

gint pdb_file_load(const char *path);
// Makes the canvas as large as its layers.
gboolean pdb_image_fit(gint image);
// Makes the visible layers one, which has an alpha channel, or, flattened onto the background
// colour, none.
gboolean pdb_image_merge(gint image, gboolean flatten);
// Writes the image in the format of the path's extension.
// Errors:  GAN_ERROR_FILE: GIMP's words.
gboolean pdb_file_save(gint image, const char *path, GError **error);

G_END_DECLS
#endif
