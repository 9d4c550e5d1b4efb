// SPDX-License-Identifier: LGPL-3.0-or-later
#include "worker.h"

#include "../session.h"

struct WorkerJob {
    Worker *worker;
    WorkerKind kind;
    const WorkerWork *work;
    gpointer data;
    gint cancelled;  // atomic
    gint progressed; // atomic: a message of progress is on its way
    double fraction; // under the worker's lock
};

typedef enum { MESSAGE_PROGRESS, MESSAGE_ITEM, MESSAGE_END } MessageKind;

// From the thread to the window.
typedef struct {
    MessageKind kind;
    WorkerJob *job;
    void (*tell)(gpointer data, gpointer item);
    gpointer item;
    GDestroyNotify free_item;
} Message;

struct Worker {
    GanTask task; // of the session
    GThread *thread;
    GMutex lock;
    // Under the lock.
    GCond wake;
    WorkerJob *waiting[WORKER_N_KINDS];
    WorkerJob *running;
    gboolean quit;
    GQueue messages;
    guint idle_id;
};

static void job_free(WorkerJob *job)
{
    if (job->work->free != NULL)
        job->work->free(job->data);
    g_free(job);
}

static void message_free(Message *message)
{
    if (message->free_item != NULL)
        message->free_item(message->item);
    if (message->kind == MESSAGE_END)
        job_free(message->job);
    g_free(message);
}

static void deliver(Message *message)
{
    WorkerJob *job = message->job;
    const WorkerWork *work = job->work;
    double fraction = 0;
    if (message->kind == MESSAGE_PROGRESS) {
        g_atomic_int_set(&job->progressed, FALSE);
        g_mutex_lock(&job->worker->lock);
        fraction = job->fraction;
        g_mutex_unlock(&job->worker->lock);
    }
    if (!g_atomic_int_get(&job->cancelled)) {
        if (message->kind == MESSAGE_PROGRESS && work->progress != NULL)
            work->progress(job->data, fraction);
        if (message->kind == MESSAGE_ITEM)
            message->tell(job->data, message->item);
        if (message->kind == MESSAGE_END && work->done != NULL)
            work->done(job->data);
    }
    message_free(message);
}

