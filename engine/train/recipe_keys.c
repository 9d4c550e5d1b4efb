// SPDX-License-Identifier: LGPL-3.0-or-later
// One table says which keys there are, what they take and what they are when they are not given.
#include "recipe_keys.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(GanRecipe, member)
#define STAGE(i, member)                                                                           \
    (offsetof(GanRecipe, degradation) + offsetof(GanDegrade, stages) +                             \
     (i) * sizeof(GanDegradeStage) + offsetof(GanDegradeStage, member))
#define DEGRADE(member) (offsetof(GanRecipe, degradation) + offsetof(GanDegrade, member))

// clang-format off
const GanRecipeKey gan_recipe_keys[] = {
    {"recipe", "title", GAN_KEY_TEXT, AT(title), 0, 0, NULL, NULL},
    {"recipe", "paper", GAN_KEY_TEXT, AT(paper), 0, 0, "", NULL},
    {"recipe", "task", GAN_KEY_CHOICE, AT(task), 0, 0, NULL, "upscale|restore|generate"},
    {"network", "family", GAN_KEY_CHOICE, AT(family), 0, 0, NULL, "srvgg|span|msrresnet|srresnet|rrdb|edsr|dcgan"},
    {"network", "scale", GAN_KEY_INTEGER, AT(scale), 1, 8, "1", NULL},
    {"network", "features", GAN_KEY_INTEGER, AT(features), 1, 1024, "64", NULL},
    {"network", "blocks", GAN_KEY_INTEGER, AT(blocks), 1, 200, "16", NULL},
    {"network", "growth", GAN_KEY_INTEGER, AT(growth), 1, 512, "32", NULL},
    {"network", "latent", GAN_KEY_INTEGER, AT(latent), 1, 4096, "100", NULL},
    {"network", "size", GAN_KEY_INTEGER, AT(size), 16, 256, "64", NULL},
    {"network", "channels", GAN_KEY_INTEGER, AT(channels), 1, 3, "3", NULL},
    {"network", "conditional", GAN_KEY_FLAG, AT(conditional), 0, 0, "no", NULL},
    {"network", "start", GAN_KEY_FILE, AT(start), 0, 0, "", NULL},
    {"network", "start_strict", GAN_KEY_FLAG, AT(start_strict), 0, 0, "yes", NULL},
    {"data", "kind", GAN_KEY_CHOICE, AT(kind), 0, 0, "pictures", "pictures|pairs|unpaired|classes"},
    {"data", "patch", GAN_KEY_INTEGER, AT(patch), 8, 1024, "128", NULL},
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
    {"degrade", "kind", GAN_KEY_CHOICE, AT(degrade), 0, 0, "none", "none|bicubic|real|jpeg|noise"},
    {"degrade", "sharpen", GAN_KEY_FLAG, AT(sharpen), 0, 0, "no", NULL},
    {"degrade", "margin", GAN_KEY_INTEGER, AT(margin), 0, 64, "16", NULL},
    {"degrade", "blur", GAN_KEY_NUMBER, STAGE(0, blur), 0, 1, "1", NULL},
    {"degrade", "blur_2", GAN_KEY_NUMBER, STAGE(1, blur), 0, 1, "0.8", NULL},
    {"degrade", "blur_parts", GAN_KEY_SIX, AT(blur_parts), 0, 1e6, "0.45 0.25 0.12 0.03 0.12 0.03", NULL},
    {"degrade", "sinc", GAN_KEY_NUMBER, STAGE(0, sinc), 0, 1, "0.1", NULL},
    {"degrade", "sinc_2", GAN_KEY_NUMBER, STAGE(1, sinc), 0, 1, "0.1", NULL},
    {"degrade", "sinc_last", GAN_KEY_NUMBER, DEGRADE(last_sinc), 0, 1, "0.8", NULL},
    {"degrade", "sigma", GAN_KEY_RANGE, STAGE(0, sigma), 0.01, 10, "0.2 3", NULL},
    {"degrade", "sigma_2", GAN_KEY_RANGE, STAGE(1, sigma), 0.01, 10, "0.2 1.5", NULL},
    {"degrade", "beta", GAN_KEY_RANGE, STAGE(0, beta), 0.1, 10, "0.5 4", NULL},
    {"degrade", "beta_2", GAN_KEY_RANGE, STAGE(1, beta), 0.1, 10, "0.5 4", NULL},
    {"degrade", "beta_plateau", GAN_KEY_RANGE, STAGE(0, beta_plateau), 0.1, 10, "1 2", NULL},
    {"degrade", "beta_plateau_2", GAN_KEY_RANGE, STAGE(1, beta_plateau), 0.1, 10, "1 2", NULL},
    {"degrade", "resize_parts", GAN_KEY_THREE, AT(resize_parts), 0, 1e6, "0.2 0.7 0.1", NULL},
    {"degrade", "resize_parts_2", GAN_KEY_THREE, AT(resize_parts_2), 0, 1e6, "0.3 0.4 0.3", NULL},
    {"degrade", "resize", GAN_KEY_RANGE, STAGE(0, resize), 0.05, 4, "0.15 1.5", NULL},
    {"degrade", "resize_2", GAN_KEY_RANGE, STAGE(1, resize), 0.05, 4, "0.3 1.2", NULL},
    {"degrade", "gaussian", GAN_KEY_NUMBER, STAGE(0, gaussian), 0, 1, "0.5", NULL},
    {"degrade", "gaussian_2", GAN_KEY_NUMBER, STAGE(1, gaussian), 0, 1, "0.5", NULL},
    {"degrade", "noise", GAN_KEY_RANGE, STAGE(0, noise), 0, 255, "1 30", NULL},
    {"degrade", "noise_2", GAN_KEY_RANGE, STAGE(1, noise), 0, 255, "1 25", NULL},
    {"degrade", "poisson", GAN_KEY_RANGE, STAGE(0, poisson), 0, 100, "0.05 3", NULL},
    {"degrade", "poisson_2", GAN_KEY_RANGE, STAGE(1, poisson), 0, 100, "0.05 2.5", NULL},
    {"degrade", "grey", GAN_KEY_NUMBER, STAGE(0, grey), 0, 1, "0.4", NULL},
    {"degrade", "grey_2", GAN_KEY_NUMBER, STAGE(1, grey), 0, 1, "0.4", NULL},
    {"degrade", "jpeg", GAN_KEY_RANGE, STAGE(0, jpeg), 1, 100, "30 95", NULL},
    {"degrade", "jpeg_2", GAN_KEY_RANGE, STAGE(1, jpeg), 1, 100, "30 95", NULL},
    {"degrade", "subsample", GAN_KEY_NUMBER, DEGRADE(subsample), 0, 1, "0.7", NULL},
    {"loss", "pixel", GAN_KEY_CHOICE, AT(pixel), 0, 0, "none", "none|l1|charbonnier|mse"},
    {"loss", "pixel_weight", GAN_KEY_NUMBER, AT(pixel_weight), 0, 1e6, "1", NULL},
    {"loss", "ms_ssim_weight", GAN_KEY_NUMBER, AT(ms_ssim_weight), 0, 1e6, "0", NULL},
    {"loss", "perceptual_weight", GAN_KEY_NUMBER, AT(perceptual_weight), 0, 1e6, "0", NULL},
    {"loss", "perceptual_network", GAN_KEY_FILE, AT(perceptual_network), 0, 0, "", NULL},
    {"loss", "perceptual_layers", GAN_KEY_TEXT, AT(perceptual_layers), 0, 0, "", NULL},
    {"loss", "perceptual_shift", GAN_KEY_INTEGER, AT(perceptual_shift), 0, 15, "0", NULL},
    {"loss", "style_weight", GAN_KEY_NUMBER, AT(style_weight), 0, 1e12, "0", NULL},
    {"loss", "variation_weight", GAN_KEY_NUMBER, AT(variation_weight), 0, 1e6, "0", NULL},
    {"loss", "adversary", GAN_KEY_CHOICE, AT(adversary), 0, 0, "none",
     "none|minimax|non-saturating|lsgan|hinge|wasserstein|relativistic"},
    {"loss", "adversary_weight", GAN_KEY_NUMBER, AT(adversary_weight), 0, 1e6, "1", NULL},
    {"loss", "gradient_penalty", GAN_KEY_NUMBER, AT(gradient_penalty), 0, 1e6, "0", NULL},
    {"loss", "r1", GAN_KEY_NUMBER, AT(r1), 0, 1e6, "0", NULL},
    {"loss", "weight_clip", GAN_KEY_NUMBER, AT(weight_clip), 0, 1e3, "0", NULL},
    {"critic", "kind", GAN_KEY_CHOICE, AT(critic), 0, 0, "none", "none|dcgan|patch|vgg|unet"},
    {"critic", "features", GAN_KEY_INTEGER, AT(critic_features), 1, 1024, "64", NULL},
    {"critic", "layers", GAN_KEY_INTEGER, AT(critic_layers), 1, 6, "3", NULL},
    {"critic", "steps", GAN_KEY_INTEGER, AT(critic_steps), 1, 100, "1", NULL},
    {"critic", "norm", GAN_KEY_CHOICE, AT(critic_norm), 0, 0, "batch", "none|batch|instance|layer|spectral"},
    {"optimizer", "kind", GAN_KEY_CHOICE, AT(optimizer), 0, 0, "adam", "adam|adamw"},
    {"optimizer", "rate", GAN_KEY_NUMBER, AT(rate), 0, 1, NULL, NULL},
    {"optimizer", "critic_rate", GAN_KEY_NUMBER, AT(critic_rate), 0, 1, "0", NULL},
    {"optimizer", "beta1", GAN_KEY_NUMBER, AT(beta1), 0, 0.9999, "0.9", NULL},
    {"optimizer", "beta2", GAN_KEY_NUMBER, AT(beta2), 0, 0.999999, "0.99", NULL},
    {"optimizer", "epsilon", GAN_KEY_NUMBER, AT(epsilon), 0, 1, "1e-8", NULL},
    {"optimizer", "weight_decay", GAN_KEY_NUMBER, AT(weight_decay), 0, 10, "0", NULL},
    {"optimizer", "clip_norm", GAN_KEY_NUMBER, AT(clip_norm), 0, 1e9, "0", NULL},
    {"optimizer", "accumulate", GAN_KEY_INTEGER, AT(accumulate), 1, 1024, "1", NULL},
    {"schedule", "kind", GAN_KEY_CHOICE, AT(schedule), 0, 0, "constant", "constant|step|cosine|linear"},
    {"schedule", "warm_up", GAN_KEY_INTEGER, AT(warm_up), 0, 1e9, "0", NULL},
    {"schedule", "milestones", GAN_KEY_STEPS, AT(milestones), 1, 1e12, "", NULL},
    {"schedule", "factor", GAN_KEY_NUMBER, AT(factor), 0, 1, "0.5", NULL},
    {"schedule", "least", GAN_KEY_NUMBER, AT(least), 0, 1, "0", NULL},
    {"schedule", "periods", GAN_KEY_INTEGER, AT(periods), 1, 1000, "1", NULL},
    {"ema", "decay", GAN_KEY_NUMBER, AT(ema), 0, 0.999999, "0", NULL},
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
    {"output", "note", GAN_KEY_TEXT, AT(note), 0, 0, "", NULL},
};
// clang-format on
#undef AT
#undef STAGE
#undef DEGRADE

