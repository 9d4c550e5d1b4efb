// SPDX-License-Identifier: LGPL-3.0-or-later
// What pictures a weight file is good for: words of a few, separated by commas, such as
// "photographs, JPEG". The words that cards and known files use are photographs, drawings, JPEG
// and noise; any others are taken as they are.
#ifndef GAN_PURPOSE_H
#define GAN_PURPOSE_H

#include <gan/model.h>

// What the file says itself, or, where it was converted, what is known of its source.
// Owner:   the caller frees the words of all three; NULL: it is not known.
char *gan_purpose_of_weights(const GanWeights *weights);

// Reads "good_for" of the card, NAME.json beside the weight file, or a line "Good for: …" of its
// page NAME.md.
char *gan_purpose_of_card(const char *weights_path);

// What the model takes a number for, or what is known of the file with this SHA-256 (may be NULL).
char *gan_purpose_of_model(const GanModel *model, const char *sha256);

#endif
