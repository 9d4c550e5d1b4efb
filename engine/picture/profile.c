// SPDX-License-Identifier: LGPL-3.0-or-later
// What an ICC profile says of itself.
// Source:  ICC.1:2022, 7.2 (header), 7.3 (table of tags), 8.4 (which tags go before others), 9.2.17,
//          10.6 (curves), 10.18 (curves by parameters).
#include "profile.h"

#include <math.h>
#include <string.h>

#define HEADER 128u
#define ENTRY 12u
#define MOST_TAGS 200u

static guint32 big32(const guint8 *p)
{
    return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static const guint8 *find(GBytes *profile, const char *tag, gsize *length)
{
    gsize n;
    const guint8 *data = g_bytes_get_data(profile, &n);
    const guint32 n_tags = n >= HEADER + 4 ? MIN(big32(data + HEADER), MOST_TAGS) : 0;
    for (guint32 i = 0; i < n_tags && HEADER + 4 + (i + 1) * ENTRY <= n; i++) {
        const guint8 *entry = data + HEADER + 4 + (gsize)i * ENTRY;
        const gsize at = big32(entry + 4), size = big32(entry + 8);
        if (memcmp(entry, tag, 4) != 0 || at > n || size > n - at)
            continue;
        *length = size;
        return data + at;
    }
    return NULL;
}

static gboolean header_says(GBytes *profile, gsize at, const char *word)
{
    gsize n;
    const char *data = g_bytes_get_data(profile, &n);
    return n >= HEADER && memcmp(data + at, word, 4) == 0;
}

gboolean gan_profile_is_for(GBytes *profile, const char *colours)
{
    return header_says(profile, 16, colours);
}

gboolean gan_profile_is_table(GBytes *profile)
{
    static const char *const tables[] = {"A2B0", "A2B1", "A2B2", "D2B0", "D2B1"};
    const gboolean grey = gan_profile_is_for(profile, "GRAY");
    gsize n;
    if (!grey && !gan_profile_is_for(profile, "RGB "))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        if (find(profile, tables[i], &n))
            return TRUE;
    }
    return grey && header_says(profile, 20, "Lab ");
}

static double s15_fixed_16(const guint8 *p)
{
    return (double)(gint32)big32(p) / 65536.0;
}

// Light by `n` bytes of a curve of points, equally far apart, or of a power.
static double light_of_points(const guint8 *tag, gsize n, double x)
{
    const gsize n_points = MIN((gsize)big32(tag + 8), (n - 12) / 2);
    const guint8 *points = tag + 12;
    if (n_points == 0)
        return x;
    if (n_points == 1)
        return pow(x, (points[0] << 8 | points[1]) / 256.0);
    const double at = x * (double)(n_points - 1);
    const gsize i = MIN((gsize)at, n_points - 2);
    const double low = points[2 * i] << 8 | points[2 * i + 1];
    const double high = points[2 * i + 2] << 8 | points[2 * i + 3];
    return (low + (high - low) * (at - (double)i)) / 65535.0;
}

// Light by `n` bytes of a curve of parameters.
static double light_of_parameters(const guint8 *tag, gsize n, double x)
{
    // g, a, b, c, d, e, f
    static const guint n_parameters[] = {1, 3, 4, 5, 7};
    const guint type = (guint)(tag[8] << 8 | tag[9]);
    double v[7] = {1, 1, 0, 0, 0, 0, 0};
    if (type > 4 || n < 12 + 4 * n_parameters[type])
        return NAN;
    for (guint i = 0; i < n_parameters[type]; i++)
        v[i] = s15_fixed_16(tag + 12 + 4 * (gsize)i);
    const double base = v[1] * x + v[2];
    if (type < 3)
        return (base > 0 ? pow(base, v[0]) : 0.0) + (type == 2 ? v[3] : 0.0);
    return x >= v[4] ? (base > 0 ? pow(base, v[0]) : 0.0) + v[5] : v[3] * x + v[6];
}

static const guint8 *find_curve(GBytes *profile, guint channel, gsize *n)
{
    static const char *const colours[] = {"rTRC", "gTRC", "bTRC"};
    return find(profile, gan_profile_is_for(profile, "GRAY") ? "kTRC" : colours[channel], n);
}

guint gan_profile_n_curves(GBytes *profile)
{
    const guint8 *curves[3];
    gsize n[3] = {0};
    for (guint c = 0; c < 3; c++)
        curves[c] = find_curve(profile, c, &n[c]);
    for (guint c = 1; c < 3; c++)
        if (!curves[0] || !curves[c] || n[c] != n[0] || memcmp(curves[c], curves[0], n[0]) != 0)
            return 3;
    return 1;
}

double gan_profile_light(GBytes *profile, guint channel, double x)
{
    gsize n = 0;
    const guint8 *tag = find_curve(profile, channel, &n);
    return !tag || n < 12                ? NAN
           : memcmp(tag, "curv", 4) == 0 ? light_of_points(tag, n, x)
           : memcmp(tag, "para", 4) == 0 ? light_of_parameters(tag, n, x)
                                         : NAN;
}

gboolean gan_profile_hdr(GBytes *profile, GanCicp *cicp)
{
    gsize n;
    const guint8 *tag = find(profile, "cicp", &n);
    if (!tag || n < 12 || memcmp(tag, "cicp", 4) != 0)
        return FALSE;
    const GanCicp found = {tag[8], tag[9], tag[10], tag[11]};
    const GanCicpKind kind = gan_cicp_kind(&found);
    if (kind != GAN_CICP_PQ && kind != GAN_CICP_HLG)
        return FALSE;
    *cicp = found;
    return TRUE;
}
