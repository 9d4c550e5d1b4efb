// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolutions by oneDNN 2, through its C interface and dlopen().
#include "onednn.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

#define LIBRARY "libdnnl.so.2"

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
    __typeof__(&dnnl_memory_desc_init_by_tag) memory_desc_init_by_tag;
    __typeof__(&dnnl_memory_create) memory_create;
    __typeof__(&dnnl_memory_destroy) memory_destroy;
    __typeof__(&dnnl_memory_set_data_handle) memory_set_data_handle;
    __typeof__(&dnnl_dilated_convolution_forward_desc_init) convolution_desc_init;
    __typeof__(&dnnl_reorder_primitive_desc_create) reorder_desc_create;
    __typeof__(&dnnl_primitive_desc_create) primitive_desc_create;
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

void gk_cpu_onednn_close(GkCpuOnednn *onednn)
{
    if (!onednn)
        return;
    if (onednn->stream)
        onednn->stream_destroy(onednn->stream);
    if (onednn->engine)
        onednn->engine_destroy(onednn->engine);
    // The library stays open: its OpenMP threads would lose the code they sleep in.
    free(onednn);
}

GkCpuOnednn *gk_cpu_onednn_open(size_t n_threads)
{
    GkCpuOnednn *onednn = calloc(1, sizeof *onednn);
    if (!onednn)
        return NULL;
    onednn->n_threads = n_threads;
    onednn->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!onednn->library) {
        free(onednn);
        return NULL;
    }
    const struct {
        const char *name;
        void *to; // a pointer to a function in *onednn
    } symbols[] = {
        {"omp_set_num_threads", &onednn->omp_set_num_threads}, // of the runtime that LIBRARY needs
        {"dnnl_engine_create", &onednn->engine_create},
        {"dnnl_engine_destroy", &onednn->engine_destroy},
        {"dnnl_stream_create", &onednn->stream_create},
        {"dnnl_stream_destroy", &onednn->stream_destroy},
        {"dnnl_stream_wait", &onednn->stream_wait},
        {"dnnl_memory_desc_init_by_tag", &onednn->memory_desc_init_by_tag},
        {"dnnl_memory_create", &onednn->memory_create},
        {"dnnl_memory_destroy", &onednn->memory_destroy},
        {"dnnl_memory_set_data_handle", &onednn->memory_set_data_handle},
        {"dnnl_dilated_convolution_forward_desc_init", &onednn->convolution_desc_init},
        {"dnnl_reorder_primitive_desc_create", &onednn->reorder_desc_create},
        {"dnnl_primitive_desc_create", &onednn->primitive_desc_create},
        {"dnnl_primitive_desc_destroy", &onednn->primitive_desc_destroy},
        {"dnnl_primitive_desc_query_md", &onednn->primitive_desc_query_md},
        {"dnnl_primitive_create", &onednn->primitive_create},
        {"dnnl_primitive_destroy", &onednn->primitive_destroy},
        {"dnnl_primitive_execute", &onednn->primitive_execute},
    };
    bool complete = true;
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(onednn->library, symbols[i].name);
        complete = complete && symbol;
        *(void **)symbols[i].to = symbol;
    }
    if (!complete || onednn->engine_create(&onednn->engine, dnnl_cpu, 0) != dnnl_success ||
        onednn->stream_create(&onednn->stream, onednn->engine, dnnl_stream_default_flags) !=
            dnnl_success) {
        gk_cpu_onednn_close(onednn);
        return NULL;
    }
    return onednn;
}

// The border behind the image, which follows from the output's size.
static ptrdiff_t pad_behind(size_t out, size_t in, size_t kernel, size_t pad,
                            const GkCpuOnednnShape *shape)
{
    return (ptrdiff_t)((out - 1) * shape->stride + (kernel - 1) * shape->dilation + 1) -
           (ptrdiff_t)in - (ptrdiff_t)pad;
}

bool gk_cpu_onednn_takes(const GkCpuOnednnShape *shape)
{
    const ptrdiff_t reach_h = (ptrdiff_t)((shape->kernel_h - 1) * shape->dilation);
    const ptrdiff_t reach_w = (ptrdiff_t)((shape->kernel_w - 1) * shape->dilation);
    const ptrdiff_t bottom =
        pad_behind(shape->out_h, shape->h, shape->kernel_h, shape->pad_top, shape);
    const ptrdiff_t right =
        pad_behind(shape->out_w, shape->w, shape->kernel_w, shape->pad_left, shape);
    return (ptrdiff_t)shape->pad_top <= reach_h && (ptrdiff_t)shape->pad_left <= reach_w &&
           bottom >= 0 && bottom <= reach_h && right >= 0 && right <= reach_w;
}

void gk_cpu_onednn_conv_free(GkCpuOnednnConv *conv)
{
    if (!conv)
        return;
    const GkCpuOnednn *onednn = conv->onednn;
    if (conv->primitive)
        onednn->primitive_destroy(conv->primitive);
    const dnnl_memory_t memories[] = {conv->x, conv->y, conv->weight};
    for (size_t i = 0; i < 3; i++)
        if (memories[i])
            onednn->memory_destroy(memories[i]);
    free(conv);
}

