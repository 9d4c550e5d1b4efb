// SPDX-License-Identifier: LGPL-3.0-or-later
// The curve between stored numbers and those that networks see.
//
// Numbers in 0..1 are looked up by their exponent and the first bits of their mantissa, and a
// straight line goes from each node of the table to the next: within 2e-7 of any curve that
// pictures have, from white down to the last of 16 bits.
#include "curve.h"

#include "profile.h"
#include <math.h>
#include <string.h>

// From 2^-48, which a power of 3 makes of the least of 16 bits, to 1.
#define EXPONENTS 48
#define MANTISSA_BITS 10
#define N_NODES ((EXPONENTS << MANTISSA_BITS) + 1)
#define DROPPED_BITS (23 - MANTISSA_BITS)
#define LEAST_BITS ((127u - EXPONENTS) << 23) // of the first node as a float

// Numbers closer than this to those that a network sees are taken as they are: a 16-bit step.
#define SAME 1.5e-5

// Light at half of white's number, between which numbers are spread for the eye: powers of 1.6 to
// 2.7, the curves of video, CIE's L*. sRGB's has 0.214.
#define LEAST_FOR_EYES 0.15
#define MOST_FOR_EYES 0.33

// How near a curve has to come to sRGB's for being it: half a step of a curve of 512 points.
#define SAME_LIGHT 1e-4

// Samples that tell a pure power, and how near they have to come to one.
#define POWER_WITHIN 2e-4

// Pixels of a block, whose numbers pass from loop to loop: those that do sums go several pixels at
// a time, and only those that look up tables one at a time.
#define BLOCK 256

// Versions for the vector sizes of the processors there are; the loader picks at run time. What
// they call is compiled into each. clang 14 makes the versions, but not the name that they go by.
#if defined(__x86_64__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif
#define WITHIN static inline __attribute__((always_inline))

typedef struct {
    double power;          // that light is of stored numbers; 0: not a pure power
    float seen[N_NODES];   // of stored numbers
    float stored[N_NODES]; // of numbers that a network sees
    guint8 bytes[N_NODES]; // the same, of the numbers from this node to the next
    float of_bytes[256];   // what a network sees of a byte
} Curve;

struct GanCurves {
    guint which[3]; // of the curves a channel has
    Curve *curves[3];
};

WITHIN float node_at(guint32 i)
{
    const guint32 bits = LEAST_BITS + (i << DROPPED_BITS);
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static double srgb_of_light(double light)
{
    return light > 0.0031308 ? 1.055 * pow(light, 1 / 2.4) - 0.055 : 12.92 * light;
}

static double light_of_srgb(double seen)
{
    return seen > 0.04045 ? pow((seen + 0.055) / 1.055, 2.4) : seen / 12.92;
}

// The exponent of a channel that is a pure power, 0 of any other.
static double power_of(const float *light, guint channel, guint n_colours)
{
    double powers[3], sum = 0.0;
    for (guint k = 0; k < 3; k++) {
        // 1/4, 1/2 and 3/4 are nodes.
        const guint32 i = k == 0   ? (EXPONENTS - 2) << MANTISSA_BITS
                          : k == 1 ? (EXPONENTS - 1) << MANTISSA_BITS
                                   : ((EXPONENTS - 1) << MANTISSA_BITS) | 1 << (MANTISSA_BITS - 1);
        const double y = (double)light[i * n_colours + channel];
        if (!(y > 0.0 && y < 1.0))
            return 0.0;
        powers[k] = log(y) / log((double)node_at(i));
        sum += powers[k];
    }
    const double power = sum / 3;
    return fabs(powers[0] - powers[1]) > POWER_WITHIN || fabs(powers[2] - powers[1]) > POWER_WITHIN
               ? 0.0
           : fabs(power - 1) < SAME ? 1.0
                                    : power;
}

// The curves of a space are read from its profile: for each space that Babl is asked to convert from
// it makes 51 models, and it has room for 512, behind which it writes over its own data.
static GBytes *profile_of(const Babl *format)
{
    int n = 0;
    const char *icc = babl_space_get_icc(babl_format_get_space(format), &n);
    return g_bytes_new_static(icc, icc ? (gsize)n : 0);
}

// The light of all nodes, channel by channel.
static float *lights_of(const Babl *format, guint n_colours)
{
    g_autoptr(GBytes) profile = profile_of(format);
    float *lights = g_new(float, (gsize)N_NODES *n_colours);
    for (guint32 i = 0; i < N_NODES; i++)
        for (guint c = 0; c < n_colours; c++)
            lights[i * n_colours + c] = (float)gan_profile_light(profile, c, (double)node_at(i));
    return lights;
}

GanCurveKind gan_curve_kind(const Babl *format)
{
    enum { N = 32 };
    const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(format));
    if (flags & BABL_MODEL_FLAG_LINEAR)
        return GAN_CURVE_LIGHT;
    if (flags & BABL_MODEL_FLAG_PERCEPTUAL || babl_format_get_space(format) == babl_space("sRGB"))
        return GAN_CURVE_SRGB;
    g_autoptr(GBytes) profile = profile_of(format);
    gboolean is_srgb = TRUE, for_eyes = TRUE;
    for (guint c = 0; c < (flags & BABL_MODEL_FLAG_GRAY ? 1 : 3); c++) {
        for (guint i = 0; i <= N; i++) {
            const double x = (double)i / N, light = gan_profile_light(profile, c, x);
            if (isnan(light)) // of what Babl cannot read, either
                return GAN_CURVE_SRGB;
            is_srgb = is_srgb && fabs(light - light_of_srgb(x)) < SAME_LIGHT;
            if (i == N / 2)
                for_eyes = for_eyes && light >= LEAST_FOR_EYES && light <= MOST_FOR_EYES;
        }
    }
    return is_srgb ? GAN_CURVE_SRGB : for_eyes ? GAN_CURVE_FOR_EYES : GAN_CURVE_LIGHT;
}

