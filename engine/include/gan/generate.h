// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures out of random numbers, by a generator such as DCGAN's.
#ifndef GAN_GENERATE_H
#define GAN_GENERATE_H

#include <gan/model.h>

G_BEGIN_DECLS

typedef struct {
    guint n_latent; // random numbers that a picture is made of
    char **classes; // names of the classes that can be asked for, NULL-terminated; empty: none
} GanGeneratorInfo;

// Says what a model is made pictures from: its metadata, or, without any, numbers only.
// Owner:   the caller clears `info`.
// Errors:  GAN_ERROR_UNSUPPORTED: the model enlarges or restores. GAN_ERROR_FORMAT: its metadata
//          contradict its weights.
gboolean gan_generator_info(GanModel *model, GanGeneratorInfo *info, GError **error);
void gan_generator_info_clear(GanGeneratorInfo *info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanGeneratorInfo, gan_generator_info_clear)

// One picture: of one seed, or on the way from it to another, along the great circle on which two
// random vectors of many numbers lie.
typedef struct {
    guint64 seed, to;
    double part;       // 0: seed, 1: to
    guint class_index; // where the model has classes
} GanGenerated;

// Makes `n` pictures. Equal seeds give equal pictures.
// Shape:   [n,H,W,1 or 3].
// Units:   0..1.
// Owner:   the caller gets a new reference.
// Errors:  gan_generator_info()'s, gan_model_run()'s; GAN_ERROR_ARGUMENT: no such class.
GanTensor *gan_generate(GanModel *model, GanDevice *device, const GanGenerated *pictures, guint n,
                        GError **error);

G_END_DECLS
#endif
