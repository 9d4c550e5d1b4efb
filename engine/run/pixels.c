// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads and writes GeglBuffers as floats in the networks' space: the only place where pixels are
// converted.
#include "pixels.h"

#include <math.h>
#include <string.h>

// Bytes converted at a time when the buffer's pixels are not floats.
#define BAND_BYTES ((gsize)1 << 20)

// Pixels that take as long to convert as another thread to wake.
#define THREAD_COST 4096.0

// Read and written without Babl.
static gboolean is_direct(const GanPixels *pixels)
{
    return pixels->path != GAN_PIXELS_BABL && pixels->path != GAN_PIXELS_SPACE;
}

void gan_pixels_init(GanPixels *pixels, const Babl *format)
{
    static const struct {
        const char *name;
        GanPixelsPath path;
    } direct[] = {
        {"R'G'B' u8", GAN_PIXELS_U8},       {"R'G'B'A u8", GAN_PIXELS_U8},
        {"Y' u8", GAN_PIXELS_U8},           {"Y'A u8", GAN_PIXELS_U8},
        {"R'G'B' u16", GAN_PIXELS_U16},     {"R'G'B'A u16", GAN_PIXELS_U16},
        {"Y' u16", GAN_PIXELS_U16},         {"Y'A u16", GAN_PIXELS_U16},
        {"R'G'B' float", GAN_PIXELS_FLOAT}, {"R'G'B'A float", GAN_PIXELS_FLOAT},
        {"Y' float", GAN_PIXELS_FLOAT},     {"Y'A float", GAN_PIXELS_FLOAT},
    };
    const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(format));
    pixels->stored_colours = flags & BABL_MODEL_FLAG_GRAY ? 1 : 3;
    pixels->stored_alpha = babl_format_has_alpha(format) != 0;
    pixels->path = GAN_PIXELS_BABL;
    for (guint i = 0; i < G_N_ELEMENTS(direct); i++) {
        if (format == babl_format(direct[i].name))
            pixels->path = direct[i].path;
    }
    if (gan_space_init(&pixels->space, format))
        pixels->path = GAN_PIXELS_SPACE;
    if (is_direct(pixels))
        pixels->transport = format;
    else if (pixels->stored_colours == 1)
        pixels->transport = babl_format(pixels->stored_alpha ? "Y'A float" : "Y' float");
    else
        pixels->transport = babl_format(pixels->stored_alpha ? "R'G'B'A float" : "R'G'B' float");
    gan_pixels_set_layout(pixels, pixels->stored_colours, pixels->stored_alpha);
}

void gan_pixels_set_layout(GanPixels *pixels, guint n_colours, gboolean alpha)
{
    g_assert(n_colours == 1 || n_colours == 3);
    pixels->n_colours = n_colours;
    pixels->alpha = alpha;
}

guint gan_pixels_n_channels(const GanPixels *pixels)
{
    return pixels->n_colours + (pixels->alpha ? 1 : 0);
}

static float sane(float x)
{
    return x != x ? 0.0f : CLAMP(x, -GAN_PIXELS_LARGEST, GAN_PIXELS_LARGEST);
}

// One pixel after the other from the stored channels to the wanted ones, or back; the same code for
// both.
static void convert_layout(const float *from, guint from_colours, gboolean from_alpha, float *to,
                           guint to_colours, gboolean to_alpha, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        if (from_colours == to_colours) {
            for (guint c = 0; c < to_colours; c++)
                to[c] = from[c];
        } else if (from_colours == 1) {
            to[0] = to[1] = to[2] = from[0];
        } else {
            to[0] = 0.2126f * from[0] + 0.7152f * from[1] + 0.0722f * from[2];
        }
        if (to_alpha)
            to[to_colours] = from_alpha ? from[from_colours] : 1.0f;
        from += from_colours + (from_alpha ? 1 : 0);
        to += to_colours + (to_alpha ? 1 : 0);
    }
}

// What the conversion of a band needs: the pixels as GEGL gives or takes them, and, where the
// layouts differ, floats in the stored one.
typedef struct {
    gint rows;
    gpointer stored;
    float *floats;
} Band;

static void band_clear(Band *band)
{
    g_free(band->stored);
    g_free(band->floats);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Band, band_clear)

static gboolean band_init(Band *band, const GanPixels *pixels, const Babl *stored,
                          gboolean needs_floats, const GeglRectangle *area, GError **error)
{
    const gsize row = (gsize)area->width * (gsize)babl_format_get_bytes_per_pixel(stored);
    const gsize row_floats =
        (gsize)area->width * (pixels->stored_colours + (pixels->stored_alpha ? 1 : 0));
    band->rows = (gint)CLAMP(BAND_BYTES / row, 1, (gsize)area->height);
    band->stored = g_try_malloc_n((gsize)band->rows, row);
    if (needs_floats)
        band->floats = g_try_malloc_n((gsize)band->rows * row_floats, sizeof(float));
    if (band->stored && (band->floats || !needs_floats))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory to convert rows of %d pixels",
                area->width);
    return FALSE;
}

