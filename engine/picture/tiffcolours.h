// SPDX-License-Identifier: LGPL-3.0-or-later
// Colours of TIFF files that are no light as it is shown: CIE Lab, logarithms of XYZ, palettes.
#ifndef GAN_TIFFCOLOURS_H
#define GAN_TIFFCOLOURS_H

#include <gegl.h>

// The bits that colours of a palette of n entries need: 8 or 16. Files have 16 bits always, but
// most of them are 8 bits, doubled or with zeros behind; old ones have 8 bits as they are.
guint gan_tiff_palette_bits(const guint16 *const palette[3], gsize n);

// The format that gan_tiff_colours_convert() makes of Lab, LogLuv and LogL: floats.
const Babl *gan_tiff_colours_format(guint16 photometric, gboolean alpha);

// Converts n pixels that begin `offset` bytes into each of `planes`: one of every sample when
// `together` is 0; else one, in which so many samples lie together. `alpha`: the sample, or -1.
void gan_tiff_colours_convert(guint16 photometric, guint bits, guint8 *const *planes, gsize offset,
                              guint together, gint alpha, gsize n, float *to);

// Makes R'G'B' of a picture of Lab that was read with so many bits: sRGB where that holds its
// colours, with as many bits, else the next larger space and 16 bits.
// Owner:   borrows `lab`; the caller gets the buffer.
GeglBuffer *gan_tiff_colours_from_lab(GeglBuffer *lab, guint bits, GPtrArray *notes);

#endif
