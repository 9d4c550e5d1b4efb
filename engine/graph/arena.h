// SPDX-License-Identifier: LGPL-3.0-or-later
// Places of values in one piece of memory, shared by those that do not live at the same time.
#ifndef GAN_ARENA_H
#define GAN_ARENA_H

#include <glib.h>

typedef struct {
    guint first, last; // the times from which and until which it is needed
    gsize bytes;
    gsize offset; // the answer
} GanSpan;

// Fills in the offsets, multiples of a cache line. Returns the bytes of the whole.
gsize gan_arena_place(GanSpan *spans, guint n);

#endif
