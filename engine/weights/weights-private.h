// SPDX-License-Identifier: LGPL-3.0-or-later
// What the readers of the containers share: the state dict that they fill.
#ifndef GAN_WEIGHTS_PRIVATE_H
#define GAN_WEIGHTS_PRIVATE_H

#include "element.h"
#include "zip.h"

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
    GArray *containers;   // guint, of the same index: bytes of the name that are keys of dicts
    GHashTable *index;    // name -> index + 1
    GHashTable *metadata; // char * -> char *
    gboolean *traded;     // of the same index: whether an average took its place; NULL: of a part
    GanWeights *whole;    // of a part: the file, which keeps its memory; else NULL
    char *prefix;         // of a part: before its names in the file
};

GanWeights *gan_weights_new(const char *path);

// Appends a tensor. The first `container` bytes of its name are keys of dicts that it lies in, each
// with a dot behind it. `first` and what the strides reach must lie inside the file.
// Errors:  GAN_ERROR_FORMAT: the name is not UTF-8, holds a NUL or (unless `replace`)
//          is there already.
gboolean gan_weights_add(GanWeights *weights, const char *name, gsize name_length, guint container,
                         const GanStored *stored, gboolean replace, GError **error);

// Takes what wrappers of modules add (module., _orig_mod.) out of the names.
void gan_weights_unwrap_names(GanWeights *weights);

// Marks what averages took the place of, by the names of the file.
void gan_weights_mark_traded(GanWeights *weights);

// Dicts that trade places as such tensors do.
#define GAN_WEIGHTS_TRADED "ema_state_dict."
#define GAN_WEIGHTS_TRADED_FOR "state_dict."
gboolean gan_weights_has_traded_dicts(const GanWeights *weights);

// Fill `weights` from its data. Messages name the tensor or the entry, not the file.
gboolean gan_safetensors_read(GanWeights *weights, GError **error);
gboolean gan_torch_zip_read(GanWeights *weights, GError **error);
gboolean gan_torch_legacy_read(GanWeights *weights, GError **error);

// Says what a file is that no reader takes: by how it begins, else by its name.
void gan_weights_explain(const GanWeights *weights, GError **error);

// The same of a zip archive without data.pkl, by the names in it.
void gan_weights_explain_zip(const GanZip *zip, GError **error);

// What a pickle is that torch.save() did not write, by the file's name; else NULL.
const char *gan_weights_other_pickle(const GanWeights *weights);

// TRUE when the data begins as a file of the container does.
gboolean gan_safetensors_probe(const guint8 *data, gsize length);
gboolean gan_torch_zip_probe(const guint8 *data, gsize length);
gboolean gan_torch_legacy_probe(const guint8 *data, gsize length);

#endif
