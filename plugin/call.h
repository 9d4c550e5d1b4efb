// SPDX-License-Identifier: LGPL-3.0-or-later
// One call of a task's procedure, the same in both hosts: dialog if asked for, checks, the run.
#ifndef PLUGIN_CALL_H
#define PLUGIN_CALL_H

#include "task.h"

G_BEGIN_DECLS

typedef enum { CALL_INTERACTIVE, CALL_NONINTERACTIVE, CALL_WITH_LAST_VALUES } CallMode;

typedef struct {
    gint image, drawable;
} CallResult;

// Runs `task` on an image; 0 where it needs none. Interactive: the dialog first, starting from
// `values`, which then hold what the user chose, for the host to keep.
// Errors:  G_IO_ERROR_CANCELLED: the user closed the dialog. Values out of range, the task's.
gboolean call_run(const Task *task, CallMode mode, gint image, gint drawable, Values *values,
                  CallResult *result, GError **error);

// Runs `task` on a list of picture files, loading the model once: each is opened by GIMP, worked
// on, saved into `folder` as NAME.EXTENSION ("" keeps the file's own) and closed. A file that fails
// is reported in `failures` (one line each; the caller frees it; NULL when there is none) and does
// not stop the others; one of several pages or frames, of which only the first was worked on, too. Returns the number of files done.
// Errors:  what concerns all files: values, model, folder.
guint call_run_files(const Task *task, const char *const *files, const char *folder,
                     const char *extension, const Values *values, char **failures, GError **error);

G_END_DECLS
#endif
