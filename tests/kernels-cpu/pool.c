// SPDX-License-Identifier: LGPL-3.0-or-later
// The thread pool. Built with -Db_sanitize=thread this is the check for races.
#define _GNU_SOURCE // syscall()
#include "pool.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
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

// --- who the workers are ---

// Every thread takes one item and waits until all have one.
typedef struct {
    pthread_t thread[MAX_THREADS];
    pid_t id[MAX_THREADS]; // by worker
    size_t n_threads;
    _Atomic size_t n_here;
} Meeting;

static void meet(const void *job, size_t item, size_t worker)
{
    Meeting *meeting = *(Meeting *const *)job;
    meeting->thread[worker] = pthread_self();
    meeting->id[worker] = (pid_t)syscall(SYS_gettid);
    atomic_fetch_add(&meeting->n_here, 1);
    while (atomic_load(&meeting->n_here) < meeting->n_threads)
        sched_yield();
}

static void find_workers(GkPool *pool, Meeting *meeting)
{
    meeting->n_threads = gk_pool_n_threads(pool);
    atomic_store(&meeting->n_here, 0);
    gk_pool_run(pool, meeting->n_threads, meet, &meeting);
}

// --- threads with nothing to do ---

// Returns how often the thread went to sleep so far, or -1 while it runs.
static gint64 n_sleeps(pid_t id)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/status", (int)id);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    const char *state = strstr(text, "State:"), *n = strstr(text, "\nvoluntary_ctxt_switches:");
    g_assert_true(state != NULL && n != NULL);
    return strstr(state, "sleeping") == strchr(state, '(') + 1
               ? g_ascii_strtoll(strchr(n, ':') + 1, NULL, 10)
               : -1;
}

static gboolean all_stay_asleep(const Meeting *meeting)
{
    gint64 before[MAX_THREADS];
    for (size_t i = 1; i < meeting->n_threads; i++)
        before[i] = n_sleeps(meeting->id[i]);
    g_usleep(50000);
    for (size_t i = 1; i < meeting->n_threads; i++)
        if (before[i] < 0 || n_sleeps(meeting->id[i]) != before[i])
            return FALSE;
    return TRUE;
}

// Threads that spin, or wake again and again to look, never come to that; then the test's time ends.
static void test_idle_threads_sleep(void)
{
    GkPool *pool = gk_pool_new(4);
    Meeting meeting;
    find_workers(pool, &meeting);
    while (!all_stay_asleep(&meeting))
        ;
    gk_pool_free(pool);
}

// --- threads that do not get on ---

static int held_pipe[2], release_pipe[2];

// Keeps a thread as another process on its core would, but until it is released.
static void hold(int number)
{
    const int kept = errno;
    char byte = 0;
    if (write(held_pipe[1], &byte, 1) == 1)
        while (read(release_pipe[0], &byte, 1) < 0 && errno == EINTR)
            ;
    errno = kept;
}

// Threads that waited for a held one, or left it what it does not get to, would never end.
static void test_held_threads_hold_up_nobody(void)
{
    struct sigaction act = {.sa_handler = hold}, before;
    g_assert_cmpint(pipe(held_pipe), ==, 0);
    g_assert_cmpint(pipe(release_pipe), ==, 0);
    g_assert_cmpint(sigaction(SIGUSR1, &act, &before), ==, 0);
    GkPool *pool = gk_pool_new(4);
    Meeting meeting;
    find_workers(pool, &meeting);
    char byte = 0;
    for (size_t n_held = 1; n_held < meeting.n_threads; n_held++) {
        g_assert_cmpint(pthread_kill(meeting.thread[n_held], SIGUSR1), ==, 0);
        g_assert_cmpint(read(held_pipe[0], &byte, 1), ==, 1);
        _Atomic int busy[MAX_THREADS] = {0};
        for (size_t k = 0; k < 50; k++) {
            int n_runs[20] = {0};
            const Loop loop = {
                .n_runs = n_runs, .worker_busy = busy, .n_threads = meeting.n_threads};
            gk_pool_run(pool, G_N_ELEMENTS(n_runs), count_item, &loop);
            for (size_t i = 0; i < G_N_ELEMENTS(n_runs); i++)
                g_assert_cmpint(n_runs[i], ==, 1);
        }
    }
    for (size_t i = 1; i < meeting.n_threads; i++)
        g_assert_cmpint(write(release_pipe[1], &byte, 1), ==, 1);
    // They take part again.
    find_workers(pool, &meeting);
    gk_pool_free(pool);
    g_assert_cmpint(sigaction(SIGUSR1, &before, NULL), ==, 0);
    for (size_t end = 0; end < 2; end++) {
        close(held_pipe[end]);
        close(release_pipe[end]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pool/every-item-once", test_every_item_once);
    g_test_add_func("/pool/loops-see-the-one-before", test_loops_see_the_one_before);
    g_test_add_func("/pool/idle-threads-sleep", test_idle_threads_sleep);
    g_test_add_func("/pool/held-threads-hold-up-nobody", test_held_threads_hold_up_nobody);
    return g_test_run();
}
