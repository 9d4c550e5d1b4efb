// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures whose profile is a table, which no space of Babl's is: converted by LittleCMS into a space
// of primaries and a curve, and back into the numbers of the profile.
#ifndef GAN_TABLE_H
#define GAN_TABLE_H

#include <gegl.h>

// Returns whether the profile is a table that can be used: FALSE where the program is built without
// LittleCMS.
gboolean gan_table_is_usable(GBytes *profile);

// Returns whether colours find back into the numbers of the profile. Many tables of scanners and
// cameras tell one direction alone.
gboolean gan_table_goes_back(GBytes *profile);

// Returns the space of three primaries and one curve that is next to an RGB table: numbers under its
// name are seen as they look, near enough for a network, and stay what they are. NULL: not usable.
const Babl *gan_table_space(GBytes *profile);

// Converts a picture with the numbers of a usable profile, which go by the name of sRGB's, relative
// to white and with black on black, as GIMP does: into sRGB where that holds its colours, else
// into the next larger space. Bytes get 16 bits, but where bytes of sRGB are all that will be made of
// them.
// Owner:   borrows `buffer`; the caller gets the new one; NULL: no memory for a row.
GeglBuffer *gan_table_read(GBytes *profile, GeglBuffer *buffer);

// Converts a picture of any space into the numbers of a profile that goes back, under the name of
// sRGB's. `bytes`: 8 bits where the buffer has integers.
// Owner:   borrows `buffer`; the caller gets the new one; NULL: the profile is for another kind.
GeglBuffer *gan_table_write(GBytes *profile, GeglBuffer *buffer, gboolean bytes);

#endif
