// SPDX-License-Identifier: LGPL-3.0-or-later
#include "row.h"

#include "../entries.h"
#include <glib/gi18n-lib.h>

static const RowKind *const KINDS[ARGUMENT_N_KINDS] = {
    [ARGUMENT_MODEL] = &row_model,     [ARGUMENT_DEVICE] = &row_device,
    [ARGUMENT_STRING] = &row_text,     [ARGUMENT_FILE] = &row_file,
    [ARGUMENT_COLOUR] = &row_colour,   [ARGUMENT_CHOICE] = &row_choice,
    [ARGUMENT_BOOLEAN] = &row_boolean, [ARGUMENT_INTEGER] = &row_number,
    [ARGUMENT_SEED] = &row_seed,       [ARGUMENT_NUMBER] = &row_number,
    [ARGUMENT_DRAWABLE] = &row_layer,
};

static const RowKind *kind_of(const Row *row)
{
    if (row->argument->look == ARGUMENT_LEVEL)
        return &row_level;
    return KINDS[row->argument->kind];
}

char *row_plain_label(const char *label)
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

const GanCatalogueEntry *row_find_entry(const Rows *rows, const char *name)
{
    for (guint i = 0; rows->entries != NULL && i < rows->entries->len; i++) {
        const GanCatalogueEntry *entry = g_ptr_array_index(rows->entries, i);
        if (g_str_equal(entry->name, name))
            return entry;
    }
    return NULL;
}

// --- from the widgets to the values ---

// Tells the size what the first model enlarges by.
static void tell_model_scale(const Rows *rows)
{
    const Task *task = rows->params.task;
    for (guint i = 0; rows->size != NULL && i < task->n_arguments; i++) {
        if (task->arguments[i].kind != ARGUMENT_MODEL)
            continue;
        const GanCatalogueEntry *entry =
            row_find_entry(rows, values_text(rows->params.values, task->arguments[i].name));
        size_set_model_scale(rows->size, entry != NULL ? entry->scale : 0);
        return;
    }
}

static void changed(const Row *row)
{
    const Rows *rows = row->rows;
    if (row->argument->kind == ARGUMENT_MODEL)
        tell_model_scale(rows);
    // What 100 % is may hang on any of them.
    if (rows->size != NULL)
        size_show(rows->size);
    rows->params.changed(rows->params.data);
}

void row_set_number(Row *row, double number)
{
    if (row->rows->busy)
        return;
    values_set_number(row->rows->params.values, row->argument->name, number);
    changed(row);
}

void row_set_text(Row *row, const char *text)
{
    if (row->rows->busy)
        return;
    values_set_text(row->rows->params.values, row->argument->name, text);
    changed(row);
}

void row_set_colour(Row *row, const double rgb[3])
{
    if (row->rows->busy)
        return;
    values_set_colour(row->rows->params.values, row->argument->name, rgb);
    changed(row);
}

static void on_size_changed(gpointer data)
{
    const Rows *rows = data;
    rows->params.changed(rows->params.data);
}

// --- from the values to the widgets ---

// Sliders by what they change.
static const char *const SLIDERS[] = {
    [GAN_PARTNER_DETAIL] = "detail", [GAN_PARTNER_DENOISE] = "denoise"};

gboolean row_blends(const Row *row)
{
    return row_is_first_model(row) &&
           values_has(row->rows->params.values, SLIDERS[GAN_PARTNER_DETAIL]);
}

// One of two sets that are shown as one is the other with its slider at 0.
static void resolve_pair(const Row *row)
{
    Values *values = row->rows->params.values;
    const GanCatalogueEntry *entry =
        row_find_entry(row->rows, values_text(values, row->argument->name));
    const char *of = entry != NULL && row_blends(row) ? entries_pair(entry).of : NULL;
    const GanCatalogueEntry *shown = of != NULL ? row_find_entry(row->rows, of) : NULL;
    if (shown == NULL)
        return;
    const char *slider = SLIDERS[entries_pair(shown).kind];
    values_set_text(values, row->argument->name, shown->name);
    if (values_has(values, slider))
        values_set_number(values, slider, 0.0);
}

static void resolve_models(Rows *rows)
{
    const Task *task = rows->params.task;
    for (guint i = 0; i < task->n_arguments; i++)
        if (rows->default_models[i] != NULL &&
            values_text(rows->params.values, task->arguments[i].name)[0] == 0)
            values_set_text(rows->params.values, task->arguments[i].name, rows->default_models[i]);
    for (guint i = 0; i < task->n_arguments; i++)
        if (rows->rows[i].box != NULL && task->arguments[i].kind == ARGUMENT_MODEL)
            resolve_pair(&rows->rows[i]);
}

