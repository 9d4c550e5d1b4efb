// SPDX-License-Identifier: LGPL-3.0-or-later
// The little in which GTK 2 with libgimpui 2 and GTK 3 with libgimpui 3 differ as far as the
// dialogs need it; each host implements it.
#ifndef PLUGIN_DIALOG_TOOLKIT_H
#define PLUGIN_DIALOG_TOOLKIT_H

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

G_BEGIN_DECLS

// Starts GTK as GIMP wants it. Later calls do nothing.
void toolkit_init(void);

GtkWidget *toolkit_box(GtkOrientation orientation, gint spacing);

GtkWidget *toolkit_grid(guint row_spacing, guint column_spacing);
// `grow`: the column takes the width that is left.
void toolkit_grid_attach(GtkWidget *grid, GtkWidget *child, guint column, guint row,
                         guint n_columns, gboolean grow);

// `child` in a window of this height that scrolls it up and down.
GtkWidget *toolkit_scrolled(GtkWidget *child, gint height);
// The height that the widget asks for, and that of the screen, or monitor, where the mouse is.
gint toolkit_height(GtkWidget *widget);
gint toolkit_screen_height(void);

// A horizontal slider without a number.
GtkWidget *toolkit_slider(GtkAdjustment *adjustment);

// A button with a colour, R'G'B' of sRGB, which opens GIMP's dialog of colours; it emits
// "color-changed" by the user and by toolkit_set_colour().
GtkWidget *toolkit_colour_button(const char *title);
void toolkit_colour(GtkWidget *button, double rgb[3]);
void toolkit_set_colour(GtkWidget *button, const double rgb[3]);

// A GimpIntComboBox with the layers of all images that are open, by their ids.
GtkWidget *toolkit_layer_chooser(void);

typedef void (*ToolkitDraw)(GtkWidget *widget, cairo_t *cr, gpointer data);
// Calls `draw` with the area's own coordinates whenever it must be painted.
GtkWidget *toolkit_drawing_area(ToolkitDraw draw, gpointer data);
// Pixels of the screen to one of the coordinates that widgets and events are given in.
guint toolkit_scale_factor(GtkWidget *widget);
// The widget must have a window.
void toolkit_cursor(GtkWidget *widget, GdkCursorType type);

// The order of a dialog's buttons where affirmative ones stand on the left.
void toolkit_button_order(GtkWidget *dialog, const gint *responses, gint n);

typedef struct {
    const char *labels[2];    // of width and height, with mnemonics
    double sizes[2];          // pixels now
    double full[2];           // pixels that are 100 %
    double resolutions[2];    // pixels per inch
    double least[2], most[2]; // pixels
} ToolkitSizes;

// Two sizes with a chain, which keeps the ratio of full[], and a unit: a GimpSizeEntry.
GtkWidget *toolkit_size_entry(const ToolkitSizes *sizes);
// Shows pixels.
void toolkit_size_in_pixels(GtkWidget *entry);

// A small picture of a drawable, as GIMP draws it, with the drawable's sides within width x height,
// which are at most 1024. Its numbers are R'G'B'.
// Owner:   the caller unrefs it; NULL if GIMP has none.
GdkPixbuf *toolkit_thumbnail(gint drawable, guint width, guint height);

G_END_DECLS
#endif
