// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolutions described to oneDNN 2.
#include "onednn-private.h"

#include <dlfcn.h>

const char gk_cpu_onednn_library[] = "libdnnl.so.2";

bool gk_cpu_onednn_conv_prepare(GkCpuOnednnConv *conv, const GkCpuOnednnDims *dims,
                                const float *weight)
{
    const GkCpuOnednn *onednn = conv->onednn;
    __typeof__(&dnnl_memory_desc_init_by_tag) describe;
    __typeof__(&dnnl_dilated_convolution_forward_desc_init) describe_conv;
    __typeof__(&dnnl_primitive_desc_create) primitive_desc_create;
    *(void **)&describe = dlsym(onednn->library, "dnnl_memory_desc_init_by_tag");
    *(void **)&describe_conv = dlsym(onednn->library, "dnnl_dilated_convolution_forward_desc_init");
    *(void **)&primitive_desc_create = dlsym(onednn->library, "dnnl_primitive_desc_create");

    dnnl_memory_desc_t x, y, any, given;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t primitive_desc = NULL;
    if (!describe || !describe_conv || !primitive_desc_create ||
        describe(&x, 4, dims->x, dnnl_f32, dnnl_nhwc) != dnnl_success ||
        describe(&y, 4, dims->y, dnnl_f32, dnnl_nhwc) != dnnl_success ||
        describe(&any, 5, dims->weight, dnnl_f32, dnnl_format_tag_any) != dnnl_success ||
        describe(&given, 5, dims->weight, dnnl_f32, dnnl_goihw) != dnnl_success ||
        describe_conv(&desc, dnnl_forward_inference, dnnl_convolution_direct, &x, &any, NULL, &y,
                      dims->stride, dims->dilation, dims->before, dims->behind) != dnnl_success ||
        primitive_desc_create(&primitive_desc, &desc, NULL, onednn->engine, NULL) != dnnl_success)
        return false;

    const dnnl_memory_desc_t *chosen =
        onednn->primitive_desc_query_md(primitive_desc, dnnl_query_weights_md, 0);
    dnnl_memory_t given_memory = NULL;
    dnnl_primitive_desc_t reorder = NULL;
    const bool done =
        onednn->primitive_create(&conv->primitive, primitive_desc) == dnnl_success &&
        onednn->memory_create(&conv->x, &x, onednn->engine, DNNL_MEMORY_NONE) == dnnl_success &&
        onednn->memory_create(&conv->y, &y, onednn->engine, DNNL_MEMORY_NONE) == dnnl_success &&
        onednn->memory_create(&conv->weight, chosen, onednn->engine, DNNL_MEMORY_ALLOCATE) ==
            dnnl_success &&
        onednn->memory_create(&given_memory, &given, onednn->engine, (void *)weight) ==
            dnnl_success &&
        onednn->reorder_desc_create(&reorder, &given, onednn->engine, chosen, onednn->engine,
                                    NULL) == dnnl_success &&
        gk_cpu_onednn_reorder(onednn, reorder, given_memory, conv->weight);
    if (given_memory)
        onednn->memory_destroy(given_memory);
    onednn->primitive_desc_destroy(primitive_desc);
    return done;
}
