// SPDX-License-Identifier: LGPL-3.0-or-later
// A menu item: what it is called, what it asks for, and what it does to pixels. One file in tasks/
// each, its name in meson.build; nothing else knows a particular one. What part of an image it
// works on and where the result goes is the same for all of them: see scope/scope.h.
#ifndef PLUGIN_TASK_H
#define PLUGIN_TASK_H

#include "arguments/kinds.h"
#include "arguments/values.h"
#include "host.h"

G_BEGIN_DECLS

// What lives through a call over many images: catalogue, model, device, runner, kept while the
// values that name them stay the same. See session.h.
typedef struct Session Session;

// What a dialog knows of the image before anything runs. All zero: there is none.
typedef struct {
    gint image, drawable;
    HostImageInfo info;
    HostLayer layer; // the active one, or the one whose mask is active; else all zero
    const char *layer_name;
    gboolean is_mask, is_channel; // what is active instead of a layer
    gboolean has_floating;        // selection
    guint n_layers;               // without groups
    gint only_layer;              // where there is one, as large as the canvas and without a mask
    guint64 n_layer_pixels;       // of all these together
    guint64 n_layer_bytes;        // the same in the image's precision
    guint64 n_alpha_pixels;       // of those that have transparency
    guint64 n_text_pixels;        // of those that hold text, which have it, too
    gboolean has_selection;
    GeglRectangle selection;
} Subject;

// What the result of a part of a layer depends on, in pixels of the layer.
typedef struct {
    guint margin; // around the part
    guint grid; // a part read from multiples of this on gives the pixels that the whole gives; >= 1
} TaskReach;

// What a model says of its number, such as the strength of noise.
typedef struct {
    const char *name; // "noise", "quality"; NULL: the model takes none
    double low, high;
    double initial; // of the picture's own file; else where its authors would leave it
} TaskLevel;

// What the work on one picture takes.
typedef struct {
    guint64 memory_bytes; // predicted peak
    guint64 gpu_bytes;    // of a GPU's memory; 0 without one
    double seconds;       // 0: not measured
    guint n_passes;       // how often the network goes over it, each time larger; 0: once
    gboolean twice;       // each of them once for the colours and once for the transparency
} TaskCost;

typedef struct {
    const char *name;  // "upscale": the procedure plug-in-gan-upscale
    const char *label; // menu label with a mnemonic, N_("_Upscale…")
    const char *title; // of the dialog, N_("Upscale")
    const char *blurb; // N_(…): one sentence
    const char *help;  // N_(…): what the procedure browser shows
    // N_(…): one sentence on the procedure for files; NULL for a task that has none.
    const char *files_blurb;
    const char *icon; // icon name
    // N_("%s, restored"): the name of a new layer made of that of one of the same size; NULL: its
    // name. Of a task from nothing the whole name; NULL: the title.
    const char *result;
    // Makes a new image of nothing but its values: it needs no image, has no scope and no procedure
    // for files; size() and cost() get 0 x 0, and work() no buffer.
    gboolean from_nothing;
    // One called "scope", with scope_choices, says what is worked on; without it that is the whole
    // image.
    const Argument *arguments;
    guint n_arguments;

    // The functions below run on the main thread and on a worker's with a session of its own, so
    // they must not call host functions.

    // Opens what every run with these values needs (the model, the device), so that a call over
    // many images can report once what concerns them all. NULL: there is nothing to check.
    gboolean (*check)(Session *session, const Values *values, GError **error);

    // The size that a picture of width x height pixels gets. NULL: the same, which a task from
    // nothing cannot do with.
    gboolean (*size)(Session *session, const Values *values, guint width, guint height,
                     guint *new_width, guint *new_height, GError **error);

    // NULL: every pixel for itself.
    gboolean (*reach)(Session *session, const Values *values, TaskReach *reach, GError **error);

    // Predicts what the work on a picture of width x height pixels takes. `measure`: may take a
    // second. NULL: nothing is known.
    gboolean (*cost)(Session *session, const Values *values, guint width, guint height,
                     gboolean measure, TaskCost *cost, GError **error);

    // Tells what the argument that looks like ARGUMENT_LEVEL means. NULL: there is none.
    gboolean (*level)(Session *session, const Values *values, TaskLevel *level, GError **error);

    // Makes width x height pixels of `in`, a private buffer or a layer's with its corner anywhere:
    // of the size that size() says, or of a part's share in it.
    // Owner:   the caller gets the buffer: in's format, its corner at (0, 0). Without `in` the image
    //          gets the buffer's size, components, numbers and colour space.
    // Errors:  libgan's; G_IO_ERROR_CANCELLED.
    GeglBuffer *(*work)(Session *session, const Values *values, GeglBuffer *in, guint width,
                        guint height, GanProgress progress, gpointer data, GError **error);

    // Why arguments do not matter with the present values: fills one sentence for each argument,
    // NULL where it does matter, "" where it needs no word and the row is not there. Quick; may look
    // into the catalogue. NULL: all matter.
    void (*unused)(Session *session, const Values *values, const Subject *subject,
                   const char **reasons);

    // Sets what values that say "automatic" mean for this layer. NULL: there are none.
    void (*suit)(Values *values, const HostLayer *layer);

    // For items that are a window rather than work on an image ("Models…"); then all of the
    // functions above are NULL, and the item needs no image.
    void (*window)(void);
} Task;

// All of them; NULL-terminated.
const Task *const *tasks_all(void);
const Task *tasks_find(const char *name); // NULL: none

G_END_DECLS
#endif
