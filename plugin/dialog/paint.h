// SPDX-License-Identifier: LGPL-3.0-or-later
// What a canvas paints over its picture. Lengths are in pixels of the screen; `widget` tells the
// font and how many of them GTK takes for one of its own.
#ifndef PLUGIN_DIALOG_PAINT_H
#define PLUGIN_DIALOG_PAINT_H

#include "toolkit.h"

#include <gegl.h>

G_BEGIN_DECLS

// Words on a dark ground in the upper left corner, or the upper right one.
void paint_words(GtkWidget *widget, cairo_t *cr, const char *text, double width, gboolean right);
// Words in the middle.
void paint_message(GtkWidget *widget, cairo_t *cr, const char *text, double width, double height);
// The line between before and after, with its handle.
void paint_split(GtkWidget *widget, cairo_t *cr, double x, double height);
// A bar along the lower edge; fraction is 0..1.
void paint_progress(GtkWidget *widget, cairo_t *cr, double fraction, double width, double height);
// Darkens what lies around a part.
void paint_around(GtkWidget *widget, cairo_t *cr, const GeglRectangle *part, double width,
                  double height);
// That the widget has the keys.
void paint_focus(GtkWidget *widget, cairo_t *cr, double width, double height);

G_END_DECLS
#endif
