// SPDX-License-Identifier: LGPL-3.0-or-later
// The float reference in both layouts, and the CPU backend with each of its instruction sets.
#include "backends.h"

const CheckTarget check_backends[] = {
    {"ref-f32", &gk_backend_ref_f32, NULL, 0, NULL},
    {"ref-f32:blocked", &gk_backend_ref_f32, NULL, GK_BLOCK, NULL},
    {"cpu:avx512", &gk_backend_cpu, "avx512", GK_BLOCK, NULL},
    {"cpu:avx2", &gk_backend_cpu, "avx2", GK_BLOCK, NULL},
    {"cpu:plain", &gk_backend_cpu, "plain", GK_BLOCK, NULL},
    {NULL, NULL, NULL, 0, NULL},
};
