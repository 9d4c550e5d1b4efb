// SPDX-License-Identifier: LGPL-3.0-or-later
// The CUDA backend by the type of its activations; here the processor acts as the device.
#include <backends.h>
#include <tables.h>

// What only training needs.
static const char *const lacks[] = {"conv2d_input_gradient",
                                    "conv2d_weight_gradient",
                                    "pad_gradient",
                                    "upsample_bilinear_gradient",
                                    "unary",
                                    "binary",
                                    "chain",
                                    "fill",
                                    "reduce",
                                    "matmul",
                                    "transpose",
                                    "average_pool",
                                    "average_pool_gradient",
                                    "max_pool",
                                    "max_pool_gradient",
                                    NULL};

const CheckTarget check_backends[] = {
    {"cuda:float16", &gk_backend_cuda_f16, "own", 0, NULL, lacks},
    {"cuda:bfloat16", &gk_backend_cuda_bf16, "own", 0, NULL, lacks},
    {"cuda:float32", &gk_backend_cuda_f32, "own", 0, NULL, lacks},
    {NULL, NULL, NULL, 0, NULL, NULL},
};
