// SPDX-License-Identifier: LGPL-3.0-or-later
// Arithmetic on constant parameters that fusion needs.
#ifndef GAN_FOLD_H
#define GAN_FOLD_H

#include "graph.h"

// weight[o,...] * scale[o]; a scale of one element serves all.
GanTensor *gan_fold_scale(const GanTensor *weight, const GanTensor *scale, GError **error);

// bias[o] * scale[o] + shift[o]; no bias is zero.
GanTensor *gan_fold_bias(const GanTensor *bias, const GanTensor *scale, const GanTensor *shift,
                         gsize n, GError **error);

// Each element `times` times in a row.
GanTensor *gan_fold_repeat(const GanTensor *values, gsize times, GError **error);

// Returns TRUE when every element equals `value`.
gboolean gan_fold_all_equal(const GanTensor *values, float value);

#endif
