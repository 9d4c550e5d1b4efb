// SPDX-License-Identifier: LGPL-3.0-or-later
// What onednn.c shares with onednn2.c or onednn3.c: oneDNN 3 describes memory and convolutions
// through other types and functions than oneDNN 2, and one of the two files is built, by the
// version of the headers.
#ifndef GK_CPU_ONEDNN_PRIVATE_H
#define GK_CPU_ONEDNN_PRIVATE_H

#include "onednn.h"

#include <oneapi/dnnl/dnnl.h>

struct GkCpuOnednn {
    void *library;
    size_t n_threads;
    dnnl_engine_t engine;
    dnnl_stream_t stream;

    void (*omp_set_num_threads)(int n);
    __typeof__(&dnnl_engine_create) engine_create;
    __typeof__(&dnnl_engine_destroy) engine_destroy;
    __typeof__(&dnnl_stream_create) stream_create;
    __typeof__(&dnnl_stream_destroy) stream_destroy;
    __typeof__(&dnnl_stream_wait) stream_wait;
    __typeof__(&dnnl_memory_create) memory_create;
    __typeof__(&dnnl_memory_destroy) memory_destroy;
    __typeof__(&dnnl_memory_set_data_handle) memory_set_data_handle;
    __typeof__(&dnnl_reorder_primitive_desc_create) reorder_desc_create;
    __typeof__(&dnnl_primitive_desc_destroy) primitive_desc_destroy;
    __typeof__(&dnnl_primitive_desc_query_md) primitive_desc_query_md;
    __typeof__(&dnnl_primitive_create) primitive_create;
    __typeof__(&dnnl_primitive_destroy) primitive_destroy;
    __typeof__(&dnnl_primitive_execute) primitive_execute;
};

struct GkCpuOnednnConv {
    GkCpuOnednn *onednn;
    dnnl_primitive_t primitive;
    dnnl_memory_t x, y, weight;
};

// A convolution in oneDNN's terms.
typedef struct {
    dnnl_dims_t x, y, weight, stride, dilation, before, behind;
} GkCpuOnednnDims;

// File name of the library that the headers belong to.
extern const char gk_cpu_onednn_library[];

// Fills `conv` with a primitive, memories without data for x and y, and the packed weight.
// Errors:  false; what was made so far is in `conv`.
bool gk_cpu_onednn_conv_prepare(GkCpuOnednnConv *conv, const GkCpuOnednnDims *dims,
                                const float *weight);

// Runs the reorder primitive that `desc` describes.
// Owner:   takes desc, which may be NULL: then nothing is done.
bool gk_cpu_onednn_reorder(const GkCpuOnednn *onednn, dnnl_primitive_desc_t desc,
                           dnnl_memory_t from, dnnl_memory_t to);

#endif
