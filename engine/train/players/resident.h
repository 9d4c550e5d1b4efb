// SPDX-License-Identifier: LGPL-3.0-or-later
// A player whose weights stay on a device with memory of its own, with the sums of their gradients,
// the optimizer's moments and the averages: between two saves only losses pass.
#ifndef GAN_RESIDENT_H
#define GAN_RESIDENT_H

#include "ema.h"
#include "gradients.h"
#include "optimizer.h"

typedef struct GanResident GanResident;

// Takes the weights of `gradients` to the device, which that step then reads and whose
// gradients it leaves there. The tensors of weights, optimizer and averages are the state of
// the last pull or push.
// `optimizer`: Adam or AdamW. `ema`: or NULL.
// Owner:   borrows all of them.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE.
GanResident *gan_resident_new(GanDevice *device, GanGradients *gradients, GanOptimizer *optimizer,
                              GanEma *ema, GError **error);
void gan_resident_free(GanResident *resident); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanResident, gan_resident_free)

// Has another step of the same device read the weights there. The resident must outlive its runs.
void gan_resident_bind(const GanResident *resident, GanStep *step);

// Takes the gradients of the step's last run, or adds them to those that are there.
gboolean gan_resident_collect(GanResident *resident, gboolean accumulate, GError **error);

// Computes the gradients' common L2 norm, NaN or infinity included.
gboolean gan_resident_norm(GanResident *resident, double *norm, GError **error);

// One step of the optimizer along the gradients times `factor`, which are used up; see
// gan_optimizer_step().
gboolean gan_resident_step(GanResident *resident, double rate, double factor, GError **error);

// See gan_tensors_clamp() and gan_ema_update().
gboolean gan_resident_clamp(GanResident *resident, double largest, GError **error);
gboolean gan_resident_average(GanResident *resident, double decay, GError **error);

// Brings the tensors up to date unless they are, and takes what has been written to them.
gboolean gan_resident_pull(GanResident *resident, GError **error);
gboolean gan_resident_push(GanResident *resident, GError **error);

#endif
