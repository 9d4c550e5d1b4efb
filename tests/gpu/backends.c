// SPDX-License-Identifier: LGPL-3.0-or-later
// The CUDA backend on a GPU, by the type of its activations and by whose convolutions come first.
#include <backends.h>
#include <tables.h>

const CheckTarget check_backends[] = {
    {"cuda:float16:own", &gk_backend_cuda_f16, "own", 0, NULL},
    {"cuda:bfloat16:own", &gk_backend_cuda_bf16, "own", 0, NULL},
    {"cuda:float32:own", &gk_backend_cuda_f32, "own", 0, NULL},
    {"cuda:float16:cudnn", &gk_backend_cuda_f16, "cudnn", 0, NULL},
    {"cuda:bfloat16:cudnn", &gk_backend_cuda_bf16, "cudnn", 0, NULL},
    {"cuda:float32:cudnn", &gk_backend_cuda_f32, "cudnn", 0, NULL},
    {NULL, NULL, NULL, 0, NULL},
};
