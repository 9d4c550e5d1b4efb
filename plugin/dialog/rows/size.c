// SPDX-License-Identifier: LGPL-3.0-or-later
#include "size.h"

#include "../../quantity.h"
#include "../../scope/scope.h"

#include <glib/gi18n-lib.h>
#include <math.h>

// GIMP's own limit for a side.
#define MOST_SIDE 524288.0

struct Size {
    SizeParams params;
    GtkWidget *box, *holder, *entry, *factor;
    GtkAdjustment *adjustment;
    guint base[2]; // pixels that are 100 % in the entry
    guint model_scale;
    gboolean busy; // the widgets are being set, not used
};

// The factor that counts while no exact size is set.
static double effective_factor(const Size *size)
{
    const double factor = values_number(size->params.values, size->params.factor->name);
    if (factor > 0)
        return factor;
    return size->model_scale > 0 ? size->model_scale : 1;
}

static void effective_size(const Size *size, double *width, double *height)
{
    *width = values_integer(size->params.values, size->params.width->name);
    *height = values_integer(size->params.values, size->params.height->name);
    if (*width > 0 || *height > 0) {
        // One of them alone keeps the ratio.
        if (*height <= 0)
            *height = MAX(1, round(*width * size->base[1] / size->base[0]));
        if (*width <= 0)
            *width = MAX(1, round(*height * size->base[0] / size->base[1]));
        return;
    }
    const double factor = effective_factor(size);
    *width = MAX(1, round(size->base[0] * factor));
    *height = MAX(1, round(size->base[1] * factor));
}

void size_factors(const Size *size, double *x, double *y)
{
    double width = 0, height = 0;
    effective_size(size, &width, &height);
    *x = width / size->base[0];
    *y = height / size->base[1];
}

// Returns whether one factor, with the digits that are shown, gives both sizes.
static gboolean factor_of(const Size *size, double width, double height, double *factor)
{
    const double unit = pow(10, size->params.factor->digits);
    const double candidates[] = {width / size->base[0], height / size->base[1]};
    for (guint i = 0; i < 2; i++) {
        // The shown digits first: 2.5 is meant where 2.5003 gives the same pixels.
        const double tries[] = {round(candidates[i] * unit) / unit, candidates[i]};
        for (guint k = 0; k < 2; k++) {
            *factor = tries[k];
            if (*factor >= size->params.factor->minimum &&
                *factor <= size->params.factor->maximum &&
                round(size->base[0] * *factor) == width && round(size->base[1] * *factor) == height)
                return TRUE;
        }
    }
    return FALSE;
}

static void show_factor(Size *size)
{
    double x = 0, y = 0;
    size_factors(size, &x, &y);
    size->busy = TRUE;
    gtk_adjustment_set_value(size->adjustment, x);
    size->busy = FALSE;
}

static void show_entry(Size *size)
{
    double width = 0, height = 0, factor = 0;
    effective_size(size, &width, &height);
    GtkWidget *chain = GIMP_COORDINATES_CHAINBUTTON(size->entry);
    size->busy = TRUE;
    // With the chain closed, the first number would drag the second along.
    gimp_chain_button_set_active(GIMP_CHAIN_BUTTON(chain), FALSE);
    gimp_size_entry_set_refval(GIMP_SIZE_ENTRY(size->entry), 0, width);
    gimp_size_entry_set_refval(GIMP_SIZE_ENTRY(size->entry), 1, height);
    gimp_chain_button_set_active(GIMP_CHAIN_BUTTON(chain), factor_of(size, width, height, &factor));
    size->busy = FALSE;
}

static void on_entry_changed(GtkWidget *entry, gpointer data)
{
    Size *size = data;
    if (size->busy)
        return;
    const double width = round(gimp_size_entry_get_refval(GIMP_SIZE_ENTRY(entry), 0));
    const double height = round(gimp_size_entry_get_refval(GIMP_SIZE_ENTRY(entry), 1));
    double old_width = 0, old_height = 0, factor = 0;
    effective_size(size, &old_width, &old_height);
    if (width == old_width && height == old_height)
        return;
    Values *values = size->params.values;
    // Sizes that a factor gives are kept as the factor, which fits the next picture as well.
    const gboolean simple = factor_of(size, width, height, &factor);
    if (simple)
        values_set_number(values, size->params.factor->name, factor);
    values_set_number(values, size->params.width->name, simple ? 0 : width);
    values_set_number(values, size->params.height->name, simple ? 0 : height);
    show_factor(size);
    size->params.changed(size->params.data);
}

static void on_factor_changed(GtkAdjustment *adjustment, gpointer data)
{
    Size *size = data;
    if (size->busy)
        return;
    Values *values = size->params.values;
    values_set_number(values, size->params.factor->name, gtk_adjustment_get_value(adjustment));
    values_set_number(values, size->params.width->name, 0);
    values_set_number(values, size->params.height->name, 0);
    show_entry(size);
    size->params.changed(size->params.data);
}

// Labels of the size entry line up with those of the other rows.
static void align_label(GtkWidget *child, gpointer data)
{
    if (GTK_IS_LABEL(child))
        gtk_size_group_add_widget(data, child);
}