const guint gan_n_recipe_keys = G_N_ELEMENTS(gan_recipe_keys);

const GanRecipeKey *gan_recipe_key_find(const char *section, const char *key)
{
    for (gsize i = 0; i < gan_n_recipe_keys; i++)
        if (strcmp(gan_recipe_keys[i].section, section) == 0 &&
            strcmp(gan_recipe_keys[i].key, key) == 0)
            return &gan_recipe_keys[i];
    return NULL;
}

static gpointer member_of(const GanRecipe *recipe, const GanRecipeKey *key)
{
    return (char *)recipe + key->offset;
}

// --- values ---

static char *joined(const char *choices)
{
    g_auto(GStrv) words = g_strsplit(choices, "|", -1);
    return g_strjoinv(", ", words);
}

// What a key takes, for messages.
char *gan_recipe_key_takes(const GanRecipeKey *key)
{
    switch (key->type) {
    case GAN_KEY_TEXT:
        return g_strdup("a text");
    case GAN_KEY_FILE:
        return g_strdup("a file or folder");
    case GAN_KEY_INTEGER:
    case GAN_KEY_LARGE:
        return g_strdup_printf("a whole number from %.0f to %.0f", key->low, key->high);
    case GAN_KEY_NUMBER:
        return g_strdup_printf("a number from %g to %g", key->low, key->high);
    case GAN_KEY_FLAG:
        return g_strdup("yes or no");
    case GAN_KEY_CHOICE: {
        g_autofree char *words = joined(key->choices);
        return g_strdup_printf("one of %s", words);
    }
    case GAN_KEY_RANGE:
        return g_strdup_printf("two numbers from %g to %g, the lower first", key->low, key->high);
    case GAN_KEY_THREE:
        return g_strdup("three numbers of which one at least is above 0");
    case GAN_KEY_SIX:
        return g_strdup("six numbers of which one at least is above 0");
    case GAN_KEY_STEPS:
        return g_strdup("whole numbers that rise, with spaces between");
    }
    g_assert_not_reached();
}

