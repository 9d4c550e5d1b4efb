// SPDX-License-Identifier: LGPL-3.0-or-later
// Which part of a drawable a window shows, and how large: the numbers behind a canvas, without it.
// Lengths are in pixels of the screen unless they say otherwise.
#ifndef PLUGIN_DIALOG_VIEW_H
#define PLUGIN_DIALOG_VIEW_H

#include <gegl.h>

G_BEGIN_DECLS

// Zooms are in percent of the result's pixels: at 100 each is one of the screen's.
#define VIEW_MOST 800.0

typedef struct {
    double area_width, area_height;
    double width, height;      // of the drawable, its pixels; 0: not known yet
    double factor_x, factor_y; // the result's pixels to one of the drawable's
    gboolean fit;              // all of it is shown, and `zoom` does not count
    double zoom;
    // The place of interest, in the drawable's pixels: in the middle of the area as far as the edges
    // allow.
    double x, y;
} View;

// The zoom that shows all of it.
double view_fit(const View *view);
// The zoom that counts.
double view_zoom(const View *view);

// Where the drawable lies on the screen.
typedef struct {
    double x, y;             // of its corner, in pixels of the screen
    double scale_x, scale_y; // pixels of the screen to one of the drawable's
} ViewPlace;

ViewPlace view_place(const View *view);

// The drawable's pixels that are seen. Returns FALSE when there are none.
gboolean view_area(const View *view, GeglRectangle *area);
// Those of them around the place of interest that give at most so many pixels of the result.
// Returns FALSE when there are none.
gboolean view_part(const View *view, double most, GeglRectangle *part);

// Makes a place the one of interest.
void view_center(View *view, double x, double y);
// Moves the drawable over the area.
void view_pan(View *view, double x, double y);

// One step of the wheel: the next larger (`step` 1) or smaller (-1) zoom, the smallest of which
// fits; what is at (x, y) of the area stays there.
void view_step(View *view, int step, double x, double y);

G_END_DECLS
#endif
