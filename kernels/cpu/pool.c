// SPDX-License-Identifier: LGPL-3.0-or-later
// A pool of threads for loops of some hundred microseconds.
//
// Every thread has a share of each loop's items, the same part of every loop: what one loop wrote
// then mostly lies in the cache of the thread that reads it in the next. Whoever has finished his
// share helps with the others.
//
// One 64-bit word, a share's ticket, holds the number of the loop and the next free item. Whoever
// wants an item swaps the ticket for one with the next item, so that a thread that slept through a
// loop's end cannot take part in it any more, and nobody has to wait for such a thread.
//
// Whoever has nothing to do spins for a while, because the last items are mostly finished within
// the time that an item takes and the next loop comes at once, while waking a thread takes as
// long as an item and in a virtual machine many times that. Then it sleeps in the kernel: a
// spinning thread would keep the scheduler from moving a preempted one to its core. A wait that
// outlasts two items means just that, so the next loops wait but shortly, the more of them the
// more often it happens.
#define _GNU_SOURCE // cpu_set_t
#include "pool.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SHORT_SPIN_NS 30000
#define LONG_SPIN_NS 300000
#define MIN_SHORT_LOOPS 8
#define MAX_SHORT_LOOPS 256
#define CLOSED UINT32_MAX // no item of this number: the loop's description is being written

typedef struct {
    GkPool *pool;
    size_t index;
    pthread_t thread;
} Worker;

typedef struct {
    _Alignas(64) _Atomic uint64_t ticket; // loop << 32 | next item
} Share;

struct GkPool {
    size_t n_threads;
    Worker *workers; // n_threads - 1
    size_t n_shares; // as many as threads were asked for
    Share *shares;
    uint64_t n_loops; // begun so far; the caller's

    _Alignas(64) _Atomic(GkWork) work;
    _Atomic(const void *) job;
    _Atomic uint32_t n_items;

    _Alignas(64) _Atomic uint32_t n_finished; // a futex: the caller sleeps on it
    _Atomic uint32_t caller_sleeps;
    _Atomic int64_t spin_ns;   // how long to wait in vain before sleeping
    uint32_t n_short_loops;    // that are still to wait shortly; the caller's
    uint32_t next_short_loops; // after the next wait in vain

    _Alignas(64) _Atomic uint32_t wake; // a futex: workers sleep on it
    _Atomic uint32_t n_sleeping;
    _Atomic uint32_t stop;
};

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static void futex_wait(_Atomic uint32_t *word, uint32_t value)
{
    // Wakes for no reason are fine: every caller looks again.
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word, int n)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

// Returns the first item of a share; that of the share behind the last one is n_items.
static uint32_t share_start(const GkPool *pool, uint32_t n_items, size_t share)
{
    return (uint32_t)((uint64_t)n_items * share / pool->n_shares);
}

// Takes items of one share of the current loop until there are none. Returns their number.
static uint32_t work_off_share(GkPool *pool, size_t share, size_t worker)
{
    _Atomic uint64_t *place = &pool->shares[share].ticket;
    uint64_t ticket = atomic_load(place);
    uint32_t n_taken = 0;
    for (;;) {
        // The description may already be the next loop's; then the ticket has changed and
        // the swap fails.
        const uint32_t item = (uint32_t)ticket;
        const uint32_t n_items = atomic_load(&pool->n_items);
        const GkWork work = atomic_load(&pool->work);
        const void *job = atomic_load(&pool->job);
        if (item == CLOSED || item >= share_start(pool, n_items, share + 1))
            return n_taken;
        if (!atomic_compare_exchange_weak(place, &ticket, ticket + 1))
            continue;
        work(job, item, worker);
        n_taken++;
        atomic_fetch_add(&pool->n_finished, 1);
        if (atomic_load(&pool->caller_sleeps))
            futex_wake(&pool->n_finished, 1);
        ticket = atomic_load(place);
    }
}

// Takes items of the current loop until there are none, of the own share first.
// Returns their number.
static uint32_t work_off(GkPool *pool, size_t worker)
{
    uint32_t n_taken = 0;
    for (size_t i = 0; i < pool->n_shares; i++)
        n_taken += work_off_share(pool, (worker + i) % pool->n_shares, worker);
    return n_taken;
}

static bool has_work(GkPool *pool)
{
    const uint32_t n_items = atomic_load(&pool->n_items);
    for (size_t i = 0; i < pool->n_shares; i++) {
        const uint32_t item = (uint32_t)atomic_load(&pool->shares[i].ticket);
        if (item != CLOSED && item < share_start(pool, n_items, i + 1))
            return true;
    }
    return false;
}

