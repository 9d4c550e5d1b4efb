// SPDX-License-Identifier: LGPL-3.0-or-later
// A menu item: what it is called, what it asks for, and what it does. One file in tasks/ each, its
// name in meson.build; nothing else knows a particular one.
#ifndef PLUGIN_TASK_H
#define PLUGIN_TASK_H

#include "arguments/values.h"
#include "host.h"

G_BEGIN_DECLS

// What lives through a call over many images: catalogue, model, device, runner, kept while the
// values that name them stay the same. See session.h.
typedef struct Session Session;

// One run over one image.
typedef struct {
    Session *session;
    const Values *values;
    gint image;
    gint drawable;        // the active layer, mask or channel; the task checks what it needs
    gboolean interactive; // new images get a display
    // Set by run().
    gint result_image; // the image itself, or a new one
    // The layer that holds the result; of a new image the one that the drawable became.
    gint result_drawable;
} Job;

// What a dialog knows of the image before anything runs.
typedef struct {
    gint image, drawable;
    HostImageInfo info;
    HostLayer layer;        // of drawable, when it is a layer; else all zero
    guint n_layers;         // without groups
    guint64 n_layer_pixels; // of all these together
    gboolean has_selection;
    GeglRectangle selection;
} Subject;

// One answer of estimate(), in the user's language.
typedef struct {
    guint width, height; // of the result's canvas or layer
    char *text;          // "4000 x 3000 pixels, about 1 min 20 s, 850 MB of memory"
} TaskEstimate;

typedef struct {
    const char *name;  // "upscale": the procedure plug-in-gan-upscale
    const char *label; // menu label with a mnemonic, N_("_Upscale…")
    const char *title; // of the dialog, N_("Upscale")
    const char *blurb; // N_(…): one sentence
    const char *help;  // N_(…): what the procedure browser shows
    const char *icon;  // icon name
    const Argument *arguments;
    guint n_arguments;

    // Opens what every run with these values needs (the model, the device), so that a call over
    // many images can report once what concerns them all. NULL: there is nothing to check.
    gboolean (*check)(Session *session, const Values *values, GError **error);

    // Does the work. On error the image is as it was before, or, if GIMP itself failed in the
    // middle of a change, the undo group is closed and one Undo brings it back.
    // Errors:  as host.h and libgan; G_IO_ERROR_CANCELLED.
    gboolean (*run)(Job *job, GError **error);

    // Which arguments matter with the present values: fills one flag for each argument. Quick; may
    // look into the catalogue. NULL: all.
    void (*sensitive)(Session *session, const Values *values, const Subject *subject,
                      gboolean *sensitive);

    // The pixels that a factor of 1 keeps: 100 % of the size entry. NULL: the image's. Quick.
    void (*base_size)(const Values *values, const Subject *subject, guint *width, guint *height);

    // Predicts size, memory and time. `measure`: may take a second. Runs on a worker thread with a
    // session of its own, so it must not call host functions. NULL: there is no estimate.
    gboolean (*estimate)(Session *session, const Values *values, const Subject *subject,
                         gboolean measure, TaskEstimate *estimate, GError **error);

    // Preview: pixels around the place of interest that the result depends on, and the result of
    // `in` (private buffer, origin anywhere): output pixels per input pixel are written to
    // *scale_x, *scale_y. Runs on a worker thread with a session of its own. NULL: no preview.
    // Owner:   the caller gets the buffer.
    guint (*preview_margin)(Session *session, const Values *values, GError **error);
    GeglBuffer *(*preview)(Session *session, const Values *values, const Subject *subject,
                           GeglBuffer *in, double *scale_x, double *scale_y, GanProgress progress,
                           gpointer data, GError **error);

    // For items that are a window rather than a run over an image ("Models…"); then all of the
    // functions above are NULL, and the item needs no image.
    void (*window)(void);
} Task;

// All of them; NULL-terminated.
const Task *const *tasks_all(void);
const Task *tasks_find(const char *name); // NULL: none

G_END_DECLS
#endif
