// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures out of random numbers.
#include "random.h"

#include <gan/generate.h>
#include <math.h>
#include <string.h>

#define BATCH 16u // pictures at a time, so that memory does not grow with their number

gboolean gan_generator_info(GanModel *model, GanGeneratorInfo *info, GError **error)
{
    const GanModelInfo *about = gan_model_info(model);
    const GanWeights *weights = gan_model_weights(model);
    const char *latent = gan_weights_metadata(weights, "latent");
    const char *classes = gan_weights_metadata(weights, "classes");
    if (about->n_inputs != 1 || about->inputs[0].kind != GAN_END_LATENT) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED,
                    "%s: %s makes pictures of pictures; generating needs a network such as DCGAN",
                    gan_weights_path(weights), about->title);
        return FALSE;
    }
    g_auto(GanGeneratorInfo)
        found = {.n_latent = about->inputs[0].channels,
                 .classes = g_strsplit(classes != NULL ? classes : "", "\n", -1)};
    const guint n_classes = g_strv_length(found.classes);
    if (n_classes >= about->inputs[0].channels ||
        (latent != NULL &&
         g_ascii_strtoull(latent, NULL, 10) != about->inputs[0].channels - n_classes)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: it takes %u numbers; its metadata speak of %s and %u classes",
                    gan_weights_path(weights), about->inputs[0].channels,
                    latent != NULL ? latent : "none", n_classes);
        return FALSE;
    }
    found.n_latent -= n_classes;
    *info = found;
    found.classes = NULL;
    return TRUE;
}

void gan_generator_info_clear(GanGeneratorInfo *info)
{
    g_clear_pointer(&info->classes, g_strfreev);
}

static void draw(guint64 seed, guint n, double *numbers)
{
    GanRandom random;
    gan_random_init(&random, seed, GAN_RANDOM_GRID, 0);
    for (guint i = 0; i < n; i++)
        numbers[i] = gan_random_normal(&random);
}

static double product(const double *a, const double *b, guint n)
{
    double sum = 0;
    for (guint i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

// Shoemake 1985: (sin((1 - t) w) a + sin(t w) b) / sin(w), w the angle between a and b. A straight
// line would lead through vectors shorter than the generator has ever seen.
static void fill_latent(const GanGenerated *picture, guint n, float *latent)
{
    g_autofree double *a = g_new(double, n), *b = g_new(double, n);
    double share_a = 1 - picture->part, share_b = picture->part;
    draw(picture->seed, n, a);
    draw(picture->to, n, b);
    const double angle =
        acos(CLAMP(product(a, b, n) / sqrt(product(a, a, n) * product(b, b, n)), -1, 1));
    if (sin(angle) > 1e-6) {
        share_a = sin(share_a * angle) / sin(angle);
        share_b = sin(share_b * angle) / sin(angle);
    }
    for (guint i = 0; i < n; i++)
        latent[i] = (float)(share_a * a[i] + share_b * b[i]);
}

GanTensor *gan_generate(GanModel *model, GanDevice *device, const GanGenerated *pictures, guint n,
                        GError **error)
{
    g_auto(GanGeneratorInfo) info = {0};
    if (!gan_generator_info(model, &info, error) || !gan_model_check_numbers(model, error))
        return NULL;
    const guint n_classes = g_strv_length(info.classes), length = info.n_latent + n_classes;
    g_autoptr(GanTensor) all = NULL;
    for (guint first = 0; first < n; first += BATCH) {
        const gsize count = MIN(BATCH, n - first), shape[] = {count, 1, 1, length};
        g_autoptr(GanTensor) in = gan_tensor_new(4, shape, error);
        if (in == NULL)
            return NULL;
        memset(in->data, 0, gan_tensor_length(in) * sizeof(float));
        for (guint i = 0; i < count; i++) {
            const GanGenerated *picture = &pictures[first + i];
            if (n_classes > 0 && picture->class_index >= n_classes) {
                g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                            "class number %u; the model has %u, counted from 0",
                            picture->class_index, n_classes);
                return NULL;
            }
            fill_latent(picture, info.n_latent, in->data + (gsize)i * length);
            if (n_classes > 0)
                in->data[(gsize)i * length + info.n_latent + picture->class_index] = 1;
        }
        g_autoptr(GanTensor) out = gan_model_run(model, device, in, error);
        if (out == NULL)
            return NULL;
        const gsize whole[] = {n, out->shape[1], out->shape[2], out->shape[3]};
        if (all == NULL && (all = gan_tensor_new(4, whole, error)) == NULL)
            return NULL;
        const GanEnd *end = &gan_model_info(model)->output;
        const gsize one = whole[1] * whole[2] * whole[3];
        for (gsize k = 0; k < count * one; k++)
            all->data[first * one + k] =
                CLAMP((out->data[k] - end->low) / (end->high - end->low), 0, 1);
    }
    return g_steal_pointer(&all);
}
