// SPDX-License-Identifier: LGPL-3.0-or-later
// Models and devices: what there is to choose from is known only after the dialog has opened.
#include "row.h"

#include "../../quantity.h"
#include "../chooser.h"
#include "../entries.h"

#include <glib/gi18n-lib.h>

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
        row_find_entry(row->rows, values_text(row->rows->params.values, row->argument->name));
    g_autoptr(GString) text = g_string_new(NULL);
    if (entry != NULL && entry->problem == NULL) {
        g_autofree char *size = quantity_bytes(entry->bytes);
        g_autofree char *licence = entries_licence_text(entry);
        g_autofree char *words = entries_good_for_text(entry);
        g_autofree char *good_for =
            // Translators: %s is a list of words such as "photographs, JPEG".
            words != NULL ? g_strdup_printf(_("Good for %s · "), words) : g_strdup("");
        g_autofree char *last = g_strdup_printf(" · %s · %s", entry->title, size);
        g_autofree char *start = markup(good_for, FALSE);
        g_autofree char *middle = markup(licence, entry->non_commercial);
        g_autofree char *end = markup(last, FALSE);
        g_string_append_printf(text, "%s%s%s", start, middle, end);
    } else if (entry != NULL) {
        g_autofree char *problem = markup(entry->problem, TRUE);
        g_string_append(text, problem);
    }
    gtk_label_set_markup(GTK_LABEL(row->told), text->str);
}

static void on_chosen(GtkWidget *chooser, gpointer data)
{
    Row *row = data;
    g_autofree char *id = chooser_selected(chooser);
    if (row->rows->busy || id == NULL)
        return;
    row_set_text(row, id);
    if (row->told != NULL)
        tell_model(row);
}

static void make(Row *row)
{
    row->widget = chooser_new();
    g_signal_connect(row->widget, "changed", G_CALLBACK(on_chosen), row);
    gtk_box_pack_start(GTK_BOX(row->box), row->widget, TRUE, TRUE, 0);
}

static void show(Row *row)
{
    const char *text = values_text(row->rows->params.values, row->argument->name);
    if (chooser_select(row->widget, text) || text[0] == 0)
        return;
    // What a script has set, a file outside the folders or one that is gone.
    const gboolean is_file = g_file_test(text, G_FILE_TEST_IS_REGULAR);
    g_autofree char *base = g_path_get_basename(text);
    g_autofree char *shown = g_filename_display_name(base);
    const gboolean known = row->argument->kind == ARGUMENT_MODEL && row->rows->entries != NULL;
    const gboolean missing = known && !is_file && row_find_entry(row->rows, text) == NULL;
    chooser_add(row->widget, &(ChooserItem){.id = text,
                                            .name = shown,
                                            .note = missing ? _("not installed") : NULL,
                                            .works = !missing});
    chooser_select(row->widget, text);
}

gboolean row_is_first_model(const Row *row)
{
    const Argument *arguments = row->rows->params.task->arguments;
    for (const Argument *a = arguments; a < row->argument; a++)
        if (a->kind == ARGUMENT_MODEL && a->look != ARGUMENT_HIDDEN)
            return FALSE;
    return TRUE;
}

static void on_models_clicked(GtkWidget *button, gpointer data)
{
    const Rows *rows = data;
    rows->params.models(rows->params.data);
}

static void make_model(Row *row)
{
    make(row);
    row->told = gtk_label_new(NULL);
    g_object_set(row->told, "xalign", 0.0, "wrap", TRUE, NULL);
    gtk_widget_set_size_request(row->told, ROW_WORDS_WIDTH, -1);
    if (!row_is_first_model(row))
        return;
    GtkWidget *button = gtk_button_new_with_mnemonic(_("Mo_dels…"));
    gtk_widget_set_tooltip_text(button, _("Add and remove models, read their licences"));
    g_signal_connect(button, "clicked", G_CALLBACK(on_models_clicked), row->rows);
    gtk_box_pack_start(GTK_BOX(row->box), button, FALSE, FALSE, 0);
}

static void show_model(Row *row)
{
    show(row);
    tell_model(row);
}

// What a model is for, and what must not be overlooked.
static char *note_of(const GanCatalogueEntry *entry)
{
    if (entry->problem != NULL)
        return markup(_("cannot be used"), FALSE);
    g_autofree char *words = entries_good_for_text(entry);
    if (words == NULL)
        return markup(entry->licence != NULL ? entry->licence : "", entry->non_commercial);
    g_autofree char *good_for = markup(words, FALSE);
    g_autofree char *warning = markup(_("non-commercial"), TRUE);
    return entry->non_commercial ? g_strdup_printf("%s <small>·</small> %s", good_for, warning)
                                 : g_steal_pointer(&good_for);
}

void row_fill_models(Row *row)
{
    const gboolean blends = row_blends(row);
    const GPtrArray *entries = row->rows->entries;
    chooser_clear(row->widget);
    const GanTask task = entries_task(row->rows->params.task, row->argument);
    for (guint i = 0; i < entries->len; i++) {
        const GanCatalogueEntry *entry = g_ptr_array_index(entries, i);
        // A file that cannot be used may be for any task.
        if (entry->problem == NULL && entry->task != task)
            continue;
        // The slider at its end.
        if (blends && entries_pair(entry).of != NULL)
            continue;
        g_autofree char *scale = entries_scale_text(entry);
        g_autofree char *note = note_of(entry);
        g_autofree char *name = blends ? entries_pair_name(entries, entry) : g_strdup(entry->name);
        chooser_add(row->widget, &(ChooserItem){.id = entry->name,
                                                .name = name,
                                                .scale = scale,
                                                .note = note,
                                                .works = entry->problem == NULL});
    }
}

void row_fill_devices(Row *row, const DeviceItem *items, guint n)
{
    chooser_clear(row->widget);
    for (guint i = 0; i < n; i++) {
        const gboolean works = items[i].description != NULL;
        g_autofree char *note = markup(works ? items[i].description : _("not available"), FALSE);
        chooser_add(row->widget,
                    &(ChooserItem){
                        .id = items[i].name, .name = items[i].label, .note = note, .works = works});
    }
}

const RowKind row_model = {.make = make_model, .show = show_model};
const RowKind row_device = {.make = make, .show = show};
