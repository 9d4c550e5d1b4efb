// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lcmsbytes.h"

GBytes *gan_lcms_bytes(cmsHPROFILE profile)
{
    cmsUInt32Number n = 0;
    guint8 *data = NULL;
    if (profile && cmsSaveProfileToMem(profile, NULL, &n) && n > 0) {
        data = g_malloc(n);
        if (!cmsSaveProfileToMem(profile, data, &n))
            g_clear_pointer(&data, g_free);
    }
    if (profile)
        cmsCloseProfile(profile);
    return data ? g_bytes_new_take(data, n) : NULL;
}
