// SPDX-License-Identifier: LGPL-3.0-or-later
// Bad copies of good pictures.
//
// Real-ESRGAN's pipeline (Wang et al. 2021, arXiv:2107.10833, figure 2; the authors' code,
// realesrgan/models/realesrgan_model.py), all per sample:
//
//   blur, resize, noise, JPEG        relative to the original
//   blur, resize, noise              relative to the goal, a copy 1/scale as large
//   resize to the goal and low-pass, then JPEG; or JPEG, then resize and low-pass; one time in two
#include "degrade.h"

#include <gan/resample.h>
#include <math.h>
#include <string.h>

#define LEAST_BLUR 7u // side of the smallest kernel

GanDegrade gan_degrade_real_default(void)
{
    return (GanDegrade){
        .kind = GAN_DEGRADE_REAL,
        .stages = {{.blur = 1,
                    .sinc = 0.1,
                    .sigma = {0.2, 3},
                    .beta = {0.5, 4},
                    .beta_plateau = {1, 2},
                    .resize_probability = {0.2, 0.7, 0.1},
                    .resize = {0.15, 1.5},
                    .gaussian = 0.5,
                    .noise = {1, 30},
                    .poisson = {0.05, 3},
                    .grey = 0.4,
                    .jpeg = {30, 95}},
                   {.blur = 0.8,
                    .sinc = 0.1,
                    .sigma = {0.2, 1.5},
                    .beta = {0.5, 4},
                    .beta_plateau = {1, 2},
                    .resize_probability = {0.3, 0.4, 0.3},
                    .resize = {0.3, 1.2},
                    .gaussian = 0.5,
                    .noise = {1, 25},
                    .poisson = {0.05, 2.5},
                    .grey = 0.4,
                    .jpeg = {30, 95}}},
        .blur_weights = {0.45, 0.25, 0.12, 0.03, 0.12, 0.03},
        .last_sinc = 0.8,
        .jpeg = {30, 95},
        .noise = {0, 50},
        .poisson = {0.05, 3},
        .subsample = 1,
        .gaussian = 1,
        .grey = 0,
    };
}

// --- drawing ---

static double in_range(GanRandom *random, GanRange range)
{
    return gan_random_between(random, range.low, range.high);
}

static guint draw_size(GanRandom *random)
{
    return LEAST_BLUR + 2 * gan_random_below(random, (GAN_BLUR_MOST - LEAST_BLUR) / 2 + 1);
}

static GanBlur draw_sinc(GanRandom *random, double least_cutoff)
{
    const guint size = draw_size(random);
    return (GanBlur){.kind = GAN_BLUR_SINC,
                     .size = size,
                     .sigma_x = 1,
                     .cutoff = gan_random_between(random, least_cutoff, G_PI)};
}

// One time in two below 1, however the range lies around it.
static double draw_beta(GanRandom *random, GanRange range)
{
    return gan_random_uniform(random) < 0.5 ? gan_random_between(random, range.low, 1)
                                            : gan_random_between(random, 1, range.high);
}

static GanBlur draw_blur(const GanDegrade *degrade, const GanDegradeStage *stage, GanRandom *random)
{
    if (gan_random_uniform(random) >= stage->blur)
        return (GanBlur){.kind = GAN_BLUR_NONE, .size = 1};
    if (gan_random_uniform(random) < stage->sinc) {
        GanBlur sinc = draw_sinc(random, 0);
        // Small kernels cannot cut so low.
        sinc.cutoff = gan_random_between(random, sinc.size < 13 ? G_PI / 3 : G_PI / 5, G_PI);
        return sinc;
    }
    GanBlur blur = {
        .kind = (GanBlurKind)(GAN_BLUR_ISO + gan_random_choose(random, degrade->blur_weights, 6)),
        .size = draw_size(random),
        .sigma_x = in_range(random, stage->sigma)};
    blur.sigma_y = in_range(random, stage->sigma);
    blur.rotation = gan_random_between(random, -G_PI, G_PI);
    const gboolean plateau =
        blur.kind == GAN_BLUR_PLATEAU_ISO || blur.kind == GAN_BLUR_PLATEAU_ANISO;
    blur.beta = draw_beta(random, plateau ? stage->beta_plateau : stage->beta);
    return blur;
}

static double draw_factor(const GanDegradeStage *stage, GanRandom *random)
{
    switch (gan_random_choose(random, stage->resize_probability, 3)) {
    case 0:
        return gan_random_between(random, 1, stage->resize.high);
    case 1:
        return gan_random_between(random, stage->resize.low, 1);
    default:
        return 1;
    }
}