void rows_show(Rows *rows)
{
    resolve_models(rows);
    rows->busy = TRUE;
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        if (rows->rows[i].box != NULL)
            kind_of(&rows->rows[i])->show(&rows->rows[i]);
    rows->busy = FALSE;
    tell_model_scale(rows);
    if (rows->size != NULL)
        size_show(rows->size);
}

void rows_reset(Rows *rows)
{
    rows_show(rows);
    if (rows->size != NULL)
        size_reset(rows->size);
}

GtkWidget *rows_advanced(Rows *rows)
{
    return rows->advanced;
}

static void forget_models(Rows *rows)
{
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        g_clear_pointer(&rows->default_models[i], g_free);
}

void rows_set_models(Rows *rows, GPtrArray *entries, const char *const *default_models)
{
    forget_models(rows);
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        rows->default_models[i] = g_strdup(default_models[i]);
    g_clear_pointer(&rows->entries, g_ptr_array_unref);
    rows->entries = g_ptr_array_ref(entries);
    rows->busy = TRUE;
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        if (rows->rows[i].box != NULL && rows->rows[i].argument->kind == ARGUMENT_MODEL)
            row_fill_models(&rows->rows[i]);
    rows->busy = FALSE;
    rows_show(rows);
}

void rows_set_devices(Rows *rows, const DeviceItem *items, guint n)
{
    rows->busy = TRUE;
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        if (rows->rows[i].box != NULL && rows->rows[i].argument->kind == ARGUMENT_DEVICE)
            row_fill_devices(&rows->rows[i], items, n);
    rows->busy = FALSE;
    rows_show(rows);
}

static void say(const Row *row, const char *sentence)
{
    const gboolean there = sentence != NULL && sentence[0] != 0;
    g_autofree char *text =
        there ? g_markup_printf_escaped("<small>%s</small>", sentence) : g_strdup("");
    gtk_label_set_markup(GTK_LABEL(row->said), text);
    gtk_widget_set_visible(row->said_line, there);
}

void rows_set_unused(Rows *rows, const char *const *reasons)
{
    for (guint i = 0; i < rows->params.task->n_arguments; i++) {
        const Row *row = &rows->rows[i];
        if (row->box == NULL)
            continue;
        gtk_widget_set_sensitive(row->box, reasons[i] == NULL);
        say(row, reasons[i]);
        // Whether a level is there is the model's.
        if (row->argument->look != ARGUMENT_LEVEL)
            gtk_widget_set_visible(row->box, reasons[i] == NULL || reasons[i][0] != 0);
    }
}

void rows_say(Rows *rows, const char *name, const char *sentence)
{
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        if (rows->rows[i].box != NULL && g_str_equal(rows->rows[i].argument->name, name))
            say(&rows->rows[i], sentence);
}

void rows_set_level(Rows *rows, const TaskLevel *level)
{
    for (guint i = 0; i < rows->params.task->n_arguments; i++)
        if (rows->rows[i].box != NULL && rows->rows[i].argument->look == ARGUMENT_LEVEL)
            row_set_level(&rows->rows[i], level);
}

// --- making ---

static ArgumentSection section_of(const Argument *argument)
{
    if (argument->section != ARGUMENT_BY_KIND)
        return argument->section;
    switch (argument->kind) {
    case ARGUMENT_MODEL:
        return ARGUMENT_IN_MODEL;
    case ARGUMENT_DEVICE:
        return ARGUMENT_IN_ADVANCED;
    default:
        return ARGUMENT_IN_CONTROLS;
    }
}

static GtkWidget *add_label(const Row *row)
{
    g_autofree char *text = g_strdup_printf(_("%s:"), _(row->argument->label));
    GtkWidget *label = gtk_label_new_with_mnemonic(text);
    g_object_set(label, "xalign", 0.0, NULL);
    gtk_size_group_add_widget(row->rows->labels, label);
    gtk_box_pack_start(GTK_BOX(row->box), label, FALSE, FALSE, 0);
    return label;
}

// A line of its own, in line with the fields above.
static GtkWidget *add_line(const Row *row, GtkWidget *label, GtkBox *section)
{
    GtkWidget *line = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *space = gtk_label_new(NULL);
    gtk_size_group_add_widget(row->rows->labels, space);
    gtk_box_pack_start(GTK_BOX(line), space, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(line), label, TRUE, TRUE, 0);
    gtk_box_pack_start(section, line, FALSE, FALSE, 0);
    return line;
}

static void add_said(Row *row, GtkBox *section)
{
    row->said = gtk_label_new(NULL);
    g_object_set(row->said, "xalign", 0.0, "wrap", TRUE, NULL);
    gtk_widget_set_size_request(row->said, ROW_WORDS_WIDTH, -1);
    row->said_line = add_line(row, row->said, section);
    gtk_widget_show_all(row->said_line);
    gtk_widget_hide(row->said_line);
    gtk_widget_set_no_show_all(row->said_line, TRUE);
}

