// SPDX-License-Identifier: LGPL-3.0-or-later
// In place of greyprofile.c where there is no LittleCMS.
#include "greyprofile.h"

GBytes *gan_grey_profile(const Babl *space)
{
    return NULL;
}
