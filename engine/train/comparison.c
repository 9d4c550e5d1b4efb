// SPDX-License-Identifier: LGPL-3.0-or-later
// How near a network that enlarges or restores comes to originals.
#include "comparison.h"
#include "grid.h"

#include <gan/metrics.h>
#include <math.h>
#include <string.h>

#define MOST_VALIDATED_PIXELS (1u << 19) // of an input; larger ones are cut to their middle

void gan_comparison_clear(GanComparison *c)
{
    g_clear_pointer(&c->useless, g_free);
}

GanTensor *gan_comparison_run(const GanComparison *c, GanModel *model, GanTensor *in,
                              const float *numbers, GError **error)
{
    const gsize one[] = {1, 1, 1, 1};
    g_autoptr(GanTensor) out = NULL;
    if (!c->network->told)
        return gan_model_run(model, c->training->device, in, error);
    for (guint i = 0; i < in->shape[0]; i++) {
        float value = numbers[i];
        g_autoptr(GanTensor) sample = gan_grid_sample(in, i);
        g_autoptr(GanTensor) number = gan_tensor_new_borrowed(4, one, &value, NULL, NULL);
        GanTensor *all[] = {sample, number};
        g_autoptr(GanTensor) made = gan_model_run_all(model, c->training->device, all, error);
        if (made == NULL)
            return NULL;
        const gsize shape[] = {in->shape[0], made->shape[1], made->shape[2], made->shape[3]};
        if (out == NULL && (out = gan_tensor_new(4, shape, error)) == NULL)
            return NULL;
        const gsize length = gan_tensor_length(made);
        memcpy(out->data + i * length, made->data, length * sizeof(float));
    }
    return g_steal_pointer(&out);
}

// The size of the input that a picture is validated with. Returns which part of each side that is.
static double validated_size(const GanPicture *picture, guint scale, guint *width, guint *height)
{
    *width = picture->width / scale;
    *height = picture->height / scale;
    const double part = sqrt((double)MOST_VALIDATED_PIXELS / ((double)*width * *height));
    if (part < 1) {
        *width = (guint)(*width * part);
        *height = (guint)(*height * part);
    }
    return part;
}

// The side of the data that is wanted of the network.
static guint wanted_side(const GanTraining *t)
{
    return gan_dataset_kind(t->validation) == GAN_DATASET_PAIRS ? 1 : 0;
}

void gan_comparison_largest(const GanComparison *c, gsize *width, gsize *height)
{
    GanDataset *validation = c->training->validation;
    const guint side = wanted_side(c->training);
    const guint64 n = MIN(gan_dataset_n(validation, side), c->limit);
    for (guint64 i = 0; i < n; i++) {
        g_auto(GanPicture) picture = {0};
        guint w = 0, h = 0;
        if (!gan_dataset_read(validation, side, i, &picture, NULL))
            continue;
        validated_size(&picture, c->scale, &w, &h);
        if ((gsize)w * h > *width * *height) {
            *width = w;
            *height = h;
        }
    }
}

// The middle of a picture, as large as may be and a multiple of the scale; 0..1.
static GanTensor *middle(const GanPicture *picture, guint scale, GError **error)
{
    guint width, height;
    const double part = validated_size(picture, scale, &width, &height);
    const gsize shape[] = {1, height * scale, width * scale, picture->channels};
    // From the upper left where all is taken, as the literature cuts.
    const guint x = part < 1 ? (picture->width - width * scale) / 2 : 0,
                y = part < 1 ? (picture->height - height * scale) / 2 : 0;
    g_auto(GanPicture) cut = {0};
    GanTensor *tensor = NULL;
    if (gan_picture_cut(picture, x, y, width * scale, height * scale, &cut, error))
        tensor = gan_tensor_new(4, shape, error);
    for (gsize i = 0; tensor != NULL && i < gan_tensor_length(tensor); i++)
        tensor->data[i] = (float)gan_picture_pixels(&cut)[i] / 255;
    return tensor;
}

static void to_levels(GanTensor *tensor)
{
    for (gsize i = 0; i < gan_tensor_length(tensor); i++)
        tensor->data[i] = roundf(CLAMP(tensor->data[i], 0, 1) * 255);
}

