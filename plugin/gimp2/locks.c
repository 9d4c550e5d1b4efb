// SPDX-License-Identifier: LGPL-3.0-or-later
// Locks of layers: taken off for a change and put back.
#include "locks.h"

#include "../host.h"

#include <libgimp/gimp.h>

typedef struct {
    gint layer;
    gboolean content, position;
} Lock;

GArray *locks_take_off(gint image)
{
    GArray *locks = g_array_new(FALSE, FALSE, sizeof(Lock));
    guint n = 0;
    g_autofree HostLayer *layers = host_image_layers(image, &n, NULL);
    for (guint i = 0; i < n; i++) {
        const Lock lock = {layers[i].id, gimp_item_get_lock_content(layers[i].id),
                           gimp_item_get_lock_position(layers[i].id)};
        if (!lock.content && !lock.position)
            continue;
        if (lock.content)
            gimp_item_set_lock_content(lock.layer, FALSE);
        if (lock.position)
            gimp_item_set_lock_position(lock.layer, FALSE);
        g_array_append_val(locks, lock);
    }
    return locks;
}

void locks_restore(GArray *locks)
{
    for (guint i = 0; i < locks->len; i++) {
        const Lock *lock = &g_array_index(locks, Lock, i);
        // A layer too small for a smaller image is gone by now.
        if (!gimp_item_is_valid(lock->layer))
            continue;
        if (lock->content)
            gimp_item_set_lock_content(lock->layer, TRUE);
        if (lock->position)
            gimp_item_set_lock_position(lock->layer, TRUE);
    }
    g_array_free(locks, TRUE);
}
