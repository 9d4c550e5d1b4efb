// SPDX-License-Identifier: LGPL-3.0-or-later
// A trained network whose results another is to match: distilling.
// Source:  Hinton, Vinyals, Dean 2015, arXiv:1503.02531; of pictures, He et al. 2020 (FAKD), without
//          the features.
#ifndef GAN_TEACHER_H
#define GAN_TEACHER_H

#include "network.h"
#include <gan/model.h>

typedef struct {
    char *file;    // weight file; "": none
    double weight; // of the loss
} GanTeacherSettings;

extern const GanKeys gan_teacher_keys; // GanTeacherSettings

// Opens the recipe's teacher, which has to take and make what `network` does.
// Owner:   the caller.
// Errors:  gan_model_load()'s. GAN_ERROR_FORMAT: it does something else; the message says what.
GanModel *gan_teacher_open(const GanRecipe *recipe, const GanNetwork *network, GError **error);

// Appends what the teacher makes of `x`, 0..1; nothing is learned through it. `number`: what networks
// are told, or NULL.
// Errors:  gan_model_append()'s.
GanNode *gan_teacher_append(const GanModel *teacher, GanNode *x, GanNode *number, GError **error);

#endif
