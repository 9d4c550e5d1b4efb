// SPDX-License-Identifier: LGPL-3.0-or-later
// Enlarges the pixels of one layer.
#include "enlarge.h"

#include <gan/upscale.h>
#include <glib/gi18n-lib.h>
#include <string.h>

// Rows worked on at a time.
#define BAND_ROWS 64

// One step's progress as that of all.
typedef struct {
    GanProgress progress;
    gpointer data;
    double done, share;
} Step;

static gboolean step_progress(double fraction, gpointer data)
{
    const Step *step = data;
    return !step->progress || step->progress(step->done + fraction * step->share, step->data);
}

static GeglBuffer *upscale(GanRunner *runner, GeglBuffer *in, guint width, guint height, Step *step,
                           GError **error)
{
    const GanUpscaleOptions options = {.width = width, .height = height};
    return gan_upscale(runner, in, &options, step_progress, step, error);
}

// A copy in another format, with its corner at (0, 0).
static GeglBuffer *converted(GeglBuffer *in, const Babl *format)
{
    const GeglRectangle *from = gegl_buffer_get_extent(in);
    const GeglRectangle to = {0, 0, from->width, from->height};
    GeglBuffer *out = gegl_buffer_new(&to, format);
    gegl_buffer_copy(in, from, GEGL_ABYSS_NONE, out, &to);
    return out;
}

// --- alpha through the network ---

static gboolean set_no_memory(guint width, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, _("no memory for rows of %u pixels"), width);
    return FALSE;
}

// The alpha of `in` as a grey picture: a network sees numbers, so the same number.
static GeglBuffer *alpha_picture(GeglBuffer *in, GError **error)
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

// Gives `out` the alpha of `large`, the enlarged `small`. In formats with alpha it is the last of
// equally large components, so that the others' bytes need not be touched.
static gboolean replace_alpha(GeglBuffer *out, GeglBuffer *small, GeglBuffer *large, GError **error)
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

static GeglBuffer *with_network_alpha(GanRunner *runner, GeglBuffer *in, guint width, guint height,
                                      GanProgress progress, gpointer data, GError **error)
{
    Step step = {progress, data, 0.0, 0.5};
    g_autoptr(GeglBuffer) out = upscale(runner, in, width, height, &step, error);
    g_autoptr(GeglBuffer) small = out != NULL ? alpha_picture(in, error) : NULL;
    step.done = 0.5;
    g_autoptr(GeglBuffer) large =
        small != NULL ? upscale(runner, small, width, height, &step, error) : NULL;
    if (large == NULL || !replace_alpha(out, small, large, error))
        return NULL;
    return g_steal_pointer(&out);
}

GeglBuffer *enlarge_pixels(GanRunner *runner, GeglBuffer *in, guint width, guint height,
                           gboolean network_alpha, GanProgress progress, gpointer data,
                           GError **error)
{
    const Babl *format = gegl_buffer_get_format(in);
    const gboolean alpha = babl_format_has_alpha(format) != 0;
    if (babl_format_is_palette(format)) {
        const Babl *colours = babl_format_with_space(alpha ? "R'G'B'A u8" : "R'G'B' u8",
                                                     babl_format_get_space(format));
        g_autoptr(GeglBuffer) direct = converted(in, colours);
        g_autoptr(GeglBuffer) large =
            enlarge_pixels(runner, direct, width, height, network_alpha, progress, data, error);
        return large != NULL ? converted(large, format) : NULL;
    }
    if (alpha && network_alpha)
        return with_network_alpha(runner, in, width, height, progress, data, error);
    Step step = {progress, data, 0.0, 1.0};
    return upscale(runner, in, width, height, &step, error);
}

// --- masks ---

GeglBuffer *enlarge_mask(GeglBuffer *in, guint width, guint height, HostInterpolation interpolation)
{
    static const GeglSamplerType SAMPLERS[] = {
        [HOST_INTERPOLATION_NONE] = GEGL_SAMPLER_NEAREST,
        [HOST_INTERPOLATION_LINEAR] = GEGL_SAMPLER_LINEAR,
        [HOST_INTERPOLATION_CUBIC] = GEGL_SAMPLER_CUBIC,
        [HOST_INTERPOLATION_NOHALO] = GEGL_SAMPLER_NOHALO,
        [HOST_INTERPOLATION_LOHALO] = GEGL_SAMPLER_LOHALO,
    };
    const Babl *format = babl_format("Y float");
    GeglBuffer *out = gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)width, (gint)height), format);
    GeglSampler *sampler = gegl_buffer_sampler_new(in, format, SAMPLERS[interpolation]);
    const double step_x = (double)gegl_buffer_get_width(in) / width;
    const double step_y = (double)gegl_buffer_get_height(in) / height;
    GeglBufferMatrix2 scale = {{{step_x, 0.0}, {0.0, step_y}}};
    g_autofree float *row = g_new(float, width);
    for (guint y = 0; y < height; y++) {
        for (guint x = 0; x < width; x++) {
            gegl_sampler_get(sampler, (x + 0.5) * step_x, (y + 0.5) * step_y, &scale, &row[x],
                             GEGL_ABYSS_CLAMP);
            row[x] = CLAMP(row[x], 0.0f, 1.0f);
        }
        gegl_buffer_set(out, GEGL_RECTANGLE(0, (gint)y, (gint)width, 1), 0, format, row,
                        GEGL_AUTO_ROWSTRIDE);
    }
    g_object_unref(sampler);
    return out;
}
