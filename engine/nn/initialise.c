// SPDX-License-Identifier: LGPL-3.0-or-later
// First values of weights, by PyTorch's names and definitions (torch.nn.init).
//
// Glorot, Bengio 2010 (xavier); He, Zhang, Ren, Sun 2015, arXiv:1502.01852 (kaiming); Saxe,
// McClelland, Ganguli 2013, arXiv:1312.6120 (orthogonal).
#include "initialise.h"

#include <math.h>
#include <string.h>

#define N_ARGUMENTS 4

typedef enum {
    KIND_CONSTANT,
    KIND_UNIFORM,
    KIND_NORMAL,
    KIND_TRUNC_NORMAL,
    KIND_XAVIER_UNIFORM,
    KIND_XAVIER_NORMAL,
    KIND_KAIMING_UNIFORM,
    KIND_KAIMING_NORMAL,
    KIND_ORTHOGONAL,
} Kind;

// Arguments with their defaults. `mode` is 0 for fan_in, 1 for fan_out.
typedef struct {
    const char *name;
    Kind kind;
    const char *argument[N_ARGUMENTS];
    double value[N_ARGUMENTS];
} Rule;

static const Rule rules[] = {
    {"zeros", KIND_CONSTANT, {NULL}, {0}},
    {"ones", KIND_CONSTANT, {NULL}, {1}},
    {"constant", KIND_CONSTANT, {"value"}, {0}},
    {"uniform", KIND_UNIFORM, {"low", "high"}, {0, 1}},
    {"normal", KIND_NORMAL, {"mean", "std"}, {0, 1}},
    {"trunc_normal", KIND_TRUNC_NORMAL, {"mean", "std", "low", "high"}, {0, 1, -2, 2}},
    {"xavier_uniform", KIND_XAVIER_UNIFORM, {"gain"}, {1}},
    {"xavier_normal", KIND_XAVIER_NORMAL, {"gain"}, {1}},
    {"kaiming_uniform", KIND_KAIMING_UNIFORM, {"a", "mode", "scale"}, {0, 0, 1}},
    {"kaiming_normal", KIND_KAIMING_NORMAL, {"a", "mode", "scale"}, {0, 0, 1}},
    {"orthogonal", KIND_ORTHOGONAL, {"gain"}, {1}},
    {"default", KIND_KAIMING_UNIFORM, {NULL}, {2.23606797749979, 0, 1}},
};

static gboolean refuse(const char *rule, const char *what, GError **error)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
        g_string_append_printf(names, "%s%s", i == 0 ? "" : ", ", rules[i].name);
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "initialiser '%s': %s; there are %s", rule,
                what, names->str);
    g_string_free(names, TRUE);
    return FALSE;
}

// Reads one "name=value" into the rule's values.
static gboolean read_argument(const char *rule, const char *text, Rule *to, GError **error)
{
    const char *equal = strchr(text, '=');
    for (guint i = 0; equal != NULL && i < N_ARGUMENTS && to->argument[i] != NULL; i++) {
        if (strlen(to->argument[i]) != (gsize)(equal - text) ||
            strncmp(text, to->argument[i], (gsize)(equal - text)) != 0)
            continue;
        char *end = NULL;
        to->value[i] = g_ascii_strtod(equal + 1, &end);
        if (strcmp(to->argument[i], "mode") == 0) {
            to->value[i] = strcmp(equal + 1, "fan_out") == 0;
            if (to->value[i] == 1 || strcmp(equal + 1, "fan_in") == 0)
                return TRUE;
        } else if (end != equal + 1 && *end == '\0') {
            return TRUE;
        }
        break;
    }
    g_autofree char *what = g_strdup_printf("cannot take '%s'", text);
    return refuse(rule, what, error);
}

static gboolean parse(const char *rule, Rule *to, GError **error)
{
    g_autofree char *text = g_strdup(rule);
    char *open = strchr(text, '(');
    if (open != NULL) {
        const gsize length = strlen(text);
        if (text[length - 1] != ')')
            return refuse(rule, "lacks the closing bracket", error);
        text[length - 1] = '\0';
        *open = '\0';
    }
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (strcmp(rules[i].name, text) != 0)
            continue;
        *to = rules[i];
        g_auto(GStrv) arguments = g_strsplit(open == NULL ? "" : open + 1, ",", -1);
        for (guint k = 0; arguments[k] != NULL; k++)
            if (!read_argument(rule, g_strstrip(arguments[k]), to, error))
                return FALSE;
        return TRUE;
    }
    return refuse(rule, "is unknown", error);
}

