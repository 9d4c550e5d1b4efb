// SPDX-License-Identifier: LGPL-3.0-or-later
// Recipes: one table says which keys there are, what they take and what they are when they are not
// given. The file's own lines are read here, because messages shall name them.
#include "recipe.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

typedef enum {
    KEY_TEXT,
    KEY_FILE,    // char *: a file or folder
    KEY_INTEGER, // guint
    KEY_LARGE,   // guint64
    KEY_NUMBER,  // double
    KEY_FLAG,    // yes, no
    KEY_CHOICE,  // guint: index into `choices`
    KEY_RANGE,   // GanRange: "low high"
    KEY_THREE,   // double[3]
    KEY_SIX,     // double[6]
    KEY_STEPS,   // GanSteps: "n n n"
} KeyType;

typedef struct {
    const char *section, *key;
    KeyType type;
    gsize offset;
    double low, high;
    const char *fallback; // NULL: the key must be given
    const char *choices;  // words between bars
} Key;

#define AT(member) offsetof(GanRecipe, member)
#define STAGE(i, member)                                                                           \
    (offsetof(GanRecipe, degradation) + offsetof(GanDegrade, stages) +                             \
     (i) * sizeof(GanDegradeStage) + offsetof(GanDegradeStage, member))
#define DEGRADE(member) (offsetof(GanRecipe, degradation) + offsetof(GanDegrade, member))

