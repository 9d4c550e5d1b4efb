// SPDX-License-Identifier: LGPL-3.0-or-later
// The CPU backend: its table, its context and memory, and the choice of the instruction set.
#define _GNU_SOURCE // MAP_ANONYMOUS, madvise
#include "cpu.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGN_BYTES ((size_t)64)
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

void *gk_cpu_alloc(size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        return NULL;
    if (bytes < HUGE_PAGE_BYTES)
        return aligned_alloc(ALIGN_BYTES, (bytes / ALIGN_BYTES + 1) * ALIGN_BYTES);
    // Huge pages need their own alignment: map more than needed and give both ends back.
    char *map = mmap(NULL, bytes + HUGE_PAGE_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    char *start =
        (char *)(((uintptr_t)map + HUGE_PAGE_BYTES - 1) & ~(uintptr_t)(HUGE_PAGE_BYTES - 1));
    char *end = start + ((bytes + 4095) & ~(size_t)4095);
    if (start > map)
        munmap(map, (size_t)(start - map));
    if (map + bytes + HUGE_PAGE_BYTES > end)
        munmap(end, (size_t)(map + bytes + HUGE_PAGE_BYTES - end));
    madvise(start, bytes, MADV_HUGEPAGE); // only speed depends on it
    return start;
}

void gk_cpu_free(void *memory, size_t bytes)
{
    if (!memory)
        return;
    if (bytes < HUGE_PAGE_BYTES)
        free(memory);
    else
        munmap(memory, bytes);
}

float *gk_cpu_scratch(GkContext *ctx, size_t bytes)
{
    if (bytes > ctx->scratch_bytes) {
        gk_cpu_free(ctx->scratch, ctx->scratch_bytes);
        ctx->scratch_bytes = 0;
        ctx->scratch = gk_cpu_alloc(bytes);
        if (ctx->scratch)
            ctx->scratch_bytes = bytes;
    }
    return ctx->scratch;
}

bool gk_cpu_view_valid(const GkView *view)
{
    return view->dtype == GK_F32 && view->block > 0 && view->first < view->block;
}

bool gk_cpu_same_shape(const GkView *a, const GkView *b)
{
    return a->n == b->n && a->h == b->h && a->w == b->w && a->c == b->c;
}

bool gk_cpu_is_blocks(const GkView *view)
{
    return view->block == GK_BLOCK && view->first == 0;
}

const GkCpuKernels *gk_cpu_best_kernels(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return &gk_cpu_kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &gk_cpu_kernels_avx2;
#endif
    return &gk_cpu_kernels_plain;
}

// Returns NULL when this machine has not got what `isa` names.
static const GkCpuKernels *kernels_named(const char *isa)
{
    // From the most capable on: each has all that the later ones need.
    static const GkCpuKernels *const all[] = {
#if defined(__x86_64__)
        &gk_cpu_kernels_avx512,
        &gk_cpu_kernels_avx2,
#endif
        &gk_cpu_kernels_plain,
    };
    const GkCpuKernels *best = gk_cpu_best_kernels();
    bool have = false;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        have = have || all[i] == best;
        if (!strcmp(all[i]->name, isa))
            return have ? all[i] : NULL;
    }
    return NULL;
}

static void cpu_close(GkContext *ctx)
{
    if (!ctx)
        return;
    gk_pool_free(ctx->pool);
    gk_cpu_onednn_close(ctx->onednn);
    gk_cpu_free(ctx->scratch, ctx->scratch_bytes);
    free(ctx);
}

static GkStatus cpu_open(const GkOptions *options, GkContext **ctx)
{
    const GkCpuKernels *kernels =
        options && options->isa ? kernels_named(options->isa) : gk_cpu_best_kernels();
    if (!kernels)
        return GK_ERROR_UNSUPPORTED;
    size_t n_threads = options ? options->n_threads : 0;
    if (n_threads == 0)
        n_threads = gk_pool_usable_cores();
    GkContext *opened = calloc(1, sizeof *opened);
    if (!opened)
        return GK_ERROR_MEMORY;
    opened->kernels = kernels;
    opened->pool = gk_pool_new(n_threads);
    if (!opened->pool) {
        cpu_close(opened);
        return GK_ERROR_MEMORY;
    }
    *ctx = opened;
    return GK_OK;
}

void gk_cpu_plan_free(GkContext *ctx, GkPlan *plan)
{
    if (plan)
        plan->free(plan);
}

static size_t cpu_n_threads(const GkContext *ctx)
{
    return gk_pool_n_threads(ctx->pool);
}

static const char *cpu_isa(const GkContext *ctx)
{
    return ctx->kernels->name;
}

static void *cpu_alloc(GkContext *ctx, size_t bytes)
{
    return gk_cpu_alloc(bytes);
}

static void cpu_free(GkContext *ctx, void *memory, size_t bytes)
{
    gk_cpu_free(memory, bytes);
}

const GkBackend gk_backend_cpu = {
    .name = "cpu",
    .dtype = GK_F32,
    .block = GK_BLOCK,
    .open = cpu_open,
    .close = cpu_close,
    .n_threads = cpu_n_threads,
    .isa = cpu_isa,
    .alloc = cpu_alloc,
    .free = cpu_free,
    .plan_free = gk_cpu_plan_free,
    .ops = GK_OPS_TABLE(GK_CPU),
};
