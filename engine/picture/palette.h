// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures of a palette: a network sees their colours, and what it makes goes back to
// the palette's nearest.
#ifndef GAN_PALETTE_H
#define GAN_PALETTE_H

#include <gegl.h>

// Returns the format of a palette's colours, R'G'B' in its space with alpha where it has any; NULL
// when `format` has no palette.
const Babl *gan_palette_colours(const Babl *format);

// Returns a copy of `in` in another format, with its corner at (0, 0).
// Owner:   the caller unrefs the buffer.
GeglBuffer *gan_palette_converted(GeglBuffer *in, const Babl *format);

#endif
