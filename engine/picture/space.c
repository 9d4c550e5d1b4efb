// SPDX-License-Identifier: LGPL-3.0-or-later
// From the networks' space to 8-bit R'G'B' of another space.
//
// An entry of the encoded light stands for lights within 2^-11 of it, which is 0.07 of a
// step of 8 bits.
#include "space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

// Beyond it numbers are taken for infinite, which no matrix can mix.
#define FARTHEST 65504.0f

#define DROPPED_BITS (23 - GAN_SPACE_MANTISSA_BITS)
#define LEAST_LIGHT (1.0f / (1 << GAN_SPACE_EXPONENTS))
#define LEAST_LIGHT_BITS ((127u - GAN_SPACE_EXPONENTS) << 23) // of that float

static gboolean fits(const Babl *format)
{
    const Babl *space = babl_format_get_space(format);
    return space != babl_space("sRGB") && !babl_space_is_gray(space) &&
           !babl_space_is_cmyk(space) &&
           (format == babl_format_with_space("R'G'B' u8", space) ||
            format == babl_format_with_space("R'G'B'A u8", space));
}

static guint8 to_byte(float x)
{
    x = x > 0.0f ? x : 0.0f; // NaN, too
    return (guint8)((x < 1.0f ? x : 1.0f) * 255.0f + 0.5f);
}

// The middle of the lights that entry i stands for; the last is 1 alone.
static float light_of(guint i)
{
    const guint exponent = i >> GAN_SPACE_MANTISSA_BITS;
    const guint mantissa = i & ((1u << GAN_SPACE_MANTISSA_BITS) - 1);
    const float part = ((float)mantissa + (exponent == GAN_SPACE_EXPONENTS ? 0.0f : 0.5f)) /
                       (1 << GAN_SPACE_MANTISSA_BITS);
    return ldexpf(1.0f + part, (gint)exponent - GAN_SPACE_EXPONENTS);
}

// Returns whether the tables hold for a few colours, too, whose channels differ: a profile may mix
// them in its own way.
static gboolean holds(const GanSpace *space, const Babl *mix, const Babl *encode)
{
    for (guint i = 0; i < 27; i++) {
        const guint red = i % 3, green = i / 3 % 3, blue = i / 9;
        const float light[3] = {0.1f + 0.4f * (float)red, 0.1f + 0.4f * (float)green,
                                0.1f + 0.4f * (float)blue};
        float mixed[3], encoded[3];
        babl_process(mix, light, mixed, 1);
        babl_process(encode, light, encoded, 1);
        for (guint c = 0; c < 3; c++) {
            const float *row = space->matrix + 3 * c;
            const float sum = row[0] * light[0] + row[1] * light[1] + row[2] * light[2];
            guint32 bits;
            memcpy(&bits, &light[c], sizeof(bits));
            const guint8 byte = space->encoded[c][(bits - LEAST_LIGHT_BITS) >> DROPPED_BITS];
            if (!(fabsf(sum - mixed[c]) < 1e-4f) || abs(byte - to_byte(encoded[c])) > 1)
                return FALSE;
        }
    }
    return TRUE;
}

gboolean gan_space_init(GanSpace *space, const Babl *format)
{
    if (!fits(format))
        return FALSE;
    const Babl *own = babl_format_get_space(format);
    const Babl *linear = babl_format("RGB float");
    const Babl *own_linear = babl_format_with_space("RGB float", own);
    const Babl *mix = babl_fish(linear, own_linear);
    const Babl *encode = babl_fish(own_linear, babl_format_with_space("R'G'B' float", own));
    float colour[3];
    for (guint c = 0; c < 3; c++) {
        const float primary[3] = {c == 0, c == 1, c == 2};
        babl_process(mix, primary, colour, 1);
        for (guint k = 0; k < 3; k++)
            space->matrix[3 * k + c] = colour[k];
    }
    for (guint i = 0; i < GAN_SPACE_N_LIGHTS; i++) {
        const float light = light_of(i), grey[3] = {light, light, light};
        babl_process(encode, grey, colour, 1);
        for (guint c = 0; c < 3; c++)
            space->encoded[c][i] = to_byte(colour[c]);
    }
    // Equal curves share a table: fewer of the cache's lines.
    for (guint c = 0; c < 3; c++)
        space->curve[c] =
            memcmp(space->encoded[c], space->encoded[0], sizeof(space->encoded[0])) == 0 ? 0 : c;
    return holds(space, mix, encode);
}

