// SPDX-License-Identifier: LGPL-3.0-or-later
// The file that a picture came from, as far as something of it goes into a new one.
#ifndef GAN_ORIGIN_H
#define GAN_ORIGIN_H

#include "beside.h"
#include "container.h"
#include "density.h"

typedef struct {
    GMappedFile *map;
    const guint8 *data;
    gsize length;
    GanContainer kind;
    GanDensity density;
    guint orientation; // EXIF's, 1 to 8
    GanBeside beside;
    GBytes *profile; // that its numbers were read with; NULL: none
} GanOrigin;

// Opens the file; NULL, when there is none or it is empty: nothing comes from it. `page`: that the
// picture is, 0 for that of gan_image_load().
// Owner:   the caller.
GanOrigin *gan_origin_open(const char *path, guint page);
void gan_origin_free(GanOrigin *origin); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanOrigin, gan_origin_free)

// Returns TRUE when the file's own format keeps every number: lossless WebP, but not JPEG.
gboolean gan_origin_is_lossless(const GanOrigin *origin);

// Returns TRUE when its numbers have 8 bits or fewer.
gboolean gan_origin_has_bytes(const GanOrigin *origin);

// Returns TRUE when the numbers of `buffer` are those of an HDR curve, whose code points it gives.
// Each accepts a NULL origin.
gboolean gan_origin_hdr(const GanOrigin *origin, GeglBuffer *buffer, GanCicp *cicp);

// Returns the chunks that say in a PNG file what the numbers of `buffer` mean; NULL when the
// origin's do not hold for them, or it has none.
// Owner:   the caller.
GPtrArray *gan_origin_colour_chunks(const GanOrigin *origin, GeglBuffer *buffer);

#endif
