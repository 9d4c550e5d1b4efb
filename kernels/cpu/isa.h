// SPDX-License-Identifier: LGPL-3.0-or-later
// The functions that are compiled once per instruction set; table.c puts them into a GkCpuKernels.
#ifndef GK_CPU_ISA_H
#define GK_CPU_ISA_H

#include "cpu.h"
#include "simd.h"

void V_NAME(gk_cpu_winograd)(const void *data, size_t item, size_t worker);
void V_NAME(gk_cpu_winograd_weights)(const void *data, size_t item, size_t worker);
void V_NAME(gk_cpu_direct)(const void *data, size_t item, size_t worker);
void V_NAME(gk_cpu_few)(const void *data, size_t item, size_t worker);
void V_NAME(gk_cpu_depthwise)(const void *data, size_t item, size_t worker);
void V_NAME(gk_cpu_finish)(const void *data, size_t item, size_t worker);
void V_NAME(gk_cpu_weight_gradient)(const void *data, size_t item, size_t worker);
void V_NAME(gk_cpu_weight_winograd)(const void *data, size_t item, size_t worker);
void V_NAME(gk_cpu_weight_winograd_finish)(const void *data, size_t item, size_t worker);
void V_NAME(gk_cpu_pointwise)(const GkCpuPointwise *op, const float *a, const float *b, float *y,
                              size_t count, size_t channel, size_t period);
void V_NAME(gk_cpu_elementwise)(const GkCpuElementwise *op);
void V_NAME(gk_cpu_sum_rows)(const float *x, size_t rows, size_t step, size_t count, float *y);
float V_NAME(gk_cpu_sum)(const float *x, size_t count);
void V_NAME(gk_cpu_matmul)(const GkCpuMatmul *op);
void V_NAME(gk_cpu_moments)(const GkCpuPiece *piece, const GkCpuDeviations *to);
void V_NAME(gk_cpu_normalise)(const GkCpuNormalise *op);
void V_NAME(gk_cpu_blend)(const GkCpuBlend *op);
void V_NAME(gk_cpu_softmax_line)(const float *x, float *y, size_t count);
void V_NAME(gk_cpu_softmax_rows)(const float *x, size_t x_step, float *y, size_t y_step,
                                 size_t rows, size_t count);

#endif
