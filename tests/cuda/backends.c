// SPDX-License-Identifier: LGPL-3.0-or-later
// The CUDA backend by the type of its activations; here the processor acts as the device.
#include <backends.h>
#include <tables.h>

const CheckTarget check_backends[] = {
    {"cuda:float16", &gk_backend_cuda_f16, "own", 0, NULL},
    {"cuda:bfloat16", &gk_backend_cuda_bf16, "own", 0, NULL},
    {"cuda:float32", &gk_backend_cuda_f32, "own", 0, NULL},
    {NULL, NULL, NULL, 0, NULL},
};