static gboolean on_idle(gpointer data)
{
    Worker *worker = data;
    g_mutex_lock(&worker->lock);
    Message *message = g_queue_pop_head(&worker->messages);
    const gboolean more = !g_queue_is_empty(&worker->messages);
    if (!more)
        worker->idle_id = 0;
    g_mutex_unlock(&worker->lock);
    if (message != NULL)
        deliver(message);
    return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void send_locked(Worker *worker, const Message *message)
{
    Message *sent = g_new(Message, 1);
    *sent = *message;
    g_queue_push_tail(&worker->messages, sent);
    // After the window's events, before its painting.
    if (worker->idle_id == 0)
        worker->idle_id = g_idle_add_full(G_PRIORITY_HIGH_IDLE, on_idle, worker, NULL);
}

static void send(Worker *worker, const Message *message)
{
    g_mutex_lock(&worker->lock);
    send_locked(worker, message);
    g_mutex_unlock(&worker->lock);
}

gboolean worker_go_on(double fraction, gpointer data)
{
    WorkerJob *job = data;
    if (g_atomic_int_get(&job->cancelled))
        return FALSE;
    g_mutex_lock(&job->worker->lock);
    job->fraction = fraction;
    g_mutex_unlock(&job->worker->lock);
    // One message at a time: the window takes the newest fraction when it has time.
    if (job->work->progress != NULL &&
        g_atomic_int_compare_and_exchange(&job->progressed, FALSE, TRUE))
        send(job->worker, &(Message){.kind = MESSAGE_PROGRESS, .job = job});
    return TRUE;
}

void worker_tell(WorkerJob *job, void (*tell)(gpointer data, gpointer item), gpointer item,
                 GDestroyNotify free_item)
{
    send(job->worker, &(Message){MESSAGE_ITEM, job, tell, item, free_item});
}

// Waits for a job. Returns NULL when the thread is to end.
static WorkerJob *take(Worker *worker)
{
    WorkerJob *job = NULL;
    g_mutex_lock(&worker->lock);
    worker->running = NULL;
    while (job == NULL && !worker->quit) {
        for (guint kind = 0; kind < WORKER_N_KINDS && job == NULL; kind++) {
            job = worker->waiting[kind];
            worker->waiting[kind] = NULL;
        }
        if (job == NULL)
            g_cond_wait(&worker->wake, &worker->lock);
    }
    worker->running = job;
    g_mutex_unlock(&worker->lock);
    return job;
}

static gpointer thread_main(gpointer data)
{
    Worker *worker = data;
    g_autoptr(Session) session = session_new(worker->task);
    WorkerJob *job = NULL;
    while ((job = take(worker)) != NULL) {
        if (!g_atomic_int_get(&job->cancelled))
            job->work->run(job, session, job->data);
        g_mutex_lock(&worker->lock);
        worker->running = NULL;
        send_locked(worker, &(Message){.kind = MESSAGE_END, .job = job});
        g_mutex_unlock(&worker->lock); // the window may free the job from now on
    }
    return NULL;
}

Worker *worker_new(GanTask task)
{
    Worker *worker = g_new0(Worker, 1);
    g_mutex_init(&worker->lock);
    g_cond_init(&worker->wake);
    g_queue_init(&worker->messages);
    worker->task = task;
    worker->thread = g_thread_new("dialog", thread_main, worker);
    return worker;
}

// Cancels what runs and returns what waits, for the caller to free without the lock.
static WorkerJob *cancel_locked(Worker *worker, WorkerKind kind)
{
    WorkerJob *waiting = worker->waiting[kind];
    worker->waiting[kind] = NULL;
    if (worker->running != NULL && worker->running->kind == kind)
        g_atomic_int_set(&worker->running->cancelled, TRUE);
    // What the window has not heard yet is out of date as well.
    for (GList *link = worker->messages.head; link != NULL; link = link->next) {
        const Message *message = link->data;
        if (message->job->kind == kind)
            g_atomic_int_set(&message->job->cancelled, TRUE);
    }
    return waiting;
}

void worker_post(Worker *worker, WorkerKind kind, const WorkerWork *work, gpointer data)
{
    WorkerJob *job = g_new0(WorkerJob, 1);
    job->worker = worker;
    job->kind = kind;
    job->work = work;
    job->data = data;
    g_mutex_lock(&worker->lock);
    WorkerJob *old = cancel_locked(worker, kind);
    worker->waiting[kind] = job;
    g_cond_signal(&worker->wake);
    g_mutex_unlock(&worker->lock);
    if (old != NULL)
        job_free(old);
}

void worker_cancel(Worker *worker, WorkerKind kind)
{
    g_mutex_lock(&worker->lock);
    WorkerJob *old = cancel_locked(worker, kind);
    g_mutex_unlock(&worker->lock);
    if (old != NULL)
        job_free(old);
}

void worker_free(Worker *worker)
{
    if (worker == NULL)
        return;
    for (guint kind = 0; kind < WORKER_N_KINDS; kind++)
        worker_cancel(worker, (WorkerKind)kind);
    g_mutex_lock(&worker->lock);
    worker->quit = TRUE;
    g_cond_signal(&worker->wake);
    g_mutex_unlock(&worker->lock);
    g_thread_join(worker->thread);
    if (worker->idle_id != 0)
        g_source_remove(worker->idle_id);
    Message *message = NULL;
    while ((message = g_queue_pop_head(&worker->messages)) != NULL)
        message_free(message);
    g_cond_clear(&worker->wake);
    g_mutex_clear(&worker->lock);
    g_free(worker);
}
