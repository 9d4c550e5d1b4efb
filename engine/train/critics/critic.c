// SPDX-License-Identifier: LGPL-3.0-or-later
// Critics by the words of recipes.
#include "critic.h"

#include <stddef.h>

#define AT(member) offsetof(GanCriticSettings, member)
// clang-format off
static const GanKey rows[] = {
    {"critic", "kind", GAN_KEY_CHOICE, AT(kind), 0, 0, "none", GAN_CRITIC_WORDS},
    {"critic", "features", GAN_KEY_INTEGER, AT(features), 1, 1024, "64", NULL},
    {"critic", "layers", GAN_KEY_INTEGER, AT(n_layers), 1, 6, "3", NULL},
    {"critic", "norm", GAN_KEY_CHOICE, AT(norm), 0, 0, "batch", "none|batch|instance|layer|spectral"},
    {"critic", "loss", GAN_KEY_CHOICE, AT(loss), 0, 0, "none",
     "minimax|non-saturating|lsgan|hinge|wasserstein|relativistic|none"},
    {"critic", "weight", GAN_KEY_NUMBER, AT(weight), 0, 1e6, "1", NULL},
    {"critic", "rate", GAN_KEY_NUMBER, AT(rate), 0, 1, "0", NULL},
    {"critic", "gradient_penalty", GAN_KEY_NUMBER, AT(penalty), 0, 1e6, "0", NULL},
    {"critic", "r1", GAN_KEY_NUMBER, AT(r1), 0, 1e6, "0", NULL},
    {"critic", "weight_clip", GAN_KEY_NUMBER, AT(largest), 0, 1e3, "0", NULL},
};
// clang-format on
#undef AT

static gboolean check(const GanRecipe *recipe, gpointer settings, GError **error)
{
    const GanCriticSettings *s = settings;
    const GanRule rules[] = {
        {s->kind == GAN_CRITIC_NONE && s->loss != GAN_CRITIC_LOSS_NONE, "critic.kind",
         "a loss of a critic needs a critic"},
        {s->kind != GAN_CRITIC_NONE && s->loss == GAN_CRITIC_LOSS_NONE, "critic.loss",
         "a critic needs a loss"},
        {s->penalty > 0 && s->norm == GAN_CRITIC_NORM_BATCH, "critic.norm",
         "a gradient penalty is of single pictures: batch norm mixes them"},
    };
    return gan_recipe_check(recipe, rules, G_N_ELEMENTS(rules), error);
}

const GanKeys gan_critic_keys = {rows, G_N_ELEMENTS(rows), sizeof(GanCriticSettings), check};

GanNode *gan_critic_append(const GanCriticSettings *settings, GanNet *net, GanNode *x, guint size)
{
    g_assert(settings->kind < GAN_CRITIC_NONE);
    const GanCriticOptions options = {.features = settings->features,
                                      .size = size,
                                      .n_layers = settings->n_layers,
                                      .norm = (GanCriticNorm)settings->norm};
    return gan_critics[settings->kind](net, x, &options);
}
