// SPDX-License-Identifier: LGPL-3.0-or-later
// Weight files: safetensors, and PyTorch's .pth in its zip and legacy forms, read
// without running anything.
#ifndef GAN_WEIGHTS_H
#define GAN_WEIGHTS_H

#include <gan/tensor.h>

G_BEGIN_DECLS

// The state dict of one file: named tensors, without the dicts that they lie in (params_ema,
// params, state_dict, …) and without what wrappers put into names (module., _orig_mod.).
typedef struct GanWeights GanWeights;

typedef enum {
    GAN_DTYPE_F32,
    GAN_DTYPE_F16,
    GAN_DTYPE_BF16,
    GAN_DTYPE_F64,
    GAN_DTYPE_F8, // any of the formats of 8 bits
    GAN_DTYPE_OTHER
} GanDtype;

typedef struct {
    const char *name;
    GanDtype dtype; // in the file; integers, booleans and complex numbers are OTHER
    guint rank;
    gsize shape[GAN_TENSOR_MAX_RANK];
} GanWeightsEntry;

// Opens `path`, whatever of the containers it is (told by its content, not by its name). The file
// is mapped, not read: tensors are paged in as they are used.
// Errors:  GAN_ERROR_FILE. GAN_ERROR_FORMAT: damaged, or no weights in it. GAN_ERROR_FORBIDDEN: the
//          file names Python code other than tensors; the message gives the name. GAN_ERROR_MEMORY.
GanWeights *gan_weights_open(const char *path, GError **error);

// The same over `length` bytes of memory, called `name` in messages.
// Owner:   keeps a reference to `bytes`.
GanWeights *gan_weights_open_bytes(GBytes *bytes, const char *name, GError **error);

// A state dict of tensors in memory, as they are: nothing is copied.
// Owner:   keeps references to the tensors, which must not change while it is used.
// Errors:  GAN_ERROR_FORMAT: a name is none, or is there twice.
GanWeights *gan_weights_new_from_tensors(const char *name, const char *const *names,
                                         GanTensor *const *tensors, guint n, GError **error);

GanWeights *gan_weights_ref(GanWeights *weights);
void gan_weights_unref(GanWeights *weights); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanWeights, gan_weights_unref)

// Returns the file's path, its size, and its container: "safetensors",
// "PyTorch zip", "PyTorch legacy".
const char *gan_weights_path(const GanWeights *weights);
guint64 gan_weights_file_bytes(const GanWeights *weights);
const char *gan_weights_container(const GanWeights *weights);

// Entries in the file's order.
guint gan_weights_n_entries(const GanWeights *weights);
const GanWeightsEntry *gan_weights_entry(const GanWeights *weights, guint i);

// A checkpoint may hold several networks: in dicts, or below words in front of their names. These
// are its parts, best first: averaged weights before others, a generator before a network of another
// name, then in the file's order; no critics and losses. Each name has a dot at its end; "" is the
// file as it is. gan_weights_open() gives the best part of what lies in dicts, and all of a flat
// file; which part of that is a network, gan_model_new() finds out.
// Owner:   the caller frees the names with g_strfreev().
char **gan_weights_part_names(const GanWeights *weights);

// Returns the part called `name`, as weights of their own.
// Owner:   the caller gets a reference; the part keeps the file's memory.
GanWeights *gan_weights_part(GanWeights *weights, const char *name);

// Returns the part's name without the dot, or NULL where it is all of the file; and what tensors of
// the file are not in it: "net_d (24 tensors)", "_extra_state".
// Owner:   the caller frees both, the list with g_strfreev().
char *gan_weights_part_name(const GanWeights *weights);
char **gan_weights_left_out(const GanWeights *weights);

// Returns the entry called `name`, or NULL.
const GanWeightsEntry *gan_weights_find(const GanWeights *weights, const char *name);

// Returns the tensor called `name` as dense float32: a view of the mapped file where it is stored
// so, else a converted copy.
// Errors:  GAN_ERROR_UNKNOWN: no such tensor. GAN_ERROR_FORMAT: not a floating-point tensor.
//          GAN_ERROR_MEMORY.
GanTensor *gan_weights_tensor(GanWeights *weights, const char *name, GError **error);

// Tells the system that the mapped pages are not needed for now; they are read again when touched.
void gan_weights_drop_pages(GanWeights *weights);

// Returns a value of safetensors' __metadata__, or NULL. gan_weights_metadata_keys lists them,
// NULL-terminated; the caller frees the array, not the strings.
const char *gan_weights_metadata(const GanWeights *weights, const char *key);
const char **gan_weights_metadata_keys(const GanWeights *weights);

// Writes tensors as a safetensors file under a temporary name in the same folder, then renames it.
// `dtype`: GAN_DTYPE_F32, F16 or BF16. `metadata`: alternating keys and values,
// NULL-terminated, or NULL.
// Errors:  GAN_ERROR_FILE; then nothing is left behind and a former file stays as it was.
gboolean gan_weights_save(const char *path, const char *const *names, GanTensor *const *tensors,
                          guint n, GanDtype dtype, const char *const *metadata, GError **error);

// Returns the SHA-256 of a file in hexadecimal.
// Owner:   the caller frees it.
char *gan_file_sha256(const char *path, GError **error);

G_END_DECLS
#endif
