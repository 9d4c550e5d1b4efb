// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures whose profile is a table, by LittleCMS.
#include "table.h"

#include "gamut.h"
#include "lcmsbytes.h"
#include "profile.h"
#include "spaces.h"
#include <math.h>

#define INTENT INTENT_RELATIVE_COLORIMETRIC
#define FLAGS                                                                                      \
    (cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE | cmsFLAGS_COPY_ALPHA)

// What a space may lack of a picture: a byte's step, in one of a hundred thousand numbers.
#define OUTSIDE 0.004f
#define OUTSIDE_PART 1e-5

// A way back that is this far off (CIE 1976) in the mean is none. Good tables are off by one half.
#define LOST_MEAN 3.0
#define STEPS 9 // of each channel, to find that out

// Numbers of a way back are made better until they are this near to their colour.
#define NEAR 0.2
#define MOST_ROUNDS 6
#define CURVE_ENTRIES 1024
#define ASIDE 0.004f // to see how the colour changes with a number

typedef struct {
    cmsHPROFILE table, other; // the picture's, and light
    cmsHTRANSFORM to, back;
} Table;

static void table_clear(Table *table)
{
    if (table->to)
        cmsDeleteTransform(table->to);
    if (table->back)
        cmsDeleteTransform(table->back);
    if (table->table)
        cmsCloseProfile(table->table);
    if (table->other)
        cmsCloseProfile(table->other);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Table, table_clear)

// LittleCMS' format of floats in pixels with or without alpha.
static cmsUInt32Number floats(gboolean grey, gboolean alpha)
{
    return FLOAT_SH(1) | COLORSPACE_SH(grey ? PT_GRAY : PT_RGB) | CHANNELS_SH(grey ? 1 : 3) |
           EXTRA_SH(alpha ? 1 : 0) | BYTES_SH(4);
}

static cmsHPROFILE open_profile(GBytes *profile)
{
    gsize n;
    const void *data = g_bytes_get_data(profile, &n);
    return n >= 128 && n <= G_MAXUINT32 ? cmsOpenProfileFromMem(data, (cmsUInt32Number)n) : NULL;
}

// Light in sRGB's primaries, which may lie outside 0..1.
static cmsHPROFILE light_profile(void)
{
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
    cmsToneCurve *line = cmsBuildGamma(NULL, 1.0);
    cmsToneCurve *lines[3] = {line, line, line};
    cmsHPROFILE profile = line ? cmsCreateRGBProfile(&white, &primaries, lines) : NULL;
    cmsFreeToneCurve(line);
    return profile;
}

static gboolean is_grey(const Babl *format)
{
    return (babl_get_model_flags(babl_format_get_model(format)) & BABL_MODEL_FLAG_GRAY) != 0;
}

// `flags`: beside those that LittleCMS needs to be exact.
static gboolean open_lab(Table *table, GBytes *profile, gboolean back, cmsUInt32Number flags)
{
    const gboolean grey = gan_profile_is_for(profile, "GRAY");
    flags |= cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE;
    if (!gan_profile_is_table(profile))
        return FALSE;
    table->table = open_profile(profile);
    table->other = cmsCreateLab4Profile(NULL);
    if (!table->table || !table->other)
        return FALSE;
    table->to = cmsCreateTransform(table->table, floats(grey, FALSE), table->other, TYPE_Lab_DBL,
                                   INTENT, flags);
    if (back && table->to)
        table->back = cmsCreateTransform(table->other, TYPE_Lab_DBL, table->table,
                                         floats(grey, FALSE), INTENT, flags);
    return table->to && (!back || table->back);
}

gboolean gan_table_is_usable(GBytes *profile)
{
    g_auto(Table) table = {0};
    return open_lab(&table, profile, FALSE, 0);
}

