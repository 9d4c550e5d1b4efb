// SPDX-License-Identifier: LGPL-3.0-or-later
// An image's layers and groups, one below the other.
#include "error.h"
#include "pdb.h"

#include <glib/gi18n-lib.h>

gboolean host_layer(gint drawable, HostLayer *layer, GError **error)
{
    if (!error_check_layer(drawable, error))
        return FALSE;
    pdb_layer_describe(drawable, layer);
    return TRUE;
}

gint host_layer_of(gint drawable)
{
    switch (drawable > 0 ? pdb_item_kind(drawable) : PDB_NO_DRAWABLE) {
    case PDB_LAYER:
        return drawable;
    case PDB_LAYER_MASK:
        return pdb_mask_layer(drawable);
    default:
        return 0;
    }
}

gint host_layer_of_visible(gint image, GError **error)
{
    if (!error_check_image(image, error))
        return 0;
    const gint layer = pdb_layer_new_visible(image);
    if (layer <= 0)
        error_set_gimp(error, _("The layer's pixels cannot be read"));
    return layer;
}

void host_layer_drop(gint layer)
{
    pdb_layer_delete(layer);
}

static void collect(gint image, gint group, GArray *layers)
{
    gint n = 0;
    g_autofree gint *ids = pdb_layers(image, group, &n);
    for (gint i = 0; i < n; i++) {
        HostLayer layer;
        pdb_layer_describe(ids[i], &layer);
        g_array_append_val(layers, layer);
        if (layer.is_group)
            collect(image, ids[i], layers);
    }
}

HostLayer *host_image_layers(gint image, guint *n, GError **error)
{
    if (!error_check_image(image, error))
        return NULL;
    GArray *layers = g_array_new(FALSE, FALSE, sizeof(HostLayer));
    collect(image, 0, layers);
    *n = layers->len;
    // An image without layers is not a failure, so the answer is not NULL then.
    if (layers->len == 0) {
        const HostLayer none = {0};
        g_array_append_val(layers, none);
    }
    return (HostLayer *)(void *)g_array_free(layers, FALSE);
}

gboolean host_layer_copy_filters(gint from, gint to, GError **error)
{
    if (!error_check_layer(from, error) || !error_check_layer(to, error))
        return FALSE;
    if (pdb_layer_copy_filters(from, to))
        return TRUE;
    error_set_gimp(error, _("The layer's filters cannot be copied"));
    return FALSE;
}

gint host_image_same_layer(gint image, gint layer, gint copy)
{
    if (!error_check_layer(layer, NULL) || !error_check_image(copy, NULL))
        return 0;
    const gint parent = pdb_layer_parent(layer);
    const gint same_parent = parent > 0 ? host_image_same_layer(image, parent, copy) : 0;
    if (parent > 0 && same_parent <= 0)
        return 0;
    gint n = 0;
    g_autofree gint *siblings = pdb_layers(copy, same_parent, &n);
    const gint i = pdb_layer_position(image, layer);
    return i >= 0 && i < n ? siblings[i] : 0;
}
