// SPDX-License-Identifier: LGPL-3.0-or-later
// The devices that a window offers.
#ifndef PLUGIN_DIALOG_DEVICES_H
#define PLUGIN_DIALOG_DEVICES_H

#include "worker.h"

G_BEGIN_DECLS

typedef struct {
    const char *name; // "auto", "cpu", …
    const char *label;
    char *description; // "CPU, 2 threads, AVX-512"; NULL: it does not work here
} DeviceItem;

typedef void (*DevicesReady)(const DeviceItem *items, guint n, gpointer data);

// Tries all devices on the worker's thread, then calls `ready` on the main thread.
// Owner:   `ready` borrows the items for the call.
void devices_load(Worker *worker, DevicesReady ready, gpointer data);

G_END_DECLS
#endif