static void *worker_main(void *data)
{
    const Worker *self = data;
    GkPool *pool = self->pool;
    while (!atomic_load(&pool->stop)) {
        work_off(pool, self->index);
        const uint32_t seen = atomic_load(&pool->wake);
        const int64_t end = now_ns() + atomic_load(&pool->spin_ns);
        bool found = false;
        while (!found && now_ns() < end) {
            for (int i = 0; i < 16 && !found; i++) {
                relax();
                found = has_work(pool);
            }
        }
        if (found)
            continue;
        atomic_fetch_add(&pool->n_sleeping, 1);
        if (!has_work(pool) && !atomic_load(&pool->stop))
            futex_wait(&pool->wake, seen);
        atomic_fetch_sub(&pool->n_sleeping, 1);
    }
    return NULL;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// Returns how long to spin after the items of a loop that take `item_ns` each.
static int64_t spin_after(GkPool *pool, int64_t item_ns)
{
    int64_t spin_ns = pool->n_short_loops > 0 ? 0 : smaller(2 * item_ns, LONG_SPIN_NS);
    if (spin_ns < SHORT_SPIN_NS)
        spin_ns = SHORT_SPIN_NS;
    atomic_store(&pool->spin_ns, spin_ns);
    return spin_ns;
}

void gk_pool_run(GkPool *pool, size_t n_items, GkWork work, const void *job)
{
    if (pool->n_threads == 1 || n_items <= 1 || n_items >= CLOSED) {
        for (size_t i = 0; i < n_items; i++)
            work(job, i, 0);
        return;
    }
    const uint64_t loop = ++pool->n_loops << 32;
    for (size_t i = 0; i < pool->n_shares; i++)
        atomic_store(&pool->shares[i].ticket, loop | CLOSED);
    atomic_store(&pool->work, work);
    atomic_store(&pool->job, job);
    atomic_store(&pool->n_items, (uint32_t)n_items);
    atomic_store(&pool->n_finished, 0);
    for (size_t i = 0; i < pool->n_shares; i++)
        atomic_store(&pool->shares[i].ticket, loop | share_start(pool, (uint32_t)n_items, i));
    atomic_fetch_add(&pool->wake, 1);
    if (atomic_load(&pool->n_sleeping))
        futex_wake(&pool->wake, INT_MAX);

    const int64_t start = now_ns();
    const uint32_t n_taken = work_off(pool, 0);
    const int64_t finish = now_ns();
    const int64_t spin_ns = spin_after(pool, n_taken > 0 ? (finish - start) / n_taken : 0);
    const int64_t end = finish + spin_ns;
    bool in_vain = false;
    while (atomic_load(&pool->n_finished) < n_items) {
        if (now_ns() < end) {
            for (int i = 0; i < 16; i++)
                relax();
            continue;
        }
        in_vain = true;
        atomic_store(&pool->caller_sleeps, 1);
        const uint32_t finished = atomic_load(&pool->n_finished);
        if (finished < n_items)
            futex_wait(&pool->n_finished, finished);
        atomic_store(&pool->caller_sleeps, 0);
    }
    if (pool->n_short_loops > 0) {
        pool->n_short_loops--;
    } else if (in_vain) {
        pool->n_short_loops = pool->next_short_loops;
        pool->next_short_loops = (uint32_t)smaller(2 * pool->next_short_loops, MAX_SHORT_LOOPS);
    } else if (pool->next_short_loops > MIN_SHORT_LOOPS) {
        pool->next_short_loops--;
    }
}

GkPool *gk_pool_new(size_t n_threads)
{
    GkPool *pool = aligned_alloc(_Alignof(GkPool), sizeof(GkPool));
    if (!pool)
        return NULL;
    memset(pool, 0, sizeof *pool);
    atomic_store(&pool->spin_ns, SHORT_SPIN_NS);
    pool->next_short_loops = MIN_SHORT_LOOPS;
    pool->n_threads = 1;
    pool->workers = calloc(n_threads, sizeof *pool->workers);
    pool->shares = aligned_alloc(_Alignof(Share), n_threads * sizeof *pool->shares);
    if (!pool->workers || !pool->shares) {
        gk_pool_free(pool);
        return NULL;
    }
    pool->n_shares = n_threads;
    for (size_t i = 0; i < n_threads; i++)
        atomic_init(&pool->shares[i].ticket, CLOSED);
    for (size_t i = 1; i < n_threads; i++) {
        Worker *worker = &pool->workers[i - 1];
        worker->pool = pool;
        worker->index = i;
        if (pthread_create(&worker->thread, NULL, worker_main, worker)) {
            gk_pool_free(pool);
            return NULL;
        }
        pool->n_threads = i + 1;
    }
    return pool;
}

void gk_pool_free(GkPool *pool)
{
    if (!pool)
        return;
    atomic_store(&pool->stop, 1);
    atomic_fetch_add(&pool->wake, 1);
    futex_wake(&pool->wake, INT_MAX);
    for (size_t i = 1; i < pool->n_threads; i++)
        pthread_join(pool->workers[i - 1].thread, NULL);
    free(pool->workers);
    free(pool->shares);
    free(pool);
}

size_t gk_pool_n_threads(const GkPool *pool)
{
    return pool->n_threads;
}

// Returns the cores' worth of time that the file `path` (cgroup v2 cpu.max: "quota period" or "max
// period") allows, rounded up; SIZE_MAX when it sets no limit.
static size_t quota_cores(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return SIZE_MAX;
    unsigned long long quota = 0, period = 0;
    const int n_read = fscanf(file, "%llu %llu", &quota, &period);
    fclose(file);
    if (n_read != 2 || quota == 0 || period == 0)
        return SIZE_MAX;
    return (size_t)((quota + period - 1) / period);
}

size_t gk_pool_usable_cores(void)
{
    size_t n = 1;
    cpu_set_t set;
    if (!sched_getaffinity(0, sizeof set, &set)) {
        n = (size_t)CPU_COUNT(&set);
    } else {
        // More processors than cpu_set_t has room for.
        const long online = sysconf(_SC_NPROCESSORS_ONLN);
        n = online > 0 ? (size_t)online : 1;
    }

    char group[1024] = "";
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file) {
        char line[1024];
        while (fgets(line, sizeof line, file))
            if (!strncmp(line, "0::/", 4)) {
                line[strcspn(line, "\n")] = '\0';
                snprintf(group, sizeof group, "%s", line + 3);
            }
        fclose(file);
    }
    // The group's own limit and its parents' all hold.
    for (;;) {
        char path[1200];
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
        const size_t limit = quota_cores(path);
        if (limit < n)
            n = limit;
        char *slash = strrchr(group, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return n > 0 ? n : 1;
}
