// SPDX-License-Identifier: LGPL-3.0-or-later
// What the tags of a TIFF file say of its colours.
// Source:  TIFF 6.0, 20 (RGB image colorimetry) and 21 (YCbCr); tifficc of LittleCMS, which uses them so.
#include "tifftags.h"

#include "cicp-private.h"
#include "madeprofile.h"
#include "notes.h"
#include <math.h>
#include <string.h>

// White, red, green, blue.
static const double srgb[8] = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};

#define SRGB_CURVE 13 // of code points
// What may be off to be taken as sRGB's: a place, and light.
#define PLACE_WITHIN 0.0015
#define LIGHT_WITHIN 0.0025

// Whether places may be those of colours, which have an area.
static gboolean are_colours(const double xy[8])
{
    for (guint i = 0; i < 8; i += 2) {
        if (!(xy[i] > -1 && xy[i] < 2 && xy[i + 1] > -1 && xy[i + 1] < 2))
            return FALSE;
    }
    const double area = (xy[4] - xy[2]) * (xy[7] - xy[3]) - (xy[6] - xy[2]) * (xy[5] - xy[3]);
    return fabs(area) > 1e-3 && xy[1] > 0.01;
}

static gboolean are_of_srgb(const double xy[8], guint n)
{
    for (guint i = 0; i < n; i++) {
        if (!(fabs(xy[i] - srgb[i]) <= PLACE_WITHIN))
            return FALSE;
    }
    return TRUE;
}

// Whether the numbers of a table rise, as those that can be turned round do.
static gboolean rises(const guint16 *light, gsize n)
{
    for (gsize i = 1; i < n; i++) {
        if (light[i] < light[i - 1])
            return FALSE;
    }
    return light[n - 1] > light[0];
}

static gboolean is_srgb_curve(const guint16 *light, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        double wanted = 0;
        gan_cicp_light_of(SRGB_CURVE, (double)i / (double)(n - 1), &wanted);
        if (fabs(light[i] / 65535.0 - wanted) > LIGHT_WITHIN)
            return FALSE;
    }
    return TRUE;
}

// What of it all is used.
typedef struct {
    gboolean grey;
    gboolean has_primaries;
    double xy[8];
    const guint16 *light[3]; // libtiff's
    gsize n_light;           // 0: not told
} Tags;

static gboolean has_curve_of_srgb(const Tags *tags)
{
    for (guint c = 0; c < (tags->grey ? 1 : 3); c++) {
        if (!is_srgb_curve(tags->light[c], tags->n_light))
            return FALSE;
    }
    return TRUE;
}

// Finds the tables of a page whose samples are numbers of light; `colours`: of red, green and blue.
static void find_curve(TIFF *tiff, gboolean colours, gboolean grey, Tags *tags, GPtrArray *notes)
{
    guint16 bits = 1, format = SAMPLEFORMAT_UINT;
    if (!TIFFGetField(tiff, TIFFTAG_TRANSFERFUNCTION, &tags->light[0], &tags->light[1],
                      &tags->light[2]))
        return;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    const gsize n = (gsize)1 << MIN(bits, 16);
    gboolean good = (colours || grey) && format == SAMPLEFORMAT_UINT && bits >= 8 && bits <= 16;
    for (guint c = 0; good && c < (grey ? 1 : 3); c++)
        good = tags->light[c] && rises(tags->light[c], n);
    if (good)
        tags->n_light = n;
    else
        gan_note(notes, "its transfer function (TransferFunction) is not used");
}