// Polynomials, from the highest power down, that interpolate at Chebyshev's nodes: 2.4 log2(1 + m)
// and 2^m for m in 0..1, within 2e-8.
static const float POWER[] = {1.26803964e-02f, -7.83487558e-02f, 2.27607161e-01f, -4.30980146e-01f,
                              6.37834609e-01f, -8.52423906e-01f, 1.15225863e+00f, -1.73109186e+00f,
                              3.46246386e+00f, 2.09751043e-08f};
static const float EXP2[] = {2.18657849e-04f,
                             1.23913318e-03f,
                             9.68418643e-03f,
                             5.54806292e-02f,
                             2.40230456e-01f,
                             6.93146944e-01f,
                             1.0f};

WITHIN float polynomial(const float *coefficients, gsize n, float x)
{
    float sum = coefficients[0];
    for (gsize i = 1; i < n; i++)
        sum = sum * x + coefficients[i];
    return sum;
}

// sRGB's curve, from its straight part on as 2^(2.4 log2 x): unlike entries of a table, polynomials
// are computed for many numbers at a time. Below 0 the line goes on, which is sRGB's own rule.
// Within 4e-7 of the light, because colours outside of sRGB are differences of lights.
WITHIN float light_from(float encoded)
{
    const float low = encoded > -FARTHEST ? encoded : -FARTHEST; // of NaN, too
    const float x = low < FARTHEST ? low : FARTHEST;
    const gboolean is_bent = x > 0.04045f;
    const float base = is_bent ? (x + 0.055f) * (1.0f / 1.055f) : 1.0f;
    gint32 bits;
    memcpy(&bits, &base, sizeof(bits));
    const gint32 exponent = (bits >> 23) - 127;
    bits = (bits & 0x7fffff) | 0x3f800000;
    float mantissa;
    memcpy(&mantissa, &bits, sizeof(mantissa));
    // Twice the exponent is a whole number, and what is left is small, with more places behind.
    const float power =
        polynomial(POWER, G_N_ELEMENTS(POWER), mantissa - 1.0f) + 0.4f * (float)exponent;
    const gint32 whole = (gint32)(power + 64.0f) - 64;
    const float light = polynomial(EXP2, G_N_ELEMENTS(EXP2), power - (float)whole);
    bits = (2 * exponent + whole + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof(scale));
    return is_bent ? light * scale : x * (1.0f / 12.92f);
}

// Mixes and encodes one channel of n pixels.
WITHIN void encode(const guint8 *table, const float *row, const float *light, guint8 *to,
                   guint channels, gsize n)
{
    float mixed[BLOCK];
    guint32 entries[BLOCK];
    for (gsize i = 0; i < n; i++, light += channels) {
        const float x = row[0] * light[0] + row[1] * light[1] + row[2] * light[2];
        const float low = x > LEAST_LIGHT ? x : LEAST_LIGHT;
        mixed[i] = low < 1.0f ? low : 1.0f;
    }
    memcpy(entries, mixed, n * sizeof(float));
    for (gsize i = 0; i < n; i++)
        entries[i] = (entries[i] - LEAST_LIGHT_BITS) >> DROPPED_BITS;
    for (gsize i = 0; i < n; i++)
        to[i * channels] = table[entries[i]];
}

WITHIN void convert(const GanSpace *space, const float *from, guint8 *to, gsize n, guint channels)
{
    for (gsize at = 0; at < n; at += BLOCK, from += BLOCK * channels, to += BLOCK * channels) {
        const gsize part = MIN(n - at, BLOCK);
        float light[4 * BLOCK];
        for (gsize i = 0; i < part * channels; i++)
            light[i] = light_from(from[i]);
        for (guint c = 0; c < 3; c++)
            encode(space->encoded[space->curve[c]], space->matrix + 3 * c, light, to + c, channels,
                   part);
        for (gsize i = 0; i < part && channels == 4; i++)
            to[4 * i + 3] = to_byte(from[4 * i + 3]);
    }
}

WIDE void gan_space_encode(const GanSpace *space, const float *from, guint8 *to, gsize n,
                           gboolean alpha)
{
    if (alpha)
        convert(space, from, to, n, 4);
    else
        convert(space, from, to, n, 3);
}
