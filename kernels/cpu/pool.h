// SPDX-License-Identifier: LGPL-3.0-or-later
// Threads that share the items of a loop. The caller works too; idle threads sleep.
#ifndef GK_CPU_POOL_H
#define GK_CPU_POOL_H

#include <stddef.h>

typedef struct GkPool GkPool;

// One item of a loop. `worker` is below gk_pool_n_threads(), and no two items run with the same one
// at a time.
typedef void (*GkWork)(const void *job, size_t item, size_t worker);

// Returns the cores that this process may use: its affinity mask, cut by the quota of
// its control groups.
size_t gk_pool_usable_cores(void);

// Starts n_threads - 1 threads; the caller of gk_pool_run() is the last one.
// Errors:  NULL when memory or threads have run out.
GkPool *gk_pool_new(size_t n_threads);

// Stops the threads. Takes NULL.
void gk_pool_free(GkPool *pool);

size_t gk_pool_n_threads(const GkPool *pool);

// Runs work(job, i, worker) for every i < n_items and returns when all of them are finished. Of
// every loop a thread takes the same part of the items first, in order of their number, and then
// what the others have not begun. A thread that does not wake up in time is not waited for.
// Threads: one call at a time.
void gk_pool_run(GkPool *pool, size_t n_items, GkWork work, const void *job);

#endif
