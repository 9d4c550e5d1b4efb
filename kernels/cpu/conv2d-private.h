// SPDX-License-Identifier: LGPL-3.0-or-later
// What conv2d.c and the direct ways of computing a convolution share.
#ifndef GK_CPU_CONV2D_PRIVATE_H
#define GK_CPU_CONV2D_PRIVATE_H

#include "cpu.h"

// Rows of inputs that the matrix product copies, see register_rows.h.
#define MAX_GROUP_ROWS 12

typedef enum {
    METHOD_WINOGRAD,
    METHOD_DIRECT,
    METHOD_FEW,
    METHOD_DEPTHWISE,
    METHOD_ONEDNN
} GkCpuMethod;

// Everything that follows from shapes and attributes.
typedef struct {
    GkCpuMethod method;
    size_t out_h, out_w;       // before the shuffle
    size_t ic, oc;             // of one group
    size_t oc_padded;          // of one group
    size_t weight_floats;      // packed in the plan
    size_t transformed_floats; // Winograd's weights, in the plan or the scratch memory
    GkCpuWinograd winograd;
    GkCpuDirect direct;
    GkCpuOnednnShape onednn;
    GkCpuFinish finish;
    size_t x_floats, y_floats; // oneDNN's channels-last images, in the scratch memory
    size_t scratch_floats;     // all threads together
} GkCpuConvShape;

static inline size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static inline size_t round_up(size_t a, size_t b)
{
    return divide_up(a, b) * b;
}

// Returns whether vectors of outputs that keep their order go to whole blocks of channels.
bool gk_cpu_ends_in_blocks(const GkConv2d *args);

// Returns which of the direct ways takes the convolution.
GkCpuMethod gk_cpu_direct_method(const GkConv2d *args);

// Cuts the work of s->method into items and sizes their memory.
void gk_cpu_direct_shape(const GkContext *ctx, const GkConv2d *args, GkCpuConvShape *s);

// Returns the output channel of the weights that stands at place `o` of group `g`, padding
// included, in the order of the plan; args->out_channels for padding.
size_t gk_cpu_source_channel(const GkConv2d *args, const GkCpuConvShape *s, size_t g, size_t o);

// Packs the weight as s->method takes it.
void gk_cpu_direct_pack(GkContext *ctx, const GkConv2d *args, const GkCpuConvShape *s, float *to);

#endif
