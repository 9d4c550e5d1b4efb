// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plain.h"

#include <math.h>
#include <string.h>

// A picture in double, channel by channel.
typedef struct {
    gsize c, h, w;
    double *v;
} Picture;

static Picture picture_new(gsize c, gsize h, gsize w)
{
    return (Picture){c, h, w, g_new0(double, c *h *w)};
}

static const GanTensor *get(const Dict *dict, const char *scope, const char *name)
{
    g_autofree char *full = g_strconcat(scope, name, NULL);
    return dict_get(dict, full);
}

static gboolean has(const Dict *dict, const char *name)
{
    return g_ptr_array_find_with_equal_func(dict->names, name, g_str_equal, NULL);
}

static Picture conv(const Dict *dict, const char *name, Picture x)
{
    const GanTensor *weight = get(dict, name, ".weight"), *bias = get(dict, name, ".bias");
    const gssize k = (gssize)weight->shape[2], h = (gssize)x.h, w = (gssize)x.w;
    Picture y = picture_new(weight->shape[0], x.h, x.w);
    g_assert_cmpuint(weight->shape[1], ==, x.c);
    for (gsize o = 0; o < y.c; o++)
        for (gssize py = 0; py < h; py++)
            for (gssize px = 0; px < w; px++) {
                double sum = bias->data[o];
                for (gsize c = 0; c < x.c; c++)
                    for (gssize t = 0; t < k * k; t++) {
                        const gssize sy = py + t / k - k / 2, sx = px + t % k - k / 2;
                        if (sy >= 0 && sy < h && sx >= 0 && sx < w)
                            sum += weight->data[(o * x.c + c) * k * k + t] *
                                   x.v[(c * h + sy) * w + sx];
                    }
                y.v[(o * h + py) * w + px] = sum;
            }
    return y;
}

static void prelu(const Dict *dict, const char *name, Picture x)
{
    const GanTensor *slopes = get(dict, name, ".weight");
    for (gsize i = 0; i < x.c * x.h * x.w; i++)
        if (x.v[i] < 0)
            x.v[i] *= slopes->data[slopes->shape[0] == 1 ? 0 : i / (x.h * x.w)];
}

static void batch_norm(const Dict *dict, const char *name, Picture x)
{
    const GanTensor *gamma = get(dict, name, ".weight"), *beta = get(dict, name, ".bias"),
                    *mean = get(dict, name, ".running_mean"),
                    *variance = get(dict, name, ".running_var");
    for (gsize i = 0; i < x.c * x.h * x.w; i++) {
        const gsize c = i / (x.h * x.w);
        x.v[i] = (x.v[i] - mean->data[c]) / sqrt(variance->data[c] + 1e-5) * gamma->data[c] +
                 beta->data[c];
    }
}

static void add(Picture x, Picture y)
{
    for (gsize i = 0; i < x.c * x.h * x.w; i++)
        x.v[i] += y.v[i];
}

static Picture shuffle2(Picture x)
{
    Picture y = picture_new(x.c / 4, 2 * x.h, 2 * x.w);
    for (gsize c = 0; c < x.c; c++)
        for (gsize p = 0; p < x.h * x.w; p++) {
            const gsize py = p / x.w * 2 + c % 4 / 2, px = p % x.w * 2 + c % 2;
            y.v[(c / 4 * y.h + py) * y.w + px] = x.v[c * x.h * x.w + p];
        }
    return y;
}

// Picture `n` of a batch, and back.
static Picture picture_of(const GanTensor *in, gsize n)
{
    Picture x = picture_new(in->shape[3], in->shape[1], in->shape[2]);
    const gsize pixels = x.h * x.w;
    for (gsize i = 0; i < x.c * pixels; i++)
        x.v[i] = in->data[(n * pixels + i % pixels) * x.c + i / pixels];
    return x;
}