static void fans(const GanTensor *t, double *in, double *out)
{
    double field = 1;
    for (guint i = 2; i < t->rank; i++)
        field *= (double)t->shape[i];
    *out = t->rank > 0 ? (double)t->shape[0] * field : 1;
    *in = t->rank > 1 ? (double)t->shape[1] * field : *out;
}

// Box and Muller 1958; the second number of a pair is not kept, so that each call depends on
// the generator alone.
static double draw_normal(GRand *random)
{
    const double u = 1 - g_rand_double(random), v = g_rand_double(random);
    return sqrt(-2 * log(u)) * cos(2 * G_PI * v);
}

static void fill_uniform(GanTensor *t, double low, double high, GRand *random)
{
    for (gsize i = 0; i < gan_tensor_length(t); i++)
        t->data[i] = (float)(low + (high - low) * g_rand_double(random));
}

static void fill_normal(GanTensor *t, double mean, double std, GRand *random)
{
    for (gsize i = 0; i < gan_tensor_length(t); i++)
        t->data[i] = (float)(mean + std * draw_normal(random));
}

// Orthonormal rows or columns, whichever are fewer, of the matrix [axis 0][all others]: normal
// numbers, then Gram and Schmidt, twice for the sake of rounding. The signs of a QR decomposition
// with a positive diagonal of R are those of PyTorch.
static void fill_orthogonal(GanTensor *t, double gain, GRand *random)
{
    const gsize length = gan_tensor_length(t), rows = t->rank > 0 ? t->shape[0] : 1;
    if (length == 0)
        return;
    const gsize columns = length / rows;
    const gboolean by_rows = rows <= columns;
    const gsize n = by_rows ? rows : columns, size = by_rows ? columns : rows;
    g_autofree double *vectors = g_new(double, n *size);
    for (gsize i = 0; i < n * size; i++)
        vectors[i] = draw_normal(random);
    for (gsize i = 0; i < n; i++) {
        double *v = vectors + i * size, norm = 0;
        for (guint times = 0; times < 2; times++)
            for (gsize k = 0; k < i; k++) {
                const double *w = vectors + k * size;
                double product = 0;
                for (gsize j = 0; j < size; j++)
                    product += v[j] * w[j];
                for (gsize j = 0; j < size; j++)
                    v[j] -= product * w[j];
            }
        for (gsize j = 0; j < size; j++)
            norm += v[j] * v[j];
        for (gsize j = 0; j < size; j++)
            v[j] /= sqrt(norm);
    }
    for (gsize r = 0; r < rows; r++)
        for (gsize c = 0; c < columns; c++)
            t->data[r * columns + c] =
                (float)(gain * vectors[by_rows ? r * size + c : c * size + r]);
}

gboolean gan_initialise(GanTensor *tensor, const char *rule, GRand *random, GError **error)
{
    Rule r;
    if (!parse(rule, &r, error))
        return FALSE;
    double in, out;
    fans(tensor, &in, &out);
    const double xavier = r.value[0] * sqrt(2 / (in + out));
    const double kaiming =
        r.value[2] * sqrt(2 / (1 + r.value[0] * r.value[0])) / sqrt(r.value[1] != 0 ? out : in);
    switch (r.kind) {
    case KIND_CONSTANT:
        fill_uniform(tensor, r.value[0], r.value[0], random);
        break;
    case KIND_UNIFORM:
        fill_uniform(tensor, r.value[0], r.value[1], random);
        break;
    case KIND_NORMAL:
        fill_normal(tensor, r.value[0], r.value[1], random);
        break;
    case KIND_TRUNC_NORMAL:
        for (gsize i = 0; i < gan_tensor_length(tensor); i++) {
            double v;
            do
                v = r.value[0] + r.value[1] * draw_normal(random);
            while (v < r.value[2] || v > r.value[3]);
            tensor->data[i] = (float)v;
        }
        break;
    // A uniform number in +-a has the variance a^2 / 3.
    case KIND_XAVIER_UNIFORM:
        fill_uniform(tensor, -sqrt(3) * xavier, sqrt(3) * xavier, random);
        break;
    case KIND_XAVIER_NORMAL:
        fill_normal(tensor, 0, xavier, random);
        break;
    case KIND_KAIMING_UNIFORM:
        fill_uniform(tensor, -sqrt(3) * kaiming, sqrt(3) * kaiming, random);
        break;
    case KIND_KAIMING_NORMAL:
        fill_normal(tensor, 0, kaiming, random);
        break;
    case KIND_ORTHOGONAL:
        fill_orthogonal(tensor, r.value[0], random);
        break;
    }
    return TRUE;
}

void gan_initialise_bias(GanTensor *bias, const GanTensor *weight, GRand *random)
{
    double in, out;
    fans(weight, &in, &out);
    fill_uniform(bias, -1 / sqrt(in), 1 / sqrt(in), random);
}
