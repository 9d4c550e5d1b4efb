// SPDX-License-Identifier: LGPL-3.0-or-later
// Between GeglBuffers of any Babl format and dense float rows in the space that networks see.
//
// That is R'G'B' or Y' in the picture's own primaries, straight alpha: along the picture's own curve
// where that is for the eye (curve.h), light along sRGB's. The numbers of an integer picture lie in
// 0..1, whatever its profile is. Those of a float picture may lie beyond (range.h); what is not finite
// is replaced by its neighbourhood (holes.h).
#ifndef GAN_PIXELS_H
#define GAN_PIXELS_H

#include "curve.h"
#include <gan/error.h>
#include <gegl.h>

typedef enum { GAN_PIXELS_U8, GAN_PIXELS_U16, GAN_PIXELS_FLOAT } GanPixelsType;

// How the pixels of one buffer format are read and written, and as which channels they are wanted.
typedef struct {
    const Babl *transport; // what is asked of GEGL
    GanPixelsType type;    // of its components
    GanCurves *curves;     // NULL: its numbers are those that a network sees
    guint stored_colours;  // of transport; 1: grey, 3: red, green, blue
    gboolean stored_alpha;
    guint n_colours; // of the floats; 1 or 3
    gboolean alpha;  // of the floats; one more channel, the last
} GanPixels;

// Sets up for buffers of `format`; the floats have the channels that the format has.
// `seen`: the format of the picture whose primaries and curve the floats have; NULL: `format`.
void gan_pixels_init(GanPixels *pixels, const Babl *format, const Babl *seen);
void gan_pixels_clear(GanPixels *pixels);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanPixels, gan_pixels_clear)

// Asks for other channels: grey is repeated, colours become luma (Rec. 709 weights), a missing
// alpha is 1.
void gan_pixels_set_layout(GanPixels *pixels, guint n_colours, gboolean alpha);

// n_colours + alpha.
guint gan_pixels_n_channels(const GanPixels *pixels);

// Reads `area` of `buffer`, which must lie inside it, as n_channels floats a pixel,
// rows close together; all are finite.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_pixels_read(const GanPixels *pixels, GeglBuffer *buffer, const GeglRectangle *area,
                         float *to, GError **error);

// Writes them back; integer formats clamp and round to the nearest.
// Errors:  GAN_ERROR_MEMORY.
// Threads: as many as GEGL may use convert; the calling one writes.
gboolean gan_pixels_write(const GanPixels *pixels, GeglBuffer *buffer, const GeglRectangle *area,
                          const float *from, GError **error);

// Makes row `y` of an area to be written, 0 for the first: returns n_channels floats a pixel, which
// may lie in `row`, memory for them.
// Threads: any; `worker` is below gan_pixels_n_workers(), and no two rows with the same one
//          are made at once.
typedef const float *(*GanPixelsRow)(guint y, guint worker, float *row, gpointer data);

// As many threads as GEGL may use.
guint gan_pixels_n_workers(void);

// The same for rows that are made while others are converted.
gboolean gan_pixels_write_rows(const GanPixels *pixels, GeglBuffer *buffer,
                               const GeglRectangle *area, GanPixelsRow make, gpointer data,
                               GError **error);

// How far colour is carried into transparent pixels. A reader that wants the same colours at any
// tiling reads this much more around its tile.
#define GAN_BLEED_REACH 16

// Gives the transparent pixels (alpha 0) of a dense width x height picture with n_colours + 1
// channels the mean colour of visible neighbours, ring by ring, so that a network sees no edge
// where the eye sees none and draws no halo. Pixels farther than GAN_BLEED_REACH from all visible
// ones become middle grey.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_pixels_bleed(float *pixels, gsize width, gsize height, guint n_colours,
                          GError **error);

#endif