// A bad copy, as the seed damages this item, or as far as `level` says: NAN: the seed. Returns in
// `number` what can be told of it.
static GanTensor *damaged(const GanComparison *c, guint64 item, GanTensor *truth, double level,
                          float *number, GError **error)
{
    const GanDegrade *degrade = &c->degrade->degrade;
    GanRandom random =
        gan_training_random(c->training, GAN_RANDOM_DEGRADE, GAN_COMPARISON_BATCH + item);
    GanDegradeDraw draw;
    gan_degrade_draw(degrade, &random, &draw);
    if (!isnan(level))
        gan_degrade_set_level(degrade, level, &draw);
    *number = (float)gan_degrade_level(degrade, &draw);
    return gan_degrade_apply(degrade, &draw, truth, c->scale, &random, error);
}

// One picture: a bad copy of it, or with pairs its partner, through the network.
static gboolean validate_one(const GanComparison *c, GanModel *model, guint64 item, double level,
                             GanMetrics *found, GError **error)
{
    const GanTraining *t = c->training;
    const guint side = wanted_side(t), scale = c->scale;
    g_auto(GanPicture) picture = {0};
    g_auto(GanPicture) partner = {0};
    if (!gan_dataset_read(t->validation, side, item, &picture, error) ||
        (side == 1 && !gan_dataset_read(t->validation, 0, item, &partner, error)))
        return FALSE;
    if (picture.width < scale || picture.height < scale) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%u x %u pixels are fewer than the scale",
                    picture.width, picture.height);
        return FALSE;
    }
    g_autoptr(GanTensor) truth = middle(&picture, scale, error);
    g_autoptr(GanTensor) copy = NULL;
    if (truth == NULL)
        return FALSE;
    float number = 0;
    copy = side == 1 ? middle(&partner, 1, error) : damaged(c, item, truth, level, &number, error);
    g_autoptr(GanTensor) made =
        copy != NULL ? gan_comparison_run(c, model, copy, &number, error) : NULL;
    if (made == NULL)
        return FALSE;
    to_levels(made);
    to_levels(truth);
    return gan_metrics_compare(truth, made, scale > 1 ? scale : 0, found, error);
}

static void add_metrics(GanMetrics *sum, const GanMetrics *one)
{
    sum->psnr_y += one->psnr_y;
    sum->psnr_rgb += one->psnr_rgb;
    sum->ssim_y += one->ssim_y;
    sum->ssim_rgb += one->ssim_rgb;
}

// One picture at each of the strengths that the recipe names, or as it is drawn.
static gboolean validate_at_all(const GanComparison *c, GanModel *model, guint64 item,
                                GanMetrics *sum, guint *n_found, GError **error)
{
    const GanSteps *at = &c->degrade->validate_at;
    // Pairs are as they are.
    const guint n = wanted_side(c->training) == 1 ? 0 : at->n;
    for (guint k = 0; k < MAX(n, 1); k++) {
        GanMetrics one;
        if (!validate_one(c, model, item, n > 0 ? (double)at->values[k] : NAN, &one, error))
            return FALSE;
        add_metrics(sum, &one);
        ++*n_found;
    }
    return TRUE;
}

gboolean gan_comparison_validate(GanComparison *c, GanModel *model, GanValidation *found,
                                 GError **error)
{
    const GanTraining *t = c->training;
    const guint side = wanted_side(t);
    const guint64 n = MIN(gan_dataset_n(t->validation, side), c->limit);
    GanMetrics sum = {0};
    guint n_found = 0;
    if (c->useless == NULL)
        c->useless = g_new0(gboolean, n);
    for (guint64 i = 0; i < n; i++) {
        g_autoptr(GError) reason = NULL;
        if (c->useless[i])
            continue;
        if (!validate_at_all(c, model, i, &sum, &n_found, &reason)) {
            // Said once. For want of memory it is tried again.
            const char *name = gan_dataset_name(t->validation, side, i);
            c->useless[i] = !g_error_matches(reason, GAN_ERROR, GAN_ERROR_MEMORY);
            if (strstr(reason->message, name) != NULL)
                gan_training_say(t, "validation passes over %s", reason->message);
            else
                gan_training_say(t, "validation passes over %s: %s", name, reason->message);
        }
    }
    if (n_found == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "no picture for validation could be used");
        return FALSE;
    }
    *found = (GanValidation){.scores = {{"psnr_y", sum.psnr_y / n_found},
                                        {"psnr_rgb", sum.psnr_rgb / n_found},
                                        {"ssim_y", sum.ssim_y / n_found},
                                        {"ssim_rgb", sum.ssim_rgb / n_found}},
                             .n = 4};
    found->text = g_strdup_printf("PSNR Y %.3f dB, RGB %.3f dB, SSIM Y %.4f, RGB %.4f",
                                  found->scores[0].value, found->scores[1].value,
                                  found->scores[2].value, found->scores[3].value);
    return TRUE;
}
