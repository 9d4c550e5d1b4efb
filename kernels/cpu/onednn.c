// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolutions by oneDNN, through its C interface and dlopen().
#include "onednn-private.h"

#include <dlfcn.h>
#include <stdlib.h>

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
    onednn->library = dlopen(gk_cpu_onednn_library, RTLD_NOW | RTLD_LOCAL);
    if (!onednn->library) {
        free(onednn);
        return NULL;
    }
    const struct {
        const char *name;
        void *to; // a pointer to a function in *onednn
    } symbols[] = {
        {"omp_set_num_threads", &onednn->omp_set_num_threads}, // of the runtime that oneDNN needs
        {"dnnl_engine_create", &onednn->engine_create},
        {"dnnl_engine_destroy", &onednn->engine_destroy},
        {"dnnl_stream_create", &onednn->stream_create},
        {"dnnl_stream_destroy", &onednn->stream_destroy},
        {"dnnl_stream_wait", &onednn->stream_wait},
        {"dnnl_memory_create", &onednn->memory_create},
        {"dnnl_memory_destroy", &onednn->memory_destroy},
        {"dnnl_memory_set_data_handle", &onednn->memory_set_data_handle},
        {"dnnl_reorder_primitive_desc_create", &onednn->reorder_desc_create},
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

bool gk_cpu_onednn_reorder(const GkCpuOnednn *onednn, dnnl_primitive_desc_t desc,
                           dnnl_memory_t from, dnnl_memory_t to)
{
    dnnl_primitive_t primitive = NULL;
    bool done = desc && onednn->primitive_create(&primitive, desc) == dnnl_success;
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
    const GkCpuOnednnDims dims = {
        .x = {n, groups * ic, (dnnl_dim_t)shape->h, (dnnl_dim_t)shape->w},
        .y = {n, groups * oc, (dnnl_dim_t)shape->out_h, (dnnl_dim_t)shape->out_w},
        .weight = {groups, oc, ic, (dnnl_dim_t)shape->kernel_h, (dnnl_dim_t)shape->kernel_w},
        .stride = {(dnnl_dim_t)shape->stride, (dnnl_dim_t)shape->stride},
        // oneDNN counts the pixels left out between two taps.
        .dilation = {(dnnl_dim_t)shape->dilation - 1, (dnnl_dim_t)shape->dilation - 1},
        .before = {(dnnl_dim_t)shape->pad_top, (dnnl_dim_t)shape->pad_left},
        .behind = {pad_behind(shape->out_h, shape->h, shape->kernel_h, shape->pad_top, shape),
                   pad_behind(shape->out_w, shape->w, shape->kernel_w, shape->pad_left, shape)},
    };
    if (!gk_cpu_onednn_conv_prepare(conv, &dims, weight)) {
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
