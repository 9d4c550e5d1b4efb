// SPDX-License-Identifier: LGPL-3.0-or-later
// The kernels of one instruction set.
#include "isa.h"

const GkCpuKernels V_NAME(gk_cpu_kernels) = {
    .name = V_ISA,
    .lanes = V_LANES,
    .group = V_LANES * V_COLUMNS,
    .winograd = V_NAME(gk_cpu_winograd),
    .winograd_weights = V_NAME(gk_cpu_winograd_weights),
    .direct = V_NAME(gk_cpu_direct),
    .few = V_NAME(gk_cpu_few),
    .depthwise = V_NAME(gk_cpu_depthwise),
    .finish = V_NAME(gk_cpu_finish),
    .weight_gradient = V_NAME(gk_cpu_weight_gradient),
    .weight_winograd = V_NAME(gk_cpu_weight_winograd),
    .weight_winograd_finish = V_NAME(gk_cpu_weight_winograd_finish),
    .elementwise = V_NAME(gk_cpu_elementwise),
    .sum_rows = V_NAME(gk_cpu_sum_rows),
    .sum = V_NAME(gk_cpu_sum),
    .matmul = V_NAME(gk_cpu_matmul),
    .moments = V_NAME(gk_cpu_moments),
    .normalise = V_NAME(gk_cpu_normalise),
    .blend = V_NAME(gk_cpu_blend),
    .softmax_line = V_NAME(gk_cpu_softmax_line),
    .softmax_rows = V_NAME(gk_cpu_softmax_rows),
    .pointwise = V_NAME(gk_cpu_pointwise),
};
