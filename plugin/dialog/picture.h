// SPDX-License-Identifier: LGPL-3.0-or-later
// A part of a drawable, enlarged or not, ready for the screen.
#ifndef PLUGIN_DIALOG_PICTURE_H
#define PLUGIN_DIALOG_PICTURE_H

#include "view.h"

#include <cairo.h>

G_BEGIN_DECLS

typedef struct {
    cairo_surface_t *surface; // sRGB, 8 bits, premultiplied
    double x, y;              // of its corner, in the drawable's pixels
    double scale_x, scale_y;  // its pixels to one of the drawable's
} Picture;

// Converts the part of `buffer` that shows `part` of the drawable, whatever its format and colour
// space are. `whole`: the drawable's pixels that all of the buffer shows, enlarged by any factor.
// Threads: any; the buffer must be a private one.
Picture *picture_new(GeglBuffer *buffer, const GeglRectangle *whole, const GeglRectangle *part);
void picture_free(Picture *picture); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Picture, picture_free)

// Paints the picture over what is there, transparent parts as a checkerboard.
void picture_paint(const Picture *picture, cairo_t *cr, const ViewPlace *place);

// Where it is painted, in pixels of the screen.
GeglRectangle picture_place(const Picture *picture, const ViewPlace *place);

// Fills the clip with GIMP's checkerboard.
void picture_paint_checks(cairo_t *cr);

G_END_DECLS
#endif
