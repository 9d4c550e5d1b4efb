// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: the backend's table. One thread, no plans, the process's own memory.
#include "real.h"

#include <stdlib.h>
#include <string.h>

// A cache line, which is also a register of AVX-512.
enum { ALIGN_BYTES = 64 };

struct GkContext {
    size_t n_threads; // always 1
};

static GkStatus ref_open(const GkOptions *options, GkContext **ctx)
{
    if (options && options->isa && strcmp(options->isa, "plain") != 0)
        return GK_ERROR_UNSUPPORTED;
    GkContext *made = malloc(sizeof *made);
    if (!made)
        return GK_ERROR_MEMORY;
    made->n_threads = 1;
    *ctx = made;
    return GK_OK;
}

static void ref_close(GkContext *ctx)
{
    free(ctx);
}

static size_t ref_n_threads(const GkContext *ctx)
{
    return ctx->n_threads;
}

static const char *ref_isa(const GkContext *ctx)
{
    return "plain";
}

static void *ref_alloc(GkContext *ctx, size_t bytes)
{
    if (bytes > (size_t)-1 - ALIGN_BYTES)
        return NULL;
    // aligned_alloc wants a multiple of the alignment, and an empty request must not
    // look like failure.
    const size_t n_lines = bytes / ALIGN_BYTES + 1;
    return aligned_alloc(ALIGN_BYTES, n_lines * ALIGN_BYTES);
}

static void ref_free(GkContext *ctx, void *memory, size_t bytes)
{
    free(memory);
}

static void ref_plan_free(GkContext *ctx, GkPlan *plan)
{
    // conv2d makes no plans, so `plan` is NULL.
}

const GkBackend GK_REF_BACKEND = {
    .name = GK_REF_NAME,
    .dtype = GK_REF_DTYPE,
    .block = 0,
    .open = ref_open,
    .close = ref_close,
    .n_threads = ref_n_threads,
    .isa = ref_isa,
    .alloc = ref_alloc,
    .free = ref_free,
    .plan_free = ref_plan_free,
    .ops =
        {
            .conv2d = GK_REF(conv2d),
            .conv2d_cost = GK_REF(conv2d_cost),
            .conv2d_input_gradient = GK_REF(conv2d_input_gradient),
            .conv2d_input_gradient_cost = GK_REF(conv2d_input_gradient_cost),
            .conv2d_weight_gradient = GK_REF(conv2d_weight_gradient),
            .conv2d_weight_gradient_cost = GK_REF(conv2d_weight_gradient_cost),
            .activate = GK_REF(activate),
            .add = GK_REF(add),
            .multiply = GK_REF(multiply),
            .affine = GK_REF(affine),
            .copy = GK_REF(copy),
            .pixel_shuffle = GK_REF(pixel_shuffle),
            .pixel_unshuffle = GK_REF(pixel_unshuffle),
            .upsample_nearest = GK_REF(upsample_nearest),
            .upsample_bilinear = GK_REF(upsample_bilinear),
            .pad = GK_REF(pad),
            .unary = GK_REF(unary),
            .binary = GK_REF(binary),
            .chain = GK_REF(chain),
            .fill = GK_REF(fill),
            .reduce = GK_REF(reduce),
            .matmul = GK_REF(matmul),
            .transpose = GK_REF(transpose),
            .average_pool = GK_REF(average_pool),
            .average_pool_gradient = GK_REF(average_pool_gradient),
            .max_pool = GK_REF(max_pool),
            .max_pool_gradient = GK_REF(max_pool_gradient),
            .pad_gradient = GK_REF(pad_gradient),
            .upsample_bilinear_gradient = GK_REF(upsample_bilinear_gradient),
            .moments = GK_REF(moments),
            .normalise = GK_REF(normalise),
            .softmax = GK_REF(softmax),
        },
};
