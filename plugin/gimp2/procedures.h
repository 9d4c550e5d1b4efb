// SPDX-License-Identifier: LGPL-3.0-or-later
// The procedures that tasks have in GIMP 2.10: their arguments, made from the tasks' declarations.
#ifndef GIMP2_PROCEDURES_H
#define GIMP2_PROCEDURES_H

#include "../task.h"
#include <libgimp/gimp.h>

G_BEGIN_DECLS

// Arguments of a procedure before those that its task declares.
enum {
    PROCEDURE_RUN_MODE,
    PROCEDURE_NO_IMAGE_LEADING,
    PROCEDURE_IMAGE = 1, // of one over an image
    PROCEDURE_DRAWABLE,
    PROCEDURE_IMAGE_LEADING,
    PROCEDURE_N_FILES = 1, // of one over files
    PROCEDURE_FILES,
    PROCEDURE_FOLDER,
    PROCEDURE_EXTENSION,
    PROCEDURE_FILES_LEADING,
};

// Tells GIMP of all procedures of a task.
void procedures_install(const Task *task);

// Sets `values` from the arguments that follow the leading ones.
// Errors:  GAN_ERROR_ARGUMENT: too few; out of range.
gboolean procedures_values(const Task *task, const GimpParam *arguments, gint n, Values *values,
                           GError **error);

G_END_DECLS
#endif
