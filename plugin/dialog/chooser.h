// SPDX-License-Identifier: LGPL-3.0-or-later
// A combo box of things that have an id, a name, and something to tell about them, some of which
// cannot be chosen.
#ifndef PLUGIN_DIALOG_CHOOSER_H
#define PLUGIN_DIALOG_CHOOSER_H

#include "toolkit.h"

G_BEGIN_DECLS

typedef struct {
    const char *id;
    const char *name;
    const char *scale; // in a column of its own; NULL: nothing
    const char *note;  // Pango markup at the end; NULL: nothing
    gboolean works;
} ChooserItem;

// Returns a GtkComboBox.
GtkWidget *chooser_new(void);
void chooser_clear(GtkWidget *chooser);
void chooser_add(GtkWidget *chooser, const ChooserItem *item);

// Returns FALSE, and changes nothing, if there is no such item.
gboolean chooser_select(GtkWidget *chooser, const char *id);
// Returns the selected item's id, NULL when there is none.
// Owner:   the caller frees it.
char *chooser_selected(GtkWidget *chooser);

G_END_DECLS
#endif
