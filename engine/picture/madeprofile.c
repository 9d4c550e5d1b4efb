// SPDX-License-Identifier: LGPL-3.0-or-later
#include "madeprofile.h"

#include "lcmsbytes.h"

// LittleCMS has no curves of more than 65530.
#define MOST_ENTRIES 4096u

static cmsToneCurve *curve_of(const guint16 *light, gsize n)
{
    if (n == 0)
        return cmsBuildGamma(NULL, 2.2);
    if (n <= MOST_ENTRIES)
        return cmsBuildTabulatedToneCurve16(NULL, (cmsUInt32Number)n, light);
    cmsUInt16Number entries[MOST_ENTRIES];
    for (gsize i = 0; i < MOST_ENTRIES; i++)
        entries[i] = light[(i * (n - 1) + MOST_ENTRIES / 2) / (MOST_ENTRIES - 1)];
    return cmsBuildTabulatedToneCurve16(NULL, MOST_ENTRIES, entries);
}

GBytes *gan_made_profile(const double xy[8], const guint16 *const light[3], gsize n)
{
    const cmsCIExyY white = {xy[0], xy[1], 1};
    const cmsCIExyYTRIPLE primaries = {{xy[2], xy[3], 1}, {xy[4], xy[5], 1}, {xy[6], xy[7], 1}};
    cmsToneCurve *curves[3];
    for (guint c = 0; c < 3; c++)
        curves[c] = curve_of(light[c], n);
    GBytes *bytes = curves[0] && curves[1] && curves[2]
                        ? gan_lcms_bytes(cmsCreateRGBProfile(&white, &primaries, curves))
                        : NULL;
    for (guint c = 0; c < 3; c++) {
        if (curves[c])
            cmsFreeToneCurve(curves[c]);
    }
    return bytes;
}

GBytes *gan_made_profile_of_grey(const guint16 *light, gsize n)
{
    cmsToneCurve *curve = curve_of(light, n);
    GBytes *bytes = curve ? gan_lcms_bytes(cmsCreateGrayProfile(cmsD50_xyY(), curve)) : NULL;
    if (curve)
        cmsFreeToneCurve(curve);
    return bytes;
}