// What a network sees of all nodes. Where a curve does not rise, it stays.
static void find_seen(Curve *curve, const float *lights, guint channel, guint n_colours)
{
    const double power = lights != NULL ? power_of(lights, channel, n_colours) : 1.0;
    curve->power = power;
    float last = 0.0f;
    for (guint32 i = 0; i < N_NODES; i++) {
        const double x = (double)node_at(i);
        const double light = lights == NULL || power == 1.0 ? x
                             : power > 0.0                  ? pow(x, power)
                                           : (double)lights[i * n_colours + channel];
        const float seen = (float)srgb_of_light(light);
        last = seen > last ? seen : last; // of NaN, too
        curve->seen[i] = last;
    }
}

static gboolean is_straight(const Curve *curve)
{
    for (guint32 i = 0; i < N_NODES; i++)
        if (!(fabs((double)curve->seen[i] - (double)node_at(i)) < SAME))
            return FALSE;
    return TRUE;
}

static guint8 to_byte(float x)
{
    x = x > 0.0f ? x : 0.0f; // NaN, too
    return (guint8)((x < 1.0f ? x : 1.0f) * 255.0f + 0.5f);
}

// Numbers from 0 up.
WITHIN float look_up(const float *nodes, float x)
{
    guint32 bits;
    memcpy(&bits, &x, sizeof(bits));
    if (bits < LEAST_BITS)
        return x * (nodes[0] / node_at(0));
    const guint32 i = (bits - LEAST_BITS) >> DROPPED_BITS;
    const float part = (float)(bits & ((1u << DROPPED_BITS) - 1)) * (1.0f / (1 << DROPPED_BITS));
    return nodes[i] + (nodes[i + 1] - nodes[i]) * part;
}

// The inverse of the polygon that `seen` is, at the nodes of the other side.
static void find_stored(Curve *curve)
{
    guint32 i = 0;
    for (guint32 k = 0; k < N_NODES; k++) {
        const double wanted = (double)node_at(k);
        while (i + 2 < N_NODES && (double)curve->seen[i + 1] < wanted)
            i++;
        const double low = (double)curve->seen[i], high = (double)curve->seen[i + 1];
        const double from = (double)node_at(i), to = (double)node_at(i + 1);
        const double x = wanted < low     ? from * wanted / low
                         : wanted >= high ? to + wanted - high
                                          : from + (to - from) * (wanted - low) / (high - low);
        curve->stored[k] = (float)x;
    }
    for (guint32 k = 0; k + 1 < N_NODES; k++)
        curve->bytes[k] = to_byte((curve->stored[k] + curve->stored[k + 1]) / 2);
    curve->bytes[N_NODES - 1] = to_byte(curve->stored[N_NODES - 1]);
    for (guint b = 0; b < 256; b++)
        curve->of_bytes[b] =
            b < 255 ? look_up(curve->seen, (float)b / 255.0f) : curve->seen[N_NODES - 1];
}

GanCurves *gan_curves_new(const Babl *format)
{
    const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(format));
    if (gan_curve_kind(format) != GAN_CURVE_LIGHT)
        return NULL;
    const guint n_colours = flags & BABL_MODEL_FLAG_GRAY ? 1 : 3;
    GanCurves *curves = g_new0(GanCurves, 1);
    const gboolean light = (flags & BABL_MODEL_FLAG_LINEAR) != 0;
    float *lights = light ? NULL : lights_of(format, n_colours);
    gboolean straight = TRUE;
    for (guint c = 0; c < (light ? 1 : n_colours); c++) {
        Curve *curve = curves->curves[c] = g_new(Curve, 1);
        find_seen(curve, lights, c, n_colours);
        straight = straight && is_straight(curve);
        curves->which[c] = c;
        // Equal curves share a table: fewer of the cache's lines.
        if (c > 0 && memcmp(curve->seen, curves->curves[0]->seen, sizeof(curve->seen)) == 0) {
            g_clear_pointer(&curves->curves[c], g_free);
            curves->which[c] = 0;
        }
    }
    g_free(lights);
    if (straight) {
        gan_curves_free(curves);
        return NULL;
    }
    for (guint c = 0; c < 3; c++)
        if (curves->curves[c] != NULL)
            find_stored(curves->curves[c]);
    return curves;
}

