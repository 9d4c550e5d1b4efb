// SPDX-License-Identifier: LGPL-3.0-or-later
// Damage that is the same at every go, to measure networks on: "jpeg:75", "noise:5,jpeg:75".
#ifndef GAN_DAMAGE_H
#define GAN_DAMAGE_H

#include <gan/tensor.h>

G_BEGIN_DECLS

typedef struct GanDamage GanDamage;

// Reads steps between commas, which are done one after the other:
//   blur:S   a Gaussian of S pixels, 0..20, edges mirrored
//   noise:N  white Gaussian noise of deviation N levels of 255, 0..255, of its own in each channel,
//            but one for all where the picture is grey
//   jpeg:Q   JPEG of quality Q, 1..100, colours at half size (4:2:0), by libjpeg
//   8bit     whole numbers of 0..255, as a file holds them
// Errors:  GAN_ERROR_ARGUMENT: the message says what a step has to be.
GanDamage *gan_damage_new(const char *text, GError **error);
void gan_damage_free(GanDamage *damage); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanDamage, gan_damage_free)

// Returns the steps as gan_damage_new() reads them.
// Owner:   the damage.
const char *gan_damage_text(const GanDamage *damage);

// Tells what a network that takes a number of this name is to be told: of "noise", the deviation of
// all noise together; of "quality", that of the last JPEG. FALSE: no step says it.
gboolean gan_damage_level(const GanDamage *damage, const char *name, double *level);

// Returns a damaged copy. The same seed, name and picture give the same copy on any machine, as far
// as its libjpeg decodes alike: libjpeg-turbo and libjpeg 6 do. Noise depends on seed and name.
// `whole`: the copy has whole numbers of 0..255. FALSE: noise at the end keeps fractions and what
//          lies beyond black and white, as the literature on denoising adds it.
// Units:   0..255.
// Shape:   picture [1,H,W,C], C 1 or 3.
// Errors:  GAN_ERROR_MEMORY. GAN_ERROR_FORMAT: libjpeg refuses it.
GanTensor *gan_damage_apply(const GanDamage *damage, GanTensor *picture, guint64 seed,
                            const char *name, gboolean whole, GError **error);

G_END_DECLS
#endif
