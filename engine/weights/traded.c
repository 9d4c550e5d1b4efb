// SPDX-License-Identifier: LGPL-3.0-or-later
// Averages that took the network's place. Hooks of OpenMMLab's trainers trade the two when they save, so
// that who takes the network's own names gets the average; what was trained lies where the average was,
// and its libraries leave that out when they publish a file.
// Source:  EMAHook of mmcv (buffers called "ema_", then the parameter's name, its dots as underscores) and
//          of MMEngine ("ema_state_dict" with a counter called "steps").
#include "weights-private.h"
#include <string.h>

#define AVERAGE "ema_"

// Marks what was traded for the tensor `i`, if it is there.
static gboolean mark(GanWeights *weights, guint i)
{
    const char *name = g_array_index(weights->entries, GanWeightsEntry, i).name;
    const gsize container = g_array_index(weights->containers, guint, i);
    g_autofree char *flat = g_strdelimit(g_strdup(name + container), ".", '_');
    g_autofree char *traded = g_strdup_printf("%.*s" AVERAGE "%s", (int)container, name, flat);
    const guint known = GPOINTER_TO_UINT(g_hash_table_lookup(weights->index, traded));
    if (known == 0 || g_array_index(weights->containers, guint, known - 1) != container)
        return FALSE;
    weights->traded[known - 1] = TRUE;
    return TRUE;
}

void gan_weights_mark_traded(GanWeights *weights)
{
    gboolean found = FALSE;
    weights->traded = g_new0(gboolean, weights->entries->len);
    // Names without a dot tell only beside others: a network may have a "gamma" and an "ema_gamma".
    for (int dotted = 1; dotted >= 0 && (dotted || found); dotted--) {
        for (guint i = 0; i < weights->entries->len; i++) {
            const char *name = g_array_index(weights->entries, GanWeightsEntry, i).name;
            const char *own = name + g_array_index(weights->containers, guint, i);
            if ((strchr(own, '.') != NULL) == (dotted != 0))
                found = mark(weights, i) || found;
        }
    }
}

gboolean gan_weights_has_traded_dicts(const GanWeights *weights)
{
    if (!g_hash_table_contains(weights->index, GAN_WEIGHTS_TRADED "steps"))
        return FALSE;
    for (guint i = 0; i < weights->entries->len; i++)
        if (g_str_has_prefix(g_array_index(weights->entries, GanWeightsEntry, i).name,
                             GAN_WEIGHTS_TRADED_FOR))
            return TRUE;
    return FALSE;
}
