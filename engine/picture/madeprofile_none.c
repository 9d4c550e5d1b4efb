// SPDX-License-Identifier: LGPL-3.0-or-later
// In place of madeprofile.c where there is no LittleCMS.
#include "madeprofile.h"

GBytes *gan_made_profile(const double xy[8], const guint16 *const light[3], gsize n)
{
    return NULL;
}

GBytes *gan_made_profile_of_grey(const guint16 *light, gsize n)
{
    return NULL;
}
