// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers of float pictures that are none, or no light.
#include "holes.h"
#include "spaces.h"

#include <math.h>
#include <string.h>

// Rows looked at a time.
#define BAND_ROWS 64

static gboolean is_hole(float x)
{
    return !(fabsf(x) <= GAN_HOLES_BEYOND);
}

static gboolean has_holes(const float *numbers, gsize n)
{
    gboolean found = FALSE;
    for (gsize i = 0; i < n; i++)
        found |= is_hole(numbers[i]);
    return found;
}

static gboolean set_no_memory(gsize width, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                "no memory for rows of %" G_GSIZE_FORMAT " pixels", width);
    return FALSE;
}

// A picture whose holes are filled.
typedef struct {
    float *pixels;
    gsize width, height, channels;
    guint8 *rings; // by numbers: 0 for those that were there, else the ring that reached them
} Filling;

// The mean of the neighbours that rings before `ring` have reached; FALSE when there are none.
static gboolean fill_number(const Filling *filling, gsize x, gsize y, gsize channel, guint ring)
{
    float sum = 0.0f;
    guint n = 0;
    for (gsize v = y > 0 ? y - 1 : 0; v <= MIN(y + 1, filling->height - 1); v++) {
        for (gsize u = x > 0 ? x - 1 : 0; u <= MIN(x + 1, filling->width - 1); u++) {
            const gsize i = (v * filling->width + u) * filling->channels + channel;
            if (filling->rings[i] < ring) {
                sum += filling->pixels[i];
                n++;
            }
        }
    }
    const gsize i = (y * filling->width + x) * filling->channels + channel;
    if (n > 0)
        filling->pixels[i] = sum / (float)n;
    return n > 0;
}

gboolean gan_holes_fill(float *pixels, gsize width, gsize height, guint n_colours, gboolean alpha,
                        GError **error)
{
    const gsize channels = n_colours + (alpha ? 1 : 0), n = width * height * channels;
    if (!has_holes(pixels, n))
        return TRUE;
    const guint8 unreached = GAN_HOLES_REACH + 1;
    g_autofree guint8 *rings = g_try_malloc(n);
    if (rings == NULL)
        return set_no_memory(width, error);
    gsize left = 0;
    for (gsize i = 0; i < n; i++) {
        rings[i] = is_hole(pixels[i]) ? unreached : 0;
        left += rings[i] > 0;
        if (rings[i] > 0)
            pixels[i] = i % channels < n_colours ? 0.5f : 1.0f;
    }
    const Filling filling = {pixels, width, height, channels, rings};
    for (guint ring = 1; ring <= GAN_HOLES_REACH && left > 0; ring++) {
        for (gsize y = 0; y < height; y++) {
            for (gsize k = 0; k < width * channels; k++) {
                guint8 *of = &rings[y * width * channels + k];
                if (*of == unreached &&
                    fill_number(&filling, k / channels, y, k % channels, ring)) {
                    *of = (guint8)ring;
                    left--;
                }
            }
        }
    }
    return TRUE;
}

// A picture's numbers as floats, as they are stored.
typedef struct {
    GanPixels pixels;
    gsize channels;
} Side;

static void side_clear(Side *side)
{
    gan_pixels_clear(&side->pixels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Side, side_clear)

static void side_init(Side *side, GeglBuffer *buffer)
{
    gan_pixels_init(&side->pixels, gegl_buffer_get_format(buffer), NULL);
    side->channels = gan_pixels_n_channels(&side->pixels);
}

static gboolean holds_floats(GeglBuffer *buffer)
{
    const char *type = babl_get_name(babl_format_get_type(gegl_buffer_get_format(buffer), 0));
    return strcmp(type, "float") == 0 || strcmp(type, "half") == 0 || strcmp(type, "double") == 0;
}

// Copies the holes of a pixel.
static void copy_holes(const Side *in, const float *stored, const float *seen, const Side *out,
                       float *to)
{
    const guint from_colours = in->pixels.stored_colours, colours = out->pixels.stored_colours;
    for (guint c = 0; c < from_colours; c++) {
        if (!is_hole(seen[c]))
            continue;
        if (from_colours == colours)
            to[c] = stored[c];
        else
            for (guint k = 0; k < colours; k++)
                to[k] = stored[c];
    }
    if (in->pixels.stored_alpha && out->pixels.stored_alpha && is_hole(seen[from_colours]))
        to[colours] = stored[from_colours];
}

gboolean gan_holes_put_back(GeglBuffer *in, const GeglRectangle *area, GeglBuffer *out,
                            const GeglRectangle *to, GError **error)
{
    if (!holds_floats(in) || !holds_floats(out))
        return TRUE;
    g_auto(Side) from = {0};
    g_auto(Side) back = {0};
    side_init(&from, in);
    side_init(&back, out);
    const gsize width = (gsize)area->width, row = width * from.channels;
    g_autofree float *stored = g_try_new(float, row *BAND_ROWS);
    g_autofree float *seen = g_try_new(float, row *BAND_ROWS);
    g_autofree float *made = g_try_new(float, (gsize)to->width *back.channels);
    if (!stored || !seen || !made)
        return set_no_memory(MAX(width, (gsize)to->width), error);
    gint y = 0; // of `to`
    for (gint first = 0; first < area->height; first += BAND_ROWS) {
        const gint rows = MIN(BAND_ROWS, area->height - first);
        gan_numbers_get(in, GEGL_RECTANGLE(area->x, area->y + first, area->width, rows),
                        from.pixels.transport, stored);
        if (from.pixels.curves != NULL)
            gan_curves_see(from.pixels.curves, stored, seen, width * (gsize)rows,
                           from.pixels.stored_colours, from.pixels.stored_alpha);
        else
            memcpy(seen, stored, row * (gsize)rows * sizeof(float));
        const gboolean any = has_holes(seen, row * (gsize)rows);
        // The rows whose middles lie in the band.
        for (; y < to->height; y++) {
            const gint at = (gint)((2 * (gint64)y + 1) * area->height / (2 * (gint64)to->height));
            if (at >= first + rows)
                break;
            const gsize begin = (gsize)(at - first) * row;
            if (!any || !has_holes(seen + begin, row))
                continue;
            const GeglRectangle line = {to->x, to->y + y, to->width, 1};
            gan_numbers_get(out, &line, back.pixels.transport, made);
            for (gint x = 0; x < to->width; x++) {
                const gsize k =
                    (gsize)((2 * (gint64)x + 1) * area->width / (2 * (gint64)to->width));
                copy_holes(&from, stored + begin + k * from.channels,
                           seen + begin + k * from.channels, &back,
                           made + (gsize)x * back.channels);
            }
            gan_numbers_set(out, &line, back.pixels.transport, made);
        }
    }
    return TRUE;
}
