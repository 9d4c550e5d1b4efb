// SPDX-License-Identifier: LGPL-3.0-or-later
// Memory of a device that plans take turns in.
#include "workspace.h"

struct GanWorkspace {
    gint ref_count;
    GanDevice *device;
    void *memory;
    gsize bytes;
    guint age;
};

GanWorkspace *gan_workspace_new(GanDevice *device)
{
    GanWorkspace *w = g_new0(GanWorkspace, 1);
    w->ref_count = 1;
    w->device = gan_device_ref(device);
    return w;
}

GanWorkspace *gan_workspace_ref(GanWorkspace *w)
{
    g_atomic_int_inc(&w->ref_count);
    return w;
}

void gan_workspace_unref(GanWorkspace *w)
{
    if (w == NULL || !g_atomic_int_dec_and_test(&w->ref_count))
        return;
    gan_workspace_release(w);
    gan_device_unref(w->device);
    g_free(w);
}

gboolean gan_workspace_need(GanWorkspace *w, gsize bytes)
{
    if (bytes <= w->bytes)
        return TRUE;
    gan_workspace_release(w);
    w->memory = gan_device_backend(w->device)->alloc(gan_device_context(w->device), bytes);
    w->bytes = w->memory != NULL ? bytes : 0;
    return w->memory != NULL;
}

void gan_workspace_release(GanWorkspace *w)
{
    if (w->memory != NULL)
        gan_device_backend(w->device)->free(gan_device_context(w->device), w->memory, w->bytes);
    w->memory = NULL;
    w->bytes = 0;
    w->age++;
}

void *gan_workspace_memory(const GanWorkspace *w)
{
    return w->memory;
}

guint gan_workspace_age(const GanWorkspace *w)
{
    return w->age;
}