static gboolean same_layout(const GanPixels *pixels)
{
    return pixels->n_colours == pixels->stored_colours && pixels->alpha == pixels->stored_alpha;
}

static gboolean inside(GeglBuffer *buffer, const GeglRectangle *area)
{
    return area->width > 0 && area->height > 0 &&
           gegl_rectangle_contains(gegl_buffer_get_extent(buffer), area);
}

gboolean gan_pixels_read(const GanPixels *pixels, GeglBuffer *buffer, const GeglRectangle *area,
                         float *to, GError **error)
{
    g_return_val_if_fail(inside(buffer, area), FALSE);
    const guint stored_channels = pixels->stored_colours + (pixels->stored_alpha ? 1 : 0);
    const gboolean floats = !is_direct(pixels) || pixels->path == GAN_PIXELS_FLOAT;
    if (floats && same_layout(pixels)) {
        gegl_buffer_get(buffer, area, 1.0, pixels->transport, to, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        const gsize n = (gsize)area->width * (gsize)area->height * stored_channels;
        for (gsize i = 0; i < n; i++)
            to[i] = sane(to[i]);
        return TRUE;
    }
    g_auto(Band) band = {0};
    if (!band_init(&band, pixels, pixels->transport, TRUE, area, error))
        return FALSE;
    for (gint y = 0; y < area->height; y += band.rows) {
        const GeglRectangle part = {area->x, area->y + y, area->width,
                                    MIN(band.rows, area->height - y)};
        const gsize n_pixels = (gsize)part.width * (gsize)part.height,
                    n = n_pixels * stored_channels;
        gegl_buffer_get(buffer, &part, 1.0, pixels->transport, band.stored, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        const guint8 *u8 = band.stored;
        const guint16 *u16 = band.stored;
        const float *f32 = band.stored;
        for (gsize i = 0; i < n; i++) {
            band.floats[i] = pixels->path == GAN_PIXELS_U8    ? (float)u8[i] / 255.0f
                             : pixels->path == GAN_PIXELS_U16 ? (float)u16[i] / 65535.0f
                                                              : sane(f32[i]);
        }
        float *here = to + (gsize)y * (gsize)area->width * gan_pixels_n_channels(pixels);
        convert_layout(band.floats, pixels->stored_colours, pixels->stored_alpha, here,
                       pixels->n_colours, pixels->alpha, n_pixels);
    }
    return TRUE;
}

// A band on its way to a buffer.
typedef struct {
    const GanPixels *pixels;
    const Babl *fish; // from floats to what the buffer stores; NULL where Babl is not needed
    const float *from;
    float *floats; // in the stored layout
    guint8 *stored;
    gsize stored_bytes; // of a pixel
} Encoding;

static float unit(float x)
{
    const float low = x > 0.0f ? x : 0.0f; // NaN, too
    return low < 1.0f ? low : 1.0f;
}

// Converts n pixels of the band from the one at `begin` on. Any thread calls it.
static void encode(gsize begin, gsize n_pixels, gpointer data)
{
    const Encoding *encoding = data;
    const GanPixels *pixels = encoding->pixels;
    const gsize channels = pixels->stored_colours + (pixels->stored_alpha ? 1 : 0);
    const gsize n = n_pixels * channels;
    const float *from = encoding->from + begin * gan_pixels_n_channels(pixels);
    guint8 *to = encoding->stored + begin * encoding->stored_bytes;
    if (!same_layout(pixels)) {
        float *floats = encoding->floats + begin * channels;
        convert_layout(from, pixels->n_colours, pixels->alpha, floats, pixels->stored_colours,
                       pixels->stored_alpha, n_pixels);
        from = floats;
    }
    switch (pixels->path) {
    case GAN_PIXELS_BABL:
        babl_process(encoding->fish, from, to, (glong)n_pixels);
        break;
    case GAN_PIXELS_SPACE:
        gan_space_encode(&pixels->space, from, to, n_pixels, pixels->stored_alpha);
        break;
    case GAN_PIXELS_U8:
        for (gsize i = 0; i < n; i++)
            to[i] = (guint8)(gint32)(unit(from[i]) * 255.0f + 0.5f);
        break;
    case GAN_PIXELS_U16:
        for (gsize i = 0; i < n; i++)
            ((guint16 *)to)[i] = (guint16)(gint32)(unit(from[i]) * 65535.0f + 0.5f);
        break;
    case GAN_PIXELS_FLOAT:
        memcpy(to, from, n * sizeof(float));
        break;
    }
}

static gboolean has_integers(const Babl *format)
{
    const Babl *type = babl_format_get_type(format, 0);
    return type == babl_type("u8") || type == babl_type("u16") || type == babl_type("u32");
}

gboolean gan_pixels_write(const GanPixels *pixels, GeglBuffer *buffer, const GeglRectangle *area,
                          const float *from, GError **error)
{
    g_return_val_if_fail(inside(buffer, area), FALSE);
    const Babl *stored = gegl_buffer_get_format(buffer);
    // Babl searches a palette with notes that threads would share.
    const gboolean alone = babl_format_is_palette(stored) || !has_integers(stored);
    if (alone && same_layout(pixels)) {
        gegl_buffer_set(buffer, area, 0, pixels->transport, from, GEGL_AUTO_ROWSTRIDE);
        return TRUE;
    }
    g_auto(Band) band = {0};
    if (!band_init(&band, pixels, stored, !same_layout(pixels), area, error))
        return FALSE;
    Encoding encoding = {.pixels = pixels,
                         .floats = band.floats,
                         .stored = band.stored,
                         .stored_bytes = (gsize)babl_format_get_bytes_per_pixel(stored)};
    if (pixels->path == GAN_PIXELS_BABL)
        encoding.fish = babl_fish(pixels->transport, stored);
    for (gint y = 0; y < area->height; y += band.rows) {
        const GeglRectangle part = {area->x, area->y + y, area->width,
                                    MIN(band.rows, area->height - y)};
        const gsize n_pixels = (gsize)part.width * (gsize)part.height;
        encoding.from = from + (gsize)y * (gsize)area->width * gan_pixels_n_channels(pixels);
        if (alone)
            encode(0, n_pixels, &encoding);
        else
            gegl_parallel_distribute_range(n_pixels, THREAD_COST, encode, &encoding);
        gegl_buffer_set(buffer, &part, 0, stored, band.stored, GEGL_AUTO_ROWSTRIDE);
    }
    return TRUE;
}

// The mean colour of the neighbours that rings before `ring` have reached; FALSE when there are
// none.
static gboolean bleed_pixel(const float *pixels, const guint8 *rings, gsize width, gsize height,
                            gsize x, gsize y, guint ring, guint n_colours, float *colour)
{
    guint n = 0;
    float sum[3] = {0.0f, 0.0f, 0.0f};
    for (gsize v = y > 0 ? y - 1 : 0; v <= MIN(y + 1, height - 1); v++) {
        for (gsize u = x > 0 ? x - 1 : 0; u <= MIN(x + 1, width - 1); u++) {
            if (rings[v * width + u] >= ring)
                continue;
            for (guint c = 0; c < n_colours; c++)
                sum[c] += pixels[(v * width + u) * (n_colours + 1) + c];
            n++;
        }
    }
    for (guint c = 0; c < n_colours && n > 0; c++)
        colour[c] = sum[c] / (float)n;
    return n > 0;
}

gboolean gan_pixels_bleed(float *pixels, gsize width, gsize height, guint n_colours, GError **error)
{
    const gsize n = width * height;
    const guint stride = n_colours + 1;
    const guint8 unreached = GAN_BLEED_REACH + 1;
    gsize n_transparent = 0;
    for (gsize i = 0; i < n; i++)
        n_transparent += pixels[i * stride + n_colours] <= 0.0f;
    if (n_transparent == 0)
        return TRUE;
    g_autofree guint8 *rings = g_try_malloc(n);
    if (!rings) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for a mask of %" G_GSIZE_FORMAT " pixels", n);
        return FALSE;
    }
    for (gsize i = 0; i < n; i++) {
        rings[i] = pixels[i * stride + n_colours] <= 0.0f ? unreached : 0;
        for (guint c = 0; c < n_colours && rings[i]; c++)
            pixels[i * stride + c] = 0.5f;
    }
    for (guint ring = 1; ring <= GAN_BLEED_REACH && n_transparent > 0 && n_transparent < n;
         ring++) {
        for (gsize y = 0; y < height; y++) {
            for (gsize x = 0; x < width; x++) {
                const gsize i = y * width + x;
                if (rings[i] == unreached && bleed_pixel(pixels, rings, width, height, x, y, ring,
                                                         n_colours, pixels + i * stride)) {
                    rings[i] = (guint8)ring;
                    n_transparent--;
                }
            }
        }
    }
    return TRUE;
}