gboolean gan_table_goes_back(GBytes *profile)
{
    g_auto(Table) table = {0};
    if (!open_lab(&table, profile, TRUE, 0))
        return FALSE;
    double sum = 0;
    const guint n = STEPS * STEPS * STEPS;
    for (guint i = 0; i < n; i++) { // of grey the first channel alone is looked at
        const guint at[3] = {i % STEPS, i / STEPS % STEPS, i / STEPS / STEPS};
        float numbers[3];
        for (guint c = 0; c < 3; c++)
            numbers[c] = (float)at[c] / (STEPS - 1);
        cmsCIELab lab, again;
        cmsDoTransform(table.to, numbers, &lab, 1);
        cmsDoTransform(table.back, &lab, numbers, 1);
        cmsDoTransform(table.to, numbers, &again, 1);
        sum += cmsDeltaE(&lab, &again);
    }
    return sum / n < LOST_MEAN;
}

// What a table makes of a pixel: XYZ relative to white, black taken off.
static void xyz_of(cmsHTRANSFORM to_lab, float red, float green, float blue, cmsCIEXYZ *xyz)
{
    const float numbers[3] = {red, green, blue};
    cmsCIELab lab;
    cmsDoTransform(to_lab, numbers, &lab, 1);
    cmsLab2XYZ(cmsD50_XYZ(), xyz, &lab);
}

static cmsToneCurve *grey_curve(cmsHTRANSFORM to_lab)
{
    cmsUInt16Number entries[CURVE_ENTRIES];
    cmsCIEXYZ black, white, xyz;
    xyz_of(to_lab, 0, 0, 0, &black);
    xyz_of(to_lab, 1, 1, 1, &white);
    if (!(white.Y - black.Y > 0.1))
        return NULL;
    for (guint i = 0; i < CURVE_ENTRIES; i++) {
        const float x = (float)i / (CURVE_ENTRIES - 1);
        xyz_of(to_lab, x, x, x, &xyz);
        const double light = (xyz.Y - black.Y) / (white.Y - black.Y);
        entries[i] = (cmsUInt16Number)(CLAMP(light, 0.0, 1.0) * 65535 + 0.5);
        entries[i] = i > 0 ? MAX(entries[i], entries[i - 1]) : 0;
    }
    return cmsBuildTabulatedToneCurve16(NULL, CURVE_ENTRIES, entries);
}

const Babl *gan_table_space(GBytes *profile)
{
    g_auto(Table) lab = {0};
    if (!gan_profile_is_for(profile, "RGB ") ||
        !open_lab(&lab, profile, FALSE, cmsFLAGS_BLACKPOINTCOMPENSATION))
        return NULL;
    cmsCIEXYZ black, xyz[3];
    cmsCIExyY primaries[3];
    xyz_of(lab.to, 0, 0, 0, &black);
    for (guint c = 0; c < 3; c++) {
        xyz_of(lab.to, c == 0, c == 1, c == 2, &xyz[c]);
        xyz[c] = (cmsCIEXYZ){xyz[c].X - black.X, xyz[c].Y - black.Y, xyz[c].Z - black.Z};
        cmsXYZ2xyY(&primaries[c], &xyz[c]);
        if (!(primaries[c].y > 0.0))
            return NULL;
    }
    cmsToneCurve *curve = grey_curve(lab.to), *curves[3] = {curve, curve, curve};
    const cmsCIExyYTRIPLE three = {primaries[0], primaries[1], primaries[2]};
    g_autoptr(GBytes) next =
        curve ? gan_lcms_bytes(cmsCreateRGBProfile(cmsD50_xyY(), &three, curves)) : NULL;
    if (curve)
        cmsFreeToneCurve(curve);
    return next ? gan_space_from_icc(g_bytes_get_data(next, NULL), g_bytes_get_size(next), NULL)
                : NULL;
}

// Goes through the rows: numbers in `from_format` become those of `to_format`.
static gboolean convert(cmsHTRANSFORM transform, GeglBuffer *from, const Babl *from_format,
                        GeglBuffer *to, const Babl *to_format)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(from);
    const gsize n = (gsize)extent->width;
    g_autofree float *in = g_try_new(float, n * 4);
    g_autofree float *out = g_try_new(float, n * 4);
    if (!in || !out)
        return FALSE;
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        const GeglRectangle line = {extent->x, y, extent->width, 1};
        gegl_buffer_get(from, &line, 1.0, from_format, in, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        cmsDoTransform(transform, in, out, (cmsUInt32Number)n);
        gegl_buffer_set(to, &line, 0, to_format, out, GEGL_AUTO_ROWSTRIDE);
    }
    return TRUE;
}

