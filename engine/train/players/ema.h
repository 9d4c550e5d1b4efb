// SPDX-License-Identifier: LGPL-3.0-or-later
// An exponential moving average of weights: what is saved and shown, while the others train on.
#ifndef GAN_EMA_H
#define GAN_EMA_H

#include <gan/tensor.h>

typedef struct GanEma GanEma;

// Starts as a copy of the weights.
// Owner:   keeps references to the weights.
// Errors:  GAN_ERROR_MEMORY.
GanEma *gan_ema_new(GanTensor *const *weights, guint n, GError **error);
void gan_ema_free(GanEma *ema); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanEma, gan_ema_free)

// average = decay * average + (1 - decay) * weight.
void gan_ema_update(GanEma *ema, double decay);

// The average of weight `index`; the owner may write to it to put back a saved state.
GanTensor *gan_ema_average(const GanEma *ema, guint index);

// The average of a weight; the weight itself where `ema` is NULL or does not follow it.
GanTensor *gan_ema_of(const GanEma *ema, GanTensor *weight);

#endif