static void make_row(Rows *rows, guint i, GtkBox *section)
{
    Row *row = &rows->rows[i];
    row->rows = rows;
    row->argument = &rows->params.task->arguments[i];
    const RowKind *kind = kind_of(row);
    row->box = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *label = kind->has_label ? NULL : add_label(row);
    kind->make(row);
    if (label != NULL)
        gtk_label_set_mnemonic_widget(GTK_LABEL(label), row->widget);
    gtk_widget_set_tooltip_text(row->widget, _(argument_tip(row->argument)));
    gtk_box_pack_start(section, row->box, FALSE, FALSE, 0);
    if (row->told != NULL)
        add_line(row, row->told, section);
    add_said(row, section);
}

static const Argument *with_look(const Task *task, ArgumentLook look)
{
    for (guint i = 0; i < task->n_arguments; i++)
        if (task->arguments[i].look == look)
            return &task->arguments[i];
    return NULL;
}

// Width, height and factor stand together, where the first of them is declared.
static void make_size(Rows *rows, GtkBox *section)
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
    gtk_box_pack_start(section, size_widget(rows->size), FALSE, FALSE, 0);
}

// What is seldom needed hides behind a word.
static GtkWidget *add_section(Rows *rows, ArgumentSection section)
{
    GtkWidget *box = toolkit_box(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget *outer = box;
    if (section == ARGUMENT_IN_ADVANCED) {
        outer = gtk_expander_new_with_mnemonic(_("_Advanced"));
        gtk_expander_set_spacing(GTK_EXPANDER(outer), 6);
        gtk_container_add(GTK_CONTAINER(outer), box);
        rows->advanced = outer;
    }
    gtk_box_pack_start(GTK_BOX(rows->box), outer, FALSE, FALSE, 0);
    return box;
}

static void make_section(Rows *rows, ArgumentSection section)
{
    GtkWidget *box = NULL; // a section with nothing in it is not there
    for (guint i = 0; i < rows->params.task->n_arguments; i++) {
        const Argument *argument = &rows->params.task->arguments[i];
        if (argument->look == ARGUMENT_HIDDEN || section_of(argument) != section)
            continue;
        if (box == NULL)
            box = add_section(rows, section);
        if (argument->look <= ARGUMENT_SLIDER || argument->look == ARGUMENT_LEVEL)
            make_row(rows, i, GTK_BOX(box));
        else if (rows->size == NULL)
            make_size(rows, GTK_BOX(box));
    }
}

static void on_expanded(GtkWidget *expander, GParamSpec *property, gpointer data)
{
    gtk_widget_set_visible(data, gtk_expander_get_expanded(GTK_EXPANDER(expander)));
}

// GTK 3 obeys the mnemonics of what a closed expander holds unless it is hidden besides.
static void hide_advanced(Rows *rows)
{
    GtkWidget *box = gtk_bin_get_child(GTK_BIN(rows->advanced));
    gtk_widget_hide(box);
    gtk_widget_set_no_show_all(box, TRUE);
    g_signal_connect(rows->advanced, "notify::expanded", G_CALLBACK(on_expanded), box);
}

Rows *rows_new(const RowsParams *params)
{
    Rows *rows = g_new0(Rows, 1);
    rows->params = *params;
    rows->box = toolkit_box(GTK_ORIENTATION_VERTICAL, 12);
    rows->labels = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    rows->rows = g_new0(Row, params->task->n_arguments);
    rows->default_models = g_new0(char *, params->task->n_arguments);
    rows->busy = TRUE;
    for (ArgumentSection section = ARGUMENT_IN_MODEL; section <= ARGUMENT_IN_ADVANCED; section++)
        make_section(rows, section);
    gtk_widget_show_all(rows->box);
    if (rows->advanced != NULL)
        hide_advanced(rows);
    rows->busy = FALSE;
    rows_show(rows);
    return rows;
}

void rows_free(Rows *rows)
{
    if (rows == NULL)
        return;
    size_free(rows->size);
    forget_models(rows);
    g_free(rows->default_models);
    g_clear_pointer(&rows->entries, g_ptr_array_unref);
    g_object_unref(rows->labels);
    g_free(rows->rows);
    g_free(rows);
}

GtkWidget *rows_widget(Rows *rows)
{
    return rows->box;
}

gint rows_height(Rows *rows)
{
    if (rows->advanced == NULL)
        return toolkit_height(rows->box);
    gtk_expander_set_expanded(GTK_EXPANDER(rows->advanced), TRUE);
    const gint height = toolkit_height(rows->box);
    gtk_expander_set_expanded(GTK_EXPANDER(rows->advanced), FALSE);
    return height;
}
