// SPDX-License-Identifier: LGPL-3.0-or-later
// Width, height and factor, which follow each other.
#ifndef PLUGIN_DIALOG_ROWS_SIZE_H
#define PLUGIN_DIALOG_ROWS_SIZE_H

#include "../../task.h"
#include "../toolkit.h"

G_BEGIN_DECLS

typedef struct Size Size;

typedef struct {
    const Task *task;
    Values *values; // kept up to date; borrowed
    const Subject *subject;
    const Argument *width, *height, *factor; // all or none of a task's
    GtkSizeGroup *labels;                    // of the dialog's first column
    void (*changed)(gpointer data);          // by the user
    gpointer data;
} SizeParams;

Size *size_new(const SizeParams *params);
void size_free(Size *size); // accepts NULL; after its widget is gone
GtkWidget *size_widget(Size *size);

// Shows what the values are now, whoever changed them: the sizes or what 100 % of them is.
void size_show(Size *size);

// Back to pixels and a closed chain, as it was made.
void size_reset(Size *size);

// The scale of the chosen model, which a factor of 0 stands for; 0: not known yet.
void size_set_model_scale(Size *size, guint scale);

// Result's pixels to one of the drawable's.
void size_factors(const Size *size, double *x, double *y);

G_END_DECLS
#endif