static guint draw_quality(GanRandom *random, GanRange range)
{
    return (guint)lrint(in_range(random, range));
}

void gan_degrade_draw(const GanDegrade *degrade, GanRandom *random, GanDegradeDraw *draw)
{
    *draw = (GanDegradeDraw){0};
    switch (degrade->kind) {
    case GAN_DEGRADE_BICUBIC:
    case GAN_DEGRADE_NONE:
        return;
    case GAN_DEGRADE_JPEG:
        draw->rounds[0].jpeg = draw_quality(random, degrade->jpeg);
        draw->subsample = gan_random_uniform(random) < degrade->subsample;
        draw->shift_x = gan_random_below(random, 16);
        draw->shift_y = gan_random_below(random, 16);
        return;
    case GAN_DEGRADE_NOISE:
        draw->rounds[0].poisson = gan_random_uniform(random) >= degrade->gaussian;
        draw->rounds[0].noise = draw->rounds[0].poisson ? in_range(random, degrade->poisson)
                                                        : in_range(random, degrade->noise) / 255;
        draw->rounds[0].grey = gan_random_uniform(random) < degrade->grey;
        return;
    case GAN_DEGRADE_REAL:
        break;
    }
    for (guint i = 0; i < 2; i++) {
        const GanDegradeStage *stage = &degrade->stages[i];
        GanDegradeRound *round = &draw->rounds[i];
        round->blur = draw_blur(degrade, stage, random);
        round->factor = draw_factor(stage, random);
        round->resize = (GanResize)gan_random_below(random, GAN_N_RESIZES);
        round->poisson = gan_random_uniform(random) >= stage->gaussian;
        round->noise = round->poisson ? in_range(random, stage->poisson)
                                      : in_range(random, stage->noise) / 255;
        round->grey = gan_random_uniform(random) < stage->grey;
        round->jpeg = draw_quality(random, stage->jpeg);
    }
    draw->last = gan_random_uniform(random) < degrade->last_sinc
                     ? draw_sinc(random, G_PI / 3)
                     : (GanBlur){.kind = GAN_BLUR_NONE, .size = 1};
    draw->last_resize = (GanResize)gan_random_below(random, GAN_N_RESIZES);
    draw->jpeg_last = gan_random_uniform(random) < 0.5;
    draw->subsample = TRUE;
}

// --- applying ---

// Each takes the picture and gives the next; NULL stays NULL.
static GanTensor *then_blur(GanTensor *picture, const GanBlur *blur, GError **error)
{
    float weights[GAN_BLUR_MOST * GAN_BLUR_MOST];
    if (picture == NULL || blur->kind == GAN_BLUR_NONE)
        return picture;
    gan_blur_kernel(blur, weights);
    GanTensor *out = gan_filter_correlate(picture, weights, blur->size, error);
    gan_tensor_unref(picture);
    return out;
}

static GanTensor *then_resize(GanTensor *picture, double width, double height, GanResize kind,
                              GError **error)
{
    // A tiny patch still has to hold the largest kernel.
    const guint w = (guint)MAX(width, GAN_BLUR_MOST), h = (guint)MAX(height, GAN_BLUR_MOST);
    if (picture == NULL || (picture->shape[1] == h && picture->shape[2] == w))
        return picture;
    GanTensor *out = gan_filter_resize(picture, w, h, kind, error);
    gan_tensor_unref(picture);
    return out;
}

static GanTensor *then_noise(GanTensor *picture, const GanDegradeRound *round, GanRandom *random)
{
    if (picture == NULL)
        return NULL;
    if (round->poisson)
        gan_filter_poisson_noise(picture, round->noise, round->grey, random);
    else
        gan_filter_gaussian_noise(picture, round->noise, round->grey, random);
    return picture;
}

static GanTensor *then_jpeg(GanTensor *picture, guint quality, gboolean subsample, GError **error)
{
    GanTensor *out = picture != NULL ? gan_filter_jpeg(picture, quality, subsample, error) : NULL;
    gan_tensor_unref(picture);
    return out;
}

static GanTensor *copy_of(const GanTensor *picture, GError **error)
{
    GanTensor *copy = gan_tensor_new(4, picture->shape, error);
    if (copy != NULL)
        memcpy(copy->data, picture->data, gan_tensor_length(picture) * sizeof(float));
    return copy;
}

