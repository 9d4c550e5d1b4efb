// SPDX-License-Identifier: LGPL-3.0-or-later
// Colours stated by code points.
// Source:  ITU-T H.273 (2023), tables 2 and 3; ITU-R BT.2100-2 for PQ and HLG; BT.2408 for their
//          white of paper.
#include "cicp-private.h"

#include "notes.h"
#include "spaces.h"
#include <math.h>

#define PAPER_WHITE 203.0 // cd/m2
#define PQ_PEAK 10000.0
#define HLG_PEAK 1000.0
#define HLG_GAMMA 1.2 // of a display of that peak

// Codes of curves.
enum {
    BT_709 = 1,
    GAMMA_22 = 4,
    GAMMA_28 = 5,
    BT_601 = 6,
    SMPTE_240 = 7,
    LINEAR = 8,
    XV_YCC = 11,
    BT_1361 = 12,
    SRGB = 13,
    BT_2020_10 = 14,
    BT_2020_12 = 15,
    PQ = 16,
    DCI = 17,
    HLG = 18,
};

static const GanCicpPrimaries table[] = {
    {1, {0.3127, 0.64, 0.30, 0.15}, {0.3290, 0.33, 0.60, 0.06}},
    {4, {0.310, 0.67, 0.21, 0.14}, {0.316, 0.33, 0.71, 0.08}},
    {5, {0.3127, 0.64, 0.29, 0.15}, {0.3290, 0.33, 0.60, 0.06}},
    {6, {0.3127, 0.630, 0.310, 0.155}, {0.3290, 0.340, 0.595, 0.070}},
    {7, {0.3127, 0.630, 0.310, 0.155}, {0.3290, 0.340, 0.595, 0.070}},
    {8, {0.310, 0.681, 0.243, 0.145}, {0.316, 0.319, 0.692, 0.049}},
    {9, {0.3127, 0.708, 0.170, 0.131}, {0.3290, 0.292, 0.797, 0.046}},
    {11, {0.314, 0.680, 0.265, 0.150}, {0.351, 0.320, 0.690, 0.060}},
    {12, {0.3127, 0.680, 0.265, 0.150}, {0.3290, 0.320, 0.690, 0.060}},
    {22, {0.3127, 0.630, 0.295, 0.155}, {0.3290, 0.340, 0.605, 0.077}},
};

const GanCicpPrimaries *gan_cicp_primaries(guint8 code)
{
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].code == code)
            return &table[i];
    }
    return NULL;
}

gboolean gan_cicp_curve(guint8 transfer, double parameters[5])
{
    static const struct {
        guint8 codes[6];
        double parameters[5]; // g, a, b, c, d
    } curves[] = {
        {{BT_709, BT_601, XV_YCC, BT_1361, BT_2020_10, BT_2020_12},
         {1 / 0.45, 1 / 1.0993, 0.0993 / 1.0993, 1 / 4.5, 0.0812}},
        {{GAMMA_22}, {2.2, 1, 0, 0, 0}},
        {{GAMMA_28}, {2.8, 1, 0, 0, 0}},
        {{SMPTE_240}, {1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 0.25, 0.0913}},
        {{LINEAR}, {1, 1, 0, 1, 0}},
        {{SRGB}, {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}},
        {{DCI}, {2.6, 1, 0, 0, 0}},
    };
    for (guint i = 0; i < G_N_ELEMENTS(curves); i++) {
        for (guint k = 0; k < G_N_ELEMENTS(curves[i].codes); k++) {
            if (transfer == 0 || curves[i].codes[k] != transfer)
                continue;
            for (guint p = 0; p < 5; p++)
                parameters[p] = curves[i].parameters[p];
            return TRUE;
        }
    }
    return FALSE;
}

static double pq_light(double x)
{
    const double m1 = 2610.0 / 16384, m2 = 2523.0 / 4096 * 128, c1 = 3424.0 / 4096,
                 c2 = 2413.0 / 4096 * 32, c3 = 2392.0 / 4096 * 32;
    const double power = pow(MAX(x, 0.0), 1 / m2);
    return pow(MAX(power - c1, 0.0) / (c2 - c3 * power), 1 / m1);
}

static double hlg_light(double x)
{
    const double a = 0.17883277, b = 1 - 4 * a, c = 0.5 - a * log(4 * a);
    return x <= 0.5 ? MAX(x, 0.0) * x / 3 : (exp((x - c) / a) + b) / 12;
}

gboolean gan_cicp_light_of(guint8 transfer, double x, double *light)
{
    double p[5];
    if (transfer == PQ)
        *light = pq_light(x);
    else if (transfer == HLG)
        *light = hlg_light(x);
    else if (gan_cicp_curve(transfer, p))
        *light = x >= p[4] ? pow(p[1] * x + p[2], p[0]) : p[3] * x;
    else
        return FALSE;
    return TRUE;
}

// Babl makes spaces of a few curves; the others it reads from profiles.
static const Babl *common_space(const GanCicp *cicp, const GanCicpPrimaries *p)
{
    const guint8 transfer = cicp->transfer;
    const double gamma = transfer == SRGB       ? 0
                         : transfer == LINEAR   ? 1
                         : transfer == GAMMA_22 ? 2.2
                         : transfer == GAMMA_28 ? 2.8
                         : transfer == DCI      ? 2.6
                                                : -1;
    if (transfer == SRGB && p->code == 1)
        return babl_space("sRGB");
    if (gamma >= 0)
        return gan_space_from_primaries((const double[]){p->x[0], p->y[0], p->x[1], p->y[1],
                                                         p->x[2], p->y[2], p->x[3], p->y[3]},
                                        gamma, 0);
    g_autoptr(GBytes) profile = gan_cicp_profile(cicp);
    gsize n = 0;
    const char *data = profile ? g_bytes_get_data(profile, &n) : NULL;
    return data ? gan_space_from_icc(data, n, NULL) : NULL;
}

