// SPDX-License-Identifier: LGPL-3.0-or-later
// In place of cicp_profile.c where there is no LittleCMS.
#include "cicp-private.h"

gboolean gan_cicp_makes_profiles(void)
{
    return FALSE;
}

GBytes *gan_cicp_profile(const GanCicp *cicp)
{
    return NULL;
}
