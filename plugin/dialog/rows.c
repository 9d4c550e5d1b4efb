// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rows.h"

#include "chooser.h"
#include "entries.h"
#include "size.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

typedef struct {
    Rows *rows;
    const Argument *argument;
    GtkWidget *box;    // all of the row; NULL: the argument has none of its own
    GtkWidget *widget; // combo box, check button, entry; NULL where `adjustment` is set
    GtkAdjustment *adjustment;
    GtkWidget *told; // of a model: what its name does not tell
} Row;

struct Rows {
    RowsParams params;
    GtkWidget *box;
    GtkSizeGroup *labels;
    Row *rows; // one for each argument
    Size *size;
    GPtrArray *entries; // NULL: not known yet
    char *default_model;
    gboolean busy; // the widgets are being set, not used
};

// "_Flip" and "翻转(_F)" without the mnemonic, for where there can be none.
static char *plain_label(const char *label)
{
    GString *text = g_string_new(NULL);
    for (const char *c = label; *c != 0; c++) {
        if (c[0] == '(' && c[1] == '_' && c[2] != 0 && c[3] == ')')
            c += 3;
        else if (*c != '_')
            g_string_append_c(text, *c);
    }
    return g_string_free(text, FALSE);
}

static void changed(Rows *rows)
{
    // What 100 % is may hang on any of them.
    if (rows->size != NULL)
        size_show(rows->size);
    rows->params.changed(rows->params.data);
}

static void on_size_changed(gpointer data)
{
    Rows *rows = data;
    rows->params.changed(rows->params.data);
}

// --- from the widgets to the values ---

static const GanCatalogueEntry *find_entry(const Rows *rows, const char *name)
{
    for (guint i = 0; rows->entries != NULL && i < rows->entries->len; i++) {
        const GanCatalogueEntry *entry = g_ptr_array_index(rows->entries, i);
        if (g_str_equal(entry->name, name))
            return entry;
    }
    return NULL;
}

// Marked where it must not be overlooked.
static char *markup(const char *text, gboolean marked)
{
    return g_markup_printf_escaped(
        marked ? "<small><span foreground=\"#d9660a\"><b>%s</b></span></small>"
               : "<small>%s</small>",
        text);
}

static void tell_model(const Row *row)
{
    const GanCatalogueEntry *entry =
        find_entry(row->rows, values_text(row->rows->params.values, row->argument->name));
    g_autoptr(GString) text = g_string_new(NULL);
    if (entry != NULL && entry->problem == NULL) {
        g_autofree char *size = g_format_size(entry->bytes);
        g_autofree char *licence = entries_licence_text(entry);
        g_autofree char *first = g_strdup_printf("%s · %s · ", entry->title, size);
        g_autofree char *start = markup(first, FALSE);
        g_autofree char *end = markup(licence, entry->non_commercial);
        g_string_append_printf(text, "%s%s", start, end);
    } else if (entry != NULL) {
        g_autofree char *problem = markup(entry->problem, TRUE);
        g_string_append(text, problem);
    }
    gtk_label_set_markup(GTK_LABEL(row->told), text->str);
}

static void tell_model_scale(Rows *rows)
{
    const Task *task = rows->params.task;
    for (guint i = 0; rows->size != NULL && i < task->n_arguments; i++) {
        if (task->arguments[i].kind != ARGUMENT_MODEL)
            continue;
        const GanCatalogueEntry *entry =
            find_entry(rows, values_text(rows->params.values, task->arguments[i].name));
        size_set_model_scale(rows->size, entry != NULL ? entry->scale : 0);
        return;
    }
}

static void on_chosen(GtkWidget *widget, gpointer data)
{
    const Row *row = data;
    g_autofree char *id = chooser_selected(widget);
    if (row->rows->busy || id == NULL)
        return;
    values_set_text(row->rows->params.values, row->argument->name, id);
    if (row->argument->kind == ARGUMENT_MODEL) {
        tell_model(row);
        tell_model_scale(row->rows);
    }
    changed(row->rows);
}

static void on_choice(GtkWidget *widget, gpointer data)
{
    const Row *row = data;
    if (row->rows->busy)
        return;
    values_set_number(row->rows->params.values, row->argument->name,
                      gtk_combo_box_get_active(GTK_COMBO_BOX(widget)));
    changed(row->rows);
}

