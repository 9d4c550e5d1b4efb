// SPDX-License-Identifier: LGPL-3.0-or-later
// Animations whose frames change parts of a canvas: GIF, animated PNG.
#ifndef GAN_FILM_H
#define GAN_FILM_H

#include <gan/error.h>
#include <gegl.h>

// What becomes of a frame's part of the canvas before the next one.
typedef enum { GAN_FILM_KEEP, GAN_FILM_CLEAR, GAN_FILM_RESTORE } GanFilmAfter;

typedef struct {
    GeglRectangle area; // within the canvas
    GanFilmAfter after;
    gboolean over;           // laid over what is there, not put in its place
    guint delay, per_second; // it is shown for one by the other
} GanFilmFrame;

typedef struct {
    guint width, height;
    guint n_plays;  // 0: for ever
    GArray *frames; // of GanFilmFrame
} GanFilm;

void gan_film_init(GanFilm *film);
void gan_film_clear(GanFilm *film);
const GanFilmFrame *gan_film_frame(const GanFilm *film, guint number);

// Returns the pixels of frame `number`, 0 for the first, at (0, 0) in any format.
// Owner:   the caller gets the buffer.
typedef GeglBuffer *(*GanFilmDraw)(gpointer data, guint number, GError **error);

// Returns what is shown while frame `number` is. `format`: of the canvas, 8 or 16 bits with an alpha
// that comes last.
// Owner:   the caller gets the buffer.
// Errors:  those of `draw`. GAN_ERROR_MEMORY.
GeglBuffer *gan_film_compose(const GanFilm *film, guint number, const Babl *format,
                             GanFilmDraw draw, gpointer data, GError **error);

#endif