// Reads `n` numbers in the key's bounds, and nothing else.
static gboolean read_numbers(const GanRecipeKey *key, const char *text, double *values, guint n)
{
    const char *at = text;
    for (guint i = 0; i < n; i++) {
        char *end = NULL;
        values[i] = g_ascii_strtod(at, &end);
        // The comparison also refuses what is not a number.
        if (end == at || !(values[i] >= key->low && values[i] <= key->high))
            return FALSE;
        at = end;
    }
    return at[strspn(at, " \t")] == '\0';
}

static gboolean read_steps(const GanRecipeKey *key, const char *text, GanSteps *steps)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t,", -1);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint64));
    guint64 last = 0;
    for (guint i = 0; words[i] != NULL; i++) {
        guint64 value;
        if (words[i][0] == '\0')
            continue;
        if (!g_ascii_string_to_unsigned(words[i], 10, (guint64)key->low, (guint64)key->high, &value,
                                        NULL) ||
            value <= last)
            return FALSE;
        last = value;
        g_array_append_val(found, value);
    }
    g_free(steps->values);
    steps->n = found->len;
    steps->values = (guint64 *)(gpointer)g_array_free(g_steal_pointer(&found), FALSE);
    return TRUE;
}

static gboolean read_choice(const GanRecipeKey *key, const char *text, guint *choice)
{
    g_auto(GStrv) words = g_strsplit(key->choices, "|", -1);
    for (guint i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0) {
            *choice = i;
            return TRUE;
        }
    return FALSE;
}

