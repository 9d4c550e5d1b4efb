// SPDX-License-Identifier: LGPL-3.0-or-later
// What a recipe says of its data.
#include "data_keys.h"
#include <recipe.h>

#include <stddef.h>

#define AT(member) offsetof(GanDataSettings, member)
static const GanKey data_rows[] = {
    {"data", "kind", GAN_KEY_CHOICE, AT(kind), 0, 0, "pictures", "pictures|pairs|unpaired|classes"},
    {"data", "patch", GAN_KEY_INTEGER, AT(patch), 8, 1024, "128", NULL},
    {"data", "choose", GAN_KEY_INTEGER, AT(choose), 1, 64, "1", NULL},
    {"data", "batch", GAN_KEY_INTEGER, AT(batch), 1, 1024, "16", NULL},
    {"data", "flip", GAN_KEY_FLAG, AT(flip), 0, 0, "yes", NULL},
    {"data", "rotate", GAN_KEY_FLAG, AT(rotate), 0, 0, "yes", NULL},
    {"data", "colour", GAN_KEY_NUMBER, AT(colour), 0, 1, "0", NULL},
    {"data", "resize", GAN_KEY_FLAG, AT(resize), 0, 0, "no", NULL},
    {"data", "loaders", GAN_KEY_INTEGER, AT(loaders), 1, 64, "1", NULL},
    {"data", "queue", GAN_KEY_INTEGER, AT(queue), 1, 64, "4", NULL},
    {"data", "cache_mb", GAN_KEY_INTEGER, AT(cache_mb), 0, 1000000, "1024", NULL},
    {"data", "validation", GAN_KEY_FILE, AT(validation), 0, 0, "", NULL},
    {"data", "validation_limit", GAN_KEY_INTEGER, AT(validation_limit), 1, 10000, "16", NULL},
};
#undef AT

#define AT(member) offsetof(GanDegradeSettings, degrade.member)
// clang-format off
static const GanKey degrade_rows[] = {
    {"degrade", "kind", GAN_KEY_CHOICE, AT(kind), 0, 0, "none", "bicubic|real|jpeg|noise|none"},
    {"degrade", "sharpen", GAN_KEY_FLAG, offsetof(GanDegradeSettings, sharpen), 0, 0, "no", NULL},
    {"degrade", "margin", GAN_KEY_INTEGER, offsetof(GanDegradeSettings, margin), 0, 64, "16", NULL},
    {"degrade", "blur", GAN_KEY_NUMBER, AT(stages[0].blur), 0, 1, "1", NULL},
    {"degrade", "blur_2", GAN_KEY_NUMBER, AT(stages[1].blur), 0, 1, "0.8", NULL},
    {"degrade", "blur_parts", GAN_KEY_SIX, AT(blur_weights), 0, 1e6, "0.45 0.25 0.12 0.03 0.12 0.03", NULL},
    {"degrade", "sinc", GAN_KEY_NUMBER, AT(stages[0].sinc), 0, 1, "0.1", NULL},
    {"degrade", "sinc_2", GAN_KEY_NUMBER, AT(stages[1].sinc), 0, 1, "0.1", NULL},
    {"degrade", "sinc_last", GAN_KEY_NUMBER, AT(last_sinc), 0, 1, "0.8", NULL},
    {"degrade", "sigma", GAN_KEY_RANGE, AT(stages[0].sigma), 0.01, 10, "0.2 3", NULL},
    {"degrade", "sigma_2", GAN_KEY_RANGE, AT(stages[1].sigma), 0.01, 10, "0.2 1.5", NULL},
    {"degrade", "beta", GAN_KEY_RANGE, AT(stages[0].beta), 0.1, 10, "0.5 4", NULL},
    {"degrade", "beta_2", GAN_KEY_RANGE, AT(stages[1].beta), 0.1, 10, "0.5 4", NULL},
    {"degrade", "beta_plateau", GAN_KEY_RANGE, AT(stages[0].beta_plateau), 0.1, 10, "1 2", NULL},
    {"degrade", "beta_plateau_2", GAN_KEY_RANGE, AT(stages[1].beta_plateau), 0.1, 10, "1 2", NULL},
    {"degrade", "resize_parts", GAN_KEY_THREE, AT(stages[0].resize_probability), 0, 1e6, "0.2 0.7 0.1", NULL},
    {"degrade", "resize_parts_2", GAN_KEY_THREE, AT(stages[1].resize_probability), 0, 1e6, "0.3 0.4 0.3", NULL},
    {"degrade", "resize", GAN_KEY_RANGE, AT(stages[0].resize), 0.05, 4, "0.15 1.5", NULL},
    {"degrade", "resize_2", GAN_KEY_RANGE, AT(stages[1].resize), 0.05, 4, "0.3 1.2", NULL},
    {"degrade", "antialias", GAN_KEY_NUMBER, AT(antialias), 0, 1, "0", NULL},
    {"degrade", "noise_part", GAN_KEY_NUMBER, AT(stages[0].noise_part), 0, 1, "1", NULL},
    {"degrade", "noise_part_2", GAN_KEY_NUMBER, AT(stages[1].noise_part), 0, 1, "1", NULL},
    {"degrade", "gaussian", GAN_KEY_NUMBER, AT(stages[0].gaussian), 0, 1, "0.5", NULL},
    {"degrade", "gaussian_2", GAN_KEY_NUMBER, AT(stages[1].gaussian), 0, 1, "0.5", NULL},
    {"degrade", "noise", GAN_KEY_RANGE, AT(stages[0].noise), 0, 255, "1 30", NULL},
    {"degrade", "noise_2", GAN_KEY_RANGE, AT(stages[1].noise), 0, 255, "1 25", NULL},
    {"degrade", "poisson", GAN_KEY_RANGE, AT(stages[0].poisson), 0, 100, "0.05 3", NULL},
    {"degrade", "poisson_2", GAN_KEY_RANGE, AT(stages[1].poisson), 0, 100, "0.05 2.5", NULL},
    {"degrade", "grey", GAN_KEY_NUMBER, AT(stages[0].grey), 0, 1, "0.4", NULL},
    {"degrade", "grey_2", GAN_KEY_NUMBER, AT(stages[1].grey), 0, 1, "0.4", NULL},
    {"degrade", "mosaic", GAN_KEY_NUMBER, AT(stages[0].mosaic), 0, 1, "0", NULL},
    {"degrade", "mosaic_2", GAN_KEY_NUMBER, AT(stages[1].mosaic), 0, 1, "0", NULL},
    {"degrade", "denoise", GAN_KEY_NUMBER, AT(stages[0].denoise), 0, 1, "0", NULL},
    {"degrade", "denoise_2", GAN_KEY_NUMBER, AT(stages[1].denoise), 0, 1, "0", NULL},
    {"degrade", "jpeg_part", GAN_KEY_NUMBER, AT(stages[0].jpeg_part), 0, 1, "1", NULL},
    {"degrade", "jpeg_part_2", GAN_KEY_NUMBER, AT(stages[1].jpeg_part), 0, 1, "1", NULL},
    {"degrade", "jpeg", GAN_KEY_RANGE, AT(stages[0].jpeg), 1, 100, "30 95", NULL},
    {"degrade", "jpeg_2", GAN_KEY_RANGE, AT(stages[1].jpeg), 1, 100, "30 95", NULL},
    {"degrade", "subsample", GAN_KEY_NUMBER, AT(subsample), 0, 1, "1", NULL},
    {"degrade", "uncut", GAN_KEY_NUMBER, AT(uncut), 0, 1, "0", NULL},
    {"degrade", "clean", GAN_KEY_NUMBER, AT(clean), 0, 1, "0", NULL},
    {"degrade", "heavy", GAN_KEY_NUMBER, AT(heavy), 0, 1, "0", NULL},
    {"degrade", "validate_at", GAN_KEY_STEPS, offsetof(GanDegradeSettings, validate_at), 1, 255, "", NULL},
};
// clang-format on
#undef AT

