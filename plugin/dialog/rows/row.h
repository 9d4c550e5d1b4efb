// SPDX-License-Identifier: LGPL-3.0-or-later
// One row of a dialog, and what a kind of argument says about its rows: one file here for each kind
// or pair of kinds, one line in the table of rows.c.
#ifndef PLUGIN_DIALOG_ROWS_ROW_H
#define PLUGIN_DIALOG_ROWS_ROW_H

#include "rows.h"
#include "size.h"

#include <gan/catalogue.h>

G_BEGIN_DECLS

// In which sentences below a field are broken.
#define ROW_WORDS_WIDTH 345

typedef struct {
    Rows *rows;
    const Argument *argument;
    GtkWidget *box;              // all of the row; NULL: the argument has none of its own
    GtkWidget *widget;           // what shows the value and takes the keys
    GtkWidget *told;             // of a model: what its name does not tell, on a line of its own
    GtkWidget *said, *said_line; // a sentence about the value, and its line, hidden without one
} Row;

typedef struct {
    // Makes row->widget, connects it, and packs it into row->box, which has its label already.
    void (*make)(Row *row);
    // Shows the value.
    void (*show)(Row *row);
    gboolean has_label; // the widget shows the label itself
} RowKind;

extern const RowKind row_level;
extern const RowKind row_model, row_device, row_text, row_file, row_colour, row_choice, row_boolean,
    row_seed, row_number, row_layer;

struct Rows {
    RowsParams params;
    GtkWidget *box, *advanced; // the expander; NULL: there is none
    GtkSizeGroup *labels;
    Row *rows;             // one for each argument; empty where box is NULL
    Size *size;            // NULL: the task has none
    GPtrArray *entries;    // NULL: not known yet
    char **default_models; // of each argument that is a model, and if there is one
    gboolean busy;         // the widgets are being set, not used
};

// For handlers of a row's widget: sets the value and tells the dialog, unless the
// widget is being set.
void row_set_number(Row *row, double number);
void row_set_text(Row *row, const char *text);
void row_set_colour(Row *row, const double rgb[3]);

// "_Flip" and "翻转(_F)" without the mnemonic, for where there can be none.
// Owner:   the caller frees it.
char *row_plain_label(const char *label);

// Owner:   the rows; NULL where there is no such model.
const GanCatalogueEntry *row_find_entry(const Rows *rows, const char *name);
void row_fill_models(Row *row);
gboolean row_is_first_model(const Row *row);
// Whether sliders of the task blend this row's model with its partner.
gboolean row_blends(const Row *row);
// Tells what the number is of a row that looks like ARGUMENT_LEVEL.
void row_set_level(Row *row, const TaskLevel *found);

void row_fill_devices(Row *row, const DeviceItem *items, guint n);

G_END_DECLS
#endif
