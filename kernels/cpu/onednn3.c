// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolutions described to oneDNN 3.
#include "onednn-private.h"

#include <dlfcn.h>

const char gk_cpu_onednn_library[] = "libdnnl.so.3";

bool gk_cpu_onednn_conv_prepare(GkCpuOnednnConv *conv, const GkCpuOnednnDims *dims,
                                const float *weight)
{
    const GkCpuOnednn *onednn = conv->onednn;
    __typeof__(&dnnl_memory_desc_create_with_tag) describe;
    __typeof__(&dnnl_memory_desc_destroy) desc_destroy;
    __typeof__(&dnnl_convolution_forward_primitive_desc_create) conv_desc_create;
    *(void **)&describe = dlsym(onednn->library, "dnnl_memory_desc_create_with_tag");
    *(void **)&desc_destroy = dlsym(onednn->library, "dnnl_memory_desc_destroy");
    *(void **)&conv_desc_create =
        dlsym(onednn->library, "dnnl_convolution_forward_primitive_desc_create");
    if (!describe || !desc_destroy || !conv_desc_create)
        return false;

    dnnl_memory_desc_t x = NULL, y = NULL, any = NULL, given = NULL;
    dnnl_memory_t given_memory = NULL;
    dnnl_primitive_desc_t primitive_desc = NULL, reorder = NULL;
    bool done = describe(&x, 4, dims->x, dnnl_f32, dnnl_nhwc) == dnnl_success &&
                describe(&y, 4, dims->y, dnnl_f32, dnnl_nhwc) == dnnl_success &&
                describe(&any, 5, dims->weight, dnnl_f32, dnnl_format_tag_any) == dnnl_success &&
                describe(&given, 5, dims->weight, dnnl_f32, dnnl_goihw) == dnnl_success &&
                conv_desc_create(&primitive_desc, onednn->engine, dnnl_forward_inference,
                                 dnnl_convolution_direct, x, any, NULL, y, dims->stride,
                                 dims->dilation, dims->before, dims->behind, NULL) == dnnl_success;
    if (done) {
        const_dnnl_memory_desc_t chosen =
            onednn->primitive_desc_query_md(primitive_desc, dnnl_query_weights_md, 0);
        done =
            onednn->primitive_create(&conv->primitive, primitive_desc) == dnnl_success &&
            onednn->memory_create(&conv->x, x, onednn->engine, DNNL_MEMORY_NONE) == dnnl_success &&
            onednn->memory_create(&conv->y, y, onednn->engine, DNNL_MEMORY_NONE) == dnnl_success &&
            onednn->memory_create(&conv->weight, chosen, onednn->engine, DNNL_MEMORY_ALLOCATE) ==
                dnnl_success &&
            onednn->memory_create(&given_memory, given, onednn->engine, (void *)weight) ==
                dnnl_success &&
            onednn->reorder_desc_create(&reorder, given, onednn->engine, chosen, onednn->engine,
                                        NULL) == dnnl_success &&
            gk_cpu_onednn_reorder(onednn, reorder, given_memory, conv->weight);
    }
    if (given_memory)
        onednn->memory_destroy(given_memory);
    if (primitive_desc)
        onednn->primitive_desc_destroy(primitive_desc);
    const dnnl_memory_desc_t descs[] = {x, y, any, given};
    for (size_t i = 0; i < sizeof descs / sizeof *descs; i++)
        if (descs[i])
            desc_destroy(descs[i]);
    return done;
}