// clang-format off
static const Key keys[] = {
    {"recipe", "title", KEY_TEXT, AT(title), 0, 0, NULL, NULL},
    {"recipe", "paper", KEY_TEXT, AT(paper), 0, 0, "", NULL},
    {"recipe", "task", KEY_CHOICE, AT(task), 0, 0, NULL, "upscale|restore|generate"},
    {"network", "family", KEY_CHOICE, AT(family), 0, 0, NULL, "srvgg|span|msrresnet|srresnet|rrdb|edsr|dcgan"},
    {"network", "scale", KEY_INTEGER, AT(scale), 1, 8, "1", NULL},
    {"network", "features", KEY_INTEGER, AT(features), 1, 1024, "64", NULL},
    {"network", "blocks", KEY_INTEGER, AT(blocks), 1, 200, "16", NULL},
    {"network", "growth", KEY_INTEGER, AT(growth), 1, 512, "32", NULL},
    {"network", "latent", KEY_INTEGER, AT(latent), 1, 4096, "100", NULL},
    {"network", "size", KEY_INTEGER, AT(size), 16, 256, "64", NULL},
    {"network", "channels", KEY_INTEGER, AT(channels), 1, 3, "3", NULL},
    {"network", "conditional", KEY_FLAG, AT(conditional), 0, 0, "no", NULL},
    {"network", "start", KEY_FILE, AT(start), 0, 0, "", NULL},
    {"network", "start_strict", KEY_FLAG, AT(start_strict), 0, 0, "yes", NULL},
    {"data", "kind", KEY_CHOICE, AT(kind), 0, 0, "pictures", "pictures|pairs|unpaired|classes"},
    {"data", "patch", KEY_INTEGER, AT(patch), 8, 1024, "128", NULL},
    {"data", "batch", KEY_INTEGER, AT(batch), 1, 1024, "16", NULL},
    {"data", "flip", KEY_FLAG, AT(flip), 0, 0, "yes", NULL},
    {"data", "rotate", KEY_FLAG, AT(rotate), 0, 0, "yes", NULL},
    {"data", "colour", KEY_NUMBER, AT(colour), 0, 1, "0", NULL},
    {"data", "resize", KEY_FLAG, AT(resize), 0, 0, "no", NULL},
    {"data", "loaders", KEY_INTEGER, AT(loaders), 1, 64, "1", NULL},
    {"data", "queue", KEY_INTEGER, AT(queue), 1, 64, "4", NULL},
    {"data", "cache_mb", KEY_INTEGER, AT(cache_mb), 0, 1000000, "1024", NULL},
    {"data", "validation", KEY_FILE, AT(validation), 0, 0, "", NULL},
    {"data", "validation_limit", KEY_INTEGER, AT(validation_limit), 1, 10000, "16", NULL},
    {"degrade", "kind", KEY_CHOICE, AT(degrade), 0, 0, "none", "none|bicubic|real|jpeg|noise"},
    {"degrade", "sharpen", KEY_FLAG, AT(sharpen), 0, 0, "no", NULL},
    {"degrade", "margin", KEY_INTEGER, AT(margin), 0, 64, "16", NULL},
    {"degrade", "blur", KEY_NUMBER, STAGE(0, blur), 0, 1, "1", NULL},
    {"degrade", "blur_2", KEY_NUMBER, STAGE(1, blur), 0, 1, "0.8", NULL},
    {"degrade", "blur_parts", KEY_SIX, AT(blur_parts), 0, 1e6, "0.45 0.25 0.12 0.03 0.12 0.03", NULL},
    {"degrade", "sinc", KEY_NUMBER, STAGE(0, sinc), 0, 1, "0.1", NULL},
    {"degrade", "sinc_2", KEY_NUMBER, STAGE(1, sinc), 0, 1, "0.1", NULL},
    {"degrade", "sinc_last", KEY_NUMBER, DEGRADE(last_sinc), 0, 1, "0.8", NULL},
    {"degrade", "sigma", KEY_RANGE, STAGE(0, sigma), 0.01, 10, "0.2 3", NULL},
    {"degrade", "sigma_2", KEY_RANGE, STAGE(1, sigma), 0.01, 10, "0.2 1.5", NULL},
    {"degrade", "beta", KEY_RANGE, STAGE(0, beta), 0.1, 10, "0.5 4", NULL},
    {"degrade", "beta_2", KEY_RANGE, STAGE(1, beta), 0.1, 10, "0.5 4", NULL},
    {"degrade", "beta_plateau", KEY_RANGE, STAGE(0, beta_plateau), 0.1, 10, "1 2", NULL},
    {"degrade", "beta_plateau_2", KEY_RANGE, STAGE(1, beta_plateau), 0.1, 10, "1 2", NULL},
    {"degrade", "resize_parts", KEY_THREE, AT(resize_parts), 0, 1e6, "0.2 0.7 0.1", NULL},
    {"degrade", "resize_parts_2", KEY_THREE, AT(resize_parts_2), 0, 1e6, "0.3 0.4 0.3", NULL},
    {"degrade", "resize", KEY_RANGE, STAGE(0, resize), 0.05, 4, "0.15 1.5", NULL},
    {"degrade", "resize_2", KEY_RANGE, STAGE(1, resize), 0.05, 4, "0.3 1.2", NULL},
    {"degrade", "gaussian", KEY_NUMBER, STAGE(0, gaussian), 0, 1, "0.5", NULL},
    {"degrade", "gaussian_2", KEY_NUMBER, STAGE(1, gaussian), 0, 1, "0.5", NULL},
    {"degrade", "noise", KEY_RANGE, STAGE(0, noise), 0, 255, "1 30", NULL},
    {"degrade", "noise_2", KEY_RANGE, STAGE(1, noise), 0, 255, "1 25", NULL},
    {"degrade", "poisson", KEY_RANGE, STAGE(0, poisson), 0, 100, "0.05 3", NULL},
    {"degrade", "poisson_2", KEY_RANGE, STAGE(1, poisson), 0, 100, "0.05 2.5", NULL},
    {"degrade", "grey", KEY_NUMBER, STAGE(0, grey), 0, 1, "0.4", NULL},
    {"degrade", "grey_2", KEY_NUMBER, STAGE(1, grey), 0, 1, "0.4", NULL},
    {"degrade", "jpeg", KEY_RANGE, STAGE(0, jpeg), 1, 100, "30 95", NULL},
    {"degrade", "jpeg_2", KEY_RANGE, STAGE(1, jpeg), 1, 100, "30 95", NULL},
    {"degrade", "subsample", KEY_NUMBER, DEGRADE(subsample), 0, 1, "0.7", NULL},
    {"loss", "pixel", KEY_CHOICE, AT(pixel), 0, 0, "none", "none|l1|charbonnier|mse"},
    {"loss", "pixel_weight", KEY_NUMBER, AT(pixel_weight), 0, 1e6, "1", NULL},
    {"loss", "ms_ssim_weight", KEY_NUMBER, AT(ms_ssim_weight), 0, 1e6, "0", NULL},
    {"loss", "perceptual_weight", KEY_NUMBER, AT(perceptual_weight), 0, 1e6, "0", NULL},
    {"loss", "perceptual_network", KEY_FILE, AT(perceptual_network), 0, 0, "", NULL},
    {"loss", "perceptual_layers", KEY_TEXT, AT(perceptual_layers), 0, 0, "", NULL},
    {"loss", "style_weight", KEY_NUMBER, AT(style_weight), 0, 1e12, "0", NULL},
    {"loss", "variation_weight", KEY_NUMBER, AT(variation_weight), 0, 1e6, "0", NULL},
    {"loss", "adversary", KEY_CHOICE, AT(adversary), 0, 0, "none",
     "none|minimax|non-saturating|lsgan|hinge|wasserstein|relativistic"},
    {"loss", "adversary_weight", KEY_NUMBER, AT(adversary_weight), 0, 1e6, "1", NULL},
    {"loss", "gradient_penalty", KEY_NUMBER, AT(gradient_penalty), 0, 1e6, "0", NULL},
    {"loss", "r1", KEY_NUMBER, AT(r1), 0, 1e6, "0", NULL},
    {"loss", "weight_clip", KEY_NUMBER, AT(weight_clip), 0, 1e3, "0", NULL},
    {"critic", "kind", KEY_CHOICE, AT(critic), 0, 0, "none", "none|dcgan|patch|vgg|unet"},
    {"critic", "features", KEY_INTEGER, AT(critic_features), 1, 1024, "64", NULL},
    {"critic", "layers", KEY_INTEGER, AT(critic_layers), 1, 6, "3", NULL},
    {"critic", "steps", KEY_INTEGER, AT(critic_steps), 1, 100, "1", NULL},
    {"critic", "norm", KEY_CHOICE, AT(critic_norm), 0, 0, "batch", "none|batch|instance|layer|spectral"},
    {"optimizer", "kind", KEY_CHOICE, AT(optimizer), 0, 0, "adam", "adam|adamw"},
    {"optimizer", "rate", KEY_NUMBER, AT(rate), 0, 1, NULL, NULL},
    {"optimizer", "critic_rate", KEY_NUMBER, AT(critic_rate), 0, 1, "0", NULL},
    {"optimizer", "beta1", KEY_NUMBER, AT(beta1), 0, 0.9999, "0.9", NULL},
    {"optimizer", "beta2", KEY_NUMBER, AT(beta2), 0, 0.999999, "0.99", NULL},
    {"optimizer", "epsilon", KEY_NUMBER, AT(epsilon), 0, 1, "1e-8", NULL},
    {"optimizer", "weight_decay", KEY_NUMBER, AT(weight_decay), 0, 10, "0", NULL},
    {"optimizer", "clip_norm", KEY_NUMBER, AT(clip_norm), 0, 1e9, "0", NULL},
    {"optimizer", "accumulate", KEY_INTEGER, AT(accumulate), 1, 1024, "1", NULL},
    {"schedule", "kind", KEY_CHOICE, AT(schedule), 0, 0, "constant", "constant|step|cosine|linear"},
    {"schedule", "warm_up", KEY_INTEGER, AT(warm_up), 0, 1e9, "0", NULL},
    {"schedule", "milestones", KEY_STEPS, AT(milestones), 1, 1e12, "", NULL},
    {"schedule", "factor", KEY_NUMBER, AT(factor), 0, 1, "0.5", NULL},
    {"schedule", "least", KEY_NUMBER, AT(least), 0, 1, "0", NULL},
    {"schedule", "periods", KEY_INTEGER, AT(periods), 1, 1000, "1", NULL},
    {"ema", "decay", KEY_NUMBER, AT(ema), 0, 0.999999, "0", NULL},
    {"run", "steps", KEY_LARGE, AT(steps), 1, 1e12, NULL, NULL},
    {"run", "seed", KEY_LARGE, AT(seed), 0, 9e15, "1", NULL},
    {"run", "log_every", KEY_INTEGER, AT(log_every), 1, 1e9, "10", NULL},
    {"run", "samples_every", KEY_INTEGER, AT(samples_every), 0, 1e9, "500", NULL},
    {"run", "n_samples", KEY_INTEGER, AT(n_samples), 1, 400, "8", NULL},
    {"run", "validate_every", KEY_INTEGER, AT(validate_every), 0, 1e9, "1000", NULL},
    {"run", "save_every", KEY_INTEGER, AT(save_every), 1, 1e9, "500", NULL},
    {"run", "diverged", KEY_NUMBER, AT(diverged), 0, 1e9, "0", NULL},
    {"output", "name", KEY_TEXT, AT(name), 0, 0, "", NULL},
    {"output", "licence", KEY_TEXT, AT(licence), 0, 0, "", NULL},
    {"output", "note", KEY_TEXT, AT(note), 0, 0, "", NULL},
};
// clang-format on
#undef AT
#undef STAGE
#undef DEGRADE

