// SPDX-License-Identifier: LGPL-3.0-or-later
// The procedures that tasks have in GIMP 3: their names, and their arguments made from
// the tasks' declarations.
#ifndef GIMP3_PROCEDURES_H
#define GIMP3_PROCEDURES_H

#include "../task.h"
#include <libgimp/gimp.h>

G_BEGIN_DECLS

// Arguments of a procedure over files besides the task's own.
#define PROCEDURE_FILES "files"
#define PROCEDURE_FOLDER "folder"
#define PROCEDURE_EXTENSION "extension"

// The functions that GIMP calls; their data is the task.
typedef struct {
    GimpRunImageFunc image;
    GimpRunFunc no_image, files;
} ProcedureRuns;

// Appends the names of a task's procedures; they are the list's to free.
GList *procedures_append_names(GList *names, const Task *task);

// Makes the procedure of that name.
// Owner:   the caller gets it; NULL: there is none of that name.
GimpProcedure *procedures_create(GimpPlugIn *plug_in, const char *name, const ProcedureRuns *runs);

// Sets `values` from what GIMP filled in, and back.
void procedures_get_values(const Task *task, GimpProcedureConfig *config, Values *values);
void procedures_set_values(const Task *task, GimpProcedureConfig *config, const Values *values);

G_END_DECLS
#endif
