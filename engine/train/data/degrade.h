// SPDX-License-Identifier: LGPL-3.0-or-later
// Bad copies of good pictures, made on the fly: what a restoring or enlarging network is given.
#ifndef GAN_DEGRADE_H
#define GAN_DEGRADE_H

#include "blur.h"
#include "filter.h"
#include <keys.h>

typedef enum {
    GAN_DEGRADE_BICUBIC, // shrunk as MATLAB's imresize does, in 8 bits
    GAN_DEGRADE_REAL,    // Real-ESRGAN's second-order pipeline
    GAN_DEGRADE_JPEG,    // JPEG at the same size
    GAN_DEGRADE_NOISE,   // noise at the same size
    GAN_DEGRADE_NONE,    // no copy is made
} GanDegradeKind;

// One of the two rounds of the pipeline.
typedef struct {
    double blur;                  // probability of any blur
    double sinc;                  // probability that a blur is the round low-pass
    GanRange sigma;               // of the other blurs, pixels
    GanRange beta, beta_plateau;  // their exponents
    double resize_probability[3]; // up, down, keep
    GanRange resize;              // factor, relative to the original (2nd: to the goal)
    double noise_part;            // probability of noise
    double gaussian;              // probability that the noise is Gaussian, else Poisson
    GanRange noise;               // deviation, levels of 255
    GanRange poisson;             // factor of the shot noise
    double grey;                  // probability that the noise has no colour
    double mosaic;                // probability that it went through a sensor's colour filters
    double denoise;               // probability that a camera took most of it away
    double jpeg_part;             // probability of JPEG
    GanRange jpeg;                // quality
} GanDegradeStage;

typedef struct {
    GanDegradeKind kind;
    GanDegradeStage stages[2];     // REAL
    double blur_weights[6];        // REAL: how often iso, aniso, generalised and plateau ones are
    double last_sinc;              // REAL: probability of the last low-pass
    double antialias;              // REAL: probability that shrinking sees all it covers
    double heavy;                  // REAL: probability of gan_degrade_real_default() instead
    GanRange jpeg, noise, poisson; // JPEG and NOISE
    double subsample, gaussian, grey; // JPEG and REAL: of halved colours. NOISE: as above
    double uncut;                     // NOISE: probability that Gaussian noise goes beyond 0..1
    double clean;                     // probability that nothing is done but BICUBIC's
} GanDegrade;

// The settings that Real-ESRGAN was trained with.
// Source:  xinntao/Real-ESRGAN, options/train_realesrgan_x4plus.yml.
GanDegrade gan_degrade_real_default(void);

// Everything that chance decides about one copy but the noise itself.
typedef struct {
    GanBlur blur;
    double factor; // of resizing
    GanResize resize;
    gboolean antialias;
    gboolean noisy, poisson, grey, mosaic;
    gboolean uncut; // the noise goes beyond 0..1
    double noise;   // deviation in 0..1, or the factor of the shot noise
    GanDenoise denoise;
    guint jpeg; // 0: none
} GanDegradeRound;

typedef struct {
    GanDegradeRound rounds[2];
    GanBlur last;
    GanResize last_resize;
    gboolean last_antialias;
    gboolean jpeg_last; // after the last resizing and low-pass; else before
    gboolean subsample;
    guint shift_x, shift_y; // how far left of and above the picture JPEG's blocks begin
    gboolean clean;         // nothing is done but BICUBIC's
} GanDegradeDraw;

// Draws all choices.
void gan_degrade_draw(const GanDegrade *degrade, GanRandom *random, GanDegradeDraw *draw);

// What can be told of the damage by one number: "noise", the deviation in levels of 255, 0 where
// nothing was done; "quality", that of JPEG, 100 where nothing was done. NULL: nothing.
const char *gan_degrade_told(const GanDegrade *degrade);

// That number of a copy; 0 where nothing can be told.
double gan_degrade_level(const GanDegrade *degrade, const GanDegradeDraw *draw);

// Makes the damage as large as such a number says: Gaussian noise, or JPEG.
void gan_degrade_set_level(const GanDegrade *degrade, double level, GanDegradeDraw *draw);

// Makes the copy. `random` goes on with the noise.
// Shape:   picture [1,H,W,C] with H and W multiples of `scale`, at least 48; the copy is
//          [1,H/scale,W/scale,C]. JPEG and NOISE need scale 1.
// Units:   0..1; the copy has 8-bit values, but with NOISE.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_SHAPE.
GanTensor *gan_degrade_apply(const GanDegrade *degrade, const GanDegradeDraw *draw,
                             GanTensor *picture, guint scale, GanRandom *random, GError **error);

#endif
