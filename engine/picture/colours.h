// SPDX-License-Identifier: LGPL-3.0-or-later
// From the numbers of a file with an ICC profile to colours, and back.
#ifndef GAN_COLOURS_H
#define GAN_COLOURS_H

#include "origin.h"

// Returns the space that numbers with the profile are in: NULL for a table or a damaged one, and where
// there is no room for it, which `no_room` says, where it is not NULL. Those of HDR go by the name of
// sRGB's.
const Babl *gan_colours_space(GBytes *profile, gboolean *no_room);

// Gives the buffer the space of the profile where its reader did not, converts what no space is, and
// says what cannot be honoured.
// Owner:   borrows both; the caller gets the buffer to go on with.
GeglBuffer *gan_colours_apply(GeglBuffer *buffer, GBytes *profile, GPtrArray *notes);

// Converts what was read through a table back into its numbers. NULL: it was not, or there is no way
// back, which is said. `grey_fits`: the new file can have a profile for grey.
// Owner:   borrows all; the caller gets the buffer. Origin may be NULL.
GeglBuffer *gan_colours_back(GeglBuffer *buffer, gboolean grey_fits, const GanOrigin *origin,
                             GPtrArray *notes);

// Returns the profile for a new file: the source's own bytes where the buffer still has its colours,
// else one for the buffer's space; NULL for plain sRGB. Origin may be NULL.
// Owner:   the caller.
GBytes *gan_colours_profile(GeglBuffer *buffer, const GanOrigin *origin);

#endif
