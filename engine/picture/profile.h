// SPDX-License-Identifier: LGPL-3.0-or-later
// What an ICC profile says of itself.
#ifndef GAN_PROFILE_H
#define GAN_PROFILE_H

#include "cicp.h"

// Returns whether the profile is for numbers of this kind: "RGB ", "GRAY", "CMYK".
gboolean gan_profile_is_for(GBytes *profile, const char *colours);

// Returns whether it gives the colours of light (RGB or grey) by tables, which go before a matrix, or
// as L*, none of which is a space of Babl's.
gboolean gan_profile_is_table(GBytes *profile);

// Returns the light of the number `x`, 0..1, of a channel, 0..2, by the profile's curve; NAN: it has
// none.
double gan_profile_light(GBytes *profile, guint channel, double x);

// Returns how many different curves it has, 1 or 3.
guint gan_profile_n_curves(GBytes *profile);

// Reads the code points that a profile of HDR (PQ, HLG) names. FALSE: it is of another kind.
gboolean gan_profile_hdr(GBytes *profile, GanCicp *cicp);

#endif
