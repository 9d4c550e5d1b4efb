// SPDX-License-Identifier: LGPL-3.0-or-later
// A number of the model's: what it is called and how far it goes is known when the model is, and
// without one the row is not there. A check box leaves it to the model.
#include "row.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define WIDGETS "level-widgets"

typedef struct {
    GtkWidget *label, *own, *slider, *number;
    GtkAdjustment *adjustment;
    TaskLevel level;
} Level;

static Level *level_of(const Row *row)
{
    return g_object_get_data(G_OBJECT(row->box), WIDGETS);
}

static void store(Row *row)
{
    const Level *level = level_of(row);
    const gboolean own = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(level->own));
    gtk_widget_set_sensitive(level->slider, !own);
    gtk_widget_set_sensitive(level->number, !own);
    row_set_number(row, own ? -1.0 : gtk_adjustment_get_value(level->adjustment));
}

static void on_toggled(GtkWidget *button, gpointer data)
{
    store(data);
}

static void on_changed(GtkAdjustment *adjustment, gpointer data)
{
    store(data);
}

static void make(Row *row)
{
    Level *level = g_new0(Level, 1);
    g_object_set_data_full(G_OBJECT(row->box), WIDGETS, level, g_free);
    level->label = gtk_label_new(NULL);
    g_object_set(level->label, "xalign", 0.0, NULL);
    gtk_size_group_add_widget(row->rows->labels, level->label);
    level->adjustment = GTK_ADJUSTMENT(gtk_adjustment_new(0, 0, 1, 1, 10, 0));
    level->slider = toolkit_slider(level->adjustment);
    level->number = gtk_spin_button_new(level->adjustment, 1, 0);
    gtk_entry_set_activates_default(GTK_ENTRY(level->number), TRUE);
    level->own = gtk_check_button_new_with_mnemonic(_("Aut_omatic"));
    gtk_widget_set_tooltip_text(
        level->own, _("Take that of the image's JPEG file, or leave it to the model: its "
                      "estimate, or its authors' setting"));
    row->widget = level->slider;
    gtk_box_pack_start(GTK_BOX(row->box), level->label, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row->box), level->slider, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(row->box), level->number, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row->box), level->own, FALSE, FALSE, 0);
    g_signal_connect(level->own, "toggled", G_CALLBACK(on_toggled), row);
    g_signal_connect(level->adjustment, "value-changed", G_CALLBACK(on_changed), row);
    gtk_widget_show_all(row->box);
    gtk_widget_hide(row->box);
    gtk_widget_set_no_show_all(row->box, TRUE);
}

static void show(Row *row)
{
    const Level *level = level_of(row);
    const double value = values_number(row->rows->params.values, row->argument->name);
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(level->own), value < 0.0);
    gtk_widget_set_sensitive(level->slider, value >= 0.0);
    gtk_widget_set_sensitive(level->number, value >= 0.0);
    gtk_adjustment_set_value(level->adjustment, value >= 0.0 ? value : level->level.initial);
}

static const char *label_of(const TaskLevel *level)
{
    if (g_str_equal(level->name, "noise"))
        return _("_Noise level:");
    if (g_str_equal(level->name, "quality"))
        return _("JPEG _quality:");
    return level->name;
}

static void set_range(const Level *level)
{
    const double range = level->level.high - level->level.low;
    const guint digits = range > 10.0 ? 0 : range > 1.0 ? 1 : 2;
    const double step = pow(10, -1.0 * digits);
    g_object_set(level->adjustment, "lower", level->level.low, "upper", level->level.high,
                 "step-increment", step, "page-increment", 10 * step, NULL);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(level->number), digits);
    gtk_label_set_text_with_mnemonic(GTK_LABEL(level->label), label_of(&level->level));
    gtk_label_set_mnemonic_widget(GTK_LABEL(level->label), level->number);
}

void row_set_level(Row *row, const TaskLevel *found)
{
    Level *level = level_of(row);
    const double value = values_number(row->rows->params.values, row->argument->name);
    const gboolean fits = found->name != NULL && value >= found->low && value <= found->high;
    level->level = *found;
    row->rows->busy = TRUE;
    // What was chosen for another model says nothing about this one.
    if (!fits)
        values_set_number(row->rows->params.values, row->argument->name, -1.0);
    if (found->name != NULL) {
        set_range(level);
        show(row);
    }
    row->rows->busy = FALSE;
    gtk_widget_set_visible(row->box, found->name != NULL);
}

const RowKind row_level = {.make = make, .show = show, .has_label = TRUE};
