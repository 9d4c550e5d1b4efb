// SPDX-License-Identifier: LGPL-3.0-or-later
// Bad copies of good pictures.
//
// Real-ESRGAN's pipeline (Wang et al. 2021, arXiv:2107.10833, figure 2; the authors' code,
// realesrgan/models/realesrgan_model.py), all per sample:
//
//   blur, resize, noise, JPEG        relative to the original
//   blur, resize, noise              relative to the goal, a copy 1/scale as large
//   resize to the goal and low-pass, then JPEG; or JPEG, then resize and low-pass; one time in two
//
// Beyond theirs, each step may be left out by chance, noise may be a sensor's, a denoiser may go over
// it, and shrinking may see all that it covers, as programs for photographs do it.
#include "degrade.h"

#include "range.h"

#include <gan/resample.h>
#include <math.h>
#include <string.h>

#define LEAST_BLUR 7u     // side of the smallest kernel
#define JPEG_BLOCK 16u    // with halved colours
#define BEST_QUALITY 100u // as networks are told of pictures that nothing was done to

static const GanRange denoise_strength = {0.8, 2}, denoise_part = {0.4, 1};

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
                    .noise_part = 1,
                    .gaussian = 0.5,
                    .noise = {1, 30},
                    .poisson = {0.05, 3},
                    .grey = 0.4,
                    .jpeg_part = 1,
                    .jpeg = {30, 95}},
                   {.blur = 0.8,
                    .sinc = 0.1,
                    .sigma = {0.2, 1.5},
                    .beta = {0.5, 4},
                    .beta_plateau = {1, 2},
                    .resize_probability = {0.3, 0.4, 0.3},
                    .resize = {0.3, 1.2},
                    .noise_part = 1,
                    .gaussian = 0.5,
                    .noise = {1, 25},
                    .poisson = {0.05, 2.5},
                    .grey = 0.4,
                    .jpeg_part = 1,
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

// Takes a random number only where chance decides.
static gboolean chance(GanRandom *random, double probability)
{
    return probability >= 1 || (probability > 0 && gan_random_uniform(random) < probability);
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

static GanDenoise draw_denoise(GanRandom *random)
{
    const GanDenoiseKind kind =
        (GanDenoiseKind)(GAN_DENOISE_MEDIAN + gan_random_below(random, GAN_N_DENOISES - 1));
    const double strength = in_range(random, denoise_strength);
    return (GanDenoise){kind, strength, in_range(random, denoise_part)};
}

static GanDegradeRound draw_round(const GanDegrade *degrade, const GanDegradeStage *stage,
                                  GanRandom *random)
{
    GanDegradeRound round = {.blur = draw_blur(degrade, stage, random)};
    round.factor = draw_factor(stage, random);
    round.resize = (GanResize)gan_random_below(random, GAN_N_RESIZES);
    round.antialias = chance(random, degrade->antialias);
    round.noisy = chance(random, stage->noise_part);
    round.poisson = gan_random_uniform(random) >= stage->gaussian;
    round.noise =
        round.poisson ? in_range(random, stage->poisson) : in_range(random, stage->noise) / 255;
    round.grey = gan_random_uniform(random) < stage->grey;
    round.mosaic = chance(random, stage->mosaic);
    if (chance(random, stage->denoise))
        round.denoise = draw_denoise(random);
    const guint quality = draw_quality(random, stage->jpeg);
    round.jpeg = chance(random, stage->jpeg_part) ? quality : 0;
    return round;
}

static void draw_real(const GanDegrade *degrade, GanRandom *random, GanDegradeDraw *draw)
{
    for (guint i = 0; i < 2; i++)
        draw->rounds[i] = draw_round(degrade, &degrade->stages[i], random);
    draw->last = gan_random_uniform(random) < degrade->last_sinc
                     ? draw_sinc(random, G_PI / 3)
                     : (GanBlur){.kind = GAN_BLUR_NONE, .size = 1};
    draw->last_resize = (GanResize)gan_random_below(random, GAN_N_RESIZES);
    draw->last_antialias = chance(random, degrade->antialias);
    draw->jpeg_last = gan_random_uniform(random) < 0.5;
    draw->subsample = chance(random, degrade->subsample);
    draw->shift_x = gan_random_below(random, JPEG_BLOCK);
    draw->shift_y = gan_random_below(random, JPEG_BLOCK);
}

void gan_degrade_draw(const GanDegrade *degrade, GanRandom *random, GanDegradeDraw *draw)
{
    *draw = (GanDegradeDraw){0};
    draw->clean = chance(random, degrade->clean);
    switch (degrade->kind) {
    case GAN_DEGRADE_BICUBIC:
    case GAN_DEGRADE_NONE:
        return;
    case GAN_DEGRADE_JPEG:
        draw->rounds[0].jpeg = draw_quality(random, degrade->jpeg);
        draw->subsample = gan_random_uniform(random) < degrade->subsample;
        draw->shift_x = gan_random_below(random, JPEG_BLOCK);
        draw->shift_y = gan_random_below(random, JPEG_BLOCK);
        return;
    case GAN_DEGRADE_NOISE:
        draw->rounds[0].noisy = TRUE;
        draw->rounds[0].poisson = gan_random_uniform(random) >= degrade->gaussian;
        draw->rounds[0].noise = draw->rounds[0].poisson ? in_range(random, degrade->poisson)
                                                        : in_range(random, degrade->noise) / 255;
        draw->rounds[0].grey = gan_random_uniform(random) < degrade->grey;
        draw->rounds[0].uncut = !draw->rounds[0].poisson && chance(random, degrade->uncut);
        return;
    case GAN_DEGRADE_REAL:
        if (chance(random, degrade->heavy)) {
            const GanDegrade theirs = gan_degrade_real_default();
            draw_real(&theirs, random, draw);
        } else {
            draw_real(degrade, random, draw);
        }
        return;
    }
}

// --- what a network is told ---

const char *gan_degrade_told(const GanDegrade *degrade)
{
    if (degrade->kind == GAN_DEGRADE_JPEG)
        return "quality";
    // Shot noise has another deviation in each pixel.
    return degrade->kind == GAN_DEGRADE_NOISE && degrade->gaussian >= 1 ? "noise" : NULL;
}

double gan_degrade_level(const GanDegrade *degrade, const GanDegradeDraw *draw)
{
    const GanDegradeRound *round = &draw->rounds[0];
    if (degrade->kind == GAN_DEGRADE_JPEG)
        return draw->clean ? BEST_QUALITY : round->jpeg;
    return degrade->kind != GAN_DEGRADE_NOISE || draw->clean || round->poisson ? 0
                                                                               : round->noise * 255;
}

void gan_degrade_set_level(const GanDegrade *degrade, double level, GanDegradeDraw *draw)
{
    GanDegradeRound *round = &draw->rounds[0];
    const gboolean jpeg = degrade->kind == GAN_DEGRADE_JPEG;
    draw->clean = jpeg ? level >= BEST_QUALITY : level <= 0;
    round->poisson = FALSE;
    round->noise = level / 255;
    round->jpeg = (guint)lrint(CLAMP(level, 1, BEST_QUALITY));
}

// --- applying ---

static GanTensor *copy_of(const GanTensor *picture, GError **error)
{
    GanTensor *copy = gan_tensor_new(4, picture->shape, error);
    if (copy != NULL)
        memcpy(copy->data, picture->data, gan_tensor_length(picture) * sizeof(float));
    return copy;
}

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
                              gboolean antialias, GError **error)
{
    // A tiny patch still has to hold the largest kernel.
    const guint w = (guint)MAX(width, GAN_BLUR_MOST), h = (guint)MAX(height, GAN_BLUR_MOST);
    if (picture == NULL || (picture->shape[1] == h && picture->shape[2] == w))
        return picture;
    const gboolean shrinks = h <= picture->shape[1] && w <= picture->shape[2];
    GanTensor *out = antialias && shrinks ? gan_resample_bicubic(picture, w, h, FALSE, error)
                                          : gan_filter_resize(picture, w, h, kind, error);
    gan_tensor_unref(picture);
    return out;
}

static double deviation_of(const GanTensor *picture, const GanTensor *before)
{
    const gsize n = gan_tensor_length(picture);
    double sum = 0;
    for (gsize i = 0; i < n; i++) {
        const double noise = (double)picture->data[i] - (double)before->data[i];
        sum += noise * noise;
    }
    return sqrt(sum / (double)n);
}

static GanTensor *then_noise(GanTensor *picture, const GanDegradeRound *round, GanRandom *random,
                             GError **error)
{
    if (picture == NULL || !round->noisy)
        return picture;
    const gboolean denoise = round->denoise.kind != GAN_DENOISE_NONE;
    g_autoptr(GanTensor) noisy = picture;
    g_autoptr(GanTensor) before = denoise || round->mosaic ? copy_of(picture, error) : NULL;
    if ((denoise || round->mosaic) && before == NULL)
        return NULL;
    if (round->poisson)
        gan_filter_poisson_noise(noisy, round->noise, round->grey, random);
    else
        gan_filter_gaussian_noise(noisy, round->noise, round->grey, !round->uncut, random);
    if (round->mosaic)
        gan_filter_mosaic_noise(noisy, before, gan_random_below(random, 4));
    return denoise ? gan_filter_denoise(noisy, &round->denoise, deviation_of(noisy, before), error)
                   : g_steal_pointer(&noisy);
}

// Copies the picture so far that its corner comes to (x, y), mirrored into what is new, or back.
static GanTensor *moved(const GanTensor *picture, gssize x, gssize y, GError **error)
{
    const gsize channels = picture->shape[3];
    const gssize height = (gssize)picture->shape[1], width = (gssize)picture->shape[2];
    const gsize shape[] = {1, (gsize)(height + y), (gsize)(width + x), channels};
    GanTensor *out = gan_tensor_new(4, shape, error);
    for (gssize v = 0; out != NULL && v < height + y; v++)
        for (gssize u = 0; u < width + x; u++)
            memcpy(out->data + (gsize)(v * (width + x) + u) * channels,
                   picture->data +
                       (gsize)(MIN(ABS(v - y), height - 1) * width + MIN(ABS(u - x), width - 1)) *
                           channels,
                   channels * sizeof(float));
    return out;
}

// JPEG's blocks begin anywhere in a picture that was cut out of a larger one.
static GanTensor *then_jpeg(GanTensor *picture, guint quality, const GanDegradeDraw *draw,
                            GError **error)
{
    if (picture == NULL || quality == 0)
        return picture;
    const gssize x = (gssize)draw->shift_x, y = (gssize)draw->shift_y;
    g_autoptr(GanTensor) before = picture;
    g_autoptr(GanTensor) larger = moved(before, x, y, error);
    g_autoptr(GanTensor) coded =
        larger != NULL ? gan_filter_jpeg(larger, quality, draw->subsample, error) : NULL;
    return coded != NULL ? moved(coded, -x, -y, error) : NULL;
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
                    first->antialias, error);
    x = then_noise(x, first, random, error);
    x = then_jpeg(x, first->jpeg, draw, error);
    x = then_blur(x, &second->blur, error);
    x = then_resize(x, goal_w * second->factor, goal_h * second->factor, second->resize,
                    second->antialias, error);
    x = then_noise(x, second, random, error);
    if (!draw->jpeg_last)
        x = then_jpeg(x, second->jpeg, draw, error);
    x = then_resize(x, goal_w, goal_h, draw->last_resize, draw->last_antialias, error);
    x = then_blur(x, &draw->last, error);
    return draw->jpeg_last ? then_jpeg(x, second->jpeg, draw, error) : x;
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

GanTensor *gan_degrade_apply(const GanDegrade *degrade, const GanDegradeDraw *draw,
                             GanTensor *picture, guint scale, GanRandom *random, GError **error)
{
    g_return_val_if_fail(picture->shape[1] % scale == 0 && picture->shape[2] % scale == 0, NULL);
    GanTensor *out = NULL;
    if (draw->clean)
        return scale > 1 ? apply_bicubic(picture, scale, error) : copy_of(picture, error);
    switch (degrade->kind) {
    case GAN_DEGRADE_NONE:
        return copy_of(picture, error);
    case GAN_DEGRADE_BICUBIC:
        return scale > 1 ? apply_bicubic(picture, scale, error) : copy_of(picture, error);
    case GAN_DEGRADE_JPEG:
        return then_jpeg(copy_of(picture, error), draw->rounds[0].jpeg, draw, error);
    case GAN_DEGRADE_NOISE:
        // Noise keeps its fractions: a sensor's does, and 8 bits would hide the weakest. It is cut
        // to 0..1, as pictures are that somebody has; that of FFDNet's paper is not, so that there
        // a network can tell deep black from noise below it. Such comes near to 0..1, as what runs
        // gives it to networks.
        out = then_noise(copy_of(picture, error), &draw->rounds[0], random, error);
        if (out != NULL && draw->rounds[0].uncut)
            gan_range_close(out->data, gan_tensor_length(out) / out->shape[3], (guint)out->shape[3],
                            FALSE);
        return out;
    case GAN_DEGRADE_REAL:
        out = apply_real(draw, picture, scale, random, error);
        break;
    }
    const gsize n = out != NULL ? gan_tensor_length(out) : 0;
    for (gsize i = 0; i < n; i++)
        out->data[i] = roundf(CLAMP(out->data[i], 0, 1) * 255) / 255;
    return out;
}
