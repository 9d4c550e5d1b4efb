// SPDX-License-Identifier: LGPL-3.0-or-later
// What a recipe says of how players learn: [optimizer], [schedule] and [ema].
#ifndef GAN_LEARNING_H
#define GAN_LEARNING_H

#include "optimizer.h"
#include "schedule.h"
#include <recipe.h>

typedef struct {
    GanOptimizerOptions optimizer;
    GanSchedule schedule;
    double clip_norm; // of the gradients; 0: any
    guint accumulate; // batches of which a step learns
    double average;   // decay of the weights' running average; 0: none
    // What the members above are made of.
    guint kind, periods, schedule_kind;
    GanSteps milestones;
} GanLearning;

extern const GanKeys gan_learning_keys; // GanLearning

#endif
