// SPDX-License-Identifier: LGPL-3.0-or-later
// How far a network sees.
#ifndef GAN_SIGHT_H
#define GAN_SIGHT_H

// How far a value sees of the picture: a reach in pixels; that, and sums over the whole picture, of
// which it needs no more than their results; or anything anywhere. The later, the farther. Nothing
// begins as one of them.
typedef enum {
    GAN_SIGHT_LOCAL = 1, // tiles with a border of the reach are exact
    GAN_SIGHT_STATISTICS,
    GAN_SIGHT_WHOLE, // matrices over pixels, padding that moves or wraps, a fixed size
} GanSight;

#endif