static const Key *find_key(const char *section, const char *key)
{
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].key, key) == 0)
            return &keys[i];
    return NULL;
}

static gpointer member_of(const GanRecipe *recipe, const Key *key)
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
static char *takes(const Key *key)
{
    switch (key->type) {
    case KEY_TEXT:
        return g_strdup("a text");
    case KEY_FILE:
        return g_strdup("a file or folder");
    case KEY_INTEGER:
    case KEY_LARGE:
        return g_strdup_printf("a whole number from %.0f to %.0f", key->low, key->high);
    case KEY_NUMBER:
        return g_strdup_printf("a number from %g to %g", key->low, key->high);
    case KEY_FLAG:
        return g_strdup("yes or no");
    case KEY_CHOICE: {
        g_autofree char *words = joined(key->choices);
        return g_strdup_printf("one of %s", words);
    }
    case KEY_RANGE:
        return g_strdup_printf("two numbers from %g to %g, the lower first", key->low, key->high);
    case KEY_THREE:
        return g_strdup("three numbers of which one at least is above 0");
    case KEY_SIX:
        return g_strdup("six numbers of which one at least is above 0");
    case KEY_STEPS:
        return g_strdup("whole numbers that rise, with spaces between");
    }
    g_assert_not_reached();
}

// Reads `n` numbers in the key's bounds, and nothing else.
static gboolean read_numbers(const Key *key, const char *text, double *values, guint n)
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

