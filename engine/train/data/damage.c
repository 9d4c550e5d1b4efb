// SPDX-License-Identifier: LGPL-3.0-or-later
// Damage that is the same at every go. Between the steps pictures are counted in 1/256 of a level and
// blurred with whole weights: sums of whole numbers do not depend on a processor's vectors.
#include <gan/damage.h>

#include "filter.h"

#include <math.h>
#include <string.h>

#define PARTS 256            // of a level
#define WEIGHT_SUM (1 << 16) // of a blur
#define MOST_BLUR 20         // pixels
#define BLUR_REACH 4         // deviations
#define MOST_STEPS 16u

typedef enum { STEP_BLUR, STEP_NOISE, STEP_JPEG, STEP_8BIT } StepKind;

typedef struct {
    StepKind kind;
    double value;
} Step;

struct GanDamage {
    char *text;
    Step steps[MOST_STEPS];
    guint n;
};

static const struct {
    const char *name;
    double low, high;
    gboolean whole;
} kinds[] = {[STEP_BLUR] = {"blur", 0, MOST_BLUR, FALSE},
             [STEP_NOISE] = {"noise", 0, 255, FALSE},
             [STEP_JPEG] = {"jpeg", 1, 100, TRUE},
             [STEP_8BIT] = {"8bit", 0, 0, TRUE}};

// --- text ---

static gboolean parse_step(const char *text, Step *step)
{
    if (strcmp(text, kinds[STEP_8BIT].name) == 0) {
        *step = (Step){STEP_8BIT, 0};
        return TRUE;
    }
    const char *colon = strchr(text, ':');
    for (guint i = 0; colon != NULL && i < STEP_8BIT; i++) {
        if (strlen(kinds[i].name) != (gsize)(colon - text) ||
            strncmp(text, kinds[i].name, (gsize)(colon - text)) != 0)
            continue;
        char *rest;
        const double value = g_ascii_strtod(colon + 1, &rest);
        // The first letter keeps out blanks, signs, "nan" and what else strtod() takes.
        if ((!g_ascii_isdigit(colon[1]) && colon[1] != '.') || rest == colon + 1 || *rest != '\0' ||
            !(value >= kinds[i].low && value <= kinds[i].high) ||
            (kinds[i].whole && value != floor(value)))
            return FALSE;
        *step = (Step){(StepKind)i, value};
        return TRUE;
    }
    return FALSE;
}

GanDamage *gan_damage_new(const char *text, GError **error)
{
    g_autoptr(GanDamage) damage = g_new0(GanDamage, 1);
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    g_autoptr(GString) said = g_string_new(NULL);
    for (guint i = 0; parts[i] != NULL || i == 0; i++) {
        Step *step = &damage->steps[MIN(damage->n, MOST_STEPS - 1)];
        const char *part = parts[i] != NULL ? g_strstrip(parts[i]) : "";
        if (!parse_step(part, step)) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        "'%s' is no damage; there are jpeg:1 to jpeg:100, noise:0 to noise:255, "
                        "blur:0 to blur:%d and 8bit, with commas between them",
                        part, MOST_BLUR);
            return NULL;
        }
        if (++damage->n > MOST_STEPS) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        "there are more than %u steps of damage", MOST_STEPS);
            return NULL;
        }
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        g_string_append_printf(said, "%s%s", i > 0 ? "," : "", kinds[step->kind].name);
        if (step->kind != STEP_8BIT)
            g_string_append_printf(said, ":%s",
                                   g_ascii_formatd(number, sizeof number, "%.10g", step->value));
    }
    damage->text = g_string_free(g_steal_pointer(&said), FALSE);
    return g_steal_pointer(&damage);
}

void gan_damage_free(GanDamage *damage)
{
    if (damage != NULL)
        g_free(damage->text);
    g_free(damage);
}

const char *gan_damage_text(const GanDamage *damage)
{
    return damage->text;
}

gboolean gan_damage_level(const GanDamage *damage, const char *name, double *level)
{
    double variance = 0, quality = 0;
    gboolean noise = FALSE;
    for (guint i = 0; i < damage->n; i++) {
        const Step *step = &damage->steps[i];
        if (step->kind == STEP_JPEG)
            quality = step->value;
        if (step->kind == STEP_NOISE)
            variance += step->value * step->value;
        noise |= step->kind == STEP_NOISE;
    }
    if (noise && g_strcmp0(name, "noise") == 0)
        *level = sqrt(variance);
    else if (quality > 0 && g_strcmp0(name, "quality") == 0)
        *level = quality;
    else
        return FALSE;
    return TRUE;
}

// --- steps ---

typedef struct {
    gsize height, width, channels;
    gint32 *parts; // 1/256 of a level
} Counted;

static void round_to_bytes(Counted *x)
{
    const gsize n = x->height * x->width * x->channels;
    for (gsize i = 0; i < n; i++)
        x->parts[i] = CLAMP(x->parts[i] + PARTS / 2, 0, 255 * PARTS) / PARTS * PARTS;
}

static gboolean is_grey(const Counted *x)
{
    const gsize n = x->height * x->width * x->channels;
    for (gsize i = 0; i < n; i++)
        if (x->parts[i] != x->parts[i / x->channels * x->channels])
            return FALSE;
    return TRUE;
}