static GanTensor *tensor_of(Picture x)
{
    const gsize shape[] = {1, x.h, x.w, x.c};
    GanTensor *out = tensor_filled(4, shape, 0);
    const gsize pixels = x.h * x.w;
    for (gsize i = 0; i < x.c * pixels; i++)
        out->data[i % pixels * x.c + i / pixels] = (float)x.v[i];
    return out;
}

// Replaces x by y and frees what x was.
static void become(Picture *x, Picture y)
{
    g_free(x->v);
    *x = y;
}

GanTensor *plain_srresnet(const Dict *dict, const GanTensor *in)
{
    Picture y = picture_of(in, 0);
    become(&y, conv(dict, "block1.0", y));
    prelu(dict, "block1.1", y);
    Picture block1 = {y.c, y.h, y.w, g_memdup2(y.v, y.c * y.h * y.w * sizeof *y.v)};
    guint b = 2;
    for (;; b++) {
        char conv1[24], bn1[24], act[24], conv2[24], bn2[24], weight[32];
        g_snprintf(conv1, sizeof conv1, "block%u.conv1", b);
        g_snprintf(weight, sizeof weight, "%s.weight", conv1);
        if (!has(dict, weight))
            break;
        g_snprintf(bn1, sizeof bn1, "block%u.bn1", b);
        g_snprintf(act, sizeof act, "block%u.prelu", b);
        g_snprintf(conv2, sizeof conv2, "block%u.conv2", b);
        g_snprintf(bn2, sizeof bn2, "block%u.bn2", b);
        Picture z = conv(dict, conv1, y);
        batch_norm(dict, bn1, z);
        prelu(dict, act, z);
        become(&z, conv(dict, conv2, z));
        batch_norm(dict, bn2, z);
        add(y, z);
        g_free(z.v);
    }
    char name[32], norm[32];
    g_snprintf(name, sizeof name, "block%u.0", b);
    become(&y, conv(dict, name, y));
    g_snprintf(name, sizeof name, "block%u.1", b);
    g_snprintf(norm, sizeof norm, "block%u.1.running_var", b);
    if (has(dict, norm))
        batch_norm(dict, name, y);
    else
        prelu(dict, name, y);
    add(y, block1);
    g_free(block1.v);
    for (guint u = 0;; u++) {
        g_snprintf(name, sizeof name, "block%u.%u.conv.weight", b + 1, u);
        const gboolean up = has(dict, name);
        g_snprintf(name, sizeof name, up ? "block%u.%u.conv" : "block%u.%u", b + 1, u);
        become(&y, conv(dict, name, y));
        if (!up)
            break;
        become(&y, shuffle2(y));
        g_snprintf(name, sizeof name, "block%u.%u.prelu", b + 1, u);
        prelu(dict, name, y);
    }
    for (gsize i = 0; i < y.c * y.h * y.w; i++)
        y.v[i] = (tanh(y.v[i]) + 1) / 2;
    GanTensor *out = tensor_of(y);
    g_free(y.v);
    return out;
}

GanTensor *plain_dncnn(const Dict *dict, const GanTensor *in)
{
    Picture x = picture_of(in, 0), y = picture_of(in, 0);
    for (guint i = 0;; i += 2) {
        char name[24], weight[32];
        g_snprintf(name, sizeof name, "model.%u", i);
        g_snprintf(weight, sizeof weight, "%s.weight", name);
        if (!has(dict, weight))
            break;
        for (gsize k = 0; i > 0 && k < y.c * y.h * y.w; k++)
            y.v[k] = MAX(y.v[k], 0);
        become(&y, conv(dict, name, y));
    }
    for (gsize k = 0; k < x.c * x.h * x.w; k++)
        x.v[k] -= y.v[k];
    GanTensor *out = tensor_of(x);
    g_free(x.v);
    g_free(y.v);
    return out;
}

// --- random weights ---

static void set_conv(Dict *dict, GRand *rand, const char *name, gsize out, gsize in, gsize k)
{
    g_autofree char *weight = g_strconcat(name, ".weight", NULL);
    g_autofree char *bias = g_strconcat(name, ".bias", NULL);
    const double scale = 1 / sqrt((double)in * k * k);
    dict_set(dict, weight, tensor_random(rand, scale, 4, out, in, k, k));
    dict_set(dict, bias, tensor_random(rand, 0.1, 1, out));
}

