// SPDX-License-Identifier: LGPL-3.0-or-later
// The CUDA backends by the type of their activations.
#ifndef GK_CUDA_TABLES_H
#define GK_CUDA_TABLES_H

#include "gk.h"

extern const GkBackend gk_backend_cuda_f16;
extern const GkBackend gk_backend_cuda_bf16;
extern const GkBackend gk_backend_cuda_f32;

#endif