// One step of Newton's towards numbers with the colour `wanted`: to[] of from[], whose colour and
// those of its three neighbours, each `aside` of one number, are known.
static gboolean step(const float from[3], const float aside[3], const cmsCIELab colours[4],
                     const cmsCIELab *wanted, float to[3])
{
    double m[3][3];
    for (guint c = 0; c < 3; c++) {
        m[0][c] = (colours[c + 1].L - colours[0].L) / (double)aside[c];
        m[1][c] = (colours[c + 1].a - colours[0].a) / (double)aside[c];
        m[2][c] = (colours[c + 1].b - colours[0].b) / (double)aside[c];
    }
    const double far[3] = {wanted->L - colours[0].L, wanted->a - colours[0].a,
                           wanted->b - colours[0].b};
    double cofactors[3][3], determinant = 0;
    for (guint i = 0; i < 3; i++) {
        for (guint k = 0; k < 3; k++)
            cofactors[i][k] = m[(i + 1) % 3][(k + 1) % 3] * m[(i + 2) % 3][(k + 2) % 3] -
                              m[(i + 1) % 3][(k + 2) % 3] * m[(i + 2) % 3][(k + 1) % 3];
        determinant += m[0][i] * cofactors[0][i];
    }
    if (!(fabs(determinant) > 1.0))
        return FALSE; // the colour hardly changes: in black, or beyond what the table holds
    for (guint c = 0; c < 3; c++) {
        double change = 0;
        for (guint i = 0; i < 3; i++)
            change += cofactors[i][c] * far[i] / determinant;
        to[c] = CLAMP(from[c] + (float)CLAMP(change, -0.25, 0.25), 0.0f, 1.0f);
    }
    return TRUE;
}

// Makes the numbers of a pixel better whose colour is not `wanted`: tables of the way back are coarse
// and of saturated colours often far off.
static void refine(cmsHTRANSFORM to_lab, float numbers[3], const cmsCIELab *wanted)
{
    double best = G_MAXDOUBLE;
    float now[3] = {numbers[0], numbers[1], numbers[2]};
    for (guint round = 0; round < MOST_ROUNDS; round++) {
        float points[4][3], aside[3];
        cmsCIELab colours[4];
        for (guint i = 0; i < 4; i++)
            for (guint c = 0; c < 3; c++)
                points[i][c] = now[c];
        for (guint c = 0; c < 3; c++) {
            aside[c] = now[c] > 0.5f ? -ASIDE : ASIDE;
            points[c + 1][c] += aside[c];
        }
        cmsDoTransform(to_lab, points, colours, 4);
        const double far = cmsDeltaE(&colours[0], wanted);
        if (!(far < best))
            return;
        best = far;
        for (guint c = 0; c < 3; c++)
            numbers[c] = now[c];
        if (far < NEAR || !step(numbers, aside, colours, wanted, now))
            return;
    }
}

// Makes a row of numbers better; `light`: what they are to show.
static void refine_row(const Table *lab, cmsHTRANSFORM light_to_lab, const float *light,
                       float *numbers, gsize n, guint step_floats, cmsCIELab *wanted)
{
    cmsDoTransform(light_to_lab, light, wanted, (cmsUInt32Number)n);
    for (gsize i = 0; i < n; i++)
        refine(lab->to, numbers + i * step_floats, &wanted[i]);
}

static const Babl *numbers_format(gboolean grey, gboolean alpha)
{
    return babl_format(grey ? (alpha ? "Y'A float" : "Y' float")
                            : (alpha ? "R'G'B'A float" : "R'G'B' float"));
}

