// SPDX-License-Identifier: LGPL-3.0-or-later
// What keys of recipes were called in former versions.
#include "former.h"

#include <string.h>

gboolean gan_key_former(const char *full, const char *text, const char **today, const char **value)
{
    static const struct {
        const char *former, *today;
        const char *text, *value; // NULL: all values, unchanged
    } rows[] = {
        {"recipe.task", "recipe.procedure", "upscale", "super-resolution"},
        {"recipe.task", "recipe.procedure", "restore", "super-resolution"},
        {"recipe.task", "recipe.procedure", "generate", "latent"},
        {"loss.adversary", "critic.loss", NULL, NULL},
        {"loss.adversary_weight", "critic.weight", NULL, NULL},
        {"loss.gradient_penalty", "critic.gradient_penalty", NULL, NULL},
        {"loss.r1", "critic.r1", NULL, NULL},
        {"loss.weight_clip", "critic.weight_clip", NULL, NULL},
        {"optimizer.critic_rate", "critic.rate", NULL, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strcmp(rows[i].former, full) == 0 &&
            (rows[i].text == NULL || strcmp(rows[i].text, text) == 0)) {
            *today = rows[i].today;
            *value = rows[i].value;
            return TRUE;
        }
    return FALSE;
}
