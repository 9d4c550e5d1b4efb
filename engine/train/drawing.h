// SPDX-License-Identifier: LGPL-3.0-or-later
// Text and lines, drawn with cairo, as pixels of a buffer.
#ifndef GAN_DRAWING_H
#define GAN_DRAWING_H

#include <cairo.h>
#include <gan/error.h>
#include <gegl.h>

typedef struct {
    cairo_surface_t *surface;
    cairo_t *cairo;
} GanDrawing;

// Begins a drawing of one grey, 0..1. Problems are told when it is copied.
void gan_drawing_init(GanDrawing *drawing, int width, int height, double grey);
void gan_drawing_clear(GanDrawing *drawing);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanDrawing, gan_drawing_clear)

// Writes a line of text. `x`, `y`: of its base line. `align`: 0: it begins at x, 1: it ends there.
void gan_drawing_text(cairo_t *cairo, double x, double y, double align, const char *text);
double gan_drawing_text_width(cairo_t *cairo, const char *text);

// Breaks text between words into lines of at most `width`, where it has no breaks itself.
// Owner:   the caller frees the array.
char **gan_drawing_wrap(cairo_t *cairo, const char *text, double width);

// Copies all of it to a place of a buffer.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_drawing_copy(const GanDrawing *drawing, GeglBuffer *buffer, int x, int y,
                          GError **error);

#endif
