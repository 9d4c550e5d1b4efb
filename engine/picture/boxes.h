// SPDX-License-Identifier: LGPL-3.0-or-later
// Files made of boxes: HEIF (AVIF, HEIC), JPEG XL and JPEG 2000.
#ifndef GAN_BOXES_H
#define GAN_BOXES_H

#include <glib.h>

typedef struct {
    char name[5];
    const guint8 *data; // without its head
    gsize length;
} GanBox;

// Goes to the box at *at and sets *at behind it. Returns FALSE when there is no whole one.
gboolean gan_box_next(const guint8 *data, gsize length, gsize *at, GanBox *box);

// Names what of such a file goes nowhere; says nothing of others.
void gan_boxes_note(const guint8 *data, gsize length, GPtrArray *notes);

// Returns whether all that is coded in a file of HEIF is luma without chroma, as far as the codings of
// HEVC and AV1 say.
gboolean gan_boxes_are_grey(const guint8 *data, gsize length);

#endif
