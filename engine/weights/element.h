// SPDX-License-Identifier: LGPL-3.0-or-later
// The number formats that weight files hold, and their conversion to and from float32.
#ifndef GAN_ELEMENT_H
#define GAN_ELEMENT_H

#include <gan/weights.h>

typedef enum {
    GAN_ELEMENT_F32,
    GAN_ELEMENT_F16,
    GAN_ELEMENT_BF16,
    GAN_ELEMENT_F64,
    GAN_ELEMENT_I64,
    GAN_ELEMENT_I32,
    GAN_ELEMENT_I16,
    GAN_ELEMENT_I8,
    GAN_ELEMENT_U64,
    GAN_ELEMENT_U32,
    GAN_ELEMENT_U16,
    GAN_ELEMENT_U8,
    GAN_ELEMENT_BOOL,
    GAN_ELEMENT_F8_E4M3,
    GAN_ELEMENT_F8_E5M2,
    GAN_ELEMENT_F8_E4M3FNUZ,
    GAN_ELEMENT_F8_E5M2FNUZ,
    GAN_ELEMENT_F8_E8M0,
    GAN_ELEMENT_C32,
    GAN_ELEMENT_C64,
    GAN_ELEMENT_C128,
    GAN_ELEMENT_Q8,
    GAN_ELEMENT_QU8,
    GAN_ELEMENT_Q32,
    GAN_ELEMENT_Q4,
    GAN_ELEMENT_Q2,
    GAN_N_ELEMENTS,
} GanElement;

// Returns the format's name in safetensors: "F32", "BF16", …; of those that it has not, a phrase.
const char *gan_element_name(GanElement element);
gsize gan_element_bytes(GanElement element);
GanDtype gan_element_dtype(GanElement element);

// Finds the format called `name` in safetensors, or whose storage class or dtype in PyTorch is
// torch.`name`.
gboolean gan_element_find(const char *name, gsize length, GanElement *element);
gboolean gan_element_find_storage(const char *name, gsize length, GanElement *element);
gboolean gan_element_find_torch(const char *name, gsize length, GanElement *element);

// A tensor as it lies in a file.
typedef struct {
    GanElement element;
    guint rank;
    gsize shape[GAN_TENSOR_MAX_RANK];
    gsize stride[GAN_TENSOR_MAX_RANK]; // elements
    const guint8 *first;               // element [0, …, 0]; need not be aligned
} GanStored;

// Returns the number of elements. Readers have checked that it fits.
gsize gan_stored_length(const GanStored *stored);

// TRUE when the elements lie one after another in row-major order.
gboolean gan_stored_is_dense(const GanStored *stored);

// Writes the elements to `out` in row-major order. The format must be a floating-point one.
void gan_stored_to_float(const GanStored *stored, float *out);

// Writes `n` numbers in F32, F16 or BF16, little-endian, rounded to nearest even. Beyond F16's
// range they become infinite.
void gan_element_from_float(GanElement element, const float *in, gsize n, guint8 *out);

#endif