static gboolean read_steps(const Key *key, const char *text, GanSteps *steps)
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

static gboolean read_choice(const Key *key, const char *text, guint *choice)
{
    g_auto(GStrv) words = g_strsplit(key->choices, "|", -1);
    for (guint i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0) {
            *choice = i;
            return TRUE;
        }
    return FALSE;
}

static gboolean read_value(GanRecipe *recipe, const Key *key, const char *text)
{
    gpointer member = member_of(recipe, key);
    double numbers[6];
    guint64 whole;
    switch (key->type) {
    case KEY_TEXT:
    case KEY_FILE:
        g_free(*(char **)member);
        *(char **)member = g_strdup(text);
        return key->fallback != NULL || text[0] != '\0';
    case KEY_INTEGER:
    case KEY_LARGE:
        if (!g_ascii_string_to_unsigned(text, 10, (guint64)key->low, (guint64)key->high, &whole,
                                        NULL))
            return FALSE;
        if (key->type == KEY_INTEGER)
            *(guint *)member = (guint)whole;
        else
            *(guint64 *)member = whole;
        return TRUE;
    case KEY_NUMBER:
        return read_numbers(key, text, member, 1);
    case KEY_FLAG:
        *(gboolean *)member = strcmp(text, "yes") == 0;
        return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
    case KEY_CHOICE:
        return read_choice(key, text, member);
    case KEY_RANGE:
        if (!read_numbers(key, text, numbers, 2) || numbers[0] > numbers[1])
            return FALSE;
        *(GanRange *)member = (GanRange){numbers[0], numbers[1]};
        return TRUE;
    case KEY_THREE:
    case KEY_SIX: {
        const guint n = key->type == KEY_THREE ? 3 : 6;
        double sum = 0;
        if (!read_numbers(key, text, numbers, n))
            return FALSE;
        for (guint i = 0; i < n; i++)
            sum += numbers[i];
        memcpy(member, numbers, n * sizeof *numbers);
        return sum > 0;
    }
    case KEY_STEPS:
        return read_steps(key, text, member);
    }
    g_assert_not_reached();
}

static char *value_text(const GanRecipe *recipe, const Key *key)
{
    const gconstpointer member = member_of(recipe, key);
    const double *numbers = member;
    switch (key->type) {
    case KEY_TEXT:
    case KEY_FILE:
        return g_strdup(*(char *const *)member);
    case KEY_INTEGER:
        return g_strdup_printf("%u", *(const guint *)member);
    case KEY_LARGE:
        return g_strdup_printf("%" G_GUINT64_FORMAT, *(const guint64 *)member);
    case KEY_FLAG:
        return g_strdup(*(const gboolean *)member ? "yes" : "no");
    case KEY_CHOICE: {
        g_auto(GStrv) words = g_strsplit(key->choices, "|", -1);
        return g_strdup(words[*(const guint *)member]);
    }
    case KEY_STEPS: {
        const GanSteps *steps = member;
        GString *text = g_string_new(NULL);
        for (guint i = 0; i < steps->n; i++)
            g_string_append_printf(text, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "",
                                   steps->values[i]);
        return g_string_free(text, FALSE);
    }
    case KEY_NUMBER:
    case KEY_RANGE:
    case KEY_THREE:
    case KEY_SIX:
        break;
    }
    const guint n = key->type == KEY_NUMBER  ? 1
                    : key->type == KEY_RANGE ? 2
                    : key->type == KEY_THREE ? 3
                                             : 6;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
                               g_ascii_formatd(number, sizeof number, "%.12g", numbers[i]));
    }
    return g_string_free(text, FALSE);
}