static GanTensor *apply_real(const GanDegradeDraw *draw, GanTensor *picture, guint scale,
                             GanRandom *random, GError **error)
{
    const GanDegradeRound *first = &draw->rounds[0], *second = &draw->rounds[1];
    const gsize height = picture->shape[1], width = picture->shape[2];
    const guint goal_w = (guint)width / scale, goal_h = (guint)height / scale;
    GanTensor *x = copy_of(picture, error);
    x = then_blur(x, &first->blur, error);
    x = then_resize(x, (double)width * first->factor, (double)height * first->factor, first->resize,
                    error);
    x = then_noise(x, first, random);
    x = then_jpeg(x, first->jpeg, draw->subsample, error);
    x = then_blur(x, &second->blur, error);
    x = then_resize(x, goal_w * second->factor, goal_h * second->factor, second->resize, error);
    x = then_noise(x, second, random);
    if (!draw->jpeg_last)
        x = then_jpeg(x, second->jpeg, draw->subsample, error);
    if (x != NULL && (x->shape[1] != goal_h || x->shape[2] != goal_w)) {
        GanTensor *out = gan_filter_resize(x, goal_w, goal_h, draw->last_resize, error);
        gan_tensor_unref(x);
        x = out;
    }
    x = then_blur(x, &draw->last, error);
    return draw->jpeg_last ? then_jpeg(x, second->jpeg, draw->subsample, error) : x;
}

static GanTensor *apply_bicubic(GanTensor *picture, guint scale, GError **error)
{
    g_autoptr(GanTensor) bytes = copy_of(picture, error);
    if (bytes == NULL)
        return NULL;
    const gsize n = gan_tensor_length(bytes);
    for (gsize i = 0; i < n; i++)
        bytes->data[i] = roundf(bytes->data[i] * 255);
    GanTensor *out = gan_resample_bicubic(bytes, picture->shape[2] / scale,
                                          picture->shape[1] / scale, TRUE, error);
    const gsize n_out = out != NULL ? gan_tensor_length(out) : 0;
    for (gsize i = 0; i < n_out; i++)
        out->data[i] /= 255;
    return out;
}

// JPEG's blocks begin anywhere in a picture that was cut: what lies left of and above
// the shift stays.
static GanTensor *apply_jpeg(const GanDegradeDraw *draw, GanTensor *picture, GError **error)
{
    const gsize x = MIN(draw->shift_x, picture->shape[2] - 1),
                y = MIN(draw->shift_y, picture->shape[1] - 1), channels = picture->shape[3];
    const gsize width = picture->shape[2] - x, height = picture->shape[1] - y;
    const gsize shape[] = {1, height, width, channels};
    g_autoptr(GanTensor) part = gan_tensor_new(4, shape, error);
    g_autoptr(GanTensor) whole = part != NULL ? copy_of(picture, error) : NULL;
    if (whole == NULL)
        return NULL;
    for (gsize v = 0; v < height; v++)
        memcpy(part->data + v * width * channels,
               picture->data + ((y + v) * picture->shape[2] + x) * channels,
               width * channels * sizeof(float));
    g_autoptr(GanTensor) coded =
        gan_filter_jpeg(part, draw->rounds[0].jpeg, draw->subsample, error);
    if (coded == NULL)
        return NULL;
    for (gsize v = 0; v < height; v++)
        memcpy(whole->data + ((y + v) * picture->shape[2] + x) * channels,
               coded->data + v * width * channels, width * channels * sizeof(float));
    return g_steal_pointer(&whole);
}

GanTensor *gan_degrade_apply(const GanDegrade *degrade, const GanDegradeDraw *draw,
                             GanTensor *picture, guint scale, GanRandom *random, GError **error)
{
    g_return_val_if_fail(picture->shape[1] % scale == 0 && picture->shape[2] % scale == 0, NULL);
    GanTensor *out = NULL;
    switch (degrade->kind) {
    case GAN_DEGRADE_NONE:
        return copy_of(picture, error);
    case GAN_DEGRADE_BICUBIC:
        return scale > 1 ? apply_bicubic(picture, scale, error) : copy_of(picture, error);
    case GAN_DEGRADE_JPEG:
        return apply_jpeg(draw, picture, error);
    case GAN_DEGRADE_NOISE:
        // Noise keeps its fractions: a sensor's does, and 8 bits would hide the weakest.
        return then_noise(copy_of(picture, error), &draw->rounds[0], random);
    case GAN_DEGRADE_REAL:
        out = apply_real(draw, picture, scale, random, error);
        break;
    }
    const gsize n = out != NULL ? gan_tensor_length(out) : 0;
    for (gsize i = 0; i < n; i++)
        out->data[i] = roundf(CLAMP(out->data[i], 0, 1) * 255) / 255;
    return out;
}