static gboolean check_degrade(const GanRecipe *recipe, gpointer settings, GError **error)
{
    GanDegrade *d = &((GanDegradeSettings *)settings)->degrade;
    const GanDegradeStage *first = &d->stages[0], *second = &d->stages[1];
    // The simple kinds take the first round's settings.
    d->jpeg = first->jpeg;
    d->noise = first->noise;
    d->poisson = first->poisson;
    d->gaussian = first->gaussian;
    d->grey = first->grey;
    const GanSteps *at = &((GanDegradeSettings *)settings)->validate_at;
    const gboolean jpeg = d->kind == GAN_DEGRADE_JPEG, one = jpeg || d->kind == GAN_DEGRADE_NOISE;
    const GanRule rules[] = {
        {at->n > 0 && !one && d->kind != GAN_DEGRADE_NONE, "degrade.validate_at",
         "only jpeg and noise are validated at given strengths"},
        {at->n > 0 && jpeg && at->values[at->n - 1] > 100, "degrade.validate_at",
         "the quality of JPEG is 100 at most"},
        {first->resize.low > 1 || first->resize.high < 1, "degrade.resize",
         "the range has to hold 1"},
        {second->resize.low > 1 || second->resize.high < 1, "degrade.resize_2",
         "the range has to hold 1"},
    };
    return gan_recipe_check(recipe, rules, G_N_ELEMENTS(rules), error);
}

const GanKeys gan_data_keys = {data_rows, G_N_ELEMENTS(data_rows), sizeof(GanDataSettings), NULL};
const GanKeys gan_degrade_keys = {degrade_rows, G_N_ELEMENTS(degrade_rows),
                                  sizeof(GanDegradeSettings), check_degrade};

GanLoaderOptions gan_data_loader(const GanDataSettings *settings, guint64 seed)
{
    return (GanLoaderOptions){
        .batch = settings->batch,
        .patch = settings->patch,
        .choose = settings->choose,
        .scale = 1,
        .resize = settings->resize,
        .flip = settings->flip,
        .rotate = settings->rotate,
        .colour = settings->colour,
        .low = 0,
        .high = 1,
        .seed = seed,
        .n_threads = settings->loaders,
        .queue = settings->queue,
    };
}