void gan_curves_free(GanCurves *curves)
{
    for (guint c = 0; c < 3 && curves != NULL; c++)
        g_free(curves->curves[c]);
    g_free(curves);
}

void gan_curves_see_bytes(const GanCurves *curves, const guint8 *from, float *to, gsize n,
                          guint n_colours, gboolean alpha)
{
    const guint channels = n_colours + (alpha ? 1 : 0);
    for (guint c = 0; c < n_colours; c++) {
        const float *table = curves->curves[curves->which[c]]->of_bytes;
        for (gsize i = c; i < n * channels; i += channels)
            to[i] = table[from[i]];
    }
    for (gsize i = n_colours; i < n * channels && alpha; i += channels)
        to[i] = (float)from[i] / 255.0f;
}

// Numbers from 1 up, and what is none.
static float see_beyond(const Curve *curve, float x)
{
    return curve->power == 0.0 || !(x > 1.0f) ? x - 1.0f + curve->seen[N_NODES - 1]
                                              : (float)srgb_of_light(pow((double)x, curve->power));
}

static float store_beyond(const Curve *curve, float x)
{
    return curve->power == 0.0 || !(x > 1.0f)
               ? x - 1.0f + curve->stored[N_NODES - 1]
               : (float)pow(light_of_srgb((double)x), 1 / curve->power);
}

void gan_curves_see(const GanCurves *curves, const float *from, float *to, gsize n, guint n_colours,
                    gboolean alpha)
{
    const guint channels = n_colours + (alpha ? 1 : 0);
    for (guint c = 0; c < n_colours; c++) {
        const Curve *curve = curves->curves[curves->which[c]];
        for (gsize i = c; i < n * channels; i += channels) {
            const float x = fabsf(from[i]);
            to[i] = copysignf(x < 1.0f ? look_up(curve->seen, x) : see_beyond(curve, x), from[i]);
        }
    }
    for (gsize i = n_colours; i < n * channels && alpha; i += channels)
        to[i] = from[i];
}

void gan_curves_store(const GanCurves *curves, const float *from, float *to, gsize n,
                      guint n_colours, gboolean alpha)
{
    const guint channels = n_colours + (alpha ? 1 : 0);
    for (guint c = 0; c < n_colours; c++) {
        const Curve *curve = curves->curves[curves->which[c]];
        for (gsize i = c; i < n * channels; i += channels) {
            const float x = fabsf(from[i]);
            to[i] =
                copysignf(x < 1.0f ? look_up(curve->stored, x) : store_beyond(curve, x), from[i]);
        }
    }
    for (gsize i = n_colours; i < n * channels && alpha; i += channels)
        to[i] = from[i];
}

// One channel of no more than BLOCK pixels.
WITHIN void store_block(const guint8 *table, const float *from, guint8 *to, guint channels, gsize n)
{
    float clamped[BLOCK];
    guint32 entries[BLOCK];
    const float least = node_at(0);
    for (gsize i = 0; i < n; i++) {
        const float x = from[i * channels];
        const float low = x > least ? x : least; // NaN, too
        clamped[i] = low < 1.0f ? low : 1.0f;
    }
    memcpy(entries, clamped, n * sizeof(float));
    for (gsize i = 0; i < n; i++)
        entries[i] = (entries[i] - LEAST_BITS) >> DROPPED_BITS;
    for (gsize i = 0; i < n; i++)
        to[i * channels] = table[entries[i]];
}

WITHIN void store(const GanCurves *curves, const float *from, guint8 *to, gsize n, guint channels,
                  guint n_colours)
{
    for (gsize at = 0; at < n; at += BLOCK, from += BLOCK * channels, to += BLOCK * channels) {
        const gsize part = MIN(n - at, BLOCK);
        for (guint c = 0; c < n_colours; c++)
            store_block(curves->curves[curves->which[c]]->bytes, from + c, to + c, channels, part);
        for (gsize i = 0; i < part && channels > n_colours; i++)
            to[i * channels + n_colours] = to_byte(from[i * channels + n_colours]);
    }
}

WIDE void gan_curves_store_bytes(const GanCurves *curves, const float *from, guint8 *to, gsize n,
                                 guint n_colours, gboolean alpha)
{
    if (n_colours == 3 && !alpha)
        store(curves, from, to, n, 3, 3);
    else if (n_colours == 3)
        store(curves, from, to, n, 4, 3);
    else
        store(curves, from, to, n, n_colours + (alpha ? 1 : 0), n_colours);
}
