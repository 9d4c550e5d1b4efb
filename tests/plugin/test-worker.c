// SPDX-License-Identifier: LGPL-3.0-or-later
// The thread beside a dialog: what is out of date is neither done nor heard of, and
// nothing is lost.
#include "dialog/worker.h"

typedef struct {
    const char *name;
    GString *log;       // main thread only
    gint started, stop; // atomic
    gint *freed;
} Work;

static gboolean late(gpointer data)
{
    g_error("the worker did not answer within 20 s");
    return G_SOURCE_REMOVE; // GLib from 2.80 on does not say that g_error() never returns
}

// Runs the main loop until `flag` is set.
static void wait_for(gint *flag)
{
    const guint id = g_timeout_add_seconds(20, late, NULL);
    while (!g_atomic_int_get(flag))
        g_main_context_iteration(NULL, FALSE);
    g_source_remove(id);
}

static void short_run(WorkerJob *job, Session *session, gpointer data)
{
}

// Until it is cancelled or told to stop.
static void long_run(WorkerJob *job, Session *session, gpointer data)
{
    Work *task = data;
    g_atomic_int_set(&task->started, TRUE);
    while (worker_go_on(0.5, job) && !g_atomic_int_get(&task->stop))
        g_usleep(100);
}

static void log_done(gpointer data)
{
    Work *task = data;
    g_string_append_printf(task->log, "%s ", task->name);
}

static void log_free(gpointer data)
{
    Work *task = data;
    g_atomic_int_inc(task->freed);
}

static const WorkerWork SHORT = {short_run, NULL, log_done, log_free};
static const WorkerWork LONG = {long_run, NULL, log_done, log_free};

static void newest_replaces_what_runs_and_waits(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    gint freed = 0;
    Work tasks[] = {{"a", log, 0, 0, &freed}, {"b", log, 0, 0, &freed}, {"c", log, 0, 0, &freed}};
    Worker *worker = worker_new(GAN_TASK_ANY);
    worker_post(worker, WORKER_PREVIEW, &LONG, &tasks[0]);
    wait_for(&tasks[0].started);
    worker_post(worker, WORKER_PREVIEW, &SHORT, &tasks[1]);
    worker_post(worker, WORKER_PREVIEW, &SHORT, &tasks[2]);
    while (g_atomic_int_get(&freed) < 3)
        g_main_context_iteration(NULL, FALSE);
    g_assert_cmpstr(log->str, ==, "c ");
    worker_free(worker);
    g_assert_cmpint(freed, ==, 3);
}

static void urgent_kinds_go_first(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    gint freed = 0;
    Work tasks[] = {{"first", log, 0, 0, &freed},
                    {"preview", log, 0, 0, &freed},
                    {"catalogue", log, 0, 0, &freed}};
    Worker *worker = worker_new(GAN_TASK_ANY);
    worker_post(worker, WORKER_ESTIMATE, &LONG, &tasks[0]);
    wait_for(&tasks[0].started);
    worker_post(worker, WORKER_PREVIEW, &SHORT, &tasks[1]);
    worker_post(worker, WORKER_CATALOGUE, &SHORT, &tasks[2]);
    g_atomic_int_set(&tasks[0].stop, TRUE);
    while (g_atomic_int_get(&freed) < 3)
        g_main_context_iteration(NULL, FALSE);
    g_assert_cmpstr(log->str, ==, "first catalogue preview ");
    worker_free(worker);
}

// --- what is told ---

static void tell(gpointer data, gpointer item)
{
    Work *task = data;
    g_string_append_printf(task->log, "%d", GPOINTER_TO_INT(item));
}

static void telling_run(WorkerJob *job, Session *session, gpointer data)
{
    for (int i = 1; i < 6; i++)
        worker_tell(job, tell, GINT_TO_POINTER(i), NULL);
    Work *task = data;
    g_atomic_int_set(&task->started, TRUE);
}

static const WorkerWork TELLING = {telling_run, NULL, log_done, log_free};

static void items_come_in_order_before_the_end(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    gint freed = 0;
    Work task = {"end", log, 0, 0, &freed};
    Worker *worker = worker_new(GAN_TASK_ANY);
    worker_post(worker, WORKER_ESTIMATE, &TELLING, &task);
    while (g_atomic_int_get(&freed) < 1)
        g_main_context_iteration(NULL, FALSE);
    g_assert_cmpstr(log->str, ==, "12345end ");
    worker_free(worker);
}

static void nothing_is_heard_of_what_was_cancelled(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    gint freed = 0;
    Work task = {"end", log, 0, 0, &freed};
    Worker *worker = worker_new(GAN_TASK_ANY);
    worker_post(worker, WORKER_ESTIMATE, &TELLING, &task);
    // It has run, but the main loop has not: everything is still on its way.
    while (!g_atomic_int_get(&task.started))
        g_usleep(100);
    worker_cancel(worker, WORKER_ESTIMATE);
    while (g_atomic_int_get(&freed) < 1)
        g_main_context_iteration(NULL, FALSE);
    g_assert_cmpstr(log->str, ==, "");
    worker_free(worker);
}

static void freeing_ends_what_runs_and_frees_all(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    gint freed = 0;
    Work tasks[] = {{"a", log, 0, 0, &freed}, {"b", log, 0, 0, &freed}, {"c", log, 0, 0, &freed}};
    Worker *worker = worker_new(GAN_TASK_ANY);
    worker_post(worker, WORKER_PREVIEW, &LONG, &tasks[0]);
    wait_for(&tasks[0].started);
    worker_post(worker, WORKER_ESTIMATE, &TELLING, &tasks[1]);
    worker_post(worker, WORKER_PREVIEW, &SHORT, &tasks[2]);
    const gint64 start_us = g_get_monotonic_time();
    worker_free(worker);
    g_assert_cmpint(g_get_monotonic_time() - start_us, <, 5000000);
    g_assert_cmpint(freed, ==, 3);
    // Nothing of it is left in the main loop.
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpstr(log->str, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/worker/newest-replaces-what-runs-and-waits",
                    newest_replaces_what_runs_and_waits);
    g_test_add_func("/worker/urgent-kinds-go-first", urgent_kinds_go_first);
    g_test_add_func("/worker/items-come-in-order-before-the-end",
                    items_come_in_order_before_the_end);
    g_test_add_func("/worker/nothing-is-heard-of-what-was-cancelled",
                    nothing_is_heard_of_what_was_cancelled);
    g_test_add_func("/worker/freeing-ends-what-runs-and-frees-all",
                    freeing_ends_what_runs_and_frees_all);
    return g_test_run();
}