// Integers or floats of a buffer, in R'G'B' or Y'.
static const Babl *stored_format(const Babl *like, gboolean grey, gboolean bytes, const Babl *space)
{
    const Babl *type = babl_format_get_type(like, 0);
    const gboolean is_float =
        type == babl_type("half") || type == babl_type("float") || type == babl_type("double");
    g_autofree char *name =
        g_strdup_printf("%s%s %s", grey ? "Y'" : "R'G'B'", babl_format_has_alpha(like) ? "A" : "",
                        is_float ? "float"
                        : bytes  ? "u8"
                                 : "u16");
    return babl_format_with_space(name, space);
}

GeglBuffer *gan_table_read(GBytes *profile, GeglBuffer *buffer)
{
    const Babl *own = gegl_buffer_get_format(buffer);
    const gboolean alpha = babl_format_has_alpha(own) != 0, grey = is_grey(own);
    const gboolean grey_table = gan_profile_is_for(profile, "GRAY");
    g_auto(Table) table = {open_profile(profile), light_profile(), NULL, NULL};
    const Babl *light = babl_format(alpha ? "RGBA float" : "RGB float");
    table.to = table.table && table.other
                   ? cmsCreateTransform(table.table, floats(grey_table, alpha), table.other,
                                        floats(FALSE, alpha), INTENT, FLAGS)
                   : NULL;
    g_autoptr(GeglBuffer) scratch = gegl_buffer_new(gegl_buffer_get_extent(buffer), light);
    if (!table.to || !convert(table.to, buffer, numbers_format(grey_table, alpha), scratch, light))
        return NULL;
    const Babl *space =
        grey ? babl_space("sRGB") : gan_gamut_smallest(scratch, OUTSIDE, OUTSIDE_PART, NULL);
    const gboolean bytes = babl_format_get_type(own, 0) == babl_type("u8") &&
                           space == babl_space("sRGB") && !gan_table_goes_back(profile);
    GeglBuffer *read =
        gegl_buffer_new(gegl_buffer_get_extent(buffer), stored_format(own, grey, bytes, space));
    gegl_buffer_copy(scratch, NULL, GEGL_ABYSS_NONE, read, NULL);
    return read;
}

GeglBuffer *gan_table_write(GBytes *profile, GeglBuffer *buffer, gboolean bytes)
{
    const Babl *own = gegl_buffer_get_format(buffer);
    const gboolean alpha = babl_format_has_alpha(own) != 0, grey = is_grey(own);
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const gsize n = (gsize)extent->width;
    if (grey != gan_profile_is_for(profile, "GRAY"))
        return NULL;
    g_auto(Table) table = {open_profile(profile), light_profile(), NULL, NULL}, lab = {0};
    if (!table.table || !table.other ||
        !open_lab(&lab, profile, FALSE, cmsFLAGS_BLACKPOINTCOMPENSATION))
        return NULL;
    table.back = cmsCreateTransform(table.other, floats(FALSE, alpha), table.table,
                                    floats(grey, alpha), INTENT, FLAGS);
    table.to = cmsCreateTransform(table.other, floats(FALSE, alpha), lab.other, TYPE_Lab_DBL,
                                  INTENT, cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE);
    g_autofree float *light = g_try_new(float, n * 4);
    g_autofree float *numbers = g_try_new(float, n * 4);
    g_autofree cmsCIELab *wanted = g_try_new(cmsCIELab, n);
    if (!table.back || !table.to || !light || !numbers || !wanted)
        return NULL;
    const Babl *from = babl_format(alpha ? "RGBA float" : "RGB float");
    const Babl *to = numbers_format(grey, alpha);
    GeglBuffer *written = gegl_buffer_new(extent, stored_format(own, grey, bytes, NULL));
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        const GeglRectangle line = {extent->x, y, extent->width, 1};
        gegl_buffer_get(buffer, &line, 1.0, from, light, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        cmsDoTransform(table.back, light, numbers, (cmsUInt32Number)n);
        if (!grey)
            refine_row(&lab, table.to, light, numbers, n, alpha ? 4 : 3, wanted);
        gegl_buffer_set(written, &line, 0, to, numbers, GEGL_AUTO_ROWSTRIDE);
    }
    return written;
}
