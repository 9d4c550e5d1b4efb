// SPDX-License-Identifier: LGPL-3.0-or-later
// Profiles for grey pictures whose space is one of colours, by LittleCMS.
#include "greyprofile.h"

#include "lcmsbytes.h"
#include "profile.h"
#include <math.h>

#define N_ENTRIES 4096

// What a power may be off to be taken as that.
#define POWER_WITHIN 2e-4f

static float power_of(const float *light)
{
    const guint middle = N_ENTRIES / 2;
    const float half = logf(light[middle]) / logf((float)middle / (N_ENTRIES - 1));
    for (guint i = N_ENTRIES / 16; i < N_ENTRIES; i++) {
        const float x = (float)i / (N_ENTRIES - 1);
        if (!(fabsf(powf(x, half) - light[i]) < POWER_WITHIN))
            return 0.0f;
    }
    return half;
}

static cmsToneCurve *curve_of(const Babl *space)
{
    g_autofree float *light = g_new(float, N_ENTRIES);
    g_autofree cmsUInt16Number *entries = g_new(cmsUInt16Number, N_ENTRIES);
    int n = 0;
    const char *icc = babl_space_get_icc(space, &n);
    g_autoptr(GBytes) profile = g_bytes_new_static(icc, icc ? (gsize)n : 0);
    for (guint i = 0; i < N_ENTRIES; i++)
        light[i] = (float)gan_profile_light(profile, 0, (double)i / (N_ENTRIES - 1));
    const float power = power_of(light);
    if (power > 0)
        return cmsBuildGamma(NULL, (double)power);
    for (guint i = 0; i < N_ENTRIES; i++)
        entries[i] = (cmsUInt16Number)(CLAMP(light[i], 0.0f, 1.0f) * 65535.0f + 0.5f);
    return cmsBuildTabulatedToneCurve16(NULL, N_ENTRIES, entries);
}

GBytes *gan_grey_profile(const Babl *space)
{
    cmsToneCurve *curve = curve_of(space);
    GBytes *bytes = curve ? gan_lcms_bytes(cmsCreateGrayProfile(cmsD50_xyY(), curve)) : NULL;
    if (curve)
        cmsFreeToneCurve(curve);
    return bytes;
}
