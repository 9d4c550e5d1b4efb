// SPDX-License-Identifier: LGPL-3.0-or-later
// Building the description of a case, and the limits that cases refer to.
#include "check.h"

#include <stdarg.h>
#include <string.h>

const CheckLimit check_limit_exact = {0, 0, "values are moved, never computed"};
const CheckLimit check_limit_rounding = {6.0e-8, 4e-15,
                                         "computed in double and rounded once: 2^-24"};
const CheckLimit check_limit_pointwise = {2.4e-7, 1e-14, "two or three roundings in float"};
const CheckLimit check_limit_exp = {1e-6, 1e-13, "a polynomial for exp, then a division"};
const CheckLimit check_limit_bilinear = {5e-7, 5e-14,
                                         "rounded weights, then three blends in float"};
const CheckLimit check_limit_sum = {3e-6, 5e-11, "a sum in float, whose terms may cancel"};
const CheckLimit check_limit_direct = {3e-6, 1e-12, "a sum of up to 5000 products in float"};
const CheckLimit check_limit_winograd = {
    3e-5, 5e-11, "F(4x4,3x3) in float: its transforms grow rounding errors about tenfold"};
const CheckLimit check_limit_f16 = {
    3e-3, 1e-6, "inputs, weights and results in float16, 2^-11 each, sums in float"};
const CheckLimit check_limit_bf16 = {
    2.4e-2, 6e-5, "inputs, weights and results in bfloat16, 2^-8 each, sums in float"};

const char *check_layout_name(CheckLayout layout)
{
    return layout == CHECK_PLAN ? "plan" : layout == CHECK_NHWC ? "nhwc" : "blocked";
}

void check_case_label(CheckCase *c, const char *format, ...)
{
    const size_t length = strlen(c->name);
    va_list list;
    va_start(list, format);
    g_vsnprintf(c->name + length, sizeof c->name - length, format, list);
    va_end(list);
}

size_t check_case_buffer(CheckCase *c, size_t n, size_t h, size_t w, size_t channels,
                         CheckLayout layout)
{
    g_assert(c->n_buffers < CHECK_MAX_TENSORS);
    c->buffer[c->n_buffers] = (CheckBuffer){n, h, w, channels, layout};
    return c->n_buffers++;
}

size_t check_case_slice(CheckCase *c, const char *name, CheckRole role, size_t buffer, size_t first,
                        size_t channels)
{
    g_assert(c->n_tensors < CHECK_MAX_TENSORS && buffer < c->n_buffers);
    const CheckBuffer *b = &c->buffer[buffer];
    g_assert(first + channels <= b->c);
    c->tensor[c->n_tensors] = (CheckTensor){.name = name,
                                            .role = role,
                                            .buffer = buffer,
                                            .first = first,
                                            .n = b->n,
                                            .h = b->h,
                                            .w = b->w,
                                            .c = channels,
                                            .low = -1,
                                            .high = 1,
                                            .same_as = c->n_tensors};
    return c->n_tensors++;
}

size_t check_case_tensor(CheckCase *c, const char *name, CheckRole role, size_t n, size_t h,
                         size_t w, size_t channels, CheckLayout layout)
{
    return check_case_slice(c, name, role, check_case_buffer(c, n, h, w, channels, layout), 0,
                            channels);
}

size_t check_case_alias(CheckCase *c, const char *name, size_t same_as)
{
    g_assert(c->n_tensors < CHECK_MAX_TENSORS && same_as < c->n_tensors);
    const size_t index = c->n_tensors++;
    c->tensor[index] = c->tensor[same_as];
    c->tensor[index].name = name;
    c->tensor[index].role = CHECK_IN;
    c->tensor[index].same_as = c->tensor[same_as].same_as;
    return index;
}

size_t check_case_vector(CheckCase *c, const char *name, size_t length, double low, double high)
{
    g_assert(c->n_vectors < CHECK_MAX_VECTORS);
    c->vector[c->n_vectors] = (CheckVector){name, length, low, high, NULL};
    return c->n_vectors++;
}

double check_case_traffic_bytes(const CheckCase *c)
{
    double elements = 0;
    for (size_t i = 0; i < c->n_tensors; i++)
        elements += (double)c->tensor[i].n * c->tensor[i].h * c->tensor[i].w * c->tensor[i].c;
    for (size_t i = 0; i < c->n_vectors; i++)
        elements += c->vector[i].length;
    return elements * sizeof(float);
}

void check_op_make(const CheckOp *op, size_t index, CheckCase *c)
{
    memset(c, 0, sizeof *c);
    g_strlcpy(c->name, op->name, sizeof c->name);
    c->magnitude = 1;
    op->make(index, c);
    g_assert(c->call && c->limit && c->n_tensors > 0);
}
