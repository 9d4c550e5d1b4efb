// SPDX-License-Identifier: LGPL-3.0-or-later
// ICC profiles made of what a file says of its colours in other ways, by LittleCMS.
#ifndef GAN_MADEPROFILE_H
#define GAN_MADEPROFILE_H

#include <glib.h>

// Returns a profile of white, red, green and blue as x and y, with the light, 0 to 65535, of `n` numbers
// of each colour, equally far apart; `n` 0: light is the power 2.2 of the numbers. NULL: there is none
// such, or the program is built without LittleCMS.
// Owner:   the caller.
GBytes *gan_made_profile(const double xy[8], const guint16 *const light[3], gsize n);

// The same of grey.
GBytes *gan_made_profile_of_grey(const guint16 *light, gsize n);

#endif
