// SPDX-License-Identifier: LGPL-3.0-or-later
// How players learn, by the words of recipes.
#include "learning.h"
#include <run.h>

#include <stddef.h>

#define AT(member) offsetof(GanLearning, member)
// clang-format off
static const GanKey rows[] = {
    {"optimizer", "kind", GAN_KEY_CHOICE, AT(kind), 0, 0, "adam", "adam|adamw"},
    {"optimizer", "rate", GAN_KEY_NUMBER, AT(schedule.rate), 0, 1, NULL, NULL},
    {"optimizer", "beta1", GAN_KEY_NUMBER, AT(optimizer.beta1), 0, 0.9999, "0.9", NULL},
    {"optimizer", "beta2", GAN_KEY_NUMBER, AT(optimizer.beta2), 0, 0.999999, "0.99", NULL},
    {"optimizer", "epsilon", GAN_KEY_NUMBER, AT(optimizer.eps), 0, 1, "1e-8", NULL},
    {"optimizer", "weight_decay", GAN_KEY_NUMBER, AT(optimizer.weight_decay), 0, 10, "0", NULL},
    {"optimizer", "clip_norm", GAN_KEY_NUMBER, AT(clip_norm), 0, 1e9, "0", NULL},
    {"optimizer", "accumulate", GAN_KEY_INTEGER, AT(accumulate), 1, 1024, "1", NULL},
    {"schedule", "kind", GAN_KEY_CHOICE, AT(schedule_kind), 0, 0, "constant", "constant|step|cosine|linear"},
    {"schedule", "warm_up", GAN_KEY_LARGE, AT(schedule.warm_up), 0, 1e9, "0", NULL},
    {"schedule", "milestones", GAN_KEY_STEPS, AT(milestones), 1, 1e12, "", NULL},
    {"schedule", "factor", GAN_KEY_NUMBER, AT(schedule.gamma), 0, 1, "0.5", NULL},
    {"schedule", "least", GAN_KEY_NUMBER, AT(schedule.lowest), 0, 1, "0", NULL},
    {"schedule", "periods", GAN_KEY_INTEGER, AT(periods), 1, 1000, "1", NULL},
    {"ema", "decay", GAN_KEY_NUMBER, AT(average), 0, 0.999999, "0", NULL},
};
// clang-format on
#undef AT

static gboolean check(const GanRecipe *recipe, gpointer settings, GError **error)
{
    static const GanOptimizerKind kinds[] = {GAN_OPTIMIZER_ADAM, GAN_OPTIMIZER_ADAMW};
    GanLearning *s = settings;
    const GanRunSettings *run = gan_recipe_settings(recipe, &gan_run_keys);
    s->optimizer.kind = kinds[s->kind];
    s->schedule.kind = (GanScheduleKind)s->schedule_kind;
    s->schedule.milestones = s->milestones.values;
    s->schedule.n_milestones = s->milestones.n;
    s->schedule.period = MAX(run->steps / s->periods, 1);
    s->schedule.end = run->steps;
    if (s->schedule.kind != GAN_SCHEDULE_STEP || s->milestones.n > 0)
        return TRUE;
    return gan_recipe_refuse(recipe, "schedule.milestones", error,
                             "the schedule 'step' needs milestones");
}

const GanKeys gan_learning_keys = {rows, G_N_ELEMENTS(rows), sizeof(GanLearning), check};
