// SPDX-License-Identifier: LGPL-3.0-or-later
// Shows a part of a drawable before and after, with a line between the two; the mouse moves either,
// and the wheel zooms.
#ifndef PLUGIN_DIALOG_CANVAS_H
#define PLUGIN_DIALOG_CANVAS_H

#include "picture.h"
#include "toolkit.h"

G_BEGIN_DECLS

typedef struct Canvas Canvas;

typedef struct {
    void (*moved)(gpointer data); // another part is shown, or another size of it
    gpointer data;
} CanvasEvents;

Canvas *canvas_new(const CanvasEvents *events);
void canvas_free(Canvas *canvas); // accepts NULL; after its widget is gone
GtkWidget *canvas_widget(Canvas *canvas);

// What is shown now.
const View *canvas_view(const Canvas *canvas);

// The drawable's size in pixels; 0 as long as it is not known.
void canvas_set_size(Canvas *canvas, guint width, guint height);
// Result's pixels to one of the drawable's.
void canvas_set_factors(Canvas *canvas, double x, double y);
void canvas_set_zoom(Canvas *canvas, double percent);
// Shows all of it, whatever the sizes become.
void canvas_set_fit(Canvas *canvas);

// Brings a place of the drawable to the middle, as far as its edges allow.
void canvas_center(Canvas *canvas, double x, double y);

// All of the drawable in little, for where there is nothing better.
void canvas_set_thumbnail(Canvas *canvas, GdkPixbuf *thumbnail);
// Owner:   takes the picture; NULL takes away the one that is shown.
void canvas_set_before(Canvas *canvas, Picture *picture);
// `alone`:  the picture is less than what was to be seen, which is made plain.
void canvas_set_after(Canvas *canvas, Picture *picture, gboolean alone);
// Shows nothing but what was there before.
void canvas_set_original(Canvas *canvas, gboolean original);
// Below 0: nothing is being computed.
void canvas_set_progress(Canvas *canvas, double fraction);
// Words in the middle, NULL for none.
void canvas_set_message(Canvas *canvas, const char *message);

G_END_DECLS
#endif
