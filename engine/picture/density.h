// SPDX-License-Identifier: LGPL-3.0-or-later
// How large a picture is on paper, and the shape of its pixels, as files say it.
#ifndef GAN_DENSITY_H
#define GAN_DENSITY_H

#include "container.h"

typedef enum {
    GAN_DENSITY_NONE,  // the file says nothing
    GAN_DENSITY_SHAPE, // only the ratio of x to y counts
    GAN_DENSITY_INCH,
    GAN_DENSITY_CENTIMETRE,
    GAN_DENSITY_METRE,
} GanDensityUnit;

typedef struct {
    double x, y; // pixels in a unit; more of them across make them narrower
    GanDensityUnit unit;
} GanDensity;

// Reads it from PNG (pHYs), JPEG (JFIF, else EXIF), TIFF, WebP (EXIF), EXR and GIF (shape only).
GanDensity gan_density_read(GanContainer kind, const guint8 *data, gsize length);

// Returns it in inches, or the shape as it is; whole numbers where rounding in the file, such as
// PNG's to pixels in a metre, left something beside one.
GanDensity gan_density_in_inches(const GanDensity *density);

// Returns the width of a pixel for a height of 1; 1 when nothing is known.
double gan_density_pixel_shape(const GanDensity *density);

// Returns the contents of PNG's chunk pHYs with its name; NULL for none.
// Owner:   the caller.
GBytes *gan_density_png(const GanDensity *density);

// Gives both numbers as JPEG's header has them, whole and up to 65535. `unit`: 0 shape, 1 inch.
// Returns FALSE when there is nothing to say.
gboolean gan_density_jpeg(const GanDensity *density, guint *x, guint *y, guint *unit);

// Puts the shape of pixels into the EXR file at `path`, whose header says 1.
void gan_density_embed_exr(const char *path, double shape);

#endif
