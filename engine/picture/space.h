// SPDX-License-Identifier: LGPL-3.0-or-later
// From the networks' space to 8-bit R'G'B' of another space that is a matrix with curves, by
// polynomials and tables: Babl does it at 27 megapixels a second, which for a small network is a
// third of its time.
#ifndef GAN_SPACE_H
#define GAN_SPACE_H

#include <gegl.h>

// Light is encoded by its exponent, from 2^-24 to 1, and the first 10 bits of its mantissa.
#define GAN_SPACE_EXPONENTS 24
#define GAN_SPACE_MANTISSA_BITS 10
#define GAN_SPACE_N_LIGHTS ((GAN_SPACE_EXPONENTS << GAN_SPACE_MANTISSA_BITS) + 1)

typedef struct {
    float matrix[9];                       // linear light to linear light, row by row
    guint8 encoded[3][GAN_SPACE_N_LIGHTS]; // the space's curves
    guint curve[3];                        // which of them a channel has
} GanSpace;

// Fills the tables from what Babl makes of samples. Returns FALSE unless `format` is 8-bit R'G'B',
// with alpha or without, of a space that is a matrix with curves and not sRGB.
gboolean gan_space_init(GanSpace *space, const Babl *format);

// Converts n pixels of 3 floats, or 4 with `alpha`, to within one step of Babl's numbers for floats
// up to 3. What lies outside the space is clamped; a colour with NaN is black.
// Threads: any number at once.
void gan_space_encode(const GanSpace *space, const float *from, guint8 *to, gsize n,
                      gboolean alpha);

#endif
