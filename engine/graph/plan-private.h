// SPDX-License-Identifier: LGPL-3.0-or-later
// What planning and running share: a program's data, and where a plan puts each value.
#ifndef GAN_PLAN_PRIVATE_H
#define GAN_PLAN_PRIVATE_H

#include "ops.h"
#include "plan.h"
#include "recording.h"

struct GanProgram {
    GanGraph *graph;
    GanDevice *device;
    void **parameters;      // by node: data in the backend's dtype; owned where it differs from the
                            // tensor's
    GkPlan **packed;        // by node
    gboolean is_incomplete; // the device had no memory for a parameter
};

typedef enum { PLACE_ARENA, PLACE_IN, PLACE_OUT } GanPlace;

typedef struct {
    GanPlace place;
    GanShape shape;
    gsize offset, bytes; // PLACE_ARENA
    guint first, last;   // nodes that write it first and read it last
} GanBuffer;

typedef struct {
    GanShape shape;
    int buffer;          // -1: a parameter
    guint first_channel; // in the buffer
    guint last_reader;   // node
    gboolean computed;   // a kernel runs for it; FALSE: it is a view of what is there already
} GanValue;

struct GanPlan {
    GanProgram *program;
    GanPlanInfo info;
    gsize n, h, w;
    GanValue *values;           // by node
    double *flops;              // by node
    GArray *buffers;            // of GanBuffer
    const GanNode *writer;      // writes the output: the output node, or what it is a view of
    gboolean copy_in, copy_out; // the ends are copied into and out of the arena
    gboolean force_copies;      // a kernel refused to work on the caller's memory
    GanWorkspace *workspace;    // where the arena lies
    GanRecording recording;     // on a device with memory of its own
    guint recording_age;        // of the workspace that it was made in
    gboolean overflowed;        // the last run that was finished
};

// The place of a buffer whose memory begins at `data`.
GkView gan_plan_buffer_view(const GanPlan *plan, const GanBuffer *buffer, void *data);

// The view of a value, with data where the buffer's is known. `in` and `out` are the caller's ends.
GkView gan_plan_value_view(const GanPlan *plan, const GanNode *node, const GkView *in,
                           const GkView *out);

// Makes sure that the arena is there.
gboolean gan_plan_allocate(GanPlan *plan, GError **error);

// Computes one node. `in` and `out` are NULL where no value lies there.
gboolean gan_plan_run_node(GanPlan *plan, const GanNode *node, const GkView *in, const GkView *out,
                           GError **error);

// Drops the recording, if there is one.
void gan_queue_forget(GanPlan *plan);

#endif
