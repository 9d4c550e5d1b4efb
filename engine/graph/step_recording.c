// SPDX-License-Identifier: LGPL-3.0-or-later
// The work of a step on a device with memory of its own: queued node by node the first time, then
// recorded and played as a whole, which spares hundreds of calls for every step.
#include "step-private.h"

void gan_step_forget_recording(GanStep *step)
{
    const GkDevice *gpu = gan_device_backend(step->device)->device;
    if (gpu != NULL)
        gpu->recording_free(gan_device_context(step->device), step->recording);
    step->recording = NULL;
}

// A device that cannot record goes on without.
static void record(GanStep *step)
{
    const GkDevice *gpu = gan_device_backend(step->device)->device;
    GkContext *context = gan_device_context(step->device);
    step->no_recording = TRUE;
    if (gpu->record(context) != GK_OK)
        return;
    const gboolean queued = gan_step_run_nodes(step, NULL, NULL);
    if (gpu->record_end(context, &step->recording) == GK_OK && queued)
        step->no_recording = FALSE;
    else
        gan_step_forget_recording(step);
}

gboolean gan_step_compute(GanStep *step, GError **error)
{
    const GkDevice *gpu = gan_device_backend(step->device)->device;
    // Who watches wants to see each kernel.
    if (step->watch != NULL)
        return gan_step_run_nodes(step, NULL, error);
    // All that takes memory or a choice has been done by the first run.
    if (step->recording == NULL && !step->no_recording && step->has_run)
        record(step);
    if (step->recording != NULL) {
        const GkStatus status = gpu->replay(gan_device_context(step->device), step->recording);
        if (status != GK_ERROR_UNSUPPORTED)
            return gan_device_check_on(step->device, status, "training step", error);
        // The memory that it was made with has moved: once more by hand, and record the next.
        gan_step_forget_recording(step);
    }
    step->has_run = gan_step_run_nodes(step, NULL, error);
    return step->has_run;
}
