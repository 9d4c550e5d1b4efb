// SPDX-License-Identifier: LGPL-3.0-or-later
// The work of a plan or of a step on a device with memory of its own: queued kernel by kernel the
// first time, when kernels take memory and make choices, then recorded and played as a whole, which
// spares hundreds of calls.
#ifndef GAN_RECORDING_H
#define GAN_RECORDING_H

#include "device-private.h"

typedef struct {
    GkRecording *recording; // or NULL
    gboolean has_run, has_failed;
} GanRecording;

// Queues the work.
typedef gboolean (*GanRecordingWork)(gpointer data, GError **error);

// Has the work done, in one of the two ways. A device that cannot record goes on without. `what`
// is it for messages.
gboolean gan_recording_run(GanRecording *r, GanDevice *device, GanRecordingWork work, gpointer data,
                           const char *what, GError **error);

// Forgets what was recorded, before memory is given back that it was made with.
void gan_recording_forget(GanRecording *r, GanDevice *device);

#endif
