// SPDX-License-Identifier: LGPL-3.0-or-later
// How the learning rate changes over a training.
#ifndef GAN_SCHEDULE_H
#define GAN_SCHEDULE_H

#include <glib.h>

typedef enum {
    GAN_SCHEDULE_CONSTANT,
    GAN_SCHEDULE_STEP,   // times gamma at each milestone
    GAN_SCHEDULE_COSINE, // down to `lowest` along half a cosine, again and again
    GAN_SCHEDULE_LINEAR, // constant until `start`, then on a line to `lowest` at `end`
} GanScheduleKind;

// Returns TRUE and the kind for "constant", "step", "cosine", "linear".
gboolean gan_schedule_kind_parse(const char *name, GanScheduleKind *kind);

typedef struct {
    GanScheduleKind kind;
    double rate;               // at the beginning, after the warm-up
    double lowest;             // COSINE, LINEAR: default 0
    guint64 warm_up;           // steps over which the rate grows from rate / warm_up to rate
    double gamma;              // STEP
    const guint64 *milestones; // STEP: ascending
    guint n_milestones;
    guint64 period;     // COSINE: steps of half a cosine
    guint64 start, end; // LINEAR
} GanSchedule;

// Returns the rate for the step after `steps` finished ones.
double gan_schedule_rate(const GanSchedule *schedule, guint64 steps);

#endif
