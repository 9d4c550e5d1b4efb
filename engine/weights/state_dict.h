// SPDX-License-Identifier: LGPL-3.0-or-later
// Finds the state dict in what a checkpoint holds.
#ifndef GAN_STATE_DICT_H
#define GAN_STATE_DICT_H

#include "pickle.h"
#include "weights-private.h"

// Sets storage->data to at least n_elements elements in the file.
typedef gboolean (*GanStorageFinder)(GanPickleStorage *storage, gpointer data, GError **error);

// Adds the tensors of the state dict in `root` to `weights`; other entries are ignored.
// Errors:  GAN_ERROR_FORMAT: there is no dict of tensors.
gboolean gan_state_dict_collect(GanWeights *weights, const GanPickleValue *root,
                                GanStorageFinder find, gpointer data, GError **error);

#endif
