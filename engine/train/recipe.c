// SPDX-License-Identifier: LGPL-3.0-or-later
// Recipes: read from files, whose lines are read here because messages shall name them, checked,
// and written.
#include "recipe.h"
#include "recipe_keys.h"

#include <string.h>

// --- reading ---

// Sets a key from `place` ("file:12" or "--set …").
static gboolean set(GanRecipe *recipe, const char *place, const char *section, const char *name,
                    const char *text, GError **error)
{
    const GanRecipeKey *key = gan_recipe_key_find(section, name);
    if (key == NULL) {
        g_autoptr(GString) known = g_string_new(NULL);
        for (gsize i = 0; i < gan_n_recipe_keys; i++)
            if (strcmp(gan_recipe_keys[i].section, section) == 0)
                g_string_append_printf(known, "%s%s", known->len > 0 ? ", " : "",
                                       gan_recipe_keys[i].key);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    known->len > 0 ? "%s: [%s] has no key '%s'; there are %s"
                                   : "%s: there is no section [%s]",
                    place, section, name, known->str);
        return FALSE;
    }
    if (!gan_recipe_key_read(recipe, key, text)) {
        g_autofree char *wanted = gan_recipe_key_takes(key);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: [%s] %s is '%s'; it takes %s", place,
                    section, name, text, wanted);
        return FALSE;
    }
    g_hash_table_insert(recipe->places, g_strdup_printf("%s.%s", section, name), g_strdup(place));
    return TRUE;
}

static gboolean is_section(const char *section)
{
    for (gsize i = 0; i < gan_n_recipe_keys; i++)
        if (strcmp(gan_recipe_keys[i].section, section) == 0)
            return TRUE;
    return FALSE;
}

