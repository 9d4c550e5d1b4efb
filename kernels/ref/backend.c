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
    .ops = GK_OPS_TABLE(GK_REF),
};
