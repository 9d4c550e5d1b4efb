// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers out of a TIFF structure: a TIFF file, or EXIF in a file of another kind. What is to be
// kept goes through gexiv2; this is for what has to be known while pixels are written.
#ifndef GAN_EXIF_H
#define GAN_EXIF_H

#include "container.h"

// Finds the TIFF structure of a JPEG, PNG (eXIf), WebP or TIFF file; NULL when it has none.
// `n`: its bytes.
// Owner:   borrowed from data.
const guint8 *gan_exif_find(GanContainer kind, const guint8 *data, gsize length, gsize *n);

// Reads the first number of a tag of the first directory. Returns FALSE, and leaves `value`, when
// there is none.
gboolean gan_exif_number(const guint8 *data, gsize length, guint16 tag, double *value);

// Finds the segment of a JPEG file with this marker whose payload begins with `head`; `n`: bytes of
// the payload. NULL when there is none.
const guint8 *gan_jpeg_segment(const guint8 *data, gsize length, guint8 marker, const char *head,
                               gsize n_head, gsize *n);

#endif