// --- reading ---

// Sets a key from `place` ("file:12" or "--set …").
static gboolean set(GanRecipe *recipe, const char *place, const char *section, const char *name,
                    const char *text, GError **error)
{
    const Key *key = find_key(section, name);
    if (key == NULL) {
        g_autoptr(GString) known = g_string_new(NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
            if (strcmp(keys[i].section, section) == 0)
                g_string_append_printf(known, "%s%s", known->len > 0 ? ", " : "", keys[i].key);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    known->len > 0 ? "%s: [%s] has no key '%s'; there are %s"
                                   : "%s: there is no section [%s]",
                    place, section, name, known->str);
        return FALSE;
    }
    if (!read_value(recipe, key, text)) {
        g_autofree char *wanted = takes(key);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: [%s] %s is '%s'; it takes %s", place,
                    section, name, text, wanted);
        return FALSE;
    }
    g_hash_table_insert(recipe->places, g_strdup_printf("%s.%s", section, name), g_strdup(place));
    return TRUE;
}

static gboolean is_section(const char *section)
{
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].section, section) == 0)
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
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *full = g_strdup_printf("%s.%s", keys[i].section, keys[i].key);
        if (g_hash_table_contains(recipe->places, full))
            continue;
        if (keys[i].fallback == NULL) {
            g_autofree char *wanted = takes(&keys[i]);
            return fail_at(recipe->path, error, "[%s] %s is missing; it takes %s", keys[i].section,
                           keys[i].key, wanted);
        }
        const gboolean fine = read_value(recipe, &keys[i], keys[i].fallback);
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
    const gboolean generate = r->task == GAN_TASK_GENERATE;
    const gboolean pairs = r->kind == GAN_DATASET_PAIRS;
    const gboolean loss = r->pixel != GAN_PIXEL_LOSS_NONE || r->ms_ssim_weight > 0 ||
                          r->perceptual_weight > 0 || r->style_weight > 0 ||
                          r->adversary != GAN_RIVAL_NONE;
    const Rule rules[] = {
        {r->channels == 2, "network.channels", "there are 1 or 3 channels"},
        {generate != (r->family == GAN_NETWORK_DCGAN), "network.family",
         "the task 'generate' and the family 'dcgan' need each other"},
        {r->task == GAN_TASK_UPSCALE && r->scale < 2, "network.scale",
         "the task 'upscale' needs a scale of 2 or more"},
        {r->task == GAN_TASK_RESTORE && r->scale != 1, "network.scale",
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
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].type == KEY_TEXT || keys[i].type == KEY_FILE)
            g_free(*(char **)member_of(recipe, &keys[i]));
        if (keys[i].type == KEY_STEPS)
            g_free(((GanSteps *)member_of(recipe, &keys[i]))->values);
    }
    g_hash_table_unref(recipe->places);
    g_free(recipe->path);
    g_free(recipe);
}

static void append_setting(GString *text, const char **section, const Key *key, const char *value)
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
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *value = value_text(recipe, &keys[i]);
        append_setting(text, &section, &keys[i], value);
    }
    return g_string_free(text, FALSE);
}

char *gan_recipe_given(const GanRecipe *recipe)
{
    GString *text = g_string_new(NULL);
    const char *section = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *full = g_strdup_printf("%s.%s", keys[i].section, keys[i].key);
        if (!g_hash_table_contains(recipe->places, full))
            continue;
        g_autofree char *value = value_text(recipe, &keys[i]);
        if (keys[i].type == KEY_FILE && value[0] != '\0') {
            g_autofree char *name = g_path_get_basename(value);
            append_setting(text, &section, &keys[i], name);
        } else {
            append_setting(text, &section, &keys[i], value);
        }
    }
    return g_string_free(text, FALSE);
}

char *gan_recipe_value(const GanRecipe *recipe, const char *section, const char *key)
{
    const Key *row = find_key(section, key);
    g_return_val_if_fail(row != NULL, NULL);
    return value_text(recipe, row);
}

GanLoaderOptions gan_recipe_loader(const GanRecipe *r)
{
    const gboolean generate = r->task == GAN_TASK_GENERATE;
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