gboolean gan_recipe_key_read(GanRecipe *recipe, const GanRecipeKey *key, const char *text)
{
    gpointer member = member_of(recipe, key);
    double numbers[6];
    guint64 whole;
    switch (key->type) {
    case GAN_KEY_TEXT:
    case GAN_KEY_FILE:
        g_free(*(char **)member);
        *(char **)member = g_strdup(text);
        return key->fallback != NULL || text[0] != '\0';
    case GAN_KEY_INTEGER:
    case GAN_KEY_LARGE:
        if (!g_ascii_string_to_unsigned(text, 10, (guint64)key->low, (guint64)key->high, &whole,
                                        NULL))
            return FALSE;
        if (key->type == GAN_KEY_INTEGER)
            *(guint *)member = (guint)whole;
        else
            *(guint64 *)member = whole;
        return TRUE;
    case GAN_KEY_NUMBER:
        return read_numbers(key, text, member, 1);
    case GAN_KEY_FLAG:
        *(gboolean *)member = strcmp(text, "yes") == 0;
        return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
    case GAN_KEY_CHOICE:
        return read_choice(key, text, member);
    case GAN_KEY_RANGE:
        if (!read_numbers(key, text, numbers, 2) || numbers[0] > numbers[1])
            return FALSE;
        *(GanRange *)member = (GanRange){numbers[0], numbers[1]};
        return TRUE;
    case GAN_KEY_THREE:
    case GAN_KEY_SIX: {
        const guint n = key->type == GAN_KEY_THREE ? 3 : 6;
        double sum = 0;
        if (!read_numbers(key, text, numbers, n))
            return FALSE;
        for (guint i = 0; i < n; i++)
            sum += numbers[i];
        memcpy(member, numbers, n * sizeof *numbers);
        return sum > 0;
    }
    case GAN_KEY_STEPS:
        return read_steps(key, text, member);
    }
    g_assert_not_reached();
}

char *gan_recipe_key_text(const GanRecipe *recipe, const GanRecipeKey *key)
{
    const gconstpointer member = member_of(recipe, key);
    const double *numbers = member;
    switch (key->type) {
    case GAN_KEY_TEXT:
    case GAN_KEY_FILE:
        return g_strdup(*(char *const *)member);
    case GAN_KEY_INTEGER:
        return g_strdup_printf("%u", *(const guint *)member);
    case GAN_KEY_LARGE:
        return g_strdup_printf("%" G_GUINT64_FORMAT, *(const guint64 *)member);
    case GAN_KEY_FLAG:
        return g_strdup(*(const gboolean *)member ? "yes" : "no");
    case GAN_KEY_CHOICE: {
        g_auto(GStrv) words = g_strsplit(key->choices, "|", -1);
        return g_strdup(words[*(const guint *)member]);
    }
    case GAN_KEY_STEPS: {
        const GanSteps *steps = member;
        GString *text = g_string_new(NULL);
        for (guint i = 0; i < steps->n; i++)
            g_string_append_printf(text, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "",
                                   steps->values[i]);
        return g_string_free(text, FALSE);
    }
    case GAN_KEY_NUMBER:
    case GAN_KEY_RANGE:
    case GAN_KEY_THREE:
    case GAN_KEY_SIX:
        break;
    }
    const guint n = key->type == GAN_KEY_NUMBER  ? 1
                    : key->type == GAN_KEY_RANGE ? 2
                    : key->type == GAN_KEY_THREE ? 3
                                                 : 6;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
                               g_ascii_formatd(number, sizeof number, "%.12g", numbers[i]));
    }
    return g_string_free(text, FALSE);
}

void gan_recipe_key_clear(GanRecipe *recipe, const GanRecipeKey *key)
{
    gpointer member = member_of(recipe, key);
    if (key->type == GAN_KEY_TEXT || key->type == GAN_KEY_FILE)
        g_free(*(char **)member);
    if (key->type == GAN_KEY_STEPS)
        g_free(((GanSteps *)member)->values);
}
