// SPDX-License-Identifier: LGPL-3.0-or-later
// All of a drawable in little, with a frame around what a canvas shows of it; a click there brings
// another part onto the canvas.
#ifndef PLUGIN_DIALOG_MAP_H
#define PLUGIN_DIALOG_MAP_H

#include "canvas.h"

G_BEGIN_DECLS

typedef struct Map Map;

// Owner:   borrows the canvas.
Map *map_new(Canvas *canvas);
void map_free(Map *map); // accepts NULL; after its widget is gone
GtkWidget *map_widget(Map *map);

void map_set_thumbnail(Map *map, GdkPixbuf *thumbnail);
// The canvas shows another part.
void map_update(Map *map);

G_END_DECLS
#endif
