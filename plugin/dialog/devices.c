// SPDX-License-Identifier: LGPL-3.0-or-later
#include "devices.h"

#include <gan/device.h>
#include <glib/gi18n-lib.h>

#define N_DEVICES 3

typedef struct {
    DevicesReady ready;
    gpointer data;
    DeviceItem items[N_DEVICES];
} Look;

static void look_run(WorkerJob *job, Session *session, gpointer data)
{
    Look *look = data;
    const DeviceItem all[N_DEVICES] = {{.name = "auto", .label = _("Automatic")},
                                       {.name = "cpu", .label = _("Processor")},
                                       {.name = "cuda", .label = _("Graphics processor")}};
    for (guint i = 0; i < N_DEVICES; i++) {
        look->items[i] = all[i];
        g_autoptr(GanDevice) device = gan_device_open(all[i].name, 0, NULL);
        if (device != NULL)
            look->items[i].description = g_strdup(gan_device_description(device));
    }
}

static void look_done(gpointer data)
{
    Look *look = data;
    look->ready(look->items, N_DEVICES, look->data);
}

static void look_free(gpointer data)
{
    Look *look = data;
    for (guint i = 0; i < N_DEVICES; i++)
        g_free(look->items[i].description);
    g_free(look);
}

void devices_load(Worker *worker, DevicesReady ready, gpointer data)
{
    static const WorkerWork work = {look_run, NULL, look_done, look_free};
    Look *look = g_new0(Look, 1);
    look->ready = ready;
    look->data = data;
    worker_post(worker, WORKER_DEVICES, &work, look);
}