static void on_toggled(GtkWidget *widget, gpointer data)
{
    const Row *row = data;
    if (row->rows->busy)
        return;
    values_set_number(row->rows->params.values, row->argument->name,
                      gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(widget)));
    changed(row->rows);
}

static void on_text(GtkWidget *widget, gpointer data)
{
    const Row *row = data;
    if (row->rows->busy)
        return;
    values_set_text(row->rows->params.values, row->argument->name,
                    gtk_entry_get_text(GTK_ENTRY(widget)));
    changed(row->rows);
}

static void on_number(GtkAdjustment *adjustment, gpointer data)
{
    const Row *row = data;
    if (row->rows->busy)
        return;
    values_set_number(row->rows->params.values, row->argument->name,
                      gtk_adjustment_get_value(adjustment));
    changed(row->rows);
}

// --- from the values to the widgets ---

static void show_chosen(const Row *row)
{
    const char *text = values_text(row->rows->params.values, row->argument->name);
    if (chooser_select(row->widget, text) || text[0] == 0)
        return;
    // What a script has set, a file outside the folders or one that is gone.
    const gboolean is_file = g_file_test(text, G_FILE_TEST_IS_REGULAR);
    g_autofree char *base = g_path_get_basename(text);
    g_autofree char *shown = g_filename_display_name(base);
    const gboolean known = row->argument->kind == ARGUMENT_MODEL && row->rows->entries != NULL;
    g_autofree char *note = known && !is_file ? g_strdup(_("not installed")) : NULL;
    chooser_add(row->widget,
                &(ChooserItem){.id = text, .name = shown, .note = note, .works = note == NULL});
    chooser_select(row->widget, text);
}

static void show_row(const Row *row)
{
    const Argument *argument = row->argument;
    const Values *values = row->rows->params.values;
    if (row->adjustment != NULL)
        gtk_adjustment_set_value(row->adjustment, values_number(values, argument->name));
    else if (argument->kind == ARGUMENT_MODEL || argument->kind == ARGUMENT_DEVICE)
        show_chosen(row);
    else if (argument->kind == ARGUMENT_CHOICE)
        gtk_combo_box_set_active(GTK_COMBO_BOX(row->widget),
                                 values_integer(values, argument->name));
    else if (argument->kind == ARGUMENT_BOOLEAN)
        gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(row->widget),
                                     values_integer(values, argument->name) != 0);
    else
        gtk_entry_set_text(GTK_ENTRY(row->widget), values_text(values, argument->name));
    if (row->told != NULL)
        tell_model(row);
}

static void resolve_models(Rows *rows)
{
    const Task *task = rows->params.task;
    for (guint i = 0; i < task->n_arguments && rows->default_model != NULL; i++)
        if (task->arguments[i].kind == ARGUMENT_MODEL &&
            values_text(rows->params.values, task->arguments[i].name)[0] == 0)
            values_set_text(rows->params.values, task->arguments[i].name, rows->default_model);
}

void rows_show(Rows *rows)
{
    resolve_models(rows);
    rows->busy = TRUE;
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        if (rows->rows[i].box != NULL)
            show_row(&rows->rows[i]);
    rows->busy = FALSE;
    tell_model_scale(rows);
    if (rows->size != NULL)
        size_show(rows->size);
}

static void fill_models(const Row *row, const GPtrArray *entries)
{
    chooser_clear(row->widget);
    for (guint i = 0; i < entries->len; i++) {
        const GanCatalogueEntry *entry = g_ptr_array_index(entries, i);
        g_autofree char *scale = entries_scale_text(entry);
        const char *licence = entry->licence != NULL ? entry->licence : "";
        g_autofree char *note = markup(entry->problem != NULL ? _("cannot be used") : licence,
                                       entry->problem == NULL && entry->non_commercial);
        chooser_add(row->widget, &(ChooserItem){.id = entry->name,
                                                .name = entry->name,
                                                .scale = scale,
                                                .note = note,
                                                .works = entry->problem == NULL});
    }
}

