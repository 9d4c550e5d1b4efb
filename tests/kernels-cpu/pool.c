// SPDX-License-Identifier: LGPL-3.0-or-later
// The thread pool. Built with -Db_sanitize=thread this is the check for races.
#define _GNU_SOURCE // cpu_set_t
#include "pool.h"

#include <glib.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ITEMS 1000
#define MAX_THREADS 8

typedef struct {
    int *n_runs;              // of each item: a plain int, for a race to show
    _Atomic int *worker_busy; // of each worker
    size_t n_threads;
} Loop;

static void count_item(const void *job, size_t item, size_t worker)
{
    const Loop *loop = job;
    g_assert_cmpuint(worker, <, loop->n_threads);
    g_assert_cmpint(atomic_fetch_add(&loop->worker_busy[worker], 1), ==, 0);
    loop->n_runs[item]++;
    atomic_fetch_sub(&loop->worker_busy[worker], 1);
}

static void test_every_item_once(void)
{
    for (size_t n_threads = 1; n_threads <= MAX_THREADS; n_threads++) {
        GkPool *pool = gk_pool_new(n_threads);
        g_assert_nonnull(pool);
        g_assert_cmpuint(gk_pool_n_threads(pool), ==, n_threads);
        _Atomic int busy[MAX_THREADS] = {0};
        // Loops of all sizes right behind each other, so that late threads meet the next one.
        for (size_t n_items = 0; n_items < MAX_ITEMS; n_items += 1 + n_items / 7) {
            int n_runs[MAX_ITEMS] = {0};
            const Loop loop = {.n_runs = n_runs, .worker_busy = busy, .n_threads = n_threads};
            gk_pool_run(pool, n_items, count_item, &loop);
            for (size_t i = 0; i < MAX_ITEMS; i++)
                g_assert_cmpint(n_runs[i], ==, i < n_items);
        }
        gk_pool_free(pool);
    }
}

static void add_item(const void *job, size_t item, size_t worker)
{
    const size_t *const *numbers = job;
    ((size_t *)numbers[1])[item] = numbers[0][item] + 1;
}

// Each loop reads what the one before it wrote, on whichever thread.
static void test_loops_see_the_one_before(void)
{
    GkPool *pool = gk_pool_new(3);
    size_t a[7] = {0}, b[7] = {0};
    const size_t n_loops = 20000;
    for (size_t k = 0; k < n_loops; k++) {
        const size_t *const numbers[2] = {k % 2 ? b : a, k % 2 ? a : b};
        gk_pool_run(pool, G_N_ELEMENTS(a), add_item, numbers);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(a); i++)
        g_assert_cmpuint(a[i], ==, n_loops);
    gk_pool_free(pool);
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void no_item(const void *job, size_t item, size_t worker)
{
}

static void test_idle_threads_sleep(void)
{
    GkPool *pool = gk_pool_new(4);
    gk_pool_run(pool, 100, no_item, NULL);
    g_usleep(20000);
    const double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
    g_usleep(300000);
    // Four spinning threads would have used 0.3 s of every core.
    g_assert_cmpfloat(seconds(CLOCK_PROCESS_CPUTIME_ID) - start, <, 0.03);
    gk_pool_free(pool);
}

// Some hundred microseconds of work, as a block of tiles is.
static void spin_item(const void *job, size_t item, size_t worker)
{
    volatile unsigned n = 0;
    while (n < 100000)
        n = n + 1;
}

static double time_loops(GkPool *pool)
{
    const double start = seconds(CLOCK_MONOTONIC);
    for (size_t k = 0; k < 50; k++)
        gk_pool_run(pool, 20, spin_item, NULL);
    return seconds(CLOCK_MONOTONIC) - start;
}

// Another process takes a core. Two threads then have at least a core and a half, so that the time
// should rise by a third; threads that wait for a preempted one would need many times as long.
static void test_a_busy_core_costs_its_share(void)
{
    if (gk_pool_usable_cores() < 2) {
        g_test_skip("needs two cores");
        return;
    }
    GkPool *pool = gk_pool_new(gk_pool_usable_cores());
    double alone = time_loops(pool), beside = G_MAXDOUBLE;
    const pid_t child = fork();
    if (child == 0) {
        cpu_set_t mine, one;
        CPU_ZERO(&one);
        if (!sched_getaffinity(0, sizeof mine, &mine))
            for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
                if (CPU_ISSET(cpu, &mine))
                    CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof one, &one);
        for (volatile unsigned n = 0;; n = n + 1)
            ;
    }
    g_assert_cmpint(child, >, 0);
    // The best of several rounds on both sides: other processes may run as well.
    for (size_t round = 0; round < 5; round++)
        beside = MIN(beside, time_loops(pool));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (size_t round = 0; round < 5; round++)
        alone = MIN(alone, time_loops(pool));
    g_test_message("alone %.1f ms, beside a busy process %.1f ms", 1e3 * alone, 1e3 * beside);
    g_assert_cmpfloat(beside, <, 3 * alone);
    gk_pool_free(pool);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pool/every-item-once", test_every_item_once);
    g_test_add_func("/pool/loops-see-the-one-before", test_loops_see_the_one_before);
    g_test_add_func("/pool/idle-threads-sleep", test_idle_threads_sleep);
    g_test_add_func("/pool/a-busy-core-costs-its-share", test_a_busy_core_costs_its_share);
    return g_test_run();
}
