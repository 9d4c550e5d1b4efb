// SPDX-License-Identifier: LGPL-3.0-or-later
// What tasks may do to GIMP, the same for 2.10 and 3: gimp2/ and gimp3/ implement it, and
// host/ what both do alike. Images and items go by GIMP's ids, which both versions have; id 0
// or less is none.
// Threads: libgimp serves one thread only, so all of this is for the main thread, and so is reading
//          or writing a drawable's buffer. Buffers made by gegl_buffer_new() are free.
// Errors:  every function that takes a GError sets GAN_ERROR_ARGUMENT for an id that is gone or of
//          the wrong kind, and GAN_ERROR_DEVICE with GIMP's own words when GIMP refuses.
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include <gan/runner.h>

G_BEGIN_DECLS

typedef enum { HOST_RGB, HOST_GREY, HOST_INDEXED } HostBase;

typedef struct {
    guint width, height;
    HostBase base;
    double x_resolution, y_resolution; // pixels per inch
} HostImageInfo;

// Where a layer's pixels come from.
typedef enum {
    HOST_PIXELS, // they are its own
    HOST_LINK,   // from a picture file that it links to
    HOST_DRAWN,  // GIMP draws them, at any size: a vector layer, a link to a drawing
} HostContent;

typedef struct {
    gint id;
    gint x, y; // of its corner on the canvas
    guint width, height;
    guint pixel_bytes; // in the image's precision
    HostContent content;
    gboolean is_group, is_text, is_floating, has_alpha, has_mask;
    gboolean has_filters; // that show and lie beside the pixels
} HostLayer;

typedef enum {
    HOST_INTERPOLATION_NONE,
    HOST_INTERPOLATION_LINEAR,
    HOST_INTERPOLATION_CUBIC,
    HOST_INTERPOLATION_NOHALO,
    HOST_INTERPOLATION_LOHALO,
} HostInterpolation;

gboolean host_image_info(gint image, HostImageInfo *info, GError **error);

// Returns every layer of the image, hidden ones too, from the top down, a group
// before its children.
// Owner:   the caller frees the array.
HostLayer *host_image_layers(gint image, guint *n, GError **error);

// Describes one layer.
// Errors:  GAN_ERROR_ARGUMENT: it is a mask, a channel, or gone; the message says which.
gboolean host_layer(gint drawable, HostLayer *layer, GError **error);

// The layer that a drawable is about: itself, or the one whose mask it is; 0 for a channel.
gint host_layer_of(gint drawable);

// Makes a layer of what is to be seen of the image, which is not added to it: for reading, until
// host_layer_drop().
gint host_layer_of_visible(gint image, GError **error);
void host_layer_drop(gint layer);

// Returns the drawable's pixels, without layer effects, with the extent (0, 0, width, height) and a
// format whose space is the image's profile, so that Babl converts to and from sRGB. A profile with
// tables that Babl cannot take is left out, its numbers taken as sRGB; *warning (may be NULL) then
// tells, the caller frees it.
// Owner:   the caller unrefs the buffer. Writing to it changes the drawable without an undo step.
GeglBuffer *host_drawable_buffer(gint drawable, char **warning, GError **error);

// Returns the layer's name as the user sees it.
// Owner:   the caller frees it.
char *host_layer_name(gint layer);

// Returns the layer's mask as a buffer of "Y float", its corner at (0, 0); NULL when there is none.
// Owner:   the caller unrefs it.
GeglBuffer *host_layer_mask(gint layer);

// Returns whether there is a selection, and its bounds on the canvas.
gboolean host_selection_bounds(gint image, GeglRectangle *bounds);

// Returns the selection within `bounds` as a buffer of "Y float", its corner at (0, 0).
GeglBuffer *host_selection_buffer(gint image, const GeglRectangle *bounds, GError **error);

// From here on: functions that change an image, for use between begin and end of an undo group.
void host_undo_begin(gint image);
void host_undo_end(gint image);
// Turns off undo of an image that nobody has seen yet.
void host_undo_disable(gint image);
void host_undo_enable(gint image);

// Does what Image > Scale Image does to layers, groups, masks, channels, selection, paths, guides
// and sample points. `filled`: layers whose pixels the caller will write: they come out with the
// size and place, and the scaled mask, that Scale Image gives, but with pixels that are not
// computed, and links among them are none any more. At the size that the image has, all else stays
// untouched.
gboolean host_image_scale(gint image, guint width, guint height, HostInterpolation interpolation,
                          const gint *filled, guint n_filled, GError **error);
gboolean host_image_set_resolution(gint image, double x, double y, GError **error);

// Where Scale Image puts a layer, without doing it.
void host_scaled_layer(const HostImageInfo *info, const HostLayer *layer, guint width, guint height,
                       HostLayer *scaled);

// Writes `pixels` (of the layer's size, any origin) into a layer whose former pixels lie in an undo
// step already, and tells GIMP that they changed.
gboolean host_layer_write(gint layer, GeglBuffer *pixels, GError **error);

// Adds a layer with these pixels above `above` (in its group; 0: on top) and makes it the active
// one. Opacity and mode are those of `above`. `mask`: NULL, or the layer's mask as "Y float".
gint host_layer_new(gint image, const char *name, GeglBuffer *pixels, gint x, gint y, gint above,
                    GeglBuffer *mask, GError **error);

// Puts copies of the filters that lie beside one layer's pixels onto another layer.
gboolean host_layer_copy_filters(gint from, gint to, GError **error);

// Returns a copy with everything that belongs to the image, without a display.
gint host_image_duplicate(gint image, GError **error);
// Returns a new image without layers and without a display that holds pixels as `image` does: same
// colours, precision, profile, palette and resolution.
gint host_image_new_like(gint image, guint width, guint height, GError **error);
// The same for pixels of a format: its components, the nearest precision, and a profile where its
// space is not sRGB.
gint host_image_new(const Babl *format, guint width, guint height, GError **error);
void host_image_delete(gint image);
// The image's name as the user knows it, without the extension.
// Owner:   the caller frees it.
char *host_image_name(gint image);
// The quality of the JPEG file that the image was opened from and whose size it has; 0: there is none.
guint host_image_jpeg_quality(gint image);
// Names a new image, for GIMP's windows and for saving it beside another one (0: none), where no
// file or image has that name yet. GIMP 3 would save one of nothing unasked; there it has no name.
void host_image_set_name(gint image, const char *name, gint beside);
// The item in `copy` that stands where `item` stands in `image`.
gint host_image_same_layer(gint image, gint layer, gint copy);
gint host_image_active_layer(gint image); // the topmost selected one; 0: none
void host_image_show(gint image);         // opens a display

typedef struct {
    guint n;             // pages or frames of a file, of which one is there; 1: all are there
    gboolean are_layers; // GIMP opens them as layers, which could be kept
} HostPages;

// Opens a picture file and writes one, as GIMP does without asking. Of a file of several pages or
// frames only the first is left unless the format of `output` keeps layers.
// Errors:  GAN_ERROR_FILE: the file's name and GIMP's words.
gint host_file_load(const char *path, const char *output, HostPages *pages, GError **error);
gboolean host_file_save(gint image, const char *path, GError **error);

// Tells GIMP's progress bar. Cancel there ends the process (GIMP kills it), so a task changes
// nothing while a progress is shown: host_progress_end() comes before host_undo_begin().
void host_progress_begin(const char *text);
void host_progress_update(double fraction, const char *text); // text: NULL keeps it
void host_progress_end(void);

// Shows a sentence to the user, in GIMP's message dialog or error console, without ending anything.
void host_message(const char *text);

G_END_DECLS
#endif
