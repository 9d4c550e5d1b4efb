// SPDX-License-Identifier: LGPL-3.0-or-later
// Coding-independent code points: colours stated by numbers, in PNG's chunk cICP, in AVIF and HEIC, in
// JPEG XL, and in a tag of ICC profiles.
#ifndef GAN_CICP_H
#define GAN_CICP_H

#include <gegl.h>

typedef struct {
    guint8 primaries, transfer, matrix, full_range;
} GanCicp;

typedef enum {
    GAN_CICP_COMMON,  // a Babl space has these colours
    GAN_CICP_PQ,      // light up to 10000 cd/m2
    GAN_CICP_HLG,     // light up to 1000 cd/m2, relative
    GAN_CICP_UNKNOWN, // nothing is known of them, or a space of them needs a library that is missing
} GanCicpKind;

GanCicpKind gan_cicp_kind(const GanCicp *cicp);

// Returns the space of common colours; of PQ and HLG the one with their primaries and linear light;
// NULL of unknown ones.
const Babl *gan_cicp_space(const GanCicp *cicp);

// Returns the space that numbers with these code points are read in: HDR's and those of colours that
// are not known are taken as sRGB's. `notes`: gets a sentence on the latter; may be NULL.
const Babl *gan_cicp_reading_space(const GanCicp *cicp, GPtrArray *notes);

// Stretches video's narrow range (16 to 235 of 8 bits), in which the numbers of a buffer of 8 or 16
// bits lie, to the full one; alpha stays.
void gan_cicp_stretch(GeglBuffer *buffer);

// Returns an ICC profile with the primaries and the curve, which names the code points, too; NULL
// for unknown ones, or where the program is built without LittleCMS.
// Owner:   the caller.
GBytes *gan_cicp_profile(const GanCicp *cicp);

// Whether the program is built with LittleCMS.
gboolean gan_cicp_makes_profiles(void);

// Returns the light of PQ or HLG numbers: 1 is 203 cd/m2, the white of paper (ITU-R BT.2408).
// `buffer`: R'G'B' with its numbers in the place of sRGB's; alpha stays.
// `notes`: gets a sentence where there is no room for its primaries.
// Owner:   the caller gets a float buffer in gan_cicp_space() of linear light.
GeglBuffer *gan_cicp_light(const GanCicp *cicp, GeglBuffer *buffer, GPtrArray *notes);

#endif
