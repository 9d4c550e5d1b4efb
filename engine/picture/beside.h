// SPDX-License-Identifier: LGPL-3.0-or-later
// What a file says beside its pixels, as far as a library of its format has to be asked for it.
#ifndef GAN_BESIDE_H
#define GAN_BESIDE_H

#include "cicp.h"

typedef struct {
    guint width, height; // of the picture as it is read
    guint bits;          // of a number; 0: not known
    guint orientation;   // that the file tells of the page; 0: not known
    GBytes *profile;     // NULL: none
    gboolean has_cicp;   // and no profile
    GanCicp cicp;
    gboolean has_metadata; // what follows is all that there is
    GBytes *exif;          // a TIFF structure; NULL: none
    GBytes *xmp;           // a packet; NULL: none
} GanBeside;

void gan_beside_clear(GanBeside *beside);

// Takes a block of EXIF as boxes of HEIF and JPEG XL hold it: the place of the TIFF structure goes
// before.
void gan_beside_take_exif(GanBeside *beside, const guint8 *data, gsize length);

// Returns a file of metadata alone, which gexiv2 reads: a WebP without a picture. NULL: there is none.
// Owner:   the caller.
GBytes *gan_beside_file(const GanBeside *beside);

#endif
