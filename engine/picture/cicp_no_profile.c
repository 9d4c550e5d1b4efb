// SPDX-License-Identifier: LGPL-3.0-or-later
// In place of cicp_profile.c where there is no LittleCMS.
#include "cicp-private.h"

GBytes *gan_cicp_profile(const GanCicp *cicp)
{
    return NULL;
}
