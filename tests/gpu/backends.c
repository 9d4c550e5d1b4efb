// SPDX-License-Identifier: LGPL-3.0-or-later
// The CUDA backend on a GPU, by the type of its activations and by whose convolutions come first.
#include <backends.h>
#include <tables.h>

// What only training needs.
static const char *const lacks[] = {"conv2d_input_gradient",
                                    "conv2d_weight_gradient",
                                    "pad_gradient",
                                    "upsample_bilinear_gradient",
                                    "unary",
                                    "binary",
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
    {"cuda:float16:own", &gk_backend_cuda_f16, "own", 0, NULL, lacks},
    {"cuda:bfloat16:own", &gk_backend_cuda_bf16, "own", 0, NULL, lacks},
    {"cuda:float32:own", &gk_backend_cuda_f32, "own", 0, NULL, lacks},
    {"cuda:float16:cudnn", &gk_backend_cuda_f16, "cudnn", 0, NULL, lacks},
    {"cuda:bfloat16:cudnn", &gk_backend_cuda_bf16, "cudnn", 0, NULL, lacks},
    {"cuda:float32:cudnn", &gk_backend_cuda_f32, "cudnn", 0, NULL, lacks},
    {NULL, NULL, NULL, 0, NULL, NULL},
};