void rows_set_models(Rows *rows, GPtrArray *entries, const char *default_model)
{
    g_free(rows->default_model);
    rows->default_model = g_strdup(default_model);
    g_clear_pointer(&rows->entries, g_ptr_array_unref);
    rows->entries = g_ptr_array_ref(entries);
    rows->busy = TRUE;
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        if (rows->rows[i].box != NULL && rows->rows[i].argument->kind == ARGUMENT_MODEL)
            fill_models(&rows->rows[i], entries);
    rows->busy = FALSE;
    rows_show(rows);
}

void rows_set_devices(Rows *rows, const DeviceItem *items, guint n)
{
    rows->busy = TRUE;
    for (guint i = 0; i < rows->params.task->n_arguments; i++) {
        const Row *row = &rows->rows[i];
        if (row->box == NULL || row->argument->kind != ARGUMENT_DEVICE)
            continue;
        chooser_clear(row->widget);
        for (guint k = 0; k < n; k++) {
            const gboolean works = items[k].description != NULL;
            g_autofree char *note =
                markup(works ? items[k].description : _("not available"), FALSE);
            chooser_add(row->widget, &(ChooserItem){.id = items[k].name,
                                                    .name = items[k].label,
                                                    .note = note,
                                                    .works = works});
        }
    }
    rows->busy = FALSE;
    rows_show(rows);
}

void rows_set_sensitive(Rows *rows, const gboolean *sensitive)
{
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        if (rows->rows[i].box != NULL)
            gtk_widget_set_sensitive(rows->rows[i].box, sensitive[i]);
}

void rows_factors(const Rows *rows, double *x, double *y)
{
    *x = *y = 1;
    if (rows->size != NULL)
        size_factors(rows->size, x, y);
}

// --- making ---

static void make_number(Row *row)
{
    const Argument *a = row->argument;
    const guint digits = a->kind == ARGUMENT_INTEGER ? 0 : a->digits;
    const double step = digits > 0 ? pow(10, -1.0 * digits) : 1;
    row->adjustment =
        GTK_ADJUSTMENT(gtk_adjustment_new(a->initial, a->minimum, a->maximum, step, 10 * step, 0));
    GtkWidget *number = gtk_spin_button_new(row->adjustment, step, digits);
    gtk_entry_set_activates_default(GTK_ENTRY(number), TRUE);
    if (a->look == ARGUMENT_SLIDER) {
        GtkWidget *slider = toolkit_slider(row->adjustment);
        gtk_widget_set_tooltip_text(slider, _(a->blurb));
        gtk_box_pack_start(GTK_BOX(row->box), slider, TRUE, TRUE, 0);
    }
    gtk_box_pack_start(GTK_BOX(row->box), number, FALSE, FALSE, 0);
    gtk_widget_set_tooltip_text(number, _(a->blurb));
    row->widget = number;
    g_signal_connect(row->adjustment, "value-changed", G_CALLBACK(on_number), row);
}

static void on_models_clicked(GtkWidget *button, gpointer data)
{
    Rows *rows = data;
    rows->params.models(rows->params.data);
}