static gboolean fail_at(const char *place, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static gboolean fail_at(const char *place, GError **error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: %s", place, text);
    return FALSE;
}

// One line of the file. `section` holds the current one.
static gboolean read_line(GanRecipe *recipe, const char *place, char *line, char **section,
                          GError **error)
{
    g_strstrip(line);
    const gsize length = strlen(line);
    if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
        return TRUE;
    if (line[0] == '[') {
        if (line[length - 1] != ']')
            return fail_at(place, error, "'%s' begins a section and does not end in ]", line);
        g_free(*section);
        *section = g_strndup(line + 1, length - 2);
        if (is_section(*section))
            return TRUE;
        return fail_at(place, error,
                       "there is no section [%s]; there are recipe, network, data, degrade, loss, "
                       "critic, optimizer, schedule, ema, run, output",
                       *section);
    }
    char *equals = strchr(line, '=');
    if (equals == NULL)
        return fail_at(place, error, "'%s' is neither a [section], key = value, nor a # comment",
                       line);
    if (*section == NULL)
        return fail_at(place, error, "'%s' comes before any [section]", line);
    *equals = '\0';
    g_strchomp(line);
    char *value = g_strchug(equals + 1);
    g_autofree char *full = g_strdup_printf("%s.%s", *section, line);
    const char *former = g_hash_table_lookup(recipe->places, full);
    if (former != NULL)
        return fail_at(place, error, "[%s] %s was set already, at %s", *section, line, former);
    return set(recipe, place, *section, line, value, error);
}

static gboolean read_file(GanRecipe *recipe, GError **error)
{
    g_autoptr(GError) reason = NULL;
    g_autofree char *text = NULL, *section = NULL;
    gsize length;
    if (!g_file_get_contents(recipe->path, &text, &length, &reason)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", reason->message);
        return FALSE;
    }
    if (!g_utf8_validate(text, (gssize)length, NULL))
        return fail_at(recipe->path, error, "not a text in UTF-8");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        g_autofree char *place = g_strdup_printf("%s:%u", recipe->path, i + 1);
        if (!read_line(recipe, place, lines[i], &section, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_change(GanRecipe *recipe, const char *change, GError **error)
{
    const char *equals = strchr(change, '=');
    const char *dot = equals != NULL ? memchr(change, '.', (gsize)(equals - change)) : NULL;
    if (dot == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--set takes section.key=value, such as optimizer.rate=1e-4; it is '%s'",
                    change);
        return FALSE;
    }
    g_autofree char *section = g_strstrip(g_strndup(change, (gsize)(dot - change)));
    g_autofree char *name = g_strstrip(g_strndup(dot + 1, (gsize)(equals - dot) - 1));
    g_autofree char *value = g_strstrip(g_strdup(equals + 1));
    g_autofree char *place = g_strdup_printf("--set %s", change);
    return set(recipe, place, section, name, value, error);
}

static gboolean fill_missing(GanRecipe *recipe, GError **error)
{
    for (gsize i = 0; i < gan_n_recipe_keys; i++) {
        g_autofree char *full =
            g_strdup_printf("%s.%s", gan_recipe_keys[i].section, gan_recipe_keys[i].key);
        if (g_hash_table_contains(recipe->places, full))
            continue;
        if (gan_recipe_keys[i].fallback == NULL) {
            g_autofree char *wanted = gan_recipe_key_takes(&gan_recipe_keys[i]);
            return fail_at(recipe->path, error, "[%s] %s is missing; it takes %s",
                           gan_recipe_keys[i].section, gan_recipe_keys[i].key, wanted);
        }
        const gboolean fine =
            gan_recipe_key_read(recipe, &gan_recipe_keys[i], gan_recipe_keys[i].fallback);
        g_assert(fine);
    }
    return TRUE;
}

// --- what goes together ---

typedef struct {
    gboolean wrong;
    const char *full; // the key that the message points at
    const char *text;
} Rule;

static gboolean check(const GanRecipe *r, GError **error)
{
    const gboolean generate = r->task == GAN_RECIPE_GENERATE;
    const gboolean pairs = r->kind == GAN_DATASET_PAIRS;
    const gboolean loss = r->pixel != GAN_PIXEL_LOSS_NONE || r->ms_ssim_weight > 0 ||
                          r->perceptual_weight > 0 || r->style_weight > 0 ||
                          r->adversary != GAN_RIVAL_NONE;
    const Rule rules[] = {
        {r->channels == 2, "network.channels", "there are 1 or 3 channels"},
        {generate != (r->family == GAN_NETWORK_DCGAN), "network.family",
         "the task 'generate' and the family 'dcgan' need each other"},
        {r->task == GAN_RECIPE_UPSCALE && r->scale < 2, "network.scale",
         "the task 'upscale' needs a scale of 2 or more"},
        {r->task == GAN_RECIPE_RESTORE && r->scale != 1, "network.scale",
         "the task 'restore' needs the scale 1"},
        {!generate && r->patch % r->scale != 0, "data.patch",
         "the patch has to be a multiple of the scale"},
        {generate && r->size != 28 && (r->size < 16 || (r->size & (r->size - 1)) != 0),
         "network.size", "generated pictures have a side of 28, or of a power of two from 16"},
        {!generate && r->kind != GAN_DATASET_PICTURES && !pairs, "data.kind",
         "enlarging and restoring learn from pictures or pairs"},
        {!generate && !pairs && r->degrade == GAN_DEGRADE_NONE_KEY, "degrade.kind",
         "without pairs the small or damaged pictures have to be made: kind is missing"},
        {pairs && r->degrade != GAN_DEGRADE_NONE_KEY, "degrade.kind",
         "pairs have their own inputs; none is made"},
        {r->scale > 1 &&
             (r->degrade == GAN_DEGRADE_JPEG_KEY || r->degrade == GAN_DEGRADE_NOISE_KEY),
         "degrade.kind", "jpeg and noise keep the size; they need the scale 1"},
        {r->scale == 1 && r->degrade == GAN_DEGRADE_BICUBIC_KEY, "degrade.kind",
         "bicubic needs a scale of 2 or more"},
        {!loss, "loss.pixel", "there is no loss at all"},
        {(r->adversary != GAN_RIVAL_NONE) != (r->critic != GAN_CRITIC_NONE), "critic.kind",
         "an adversary and a critic need each other"},
        {generate && r->adversary == GAN_RIVAL_NONE, "loss.adversary",
         "the task 'generate' needs an adversary"},
        {generate && (r->pixel != GAN_PIXEL_LOSS_NONE || r->ms_ssim_weight > 0 ||
                      r->perceptual_weight > 0 || r->style_weight > 0),
         "loss.pixel", "the task 'generate' has no target to compare with"},
        {(r->perceptual_weight > 0 || r->style_weight > 0) && r->perceptual_network[0] == '\0',
         "loss.perceptual_network",
         "a perceptual or style loss needs the weight file of a feature network"},
        {r->critic == GAN_CRITIC_VGG && r->patch != 128, "data.patch",
         "the critic 'vgg' sees patches of 128 pixels"},
        {r->critic == GAN_CRITIC_UNET && r->patch % 8 != 0, "data.patch",
         "the critic 'unet' sees patches of a multiple of 8 pixels"},
        {r->critic == GAN_CRITIC_DCGAN && !generate, "critic.kind",
         "the critic 'dcgan' is for the task 'generate'"},
        {r->gradient_penalty > 0 && r->critic_norm == GAN_CRITIC_NORM_BATCH, "critic.norm",
         "a gradient penalty is of single pictures: batch norm mixes them"},
        {r->conditional && r->kind != GAN_DATASET_CLASSES, "network.conditional",
         "needs data of the kind 'classes'"},
        {r->schedule == 1 && r->milestones.n == 0, "schedule.milestones",
         "the schedule 'step' needs milestones"},
        {r->degradation.stages[0].resize.low > 1 || r->degradation.stages[0].resize.high < 1,
         "degrade.resize", "the range has to hold 1"},
        {r->degradation.stages[1].resize.low > 1 || r->degradation.stages[1].resize.high < 1,
         "degrade.resize_2", "the range has to hold 1"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (!rules[i].wrong)
            continue;
        const char *place = g_hash_table_lookup(r->places, rules[i].full);
        g_auto(GStrv) words = g_strsplit(rules[i].full, ".", 2);
        return fail_at(place != NULL ? place : r->path, error, "[%s] %s: %s", words[0], words[1],
                       rules[i].text);
    }
    return TRUE;
}

static void complete(GanRecipe *r)
{
    static const GanDegradeKind kinds[] = {GAN_DEGRADE_BICUBIC, GAN_DEGRADE_BICUBIC,
                                           GAN_DEGRADE_REAL, GAN_DEGRADE_JPEG, GAN_DEGRADE_NOISE};
    GanDegrade *d = &r->degradation;
    d->kind = kinds[r->degrade];
    memcpy(d->stages[0].resize_probability, r->resize_parts, sizeof r->resize_parts);
    memcpy(d->stages[1].resize_probability, r->resize_parts_2, sizeof r->resize_parts_2);
    memcpy(d->blur_weights, r->blur_parts, sizeof r->blur_parts);
    // The simple kinds take the first round's settings.
    d->jpeg = d->stages[0].jpeg;
    d->noise = d->stages[0].noise;
    d->poisson = d->stages[0].poisson;
    d->gaussian = d->stages[0].gaussian;
    d->grey = d->stages[0].grey;
}

GanRecipe *gan_recipe_read(const char *path, const char *const *changes, GError **error)
{
    g_autoptr(GanRecipe) recipe = g_new0(GanRecipe, 1);
    recipe->path = g_strdup(path);
    recipe->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!read_file(recipe, error))
        return NULL;
    for (guint i = 0; changes != NULL && changes[i] != NULL; i++)
        if (!read_change(recipe, changes[i], error))
            return NULL;
    if (!fill_missing(recipe, error) || !check(recipe, error))
        return NULL;
    complete(recipe);
    return g_steal_pointer(&recipe);
}

void gan_recipe_free(GanRecipe *recipe)
{
    if (recipe == NULL)
        return;
    for (gsize i = 0; i < gan_n_recipe_keys; i++)
        gan_recipe_key_clear(recipe, &gan_recipe_keys[i]);
    g_hash_table_unref(recipe->places);
    g_free(recipe->path);
    g_free(recipe);
}

static void append_setting(GString *text, const char **section, const GanRecipeKey *key,
                           const char *value)
{
    if (g_strcmp0(*section, key->section) != 0)
        g_string_append_printf(text, "%s[%s]\n", text->len > 0 ? "\n" : "", key->section);
    *section = key->section;
    g_string_append_printf(text, "%s = %s\n", key->key, value);
}

char *gan_recipe_text(const GanRecipe *recipe)
{
    GString *text = g_string_new(NULL);
    const char *section = NULL;
    for (gsize i = 0; i < gan_n_recipe_keys; i++) {
        g_autofree char *value = gan_recipe_key_text(recipe, &gan_recipe_keys[i]);
        append_setting(text, &section, &gan_recipe_keys[i], value);
    }
    return g_string_free(text, FALSE);
}

char *gan_recipe_given(const GanRecipe *recipe)
{
    GString *text = g_string_new(NULL);
    const char *section = NULL;
    for (gsize i = 0; i < gan_n_recipe_keys; i++) {
        g_autofree char *full =
            g_strdup_printf("%s.%s", gan_recipe_keys[i].section, gan_recipe_keys[i].key);
        if (!g_hash_table_contains(recipe->places, full))
            continue;
        g_autofree char *value = gan_recipe_key_text(recipe, &gan_recipe_keys[i]);
        if (gan_recipe_keys[i].type == GAN_KEY_FILE && value[0] != '\0') {
            g_autofree char *name = g_path_get_basename(value);
            append_setting(text, &section, &gan_recipe_keys[i], name);
        } else {
            append_setting(text, &section, &gan_recipe_keys[i], value);
        }
    }
    return g_string_free(text, FALSE);
}

char *gan_recipe_value(const GanRecipe *recipe, const char *section, const char *key)
{
    const GanRecipeKey *row = gan_recipe_key_find(section, key);
    g_return_val_if_fail(row != NULL, NULL);
    return gan_recipe_key_text(recipe, row);
}

GanLoaderOptions gan_recipe_loader(const GanRecipe *r)
{
    const gboolean generate = r->task == GAN_RECIPE_GENERATE;
    const guint scale = generate ? 1 : r->scale;
    // A bicubic kernel reaches twice the scale; more is not needed for exactness.
    const guint margin = r->degrade == GAN_DEGRADE_BICUBIC_KEY ? 4 : r->margin;
    return (GanLoaderOptions){
        .batch = r->batch,
        .patch = generate ? r->size : r->patch,
        .scale = scale,
        .input = !generate,
        .resize = generate || r->resize,
        .flip = r->flip,
        .rotate = r->rotate,
        .colour = r->colour,
        .sharpen = r->sharpen,
        .degrade = r->degradation,
        .margin = generate || r->kind == GAN_DATASET_PAIRS ? 0 : margin * scale,
        .low = generate ? -1 : 0,
        .high = 1,
        .seed = r->seed,
        .n_threads = r->loaders,
        .queue = r->queue,
    };
}

GanSizes gan_recipe_sizes(const GanRecipe *r, guint n_classes)
{
    return (GanSizes){.channels_in =
                          r->task == GAN_RECIPE_GENERATE ? r->latent + n_classes : r->channels,
                      .channels_out = r->channels,
                      .scale = r->scale,
                      .features = r->features,
                      .blocks = r->blocks,
                      .growth = r->growth,
                      .size = r->size};
}
