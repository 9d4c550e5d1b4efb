// SPDX-License-Identifier: LGPL-3.0-or-later
// What the files of this folder share.
#ifndef PLUGIN_SCOPE_WORK_H
#define PLUGIN_SCOPE_WORK_H

#include "progress.h"
#include "scope.h"

G_BEGIN_DECLS

// Sets an error of libgan, whose words are about networks, with what the user can do.
// Owner:   takes the reason.
void work_fail(GError **error, GError *reason);

// The functions of the task, with defaults for those it has not and errors explained.
gboolean work_size(const Task *task, Session *session, const Values *values, guint width,
                   guint height, guint *new_width, guint *new_height, GError **error);
gboolean work_reach(const Task *task, Session *session, const Values *values, TaskReach *reach,
                    GError **error);
// `layer`: whose pixels these are; NULL: nobody's.
GeglBuffer *work_run(const Job *job, const HostLayer *layer, GeglBuffer *in, guint width,
                     guint height, Progress *progress, GError **error);

// The part of the layer that the selection, both on the canvas, covers; FALSE when there is none.
gboolean work_selected(const HostLayer *layer, const GeglRectangle *selection, GeglRectangle *area);

// How masks and channels are made larger: the argument "interpolation", cubic without one.
HostInterpolation work_interpolation(const Values *values);

// Gives an image that became larger by x and y the resolution that keeps its print size, where the
// argument "keep-print-size" is there and says so.
gboolean work_keep_print_size(const Values *values, gint image, const HostImageInfo *before,
                              double x, double y, GError **error);

// What a result is called that was made of `name`, so many times as large; 1: its size is the same.
// Owner:   the caller frees it.
char *work_result_name(const Task *task, const char *name, double factor);

// Makes a new image, whose undo is off so far, and this layer of it the result, and names and shows
// it where somebody looks on.
void work_hand_over(Job *job, gint image, gint layer, const char *name);

// What is wrong with what is active, in words that say what to do.
void meaning_set_floating(GError **error);
void meaning_set_group(GError **error);
void meaning_set_unselected(GError **error);
void meaning_set_outside(const char *layer, GError **error);

// The values as they are meant for this layer, or for no particular one where it is NULL.
// Owner:   the caller frees them.
Values *work_suited(const Task *task, const Values *values, const HostLayer *layer);

// What the network takes for width x height pixels, as cost() foresees; 0: nothing is known.
guint64 work_network_bytes(const Job *job, guint width, guint height);

// The sizes of what a dialog's values work on, 0 x 0 for nothing, and of what becomes of it.
typedef struct {
    guint width, height, new_width, new_height;
} EstimateSize;

// Errors:  GAN_ERROR_ARGUMENT: there is no layer, or nothing is selected; the task's.
gboolean estimate_size(const Task *task, Session *session, const Values *values,
                       const Subject *subject, EstimateSize *size, GError **error);

// What happens to layers that are not only pixels, a line each; NULL: nothing. The caller frees it.
char *told_of_layers(gboolean resized, const HostLayer *layers, guint n);

// One scope each.
gboolean whole_run(Job *job, gboolean in_new_image, GError **error);
gboolean layer_run(Job *job, Scope scope, GError **error);
gboolean new_run(Job *job, GError **error); // of a task from nothing

// Works on a part of a layer, as the whole gives it: reads around it what the result depends on.
// `part`:  of the layer's pixels; width, height: of what becomes of it.
GeglBuffer *part_run(const Job *job, const HostLayer *layer, GeglBuffer *pixels,
                     const GeglRectangle *part, guint width, guint height, Progress *progress,
                     GError **error);

// A rectangle of the buffer as one of its own at (0, 0).
GeglBuffer *part_cut(GeglBuffer *in, const GeglRectangle *from);

G_END_DECLS
#endif
