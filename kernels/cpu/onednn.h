// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolutions by oneDNN, for the shapes that our own kernels do not cover well: grouped and
// depthwise ones. The library is opened at the first such convolution, because it brings an OpenMP
// runtime and OpenCL along.
#ifndef GK_CPU_ONEDNN_H
#define GK_CPU_ONEDNN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct GkCpuOnednn GkCpuOnednn;
typedef struct GkCpuOnednnConv GkCpuOnednnConv;

typedef struct {
    size_t n, h, w, out_h, out_w;
    size_t groups, ic, oc; // channels of one group
    size_t kernel_h, kernel_w, stride, dilation, pad_top, pad_left;
} GkCpuOnednnShape;

// Opens the library.
// Errors:  NULL when it is not installed or not of the version this was written for.
GkCpuOnednn *gk_cpu_onednn_open(size_t n_threads);

// Takes NULL.
void gk_cpu_onednn_close(GkCpuOnednn *onednn);

// Returns whether the library can take the shape: its border must not be wider than the kernel.
bool gk_cpu_onednn_takes(const GkCpuOnednnShape *shape);

// Prepares a convolution between dense channels-last images, without bias, and packs `weight`
// [groups * oc][ic][kernel_h][kernel_w].
// Errors:  NULL when the library refuses or memory has run out.
GkCpuOnednnConv *gk_cpu_onednn_conv_new(GkCpuOnednn *onednn, const GkCpuOnednnShape *shape,
                                        const float *weight);

// Takes NULL.
void gk_cpu_onednn_conv_free(GkCpuOnednnConv *conv);

bool gk_cpu_onednn_conv_run(const GkCpuOnednnConv *conv, const float *x, float *y);

#endif
