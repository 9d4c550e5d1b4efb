// SPDX-License-Identifier: LGPL-3.0-or-later
// Alpha as a picture of its own.
#include "alpha.h"

#include <string.h>

// Rows worked on at a time.
#define BAND_ROWS 64

static gboolean set_no_memory(guint width, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for rows of %u pixels", width);
    return FALSE;
}

GeglBuffer *gan_alpha_picture(GeglBuffer *in, GError **error)
{
    const GeglRectangle *from = gegl_buffer_get_extent(in);
    const guint width = (guint)from->width;
    g_autofree float *rgba = g_try_new(float, (gsize)width *BAND_ROWS * 4);
    g_autofree float *alpha = g_try_new(float, (gsize)width *BAND_ROWS);
    if (rgba == NULL || alpha == NULL) {
        set_no_memory(width, error);
        return NULL;
    }
    GeglBuffer *out =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, from->width, from->height), babl_format("Y' float"));
    for (gint y = 0; y < from->height; y += BAND_ROWS) {
        const gint rows = MIN(BAND_ROWS, from->height - y);
        gegl_buffer_get(in, GEGL_RECTANGLE(from->x, from->y + y, from->width, rows), 1.0,
                        babl_format("R'G'B'A float"), rgba, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < (gsize)width * (gsize)rows; i++)
            alpha[i] = CLAMP(rgba[4 * i + 3], 0.0f, 1.0f);
        gegl_buffer_set(out, GEGL_RECTANGLE(0, y, from->width, rows), 0, babl_format("Y' float"),
                        alpha, GEGL_AUTO_ROWSTRIDE);
    }
    return out;
}

// The least and the greatest of a row's pixels with their eight neighbours.
static void row_limits(GeglBuffer *alpha, gint y, float *three, float *least, float *most)
{
    const gint width = gegl_buffer_get_width(alpha);
    gegl_buffer_get(alpha, GEGL_RECTANGLE(0, y - 1, width, 3), 1.0, babl_format("Y' float"), three,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_CLAMP);
    for (gint x = 0; x < width; x++) {
        least[x] = 1.0f;
        most[x] = 0.0f;
        for (gint v = 0; v < 3; v++) {
            for (gint u = MAX(x - 1, 0); u <= MIN(x + 1, width - 1); u++) {
                least[x] = MIN(least[x], three[v * width + u]);
                most[x] = MAX(most[x], three[v * width + u]);
            }
        }
    }
}

// In formats with alpha it is the last of equally large components, so that the others' bytes need
// not be touched.
gboolean gan_alpha_replace(GeglBuffer *out, GeglBuffer *small, GeglBuffer *large, GError **error)
{
    const Babl *format = gegl_buffer_get_format(out);
    const gint n = babl_format_get_n_components(format);
    const gsize pixel = (gsize)babl_format_get_bytes_per_pixel(format);
    const gsize component = pixel / (gsize)n;
    const gint width = gegl_buffer_get_width(out), height = gegl_buffer_get_height(out);
    const gint from_width = gegl_buffer_get_width(small);
    const gint from_height = gegl_buffer_get_height(small);
    g_autofree char *name =
        g_strdup_printf("Y' %s", babl_get_name(babl_format_get_type(format, n - 1)));
    const Babl *fish = babl_fish(babl_format("Y' float"), babl_format(name));
    g_autofree char *pixels = g_try_malloc_n((gsize)width, pixel);
    g_autofree char *stored = g_try_malloc_n((gsize)width, component);
    g_autofree float *alpha = g_try_new(float, (gsize)width);
    g_autofree float *limits = g_try_new(float, (gsize)from_width * 5);
    if (pixels == NULL || stored == NULL || alpha == NULL || limits == NULL)
        return set_no_memory((guint)width, error);
    float *least = limits + 3 * from_width, *most = least + from_width;
    for (gint y = 0, source = -1; y < height; y++) {
        const GeglRectangle row = {0, y, width, 1};
        const gint wanted = (gint)((gint64)y * from_height / height);
        if (wanted != source)
            row_limits(small, wanted, limits, least, most);
        source = wanted;
        gegl_buffer_get(large, &row, 1.0, babl_format("Y' float"), alpha, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        for (gint x = 0; x < width; x++) {
            const gint from = (gint)((gint64)x * from_width / width);
            alpha[x] = most[from] <= 0.0f    ? 0.0f
                       : least[from] >= 1.0f ? 1.0f
                                             : CLAMP(alpha[x], 0.0f, 1.0f);
        }
        babl_process(fish, alpha, stored, width);
        gegl_buffer_get(out, &row, 1.0, format, pixels, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize x = 0; x < (gsize)width; x++)
            memcpy(pixels + (x + 1) * pixel - component, stored + x * component, component);
        gegl_buffer_set(out, &row, 0, format, pixels, GEGL_AUTO_ROWSTRIDE);
    }
    return TRUE;
}

// The format of the colours alone, NULL where there is none.
static const Babl *colours_of(const Babl *format)
{
    const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(format));
    const gboolean grey = (flags & BABL_MODEL_FLAG_GRAY) != 0;
    if (!babl_format_has_alpha(format) || babl_format_is_palette(format) ||
        !(flags & (BABL_MODEL_FLAG_GRAY | BABL_MODEL_FLAG_RGB)) ||
        flags & (BABL_MODEL_FLAG_CMYK | BABL_MODEL_FLAG_CIE))
        return NULL;
    const char *model = flags & BABL_MODEL_FLAG_LINEAR       ? (grey ? "Y" : "RGB")
                        : flags & BABL_MODEL_FLAG_PERCEPTUAL ? (grey ? "Y~" : "R~G~B~")
                                                             : (grey ? "Y'" : "R'G'B'");
    g_autofree char *name =
        g_strconcat(model, " ", babl_get_name(babl_format_get_type(format, 0)), NULL);
    return babl_format_with_space(name, babl_format_get_space(format));
}

