// SPDX-License-Identifier: LGPL-3.0-or-later
// Under which licence a weight file stands: what it says itself, its card, or a list
// of known files.
#ifndef GAN_LICENCE_H
#define GAN_LICENCE_H

#include <glib.h>

// Returns the licence of the known file with this SHA-256, or NULL.
const char *gan_licence_of_known(const char *sha256);

// Reads "licence" (or "license") of the card, NAME.json beside the weight file.
// Owner:   the caller frees it. NULL if there is no card or none in it.
char *gan_licence_of_card(const char *weights_path);

// TRUE when the identifier forbids commercial use of the weights.
gboolean gan_licence_is_non_commercial(const char *licence);

#endif
