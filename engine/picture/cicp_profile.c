// SPDX-License-Identifier: LGPL-3.0-or-later
// ICC profiles of code points, by LittleCMS.
// Source:  ICC.1:2022, 9.2.17 for the tag that names the code points.
#include "cicp-private.h"

#include "lcmsbytes.h"

#define N_ENTRIES 4096
#define CICP_TAG ((cmsTagSignature)0x63696370) // "cicp"

static cmsToneCurve *curve_of(guint8 transfer)
{
    double p[5];
    if (gan_cicp_curve(transfer, p))
        return cmsBuildParametricToneCurve(NULL, 4, p);
    cmsUInt16Number entries[N_ENTRIES];
    for (guint i = 0; i < N_ENTRIES; i++) {
        double light = 0;
        if (!gan_cicp_light_of(transfer, (double)i / (N_ENTRIES - 1), &light))
            return NULL;
        entries[i] = (cmsUInt16Number)(CLAMP(light, 0.0, 1.0) * 65535.0 + 0.5);
    }
    return cmsBuildTabulatedToneCurve16(NULL, N_ENTRIES, entries);
}

gboolean gan_cicp_makes_profiles(void)
{
    return TRUE;
}

GBytes *gan_cicp_profile(const GanCicp *cicp)
{
    const GanCicpPrimaries *p = gan_cicp_primaries(cicp->primaries);
    cmsToneCurve *curve = p ? curve_of(cicp->transfer) : NULL;
    if (!curve)
        return NULL;
    const cmsCIExyY white = {p->x[0], p->y[0], 1};
    const cmsCIExyYTRIPLE primaries = {
        {p->x[1], p->y[1], 1}, {p->x[2], p->y[2], 1}, {p->x[3], p->y[3], 1}};
    cmsToneCurve *curves[3] = {curve, curve, curve};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
    cmsFreeToneCurve(curve);
    if (!profile)
        return NULL;
    cmsSetProfileVersion(profile, 4.4);
    // Byte by byte: LittleCMS 2.14 puts four bytes too many before the code points.
    const guint8 tag[12] = {'c', 'i', 'c', 'p', 0, 0, 0, 0, cicp->primaries, cicp->transfer, 0, 1};
    if (cmsWriteRawTag(profile, CICP_TAG, tag, sizeof tag))
        return gan_lcms_bytes(profile);
    cmsCloseProfile(profile);
    return NULL;
}
