// SPDX-License-Identifier: LGPL-3.0-or-later
// What the loadable module exports.
#include "tables.h"

extern const GkModule gk_module;

static const GkBackend *const backends[] = {&gk_backend_cuda_f16, &gk_backend_cuda_bf16,
                                            &gk_backend_cuda_f32, NULL};

const GkModule gk_module = {sizeof(GkBackend), GK_VERSION, backends};
