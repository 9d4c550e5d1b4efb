// SPDX-License-Identifier: LGPL-3.0-or-later
// What a PNG file says of its colours beside an ICC profile.
#ifndef GAN_PNGCOLOUR_H
#define GAN_PNGCOLOUR_H

#include "cicp.h"

// Returns FALSE when the file has no chunk cICP.
gboolean gan_png_cicp(const guint8 *data, gsize length, GanCicp *cicp);

// Returns whether its numbers lie in video's narrow range, as cICP states.
gboolean gan_png_is_narrow(const guint8 *data, gsize length);

// Returns the chunk cICP of R'G'B' in the full range, name and contents.
// Owner:   the caller.
GBytes *gan_png_cicp_chunk(const GanCicp *cicp);

// Returns the space that the file states: by cICP before all else, by an ICC profile never (NULL),
// then by sRGB, gAMA and cHRM, and sRGB when it says nothing. HDR numbers and colours that are not
// known are taken as sRGB. `notes`: gets a sentence on the latter; may be NULL.
const Babl *gan_png_space(const guint8 *data, gsize length, GPtrArray *notes);

// Returns the chunks that say what the numbers of the file mean, as GBytes of name and contents, to
// go into a new file with such numbers.
// Owner:   the caller.
GPtrArray *gan_png_colour_chunks(const guint8 *data, gsize length);

// Returns the colour that the file wants behind what is transparent as a chunk (bKGD) of a file that
// is grey or not, of 16 bits or not; NULL where there is none or it does not fit.
// Owner:   the caller.
GBytes *gan_png_background(const guint8 *data, gsize length, gboolean grey, gboolean deep);

#endif
