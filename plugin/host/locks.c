// SPDX-License-Identifier: LGPL-3.0-or-later
#include "locks.h"

#include "pdb.h"

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
        const Lock lock = {layers[i].id, pdb_layer_lock_content(layers[i].id),
                           pdb_layer_lock_position(layers[i].id)};
        if (!lock.content && !lock.position)
            continue;
        if (lock.content)
            pdb_layer_set_lock_content(lock.layer, FALSE);
        if (lock.position)
            pdb_layer_set_lock_position(lock.layer, FALSE);
        g_array_append_val(locks, lock);
    }
    return locks;
}

void locks_restore(GArray *locks)
{
    for (guint i = 0; i < locks->len; i++) {
        const Lock *lock = &g_array_index(locks, Lock, i);
        // A layer too small for a smaller image is gone by now.
        if (pdb_item_kind(lock->layer) != PDB_LAYER)
            continue;
        if (lock->content)
            pdb_layer_set_lock_content(lock->layer, TRUE);
        if (lock->position)
            pdb_layer_set_lock_position(lock->layer, TRUE);
    }
    g_array_free(locks, TRUE);
}
