// SPDX-License-Identifier: LGPL-3.0-or-later
// What a picture file holds beside its pixels and its metadata, and no new file gets.
#ifndef GAN_LEFTOVER_H
#define GAN_LEFTOVER_H

#include "origin.h"

// What is said of content credentials, in whatever format they stand.
#define GAN_LEFTOVER_CREDENTIALS                                                                   \
    "content credentials (C2PA), which hold for the old pixels, are not carried over"

// Adds a name of `n` bytes to a list of them, once; a letter that cannot be shown is a question mark.
void gan_leftover_add_name(GString *names, const guint8 *name, gsize n);

// Names what of the file goes nowhere, in the words of its format. `to`: the new file's.
void gan_leftover_note(const GanOrigin *origin, GanContainer to, GPtrArray *notes);

// The comment in the file itself, which is no part of EXIF: the first of a JPEG or a GIF, or NULL.
// Owner:   the caller.
char *gan_leftover_comment(const GanOrigin *origin);

#endif