// Brings `from` into the layout of `to`.
static bool reorder(const GkCpuOnednn *onednn, const dnnl_memory_desc_t *from_desc,
                    dnnl_memory_t from, const dnnl_memory_desc_t *to_desc, dnnl_memory_t to)
{
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_t primitive = NULL;
    bool done = onednn->reorder_desc_create(&desc, from_desc, onednn->engine, to_desc,
                                            onednn->engine, NULL) == dnnl_success &&
                onednn->primitive_create(&primitive, desc) == dnnl_success;
    if (done) {
        const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
        done = onednn->primitive_execute(primitive, onednn->stream, 2, args) == dnnl_success &&
               onednn->stream_wait(onednn->stream) == dnnl_success;
    }
    if (primitive)
        onednn->primitive_destroy(primitive);
    if (desc)
        onednn->primitive_desc_destroy(desc);
    return done;
}

GkCpuOnednnConv *gk_cpu_onednn_conv_new(GkCpuOnednn *onednn, const GkCpuOnednnShape *shape,
                                        const float *weight)
{
    GkCpuOnednnConv *conv = calloc(1, sizeof *conv);
    if (!conv)
        return NULL;
    conv->onednn = onednn;
    onednn->omp_set_num_threads((int)onednn->n_threads);

    const dnnl_dim_t n = (dnnl_dim_t)shape->n, groups = (dnnl_dim_t)shape->groups;
    const dnnl_dim_t ic = (dnnl_dim_t)shape->ic, oc = (dnnl_dim_t)shape->oc;
    const dnnl_dims_t x_dims = {n, groups * ic, (dnnl_dim_t)shape->h, (dnnl_dim_t)shape->w};
    const dnnl_dims_t y_dims = {n, groups * oc, (dnnl_dim_t)shape->out_h, (dnnl_dim_t)shape->out_w};
    const dnnl_dims_t weight_dims = {groups, oc, ic, (dnnl_dim_t)shape->kernel_h,
                                     (dnnl_dim_t)shape->kernel_w};
    const dnnl_dims_t stride = {(dnnl_dim_t)shape->stride, (dnnl_dim_t)shape->stride};
    // oneDNN counts the pixels left out between two taps.
    const dnnl_dims_t dilation = {(dnnl_dim_t)shape->dilation - 1, (dnnl_dim_t)shape->dilation - 1};
    const dnnl_dims_t before = {(dnnl_dim_t)shape->pad_top, (dnnl_dim_t)shape->pad_left};
    const dnnl_dims_t behind = {
        pad_behind(shape->out_h, shape->h, shape->kernel_h, shape->pad_top, shape),
        pad_behind(shape->out_w, shape->w, shape->kernel_w, shape->pad_left, shape)};

    dnnl_memory_desc_t x, y, any, given;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t primitive_desc = NULL;
    dnnl_memory_t given_memory = NULL;
    bool done =
        onednn->memory_desc_init_by_tag(&x, 4, x_dims, dnnl_f32, dnnl_nhwc) == dnnl_success &&
        onednn->memory_desc_init_by_tag(&y, 4, y_dims, dnnl_f32, dnnl_nhwc) == dnnl_success &&
        onednn->memory_desc_init_by_tag(&any, 5, weight_dims, dnnl_f32, dnnl_format_tag_any) ==
            dnnl_success &&
        onednn->memory_desc_init_by_tag(&given, 5, weight_dims, dnnl_f32, dnnl_goihw) ==
            dnnl_success &&
        onednn->convolution_desc_init(&desc, dnnl_forward_inference, dnnl_convolution_direct, &x,
                                      &any, NULL, &y, stride, dilation, before,
                                      behind) == dnnl_success &&
        onednn->primitive_desc_create(&primitive_desc, &desc, NULL, onednn->engine, NULL) ==
            dnnl_success;
    if (done) {
        const dnnl_memory_desc_t *chosen =
            onednn->primitive_desc_query_md(primitive_desc, dnnl_query_weights_md, 0);
        done =
            onednn->primitive_create(&conv->primitive, primitive_desc) == dnnl_success &&
            onednn->memory_create(&conv->x, &x, onednn->engine, DNNL_MEMORY_NONE) == dnnl_success &&
            onednn->memory_create(&conv->y, &y, onednn->engine, DNNL_MEMORY_NONE) == dnnl_success &&
            onednn->memory_create(&conv->weight, chosen, onednn->engine, DNNL_MEMORY_ALLOCATE) ==
                dnnl_success &&
            onednn->memory_create(&given_memory, &given, onednn->engine, (void *)weight) ==
                dnnl_success &&
            reorder(onednn, &given, given_memory, chosen, conv->weight);
    }
    if (given_memory)
        onednn->memory_destroy(given_memory);
    if (primitive_desc)
        onednn->primitive_desc_destroy(primitive_desc);
    if (!done) {
        gk_cpu_onednn_conv_free(conv);
        return NULL;
    }
    return conv;
}

bool gk_cpu_onednn_conv_run(const GkCpuOnednnConv *conv, const float *x, float *y)
{
    const GkCpuOnednn *onednn = conv->onednn;
    // The setting belongs to the calling thread, which may be another one than last time.
    onednn->omp_set_num_threads((int)onednn->n_threads);
    const dnnl_exec_arg_t args[] = {
        {DNNL_ARG_SRC, conv->x}, {DNNL_ARG_WEIGHTS, conv->weight}, {DNNL_ARG_DST, conv->y}};
    return onednn->memory_set_data_handle(conv->x, (void *)x) == dnnl_success &&
           onednn->memory_set_data_handle(conv->y, y) == dnnl_success &&
           onednn->primitive_execute(conv->primitive, onednn->stream, 3, args) == dnnl_success &&
           onednn->stream_wait(onednn->stream) == dnnl_success;
}