// A grey picture has one channel, however many are kept of it.
static void add_noise(Counted *x, double deviation, GanRandom *random)
{
    const gboolean grey = is_grey(x);
    const gsize n = x->height * x->width * x->channels;
    gint32 noise = 0;
    for (gsize i = 0; i < n; i++) {
        if (!grey || i % x->channels == 0)
            noise = (gint32)lrint(deviation * PARTS * gan_random_normal(random));
        x->parts[i] += noise;
    }
}

static gsize mirrored(gssize i, gsize n)
{
    const gssize period = n > 1 ? 2 * ((gssize)n - 1) : 1;
    i = ABS(i) % period;
    return (gsize)(i < (gssize)n ? i : period - i);
}

// Blurs a line of n numbers that are `step` apart; `from` has room for n.
static void blur_line(gint64 *line, gsize n, gsize step, const gint64 *weights, gssize reach,
                      gint64 *from)
{
    for (gsize i = 0; i < n; i++)
        from[i] = line[i * step];
    for (gsize i = 0; i < n; i++) {
        gint64 sum = 0;
        for (gssize k = -reach; k <= reach; k++)
            sum += weights[ABS(k)] * from[mirrored((gssize)i + k, n)];
        line[i * step] = sum;
    }
}

static gboolean blur(Counted *x, double sigma, GError **error)
{
    const gssize reach = (gssize)ceil(BLUR_REACH * sigma);
    const gsize n = x->height * x->width * x->channels, row = x->width * x->channels;
    gint64 weights[BLUR_REACH * MOST_BLUR + 1] = {0};
    double sum = 0;
    for (gssize k = -reach; k <= reach; k++)
        sum += exp((double)(-k * k) / (2 * sigma * sigma));
    weights[0] = WEIGHT_SUM;
    for (gssize k = 1; k <= reach; k++) {
        weights[k] = lrint(WEIGHT_SUM * exp((double)(-k * k) / (2 * sigma * sigma)) / sum);
        weights[0] -= 2 * weights[k];
    }
    g_autofree gint64 *sums = g_try_new(gint64, n);
    g_autofree gint64 *line = g_try_new(gint64, MAX(x->height, x->width));
    if (sums == NULL || line == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for blurring a picture");
        return FALSE;
    }
    for (gsize i = 0; i < n; i++)
        sums[i] = x->parts[i];
    for (gsize c = 0; c < x->channels; c++)
        for (gsize v = 0; v < x->height; v++)
            blur_line(sums + v * row + c, x->width, x->channels, weights, reach, line);
    for (gsize u = 0; u < row; u++)
        blur_line(sums + u, x->height, row, weights, reach, line);
    for (gsize i = 0; i < n; i++)
        x->parts[i] = (gint32)((sums[i] + ((gint64)1 << 31)) >> 32);
    return TRUE;
}

static gboolean code_jpeg(Counted *x, guint quality, GError **error)
{
    const gsize shape[] = {1, x->height, x->width, x->channels};
    g_autoptr(GanTensor) picture = gan_tensor_new(4, shape, error);
    if (picture == NULL)
        return FALSE;
    const gsize n = gan_tensor_length(picture);
    round_to_bytes(x);
    for (gsize i = 0; i < n; i++)
        picture->data[i] = (float)x->parts[i] / (PARTS * 255);
    g_autoptr(GanTensor) coded = gan_filter_jpeg(picture, quality, TRUE, error);
    for (gsize i = 0; coded != NULL && i < n; i++)
        x->parts[i] = (gint32)lrintf(coded->data[i] * 255) * PARTS;
    return coded != NULL;
}

// FNV-1a, of 64 bits.
static guint64 hash(const char *name)
{
    guint64 value = G_GUINT64_CONSTANT(0xcbf29ce484222325);
    for (; *name != '\0'; name++)
        value = (value ^ (guint8)*name) * G_GUINT64_CONSTANT(0x100000001b3);
    return value;
}

GanTensor *gan_damage_apply(const GanDamage *damage, GanTensor *picture, guint64 seed,
                            const char *name, gboolean whole, GError **error)
{
    const gsize n = gan_tensor_length(picture);
    g_autoptr(GanTensor) out = gan_tensor_new(4, picture->shape, error);
    g_autofree gint32 *parts = g_try_new0(gint32, n);
    if (out == NULL || parts == NULL) {
        if (out != NULL)
            g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for damaging a picture");
        return NULL;
    }
    Counted x = {picture->shape[1], picture->shape[2], picture->shape[3], parts};
    for (gsize i = 0; i < n; i++)
        parts[i] = (gint32)lrintf(CLAMP(picture->data[i], 0, 255) * PARTS);
    GanRandom random;
    gan_random_init(&random, seed, GAN_RANDOM_DEGRADE, hash(name));
    gboolean noisy = FALSE;
    for (guint i = 0; i < damage->n; i++) {
        const Step *step = &damage->steps[i];
        noisy = step->kind == STEP_NOISE;
        switch (step->kind) {
        case STEP_BLUR:
            if (step->value > 0 && !blur(&x, step->value, error))
                return NULL;
            break;
        case STEP_NOISE:
            add_noise(&x, step->value, &random);
            break;
        case STEP_JPEG:
            if (!code_jpeg(&x, (guint)step->value, error))
                return NULL;
            break;
        case STEP_8BIT:
            round_to_bytes(&x);
            break;
        }
    }
    if (whole || !noisy)
        round_to_bytes(&x);
    for (gsize i = 0; i < n; i++)
        out->data[i] = (float)parts[i] / PARTS;
    return g_steal_pointer(&out);
}