static void find_primaries(TIFF *tiff, Tags *tags, GPtrArray *notes)
{
    const float *white = NULL, *primaries = NULL;
    const gboolean has_white = TIFFGetField(tiff, TIFFTAG_WHITEPOINT, &white) != 0 && white;
    const gboolean has_primaries =
        TIFFGetField(tiff, TIFFTAG_PRIMARYCHROMATICITIES, &primaries) != 0 && primaries;
    for (guint i = 0; i < 8; i++)
        tags->xy[i] = i < 2 ? (has_white ? (double)white[i] : srgb[i])
                            : (has_primaries ? (double)primaries[i - 2] : srgb[i]);
    tags->has_primaries = has_white && has_primaries && are_colours(tags->xy);
    if (!tags->has_primaries && (has_primaries || (has_white && !are_of_srgb(tags->xy, 2))))
        gan_note(notes, "its %s not used",
                 !has_primaries ? "white point (WhitePoint), without primaries, is"
                 : has_white    ? "primaries (PrimaryChromaticities), which are no colours, are"
                                : "primaries (PrimaryChromaticities), without a white point, are");
    if (!tags->has_primaries)
        memcpy(tags->xy, srgb, sizeof srgb);
}

// Says which of the tags are there, but cannot be read.
static void note_damage(const GanTiff *file, GPtrArray *notes)
{
    static const struct {
        guint16 tag;
        const char *name;
    } table[] = {{TIFFTAG_TRANSFERFUNCTION, "TransferFunction"},
                 {TIFFTAG_WHITEPOINT, "WhitePoint"},
                 {TIFFTAG_PRIMARYCHROMATICITIES, "PrimaryChromaticities"},
                 {TIFFTAG_REFERENCEBLACKWHITE, "ReferenceBlackWhite"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        const void *values[3];
        if (gan_tiff_names(file, table[i].tag) &&
            !TIFFGetField(file->tiff, table[i].tag, &values[0], &values[1], &values[2]))
            gan_note(notes, "what its tag %s says of its colours is damaged and is not used",
                     table[i].name);
    }
}

GBytes *gan_tiff_tags_profile(const GanTiff *file, GPtrArray *notes)
{
    TIFF *tiff = file->tiff;
    guint16 photometric = PHOTOMETRIC_MINISWHITE, format = SAMPLEFORMAT_UINT;
    Tags tags = {.n_light = 0};
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    const gboolean curved = photometric == PHOTOMETRIC_RGB || photometric == PHOTOMETRIC_YCBCR;
    tags.grey = photometric == PHOTOMETRIC_MINISBLACK;
    note_damage(file, notes);
    find_curve(tiff, curved, tags.grey, &tags, notes);
    if (curved || photometric == PHOTOMETRIC_PALETTE)
        find_primaries(tiff, &tags, notes);
    if (tags.has_primaries && format != SAMPLEFORMAT_UINT) { // of no curve that is known
        if (!are_of_srgb(tags.xy, 8))
            gan_note(notes,
                     "its primaries (PrimaryChromaticities) are not used with floating point");
        return NULL;
    }
    const gboolean plain = !tags.has_primaries || are_of_srgb(tags.xy, 8);
    if (plain && (tags.n_light == 0 || has_curve_of_srgb(&tags)))
        return NULL;
    GBytes *profile = tags.grey ? gan_made_profile_of_grey(tags.light[0], tags.n_light)
                                : gan_made_profile(tags.xy, tags.light, tags.n_light);
    if (!profile)
        gan_note(notes, "what its tags say of its colours (PrimaryChromaticities, "
                        "TransferFunction) is not used: that needs LittleCMS");
    return profile;
}

void gan_tiff_tags_note_levels(TIFF *tiff, gboolean by_jpeg, GPtrArray *notes)
{
    guint16 photometric = PHOTOMETRIC_MINISWHITE, bits = 8;
    const float *levels = NULL;
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    const gboolean luma = photometric == PHOTOMETRIC_YCBCR;
    if ((luma && !by_jpeg) || (!luma && photometric != PHOTOMETRIC_RGB) || bits > 16 ||
        !TIFFGetField(tiff, TIFFTAG_REFERENCEBLACKWHITE, &levels) || !levels)
        return;
    const double most = (double)(1u << bits) - 1, middle = (double)(1u << (bits - 1));
    for (guint i = 0; i < 6; i++) {
        const double wanted = i % 2 == 1 ? most : luma && i > 0 ? middle : 0;
        if (!(fabs((double)levels[i] - wanted) <= 0.5)) {
            gan_note(notes, "its levels of black and white (ReferenceBlackWhite) are not used");
            return;
        }
    }
}