// The entry knows 100 % and the chain's ratio from its making on.
static void make_entry(Size *size)
{
    const SizeParams *p = &size->params;
    // Translators: a label in front of a field; %s is "_Width" or another argument's name.
    g_autofree char *width_label = g_strdup_printf(_("%s:"), _(p->width->label));
    g_autofree char *height_label = g_strdup_printf(_("%s:"), _(p->height->label));
    ToolkitSizes sizes = {
        .labels = {width_label, height_label},
        .resolutions = {p->subject->info.x_resolution, p->subject->info.y_resolution},
    };
    const double least = MAX(p->factor->minimum, 0);
    for (guint i = 0; i < 2; i++) {
        const Argument *argument = i == 0 ? p->width : p->height;
        const double most = argument->maximum > 0 ? MIN(argument->maximum, MOST_SIDE) : MOST_SIDE;
        sizes.full[i] = size->base[i];
        sizes.least[i] = MAX(1, ceil(size->base[i] * least));
        sizes.most[i] = MAX(1, MIN(most, floor(size->base[i] * p->factor->maximum)));
        if (sizes.resolutions[i] <= 0)
            sizes.resolutions[i] = 72;
    }
    if (size->entry != NULL)
        gtk_widget_destroy(size->entry);
    size->entry = toolkit_size_entry(&sizes);
    gtk_container_foreach(GTK_CONTAINER(size->entry), align_label, p->labels);
    g_signal_connect(size->entry, "value-changed", G_CALLBACK(on_entry_changed), size);
    g_signal_connect(size->entry, "refval-changed", G_CALLBACK(on_entry_changed), size);
    gtk_widget_set_tooltip_text(size->entry, _(argument_tip(p->width)));
    gtk_box_pack_start(GTK_BOX(size->holder), size->entry, FALSE, FALSE, 0);
    gtk_widget_show(size->entry);
}

static void find_base(const SizeParams *params, guint *width, guint *height)
{
    scope_base_size(params->values, params->subject, width, height);
    *width = MAX(*width, 1);
    *height = MAX(*height, 1);
}

void size_show(Size *size)
{
    guint base[2];
    find_base(&size->params, &base[0], &base[1]);
    if (base[0] != size->base[0] || base[1] != size->base[1]) {
        size->base[0] = base[0];
        size->base[1] = base[1];
        make_entry(size);
    }
    show_entry(size);
    show_factor(size);
}

void size_reset(Size *size)
{
    size->busy = TRUE;
    toolkit_size_in_pixels(size->entry);
    size->busy = FALSE;
    size_show(size);
}

void size_set_model_scale(Size *size, guint scale)
{
    if (size->model_scale == scale)
        return;
    size->model_scale = scale;
    size_show(size);
}

// Fractions and percents besides numbers.
static gint on_factor_input(GtkSpinButton *button, gdouble *factor, gpointer data)
{
    return quantity_parse_factor(gtk_entry_get_text(GTK_ENTRY(button)), factor) ? TRUE
                                                                                : GTK_INPUT_ERROR;
}

static GtkWidget *make_factor(Size *size)
{
    const Argument *argument = size->params.factor;
    GtkWidget *row = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 6);
    g_autofree char *text = g_strdup_printf(_("%s:"), _(argument->label));
    GtkWidget *label = gtk_label_new_with_mnemonic(text);
    g_object_set(label, "xalign", 0.0, NULL);
    gtk_size_group_add_widget(size->params.labels, label);
    // A least factor of 0 stands for the model's own and is no number to choose.
    const double least =
        argument->minimum > 0 ? argument->minimum : pow(10, -1.0 * argument->digits);
    size->adjustment = GTK_ADJUSTMENT(gtk_adjustment_new(1, least, argument->maximum, 0.5, 1, 0));
    size->factor = gtk_spin_button_new(size->adjustment, 0.5, argument->digits);
    gtk_entry_set_activates_default(GTK_ENTRY(size->factor), TRUE);
    gtk_entry_set_width_chars(GTK_ENTRY(size->factor), 10);
    gtk_widget_set_tooltip_text(size->factor, _(argument_tip(argument)));
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), size->factor);
    g_signal_connect(size->factor, "input", G_CALLBACK(on_factor_input), size);
    g_signal_connect(size->adjustment, "value-changed", G_CALLBACK(on_factor_changed), size);
    gtk_box_pack_start(GTK_BOX(row), label, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), size->factor, FALSE, FALSE, 0);
    return row;
}

Size *size_new(const SizeParams *params)
{
    Size *size = g_new0(Size, 1);
    size->params = *params;
    size->box = toolkit_box(GTK_ORIENTATION_VERTICAL, 6);
    size->holder = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 0);
    gtk_box_pack_start(GTK_BOX(size->box), size->holder, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(size->box), make_factor(size), FALSE, FALSE, 0);
    gtk_widget_show_all(size->box);
    size_show(size);
    return size;
}

void size_free(Size *size)
{
    g_free(size);
}

GtkWidget *size_widget(Size *size)
{
    return size->box;
}
