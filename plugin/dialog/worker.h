// SPDX-License-Identifier: LGPL-3.0-or-later
// The thread beside a window: it does what takes long, with a session of its own, one thing at a
// time, and always the newest of its kind.
#ifndef PLUGIN_DIALOG_WORKER_H
#define PLUGIN_DIALOG_WORKER_H

#include "../task.h"
#include <gan/task.h>

G_BEGIN_DECLS

typedef struct Worker Worker;

// One call of WorkerWork.run.
typedef struct WorkerJob WorkerJob;

// What to do, and how the window hears of it. All but run may be NULL.
typedef struct {
    // On the worker's thread. Asks worker_go_on() now and then.
    void (*run)(WorkerJob *job, Session *session, gpointer data);
    // On the main thread, while it runs and after it. Not called any more once the job was
    // replaced or cancelled.
    void (*progress)(gpointer data, double fraction);
    void (*done)(gpointer data);
    // On the main thread, in every case, as the last.
    GDestroyNotify free;
} WorkerWork;

// What a window has the worker do, most urgent first; one job of each kind waits at a time.
typedef enum {
    WORKER_CATALOGUE,
    WORKER_DEVICES,
    WORKER_FILES,
    WORKER_ESTIMATE,
    WORKER_PREVIEW,
    WORKER_N_KINDS
} WorkerKind;

// `task`: of the worker's session.
Worker *worker_new(GanTask task);
// Cancels everything and waits for the thread, which ends within the time of a tile's part.
void worker_free(Worker *worker); // accepts NULL

// Has `work` done; a job of the same kind that waits or runs is cancelled.
// Owner:   keeps `data` until work->free; `work` must live as long as the worker.
void worker_post(Worker *worker, WorkerKind kind, const WorkerWork *work, gpointer data);
void worker_cancel(Worker *worker, WorkerKind kind);

// A GanProgress for use within run; data is the job. Tells the window, and returns
// whether to go on.
gboolean worker_go_on(double fraction, gpointer data);

// Calls `tell` with the job's data and `item` on the main thread, in the order of the calls, unless
// the job is cancelled before.
// Owner:   frees the item with free_item.
void worker_tell(WorkerJob *job, void (*tell)(gpointer data, gpointer item), gpointer item,
                 GDestroyNotify free_item);

G_END_DECLS
#endif
