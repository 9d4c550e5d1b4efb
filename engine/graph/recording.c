// SPDX-License-Identifier: LGPL-3.0-or-later
// Work on a device that is recorded once and played from then on.
#include "recording.h"

void gan_recording_forget(GanRecording *r, GanDevice *device)
{
    const GkDevice *gpu = gan_device_backend(device)->device;
    if (gpu != NULL)
        gpu->recording_free(gan_device_context(device), r->recording);
    r->recording = NULL;
}

static void record(GanRecording *r, GanDevice *device, GanRecordingWork work, gpointer data)
{
    const GkDevice *gpu = gan_device_backend(device)->device;
    GkContext *context = gan_device_context(device);
    r->has_failed = TRUE;
    if (gpu->record(context) != GK_OK)
        return;
    const gboolean queued = work(data, NULL);
    if (gpu->record_end(context, &r->recording) == GK_OK && queued)
        r->has_failed = FALSE;
    else
        gan_recording_forget(r, device);
}

gboolean gan_recording_run(GanRecording *r, GanDevice *device, GanRecordingWork work, gpointer data,
                           const char *what, GError **error)
{
    if (r->recording == NULL && r->has_run && !r->has_failed)
        record(r, device, work, data);
    if (r->recording != NULL) {
        const GkStatus status =
            gan_device_backend(device)->device->replay(gan_device_context(device), r->recording);
        if (status != GK_ERROR_UNSUPPORTED)
            return gan_device_check_on(device, status, what, error);
        // The memory that it was made with has moved: once more by hand, and record the next.
        gan_recording_forget(r, device);
    }
    r->has_run = work(data, error);
    return r->has_run;
}