static void make_chooser(Row *row, gboolean first_model)
{
    row->widget = chooser_new();
    g_signal_connect(row->widget, "changed", G_CALLBACK(on_chosen), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
    if (!first_model)
        return;
    GtkWidget *button = gtk_button_new_with_mnemonic(_("Mo_dels…"));
    gtk_widget_set_tooltip_text(button, _("Add and remove models, read their licences"));
    g_signal_connect(button, "clicked", G_CALLBACK(on_models_clicked), row->rows);
    gtk_box_pack_start(GTK_BOX(row->box), button, FALSE, FALSE, 0);
}

static void make_choice(Row *row)
{
    row->widget = gtk_combo_box_text_new();
    for (const ArgumentChoice *choice = row->argument->choices; choice->name != NULL; choice++) {
        g_autofree char *text = plain_label(_(choice->label));
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(row->widget), text);
    }
    g_signal_connect(row->widget, "changed", G_CALLBACK(on_choice), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
}

static void make_text(Row *row)
{
    row->widget = gtk_entry_new();
    gtk_entry_set_activates_default(GTK_ENTRY(row->widget), TRUE);
    g_signal_connect(row->widget, "changed", G_CALLBACK(on_text), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
}

// A line of its own below the chooser.
static void make_told(Row *row)
{
    GtkWidget *line = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *space = gtk_label_new(NULL);
    gtk_size_group_add_widget(row->rows->labels, space);
    row->told = gtk_label_new(NULL);
    g_object_set(row->told, "xalign", 0.0, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
    gtk_box_pack_start(GTK_BOX(line), space, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(line), row->told, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(row->rows->box), line, FALSE, FALSE, 0);
}

static void make_row(Rows *rows, Row *row, gboolean first_model)
{
    const Argument *a = row->argument;
    row->box = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 6);
    if (a->kind == ARGUMENT_BOOLEAN) {
        row->widget = gtk_check_button_new_with_mnemonic(_(a->label));
        g_signal_connect(row->widget, "toggled", G_CALLBACK(on_toggled), row);
        gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
    } else {
        g_autofree char *text = g_strdup_printf(_("%s:"), _(a->label));
        GtkWidget *label = gtk_label_new_with_mnemonic(text);
        g_object_set(label, "xalign", 0.0, NULL);
        gtk_size_group_add_widget(rows->labels, label);
        gtk_box_pack_start(GTK_BOX(row->box), label, FALSE, FALSE, 0);
        if (a->kind == ARGUMENT_MODEL || a->kind == ARGUMENT_DEVICE)
            make_chooser(row, first_model);
        else if (a->kind == ARGUMENT_CHOICE)
            make_choice(row);
        else if (a->kind == ARGUMENT_STRING)
            make_text(row);
        else
            make_number(row);
        gtk_label_set_mnemonic_widget(GTK_LABEL(label), row->widget);
    }
    gtk_widget_set_tooltip_text(row->widget, _(a->blurb));
    gtk_box_pack_start(GTK_BOX(rows->box), row->box, FALSE, FALSE, 0);
    if (a->kind == ARGUMENT_MODEL)
        make_told(row);
}

static const Argument *with_look(const Task *task, ArgumentLook look)
{
    for (guint i = 0; i < task->n_arguments; i++)
        if (task->arguments[i].look == look)
            return &task->arguments[i];
    return NULL;
}

// Width, height and factor stand together, where the first of them is declared.
static void make_size(Rows *rows, Row *row)
{
    SizeParams params = {.task = rows->params.task,
                         .values = rows->params.values,
                         .subject = rows->params.subject,
                         .width = with_look(rows->params.task, ARGUMENT_WIDTH),
                         .height = with_look(rows->params.task, ARGUMENT_HEIGHT),
                         .factor = with_look(rows->params.task, ARGUMENT_FACTOR),
                         .labels = rows->labels,
                         .changed = on_size_changed,
                         .data = rows};
    g_return_if_fail(params.width != NULL && params.height != NULL && params.factor != NULL);
    rows->size = size_new(&params);
    gtk_box_pack_start(GTK_BOX(rows->box), size_widget(rows->size), FALSE, FALSE, 0);
}

Rows *rows_new(const RowsParams *params)
{
    Rows *rows = g_new0(Rows, 1);
    rows->params = *params;
    rows->box = toolkit_box(GTK_ORIENTATION_VERTICAL, 6);
    rows->labels = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    rows->rows = g_new0(Row, params->task->n_arguments);
    rows->busy = TRUE;
    gboolean has_model = FALSE;
    for (guint i = 0; i < params->task->n_arguments; i++) {
        const Argument *argument = &params->task->arguments[i];
        Row *row = &rows->rows[i];
        row->rows = rows;
        row->argument = argument;
        if (argument->look == ARGUMENT_HIDDEN)
            continue;
        if (argument->look == ARGUMENT_PLAIN || argument->look == ARGUMENT_SLIDER)
            make_row(rows, row, argument->kind == ARGUMENT_MODEL && !has_model);
        else if (rows->size == NULL)
            make_size(rows, row);
        has_model = has_model || argument->kind == ARGUMENT_MODEL;
    }
    gtk_widget_show_all(rows->box);
    rows->busy = FALSE;
    rows_show(rows);
    return rows;
}

void rows_free(Rows *rows)
{
    if (rows == NULL)
        return;
    size_free(rows->size);
    g_free(rows->default_model);
    g_clear_pointer(&rows->entries, g_ptr_array_unref);
    g_object_unref(rows->labels);
    g_free(rows->rows);
    g_free(rows);
}

GtkWidget *rows_widget(Rows *rows)
{
    return rows->box;
}
