// SPDX-License-Identifier: LGPL-3.0-or-later
// What every recipe says, whatever it trains.
#include "run.h"

#include <stddef.h>

#define AT(member) offsetof(GanRecipeTitle, member)
static const GanKey title_rows[] = {
    {"recipe", "title", GAN_KEY_TEXT, AT(title), 0, 0, NULL, NULL},
    {"recipe", "paper", GAN_KEY_TEXT, AT(paper), 0, 0, "", NULL},
    {"recipe", "procedure", GAN_KEY_TEXT, AT(procedure), 0, 0, NULL, NULL},
};
#undef AT

#define AT(member) offsetof(GanRunSettings, member)
static const GanKey run_rows[] = {
    {"run", "steps", GAN_KEY_LARGE, AT(steps), 1, 1e12, NULL, NULL},
    {"run", "precision", GAN_KEY_CHOICE, AT(precision), 0, 0, "float32", "float32|bfloat16"},
    {"run", "seed", GAN_KEY_LARGE, AT(seed), 0, 9e15, "1", NULL},
    {"run", "log_every", GAN_KEY_INTEGER, AT(log_every), 1, 1e9, "10", NULL},
    {"run", "samples_every", GAN_KEY_INTEGER, AT(samples_every), 0, 1e9, "500", NULL},
    {"run", "n_samples", GAN_KEY_INTEGER, AT(n_samples), 1, 400, "8", NULL},
    {"run", "validate_every", GAN_KEY_INTEGER, AT(validate_every), 0, 1e9, "1000", NULL},
    {"run", "save_every", GAN_KEY_INTEGER, AT(save_every), 1, 1e9, "500", NULL},
    {"run", "diverged", GAN_KEY_NUMBER, AT(diverged), 0, 1e9, "0", NULL},
    {"output", "name", GAN_KEY_TEXT, AT(name), 0, 0, "", NULL},
    {"output", "licence", GAN_KEY_TEXT, AT(licence), 0, 0, "", NULL},
    {"output", "good_for", GAN_KEY_TEXT, AT(good_for), 0, 0, "", NULL},
    {"output", "note", GAN_KEY_TEXT, AT(note), 0, 0, "", NULL},
};
#undef AT

const GanKeys gan_title_keys = {title_rows, G_N_ELEMENTS(title_rows), sizeof(GanRecipeTitle), NULL};
const GanKeys gan_run_keys = {run_rows, G_N_ELEMENTS(run_rows), sizeof(GanRunSettings), NULL};
