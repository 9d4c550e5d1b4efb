// SPDX-License-Identifier: LGPL-3.0-or-later
// EXIF, XMP and IPTC carried from one picture file to another.
#ifndef GAN_METADATA_H
#define GAN_METADATA_H

#include "origin.h"

// Copies what the file `from`, which `origin` holds, says of its picture into the file `to` of
// width x height pixels.
// Orientation stays as it is, because the pixels do; sizes are corrected; the thumbnail shows
// the old picture and goes. Nothing happens when `from` has no metadata or `to` is of a format
// that takes none. Of what the format does not hold as much as there is room for.
// `notes`: gets sentences on what is left out.
void gan_metadata_copy(const GanOrigin *origin, const char *from, const char *to, guint width,
                       guint height, GPtrArray *notes);

#endif