// A band of pixels of colours with alpha, and of both alone. Alpha is the last of equally large
// components.
typedef struct {
    gsize width, pixel, component; // in bytes, but the first
    char *both, *colours, *alpha;
} Band;

static void band_clear(Band *band)
{
    g_free(band->both);
    g_free(band->colours);
    g_free(band->alpha);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Band, band_clear)

static gboolean band_init(Band *band, const Babl *format, gint width, GError **error)
{
    band->width = (gsize)width;
    band->pixel = (gsize)babl_format_get_bytes_per_pixel(format);
    band->component = band->pixel / (gsize)babl_format_get_n_components(format);
    const gsize n = band->width * BAND_ROWS;
    band->both = g_try_malloc_n(n, band->pixel);
    band->colours = g_try_malloc_n(n, band->pixel - band->component);
    band->alpha = g_try_malloc_n(n, band->component);
    return (band->both && band->colours && band->alpha) || set_no_memory((guint)width, error);
}

GeglBuffer *gan_alpha_split(GeglBuffer *in, GeglBuffer **alpha, GError **error)
{
    const Babl *format = gegl_buffer_get_format(in), *without = colours_of(format);
    *alpha = NULL;
    if (without == NULL)
        return g_object_ref(in);
    const GeglRectangle *from = gegl_buffer_get_extent(in);
    const GeglRectangle to = {0, 0, from->width, from->height};
    g_auto(Band) band = {0};
    if (!band_init(&band, format, from->width, error))
        return NULL;
    g_autofree char *name =
        g_strdup_printf("Y' %s", babl_get_name(babl_format_get_type(format, 0)));
    GeglBuffer *colours = gegl_buffer_new(&to, without);
    *alpha = gegl_buffer_new(&to, babl_format(name));
    const gsize rest = band.pixel - band.component;
    for (gint y = 0; y < to.height; y += BAND_ROWS) {
        const GeglRectangle part = {0, y, to.width, MIN(BAND_ROWS, to.height - y)};
        gegl_buffer_get(in, GEGL_RECTANGLE(from->x, from->y + y, part.width, part.height), 1.0,
                        format, band.both, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < band.width * (gsize)part.height; i++) {
            memcpy(band.colours + i * rest, band.both + i * band.pixel, rest);
            memcpy(band.alpha + i * band.component, band.both + i * band.pixel + rest,
                   band.component);
        }
        gegl_buffer_set(colours, &part, 0, without, band.colours, GEGL_AUTO_ROWSTRIDE);
        gegl_buffer_set(*alpha, &part, 0, babl_format(name), band.alpha, GEGL_AUTO_ROWSTRIDE);
    }
    return colours;
}

GeglBuffer *gan_alpha_joined(GeglBuffer *colours, GeglBuffer *alpha, const Babl *format,
                             GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(colours);
    g_auto(Band) band = {0};
    if (!band_init(&band, format, extent->width, error))
        return NULL;
    GeglBuffer *out = gegl_buffer_new(extent, format);
    const gsize rest = band.pixel - band.component;
    for (gint y = 0; y < extent->height; y += BAND_ROWS) {
        const GeglRectangle part = {extent->x, extent->y + y, extent->width,
                                    MIN(BAND_ROWS, extent->height - y)};
        gegl_buffer_get(colours, &part, 1.0, gegl_buffer_get_format(colours), band.colours,
                        GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_get(alpha, &part, 1.0, gegl_buffer_get_format(alpha), band.alpha,
                        GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < band.width * (gsize)part.height; i++) {
            memcpy(band.both + i * band.pixel, band.colours + i * rest, rest);
            memcpy(band.both + i * band.pixel + rest, band.alpha + i * band.component,
                   band.component);
        }
        gegl_buffer_set(out, &part, 0, format, band.both, GEGL_AUTO_ROWSTRIDE);
    }
    return out;
}
