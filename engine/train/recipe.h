// SPDX-License-Identifier: LGPL-3.0-or-later
// A training recipe: a key file that a person copies and edits, checked key by key.
#ifndef GAN_RECIPE_H
#define GAN_RECIPE_H

#include "critics.h"
#include "loader.h"

#include <family.h>

typedef enum { GAN_RECIPE_UPSCALE, GAN_RECIPE_RESTORE, GAN_RECIPE_GENERATE } GanRecipeTask;

typedef enum {
    GAN_NETWORK_SRVGG,
    GAN_NETWORK_SPAN,
    GAN_NETWORK_MSRRESNET,
    GAN_NETWORK_SRRESNET,
    GAN_NETWORK_RRDB,
    GAN_NETWORK_EDSR,
    GAN_NETWORK_DCGAN,
} GanNetworkKind;

typedef enum {
    GAN_PIXEL_LOSS_NONE,
    GAN_PIXEL_LOSS_L1,
    GAN_PIXEL_LOSS_CHARBONNIER,
    GAN_PIXEL_LOSS_MSE,
} GanPixelLoss;

// The first is none, the last is relativistic; those between are GanAdversary's, in its order.
enum { GAN_RIVAL_NONE = 0, GAN_RIVAL_RELATIVISTIC = 6 };

typedef enum {
    GAN_CRITIC_NONE,
    GAN_CRITIC_DCGAN,
    GAN_CRITIC_PATCH,
    GAN_CRITIC_VGG,
    GAN_CRITIC_UNET,
} GanCriticKind;

typedef enum {
    GAN_DEGRADE_NONE_KEY,
    GAN_DEGRADE_BICUBIC_KEY,
    GAN_DEGRADE_REAL_KEY,
    GAN_DEGRADE_JPEG_KEY,
    GAN_DEGRADE_NOISE_KEY
} GanDegradeKey;

// What a graphics processor's steps compute in; a processor's compute in float32.
typedef enum {
    GAN_PRECISION_FLOAT32,
    GAN_PRECISION_BFLOAT16, // mixed: see step.h
} GanPrecision;

typedef struct GanRecipe GanRecipe;

// A list of whole numbers.
typedef struct {
    guint n;
    guint64 *values;
} GanSteps;

struct GanRecipe {
    char *path; // of the file
    // [recipe]
    char *title, *paper;
    guint task; // GanRecipeTask
    // [network]
    guint family; // GanNetworkKind
    guint scale, features, blocks, growth, latent, size, channels;
    gboolean conditional;  // the generator and the critic are told the class
    char *start;           // weight file to begin from
    gboolean start_strict; // it must fit in every tensor
    // [data]
    guint kind; // GanDatasetKind
    guint patch, batch, loaders, queue, cache_mb;
    gboolean flip, rotate, resize;
    double colour;
    char *validation; // folder; NULL: none
    guint validation_limit;
    // [degrade]
    guint degrade; // GanDegradeKey
    gboolean sharpen;
    guint margin;
    double resize_parts[3], resize_parts_2[3], blur_parts[6];
    GanDegrade degradation; // all settings; `kind` and the parts are filled in after reading
    // [loss]
    guint pixel; // GanPixelLoss
    double pixel_weight, ms_ssim_weight, perceptual_weight, style_weight, variation_weight;
    char *perceptual_network, *perceptual_layers;
    guint perceptual_shift; // pixels that pictures are moved at most, at random
    guint adversary;        // GAN_RIVAL_
    double adversary_weight, gradient_penalty, r1, weight_clip;
    // [critic]
    guint critic; // GanCriticKind
    guint critic_features, critic_layers, critic_steps;
    guint critic_norm; // GanCriticNorm
    // [optimizer]
    guint optimizer; // 0: Adam, 1: AdamW
    double rate, critic_rate, beta1, beta2, epsilon, weight_decay, clip_norm;
    guint accumulate;
    // [schedule]
    guint schedule; // 0: constant, 1: step, 2: cosine, 3: linear
    guint warm_up;
    GanSteps milestones;
    double factor, least;
    guint periods;
    // [ema]
    double ema;
    // [run]
    guint64 steps, seed;
    GanPrecision precision;
    guint log_every, samples_every, validate_every, save_every, n_samples;
    double diverged; // a loss this many times its running mean counts as divergence
    // [output]
    char *name, *licence, *note;
    // private
    GHashTable *places; // "section.key" -> where it was set, for messages
};

// Reads a recipe. `changes`: NULL or NULL-terminated "section.key=value" that replace what the file
// says.
// Errors:  GAN_ERROR_FILE. GAN_ERROR_FORMAT: an unknown section or key, a key twice, a value that
// is
//          none, one that is missing, or settings that do not go together; the message names file
//          and line, or the change. GAN_ERROR_ARGUMENT: a change is not of that form.
GanRecipe *gan_recipe_read(const char *path, const char *const *changes, GError **error);
void gan_recipe_free(GanRecipe *recipe); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanRecipe, gan_recipe_free)

// Returns all settings, those that were not given too, as the text of a recipe.
// Owner:   the caller frees it.
char *gan_recipe_text(const GanRecipe *recipe);

// Returns the settings that were given, as the text of a recipe, files and folders by their last
// names alone: what may be told to others.
// Owner:   the caller frees it.
char *gan_recipe_given(const GanRecipe *recipe);

// Returns one setting as text.
// Owner:   the caller frees it.
char *gan_recipe_value(const GanRecipe *recipe, const char *section, const char *key);

// The sizes of the network to train, which its family completes. `n_classes`: numbers that tell the
// class, behind the random ones.
GanSizes gan_recipe_sizes(const GanRecipe *recipe, guint n_classes);

// How the loader is to make batches. `seed` is the run's.
GanLoaderOptions gan_recipe_loader(const GanRecipe *recipe);

#endif
