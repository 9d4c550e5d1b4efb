// SPDX-License-Identifier: LGPL-3.0-or-later
// What the colours of a drawable mean. GIMP 2.10 says how its numbers are stored, but always under
// the name of sRGB; the image's profile has to be asked for and the buffer labelled with it.
#ifndef GIMP2_COLOUR_H
#define GIMP2_COLOUR_H

#include <gegl.h>

G_BEGIN_DECLS

// Returns `format` in the space of the image's profile, or in the one next to it when that is a profile
// with tables; `format` itself when it is of no use. `warning`: NULL, or set to a text then, which the
// caller frees.
const Babl *colour_format(gint image, const Babl *format, char **warning);

// Returns the drawable's buffer; its format is in the space of the image's profile unless the image
// is indexed: a palette keeps its own name.
// Owner:   the caller unrefs it.
GeglBuffer *colour_drawable_buffer(gint drawable, char **warning);

// Returns the format of an indexed drawable's colours: R'G'B' u8, with alpha if it has, in the
// space of the image's profile.
const Babl *colour_indexed_format(gint drawable, char **warning);

// Writes `pixels` into `area` of an indexed drawable's buffer: of each colour the nearest one
// of the palette.
void colour_write_indexed(gint drawable, GeglBuffer *pixels, GeglBuffer *to);

// Returns an indexed drawable's colours as a buffer of their own.
GeglBuffer *colour_read_indexed(gint drawable, char **warning);

G_END_DECLS
#endif
