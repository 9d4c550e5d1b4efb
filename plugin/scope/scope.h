// SPDX-License-Identifier: LGPL-3.0-or-later
// What part of an image a task works on, and where the result goes: the same for every task, which
// only says what it makes of pixels.
#ifndef PLUGIN_SCOPE_H
#define PLUGIN_SCOPE_H

#include "../task.h"

G_BEGIN_DECLS

// Procedures take these numbers.
typedef enum {
    SCOPE_IMAGE,               // every layer, in place
    SCOPE_NEW_IMAGE,           // the same in a copy
    SCOPE_LAYER,               // the active layer, to a new one above it with the same centre
    SCOPE_SELECTION,           // what is selected of it, the selection as the new one's mask
    SCOPE_SELECTION_NEW_IMAGE, // the same as an image of its own
    SCOPE_N,
} Scope;

extern const ArgumentChoice scope_choices[SCOPE_N + 1];

// A task's argument "scope", by its label, a sentence and a tooltip.
#define SCOPE_ARGUMENT(title, sentence, tooltip)                                                   \
    {                                                                                              \
        .name = "scope", .label = title, .blurb = sentence, .tip = tooltip,                        \
        .kind = ARGUMENT_CHOICE, .section = ARGUMENT_IN_SCOPE, .choices = scope_choices,           \
        .maximum = SCOPE_N - 1                                                                     \
    }

// What the values say under "scope"; the whole image where the task has no such argument.
Scope scope_of(const Values *values);

// Whether all layers of the image are worked on.
gboolean scope_is_whole(Scope scope);

// One run over one image, or over none where the task works from nothing.
typedef struct {
    const Task *task;
    Session *session;
    const Values *values;
    gint image;
    gint drawable;        // the active layer, mask or channel; scopes check what they need
    gboolean interactive; // new images get a display
    // Set by scope_run().
    gint result_image; // the image itself, or a new one
    // The layer that holds the result; of a new image the one that the drawable became.
    gint result_drawable;
} Job;

// Does the work. On error the image is as it was before, or, if GIMP itself failed in the middle of
// a change, the undo group is closed and one Undo brings it back.
// Errors:  as host.h and libgan, in words that say what to do; G_IO_ERROR_CANCELLED.
gboolean scope_run(Job *job, GError **error);

// The task's check(), with errors in words that say what to do.
gboolean scope_check(const Task *task, Session *session, const Values *values, GError **error);

// --- for dialogs; they call no host functions ---

// Whether the scope has something to work on in this image. Quick.
// Errors:  GAN_ERROR_ARGUMENT: in words that say what is active instead, and what to do.
gboolean scope_check_subject(const Values *values, const Subject *subject, GError **error);

// A sentence about what the scope comes to in this image, where its name does not say it; NULL.
// Owner:   the caller frees it.
char *scope_meaning(const Values *values, const Subject *subject);

// The pixels that a factor of 1 keeps: 100 % of the size entry; 0 x 0 without an image. Quick.
void scope_base_size(const Values *values, const Subject *subject, guint *width, guint *height);

// One answer of scope_estimate(), in the user's language.
typedef struct {
    guint width, height;       // of the result's canvas or layer
    double factor_x, factor_y; // its pixels to one of what is worked on
    TaskLevel level;
    char *text; // "4000 x 3000 pixels, about 1 min 20 s, 850 MB of memory"
} ScopeEstimate;

// Predicts size, memory and time. `measure`: may take a second.
// Owner:   the caller frees the text.
gboolean scope_estimate(const Task *task, Session *session, const Values *values,
                        const Subject *subject, gboolean measure, ScopeEstimate *estimate,
                        GError **error);

// Pixels around a place that its preview depends on.
gboolean scope_preview_margin(const Task *task, Session *session, const Values *values,
                              guint *margin, GError **error);

// The result of `in`, a private part of the drawable. Output pixels per input pixel are written
// to *scale_x, *scale_y.
// Owner:   the caller gets the buffer.
GeglBuffer *scope_preview(const Task *task, Session *session, const Values *values,
                          const Subject *subject, GeglBuffer *in, double *scale_x, double *scale_y,
                          GanProgress progress, gpointer data, GError **error);

G_END_DECLS
#endif
