// SPDX-License-Identifier: LGPL-3.0-or-later
// In place of cudnn_conv.c where cuDNN's headers were not there when the backend was built.
#include "cudnn_conv.h"

#include <stdio.h>

GkCudnn *gk_cudnn_open(GkContext *ctx, char *reason, size_t reason_bytes)
{
    snprintf(reason, reason_bytes, "built without cuDNN");
    return NULL;
}

void gk_cudnn_close(GkCudnn *cudnn)
{
}

void gk_cudnn_state_free(GkContext *ctx, GkCudnnState *state)
{
}

GkStatus gk_cudnn_run(GkContext *ctx, const GkConv2d *args, GkCudnnState **state)
{
    return GK_ERROR_UNSUPPORTED;
}

void gk_cudnn_cost(const GkConv2d *args, size_t *packed_bytes, size_t *scratch_bytes)
{
    *packed_bytes = *scratch_bytes = 0;
}

GkStatus gk_cudnn_input_gradient(GkContext *ctx, const GkConv2dInputGradient *args,
                                 GkCudnnState **state)
{
    return GK_ERROR_UNSUPPORTED;
}

GkStatus gk_cudnn_weight_gradient(GkContext *ctx, const GkConv2dWeightGradient *args,
                                  GkCudnnState **state)
{
    return GK_ERROR_UNSUPPORTED;
}

void gk_cudnn_input_gradient_cost(const GkConv2dInputGradient *args, size_t *packed_bytes,
                                  size_t *scratch_bytes)
{
    *packed_bytes = *scratch_bytes = 0;
}

void gk_cudnn_weight_gradient_cost(const GkConv2dWeightGradient *args, size_t *scratch_bytes)
{
    *scratch_bytes = 0;
}