static void set_norm(Dict *dict, GRand *rand, const char *name, gsize n)
{
    static const char *const parts[] = {".weight", ".bias", ".running_mean", ".running_var"};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *full = g_strconcat(name, parts[i], NULL);
        GanTensor *tensor = tensor_random(rand, 0.3, 1, n);
        for (gsize k = 0; k < n && i % 3 == 0; k++)
            tensor->data[k] = 0.5f + fabsf(tensor->data[k]);
        dict_set(dict, full, tensor);
    }
}

static void set_slope(Dict *dict, GRand *rand, const char *name, gsize n)
{
    g_autofree char *weight = g_strconcat(name, ".weight", NULL);
    dict_set(dict, weight, tensor_random(rand, 0.3, 1, n));
}

static Dict *make_srresnet(GRand *rand, guint n_blocks, guint n_ups, gboolean norm)
{
    const gsize f = 6;
    char name[32];
    Dict *dict = dict_new();
    set_conv(dict, rand, "block1.0", f, 3, 9);
    set_slope(dict, rand, "block1.1", 1);
    guint b = 2;
    for (; b < 2 + n_blocks; b++) {
        for (guint k = 1; k <= 2; k++) {
            g_snprintf(name, sizeof name, "block%u.conv%u", b, k);
            set_conv(dict, rand, name, f, f, 3);
            g_snprintf(name, sizeof name, "block%u.bn%u", b, k);
            set_norm(dict, rand, name, f);
        }
        g_snprintf(name, sizeof name, "block%u.prelu", b);
        set_slope(dict, rand, name, 1);
    }
    g_snprintf(name, sizeof name, "block%u.0", b);
    set_conv(dict, rand, name, f, f, 3);
    g_snprintf(name, sizeof name, "block%u.1", b);
    if (norm)
        set_norm(dict, rand, name, f);
    else
        set_slope(dict, rand, name, 1);
    for (guint u = 0; u < n_ups; u++) {
        g_snprintf(name, sizeof name, "block%u.%u.conv", b + 1, u);
        set_conv(dict, rand, name, 4 * f, f, 3);
        g_snprintf(name, sizeof name, "block%u.%u.prelu", b + 1, u);
        set_slope(dict, rand, name, f); // a slope for each channel is allowed, too
    }
    g_snprintf(name, sizeof name, "block%u.%u", b + 1, n_ups);
    set_conv(dict, rand, name, 3, f, 9);
    return dict;
}

static Dict *make_srresnet_x2(GRand *rand)
{
    return make_srresnet(rand, 2, 1, FALSE);
}

static Dict *make_srresnet_x4(GRand *rand)
{
    return make_srresnet(rand, 1, 2, TRUE);
}

static Dict *make_dncnn(GRand *rand, gsize channels)
{
    char name[24];
    Dict *dict = dict_new();
    for (guint i = 0; i < 9; i++) {
        g_snprintf(name, sizeof name, "model.%u", 2 * i);
        set_conv(dict, rand, name, i == 8 ? channels : 5, i == 0 ? channels : 5, 3);
    }
    return dict;
}

static Dict *make_dncnn_grey(GRand *rand)
{
    return make_dncnn(rand, 1);
}

static Dict *make_dncnn_colour(GRand *rand)
{
    return make_dncnn(rand, 3);
}

const PlainModel plain_models[] = {
    {"srresnet", "x2-prelu", make_srresnet_x2, plain_srresnet, 2, 3},
    {"srresnet", "x4-norm", make_srresnet_x4, plain_srresnet, 4, 3},
    {"dncnn", "grey", make_dncnn_grey, plain_dncnn, 1, 1},
    {"dncnn", "colour", make_dncnn_colour, plain_dncnn, 1, 3},
    {NULL, NULL, NULL, NULL, 0, 0},
};
