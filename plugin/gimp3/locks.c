// SPDX-License-Identifier: LGPL-3.0-or-later
// Locks of layers: taken off for a change and put back.
#include "locks.h"

#include "../host.h"

typedef struct {
    gint layer;
    gboolean content, position;
} Lock;

GArray *locks_take_off(GimpImage *image)
{
    GArray *locks = g_array_new(FALSE, FALSE, sizeof(Lock));
    guint n = 0;
    g_autofree HostLayer *layers = host_image_layers(gimp_image_get_id(image), &n, NULL);
    for (guint i = 0; i < n; i++) {
        GimpItem *item = gimp_item_get_by_id(layers[i].id);
        const Lock lock = {layers[i].id, gimp_item_get_lock_content(item),
                           gimp_item_get_lock_position(item)};
        if (!lock.content && !lock.position)
            continue;
        if (lock.content)
            gimp_item_set_lock_content(item, FALSE);
        if (lock.position)
            gimp_item_set_lock_position(item, FALSE);
        g_array_append_val(locks, lock);
    }
    return locks;
}

void locks_restore(GArray *locks)
{
    for (guint i = 0; i < locks->len; i++) {
        const Lock *lock = &g_array_index(locks, Lock, i);
        // A layer too small for a smaller image is gone by now.
        if (!gimp_item_id_is_valid(lock->layer))
            continue;
        GimpItem *item = gimp_item_get_by_id(lock->layer);
        if (lock->content)
            gimp_item_set_lock_content(item, TRUE);
        if (lock->position)
            gimp_item_set_lock_position(item, TRUE);
    }
    g_array_free(locks, TRUE);
}