const Babl *gan_cicp_space(const GanCicp *cicp)
{
    const GanCicpPrimaries *p = gan_cicp_primaries(cicp->primaries);
    double unused;
    if (!p || !gan_cicp_light_of(cicp->transfer, 1, &unused))
        return NULL;
    if (cicp->transfer != PQ && cicp->transfer != HLG)
        return common_space(cicp, p);
    const GanCicp linear = {cicp->primaries, LINEAR, 0, 1};
    return common_space(&linear, p);
}

GanCicpKind gan_cicp_kind(const GanCicp *cicp)
{
    double unused;
    if (!gan_cicp_primaries(cicp->primaries) || !gan_cicp_light_of(cicp->transfer, 1, &unused))
        return GAN_CICP_UNKNOWN;
    return cicp->transfer == PQ    ? GAN_CICP_PQ
           : cicp->transfer == HLG ? GAN_CICP_HLG
                                   : GAN_CICP_COMMON;
}

const Babl *gan_cicp_reading_space(const GanCicp *cicp, GPtrArray *notes)
{
    const GanCicpKind kind = gan_cicp_kind(cicp);
    if (kind == GAN_CICP_UNKNOWN)
        gan_note(notes,
                 "the colours that its code points state (primaries %u, curve %u) are not known: "
                 "numbers are taken as sRGB",
                 cicp->primaries, cicp->transfer);
    const Babl *space = kind == GAN_CICP_COMMON ? gan_cicp_space(cicp) : babl_space("sRGB");
    if (!space)
        gan_note(notes, GAN_NO_ROOM);
    return space ? space : babl_space("sRGB");
}

void gan_cicp_stretch(GeglBuffer *buffer)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *format = gegl_buffer_get_format(buffer);
    const gboolean deep = babl_format_get_type(format, 0) == babl_type("u16");
    const gsize n = (gsize)babl_format_get_n_components(format);
    const gsize n_colours = n - (babl_format_has_alpha(format) ? 1 : 0);
    // Of 16 bits, black is 16 * 256 and white 235 * 256.
    const double step = deep ? 256 : 1, most = deep ? 65535 : 255;
    g_autofree guint16 *row = g_new(guint16, (gsize)extent->width * n);
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        const GeglRectangle line = {extent->x, y, extent->width, 1};
        gegl_buffer_get(buffer, &line, 1.0, format, row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < (gsize)extent->width * n; i++) {
            if (i % n >= n_colours)
                continue;
            guint8 *byte = (guint8 *)row + i;
            const double x = ((deep ? row[i] : *byte) / step - 16) / 219;
            const guint16 wide = (guint16)(CLAMP(x, 0.0, 1.0) * most + 0.5);
            if (deep)
                row[i] = wide;
            else
                *byte = (guint8)wide;
        }
        gegl_buffer_set(buffer, &line, 0, format, row, GEGL_AUTO_ROWSTRIDE);
    }
}

// Numbers of a pixel to light, where 1 is paper. HLG's light is the scene's; a display makes
// its own of it by a power of the luminance.
static void to_light(const GanCicp *cicp, const double luminance[3], float *pixel)
{
    double light[3], sum = 0;
    for (guint c = 0; c < 3; c++) {
        gan_cicp_light_of(cicp->transfer, CLAMP((double)pixel[c], 0.0, 1.0), &light[c]);
        sum += luminance[c] * light[c];
    }
    const double gain = cicp->transfer == PQ ? PQ_PEAK / PAPER_WHITE
                        : sum > 0            ? HLG_PEAK / PAPER_WHITE * pow(sum, HLG_GAMMA - 1)
                                             : 0;
    for (guint c = 0; c < 3; c++)
        pixel[c] = (float)(gain * light[c]);
}

GeglBuffer *gan_cicp_light(const GanCicp *cicp, GeglBuffer *buffer, GPtrArray *notes)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *own = gegl_buffer_get_format(buffer);
    const Babl *space =
        gan_cicp_reading_space(&(const GanCicp){cicp->primaries, LINEAR, 0, 1}, notes);
    const gboolean alpha = babl_format_has_alpha(own) != 0;
    const Babl *coded = babl_format_with_space(alpha ? "R'G'B'A float" : "R'G'B' float",
                                               babl_format_get_space(own));
    const Babl *linear = babl_format_with_space(alpha ? "RGBA float" : "RGB float", space);
    GeglBuffer *light = gegl_buffer_new(extent, linear);
    const guint channels = alpha ? 4 : 3;
    double luminance[3];
    babl_space_get_rgb_luminance(space, &luminance[0], &luminance[1], &luminance[2]);
    g_autofree float *row = g_new(float, (gsize)extent->width *channels);
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        const GeglRectangle line = {extent->x, y, extent->width, 1};
        gegl_buffer_get(buffer, &line, 1.0, coded, row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < (gsize)extent->width; i++)
            to_light(cicp, luminance, row + i * channels);
        gegl_buffer_set(light, &line, 0, linear, row, GEGL_AUTO_ROWSTRIDE);
    }
    return light;
}
