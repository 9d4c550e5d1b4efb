// SPDX-License-Identifier: LGPL-3.0-or-later
// Colours of TIFF files that are no light as it is shown.
// Source:  TIFF 6.0, section 23 (CIE Lab, D50 by habit); Photoshop TIFF Technical Notes (ICC Lab);
//          Larson 1998 (LogLuv).
#include "tiffcolours.h"

#include "gamut.h"
#include "notes.h"
#include <tiffio.h>

// A space holds a picture when hardly any number lies farther outside than rounding explains.
#define OUTSIDE 0.02f
#define OUTSIDE_PART 0.001

guint gan_tiff_palette_bits(const guint16 *const palette[3], gsize n)
{
    for (guint c = 0; c < 3; c++) {
        for (gsize i = 0; i < n; i++) {
            const guint16 x = palette[c][i];
            if ((x & 0xff) != 0 && (x & 0xff) != x >> 8)
                return 16;
        }
    }
    return 8;
}

const Babl *gan_tiff_colours_format(guint16 photometric, gboolean alpha)
{
    if (photometric == PHOTOMETRIC_LOGL)
        return babl_format(alpha ? "YA float" : "Y float");
    if (photometric == PHOTOMETRIC_LOGLUV)
        return babl_format(alpha ? "RGBA float" : "RGB float");
    return babl_format(alpha ? "CIE Lab alpha float" : "CIE Lab float");
}

// One sample of all pixels.
typedef struct {
    const guint8 *data;
    gsize first, step; // in samples
    guint bits;        // 8, 16, 32: float
} Channel;

static Channel channel(guint8 *const *planes, gsize offset, guint together, guint which, guint bits)
{
    return (Channel){planes[together > 0 ? 0 : which] + offset, together > 0 ? which : 0,
                     together > 0 ? together : 1, bits};
}

static float number(const Channel *of, gsize i)
{
    const gsize at = of->first + i * of->step;
    return of->bits == 8    ? of->data[at]
           : of->bits == 16 ? ((const guint16 *)(const void *)of->data)[at]
                            : ((const float *)(const void *)of->data)[at];
}

// a or b: signed, or with the middle at half the range.
static float opponent(const Channel *of, gsize i, gboolean offset)
{
    const float x = number(of, i), whole = of->bits == 16 ? 256.0f : 1.0f;
    if (of->bits == 32)
        return x;
    if (offset)
        return x / whole - 128.0f;
    return (x >= 128.0f * whole ? x - 256.0f * whole : x) / whole;
}

void gan_tiff_colours_convert(guint16 photometric, guint bits, guint8 *const *planes, gsize offset,
                              guint together, gint alpha, gsize n, float *to)
{
    const gboolean icc = photometric == PHOTOMETRIC_ICCLAB;
    const float white = bits == 8 ? 255.0f : bits == 16 ? (icc ? 65280.0f : 65535.0f) : 100.0f;
    const float opaque = bits == 8 ? 255.0f : bits == 16 ? 65535.0f : 1.0f;
    const guint n_colours = photometric == PHOTOMETRIC_LOGL ? 1 : 3;
    Channel colours[3], clear = {0};
    for (guint c = 0; c < 3; c++)
        colours[c] = channel(planes, offset, together, MIN(c, n_colours - 1), bits);
    if (alpha >= 0)
        clear = channel(planes, offset, together, (guint)alpha, bits);
    for (gsize i = 0; i < n; i++) {
        const float x = number(&colours[0], i);
        if (photometric == PHOTOMETRIC_LOGL) {
            *to++ = x;
        } else if (photometric == PHOTOMETRIC_LOGLUV) {
            const float y = number(&colours[1], i), z = number(&colours[2], i);
            // libtiff's own matrix (tif_luv.c): CCIR 709 with a white of equal energy.
            *to++ = 2.690f * x - 1.276f * y - 0.414f * z;
            *to++ = -1.022f * x + 1.978f * y + 0.044f * z;
            *to++ = 0.061f * x - 0.224f * y + 1.163f * z;
        } else {
            *to++ = x * 100.0f / white;
            *to++ = opponent(&colours[1], i, icc);
            *to++ = opponent(&colours[2], i, icc);
        }
        if (clear.data)
            *to++ = number(&clear, i) / opaque;
    }
}

GeglBuffer *gan_tiff_colours_from_lab(GeglBuffer *lab, guint bits, GPtrArray *notes)
{
    const char *space_name = NULL;
    const Babl *space = gan_gamut_smallest(lab, OUTSIDE, OUTSIDE_PART, &space_name);
    const gboolean alpha = babl_format_has_alpha(gegl_buffer_get_format(lab)) != 0;
    g_autofree char *name = g_strdup_printf("R'G'B'%s %s", alpha ? "A" : "",
                                            bits == 8 && space == babl_space("sRGB") ? "u8"
                                            : bits == 32                             ? "float"
                                                                                     : "u16");
    GeglBuffer *buffer =
        gegl_buffer_new(gegl_buffer_get_extent(lab), babl_format_with_space(name, space));
    gegl_buffer_copy(lab, NULL, GEGL_ABYSS_NONE, buffer, NULL);
    gan_note(notes, "CIE Lab is converted to R'G'B' (%s)", space_name);
    return buffer;
}
