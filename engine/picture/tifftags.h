// SPDX-License-Identifier: LGPL-3.0-or-later
// What the tags of a TIFF file say of its colours, where it has no ICC profile.
#ifndef GAN_TIFFTAGS_H
#define GAN_TIFFTAGS_H

#include "tiffpages.h"

// Returns an ICC profile of white, primaries and transfer function of the page that libtiff is at; NULL:
// it is sRGB, as far as the tags say. `notes`: gets a sentence on what is not used; may be NULL.
// Owner:   the caller.
GBytes *gan_tiff_tags_profile(const GanTiff *file, GPtrArray *notes);

// Says when the levels of black and white are others than those that are used. `by_jpeg`: luma and
// chroma are JPEG's; others are libtiff's, which knows the levels.
void gan_tiff_tags_note_levels(TIFF *tiff, gboolean by_jpeg, GPtrArray *notes);

#endif
