// SPDX-License-Identifier: LGPL-3.0-or-later
// What the readers of the containers share: the state dict that they fill.
#ifndef GAN_WEIGHTS_PRIVATE_H
#define GAN_WEIGHTS_PRIVATE_H

#include "element.h"

struct GanWeights {
    gint ref_count;
    char *path;
    const char *container;
    const guint8 *data; // the whole file
    gsize length;
    GMappedFile *mapping; // keeps `data`, or NULL
    GBytes *bytes;        // keeps `data`, or NULL
    GPtrArray *inflated;  // memory of what was compressed in the file
    GPtrArray *tensors;   // of GanTensor that are the state dict
    GStringChunk *names;
    GArray *entries;      // GanWeightsEntry
    GArray *stored;       // GanStored, of the same index
    GHashTable *index;    // name -> index + 1
    GHashTable *metadata; // char * -> char *
};

// Appends a tensor. `first` and what the strides reach must lie inside the file.
// Errors:  GAN_ERROR_FORMAT: the name is not UTF-8, holds a NUL or (unless `replace`)
//          is there already.
gboolean gan_weights_add(GanWeights *weights, const char *name, gsize name_length,
                         const GanStored *stored, gboolean replace, GError **error);

// Fill `weights` from its data. Messages name the tensor or the entry, not the file.
gboolean gan_safetensors_read(GanWeights *weights, GError **error);
gboolean gan_torch_zip_read(GanWeights *weights, GError **error);
gboolean gan_torch_legacy_read(GanWeights *weights, GError **error);

// TRUE when the data begins as a file of the container does.
gboolean gan_safetensors_probe(const guint8 *data, gsize length);
gboolean gan_torch_zip_probe(const guint8 *data, gsize length);
gboolean gan_torch_legacy_probe(const guint8 *data, gsize length);

#endif
