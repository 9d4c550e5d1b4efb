// SPDX-License-Identifier: LGPL-3.0-or-later
// Memory of a device that plans take turns in: a run's values are of no use to the next one. Plans
// for tiles of other shapes then need no memory of their own, and none moves when they alternate.
#ifndef GAN_WORKSPACE_H
#define GAN_WORKSPACE_H

#include "device-private.h"

typedef struct GanWorkspace GanWorkspace;

// Holds no memory yet.
// Owner:   the caller, one reference; keeps one to the device.
GanWorkspace *gan_workspace_new(GanDevice *device);
GanWorkspace *gan_workspace_ref(GanWorkspace *w);
void gan_workspace_unref(GanWorkspace *w); // accepts NULL

// Makes sure that there are at least `bytes`. What lay there is lost when it has to grow.
// Returns: FALSE when there is no memory left.
gboolean gan_workspace_need(GanWorkspace *w, gsize bytes);

// Gives the memory back; need() takes it anew.
void gan_workspace_release(GanWorkspace *w);

// Where it begins, or NULL; and how often it has moved.
void *gan_workspace_memory(const GanWorkspace *w);
guint gan_workspace_age(const GanWorkspace *w);

#endif
