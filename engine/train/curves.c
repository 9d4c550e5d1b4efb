// SPDX-License-Identifier: LGPL-3.0-or-later
// The curves of a run, drawn with cairo: small panels, one a series, because losses and decibels
// share no axis.
#include "curves.h"

#include <cairo.h>
#include <gan/image.h>
#include <math.h>
#include <string.h>

#define COLUMNS 3u
#define PANEL_WIDTH 420
#define PANEL_HEIGHT 240
#define HEAD 40
#define LEFT 66.0
#define RIGHT 14.0
#define TOP 34.0
#define BOTTOM 28.0
#define N_TICKS 4
#define SMOOTHING 0.02 // part of the points that the running mean goes over

typedef struct {
    double x, y, width, height; // of the plot inside its panel
    double first, last, low, high;
} Axes;

static double to_x(const Axes *axes, double step)
{
    const double span = MAX(axes->last - axes->first, 1);
    return axes->x + (step - axes->first) / span * axes->width;
}

static double to_y(const Axes *axes, double value)
{
    return axes->y + axes->height - (value - axes->low) / (axes->high - axes->low) * axes->height;
}

// A round distance between ticks: 1, 2 or 5 times a power of ten.
static double tick_distance(double span)
{
    const double rough = span / N_TICKS, power = pow(10, floor(log10(rough)));
    const double digit = rough / power;
    return (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10) * power;
}

static void text_at(cairo_t *cairo, double x, double y, double align, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text, &extents);
    cairo_move_to(cairo, x - align * extents.x_advance, y);
    cairo_show_text(cairo, text);
}

static void draw_ticks(cairo_t *cairo, const Axes *axes)
{
    const double dy = tick_distance(axes->high - axes->low),
                 dx = tick_distance(MAX(axes->last - axes->first, 1));
    char text[32];
    cairo_set_line_width(cairo, 1);
    for (gint64 k = (gint64)ceil(axes->low / dy); (double)k * dy <= axes->high; k++) {
        const double v = (double)k * dy;
        const double y = floor(to_y(axes, v)) + 0.5;
        cairo_set_source_rgb(cairo, 0.9, 0.9, 0.9);
        cairo_move_to(cairo, axes->x, y);
        cairo_line_to(cairo, axes->x + axes->width, y);
        cairo_stroke(cairo);
        cairo_set_source_rgb(cairo, 0.35, 0.35, 0.35);
        g_snprintf(text, sizeof text, "%.4g", v);
        text_at(cairo, axes->x - 6, y + 4, 1, text);
    }
    for (gint64 k = (gint64)ceil(axes->first / dx); (double)k * dx <= axes->last; k++) {
        const double s = (double)k * dx;
        g_snprintf(text, sizeof text, "%.6g", s);
        text_at(cairo, to_x(axes, s), axes->y + axes->height + 16, s == axes->last ? 1 : 0.5, text);
    }
}

static void draw_line(cairo_t *cairo, const Axes *axes, const GArray *points, guint window)
{
    double sum = 0;
    for (guint i = 0; i < points->len; i++) {
        const GanPoint *p = &g_array_index(points, GanPoint, i);
        sum += p->value;
        if (i >= window)
            sum -= g_array_index(points, GanPoint, i - window).value;
        const double mean = sum / MIN(i + 1, window);
        cairo_line_to(cairo, to_x(axes, (double)p->step), to_y(axes, mean));
    }
    cairo_stroke(cairo);
}

static void draw_series(cairo_t *cairo, const GanSeries *series, double x, double y)
{
    const GArray *points = series->points;
    const GanPoint *first = &g_array_index(points, GanPoint, 0),
                   *last = &g_array_index(points, GanPoint, points->len - 1);
    Axes axes = {.x = x + LEFT,
                 .y = y + TOP,
                 .width = PANEL_WIDTH - LEFT - RIGHT,
                 .height = PANEL_HEIGHT - TOP - BOTTOM,
                 .first = (double)first->step,
                 .last = (double)last->step,
                 .low = INFINITY,
                 .high = -INFINITY};
    // What lies before the first twentieth may be far away and would flatten the rest.
    for (guint i = points->len >= 40 ? points->len / 20 : 0; i < points->len; i++) {
        axes.low = MIN(axes.low, g_array_index(points, GanPoint, i).value);
        axes.high = MAX(axes.high, g_array_index(points, GanPoint, i).value);
    }
    const double margin = MAX((axes.high - axes.low) * 0.05, fabs(axes.high) * 1e-3 + 1e-12);
    axes.low -= margin;
    axes.high += margin;

    char value[32];
    cairo_set_source_rgb(cairo, 0.1, 0.1, 0.1);
    cairo_set_font_size(cairo, 13);
    text_at(cairo, x + LEFT, y + 24, 0, series->name);
    g_snprintf(value, sizeof value, "%.5g", last->value);
    text_at(cairo, x + PANEL_WIDTH - RIGHT, y + 24, 1, value);
    cairo_set_font_size(cairo, 11);
    draw_ticks(cairo, &axes);
    cairo_save(cairo);
    cairo_rectangle(cairo, axes.x, axes.y, axes.width, axes.height);
    cairo_clip(cairo);
    const guint window = MAX((guint)(points->len * SMOOTHING), 1);
    if (window > 1) {
        cairo_set_source_rgb(cairo, 0.73, 0.82, 0.93);
        draw_line(cairo, &axes, points, 1);
    }
    cairo_set_source_rgb(cairo, 0.12, 0.35, 0.65);
    cairo_set_line_width(cairo, 1.8);
    draw_line(cairo, &axes, points, window);
    cairo_restore(cairo);
}

// cairo keeps a pixel as a word of 8 bits each, blue lowest.
static gboolean save(cairo_surface_t *surface, const char *path, GError **error)
{
    const int width = cairo_image_surface_get_width(surface),
              height = cairo_image_surface_get_height(surface);
    const GeglRectangle extent = {0, 0, width, height};
    const Babl *format = babl_format("R'G'B' u8");
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, format);
    g_autofree guint8 *row = g_malloc((gsize)width * 3);
    cairo_surface_flush(surface);
    for (int y = 0; y < height; y++) {
        const guint8 *line = cairo_image_surface_get_data(surface) +
                             (gsize)y * (gsize)cairo_image_surface_get_stride(surface);
        for (int x = 0; x < width; x++) {
            guint32 word;
            memcpy(&word, line + (gsize)x * 4, sizeof word);
            for (int c = 0; c < 3; c++)
                row[x * 3 + c] = (guint8)(word >> (16 - 8 * c));
        }
        gegl_buffer_set(buffer, GEGL_RECTANGLE(0, y, width, 1), 0, format, row,
                        GEGL_AUTO_ROWSTRIDE);
    }
    return gan_image_save(buffer, path, NULL, error);
}

gboolean gan_curves_write(const GanLog *log, const char *title, const char *path, GError **error)
{
    const guint n = gan_log_n_series(log);
    const guint rows = MAX((n + COLUMNS - 1) / COLUMNS, 1);
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)COLUMNS * PANEL_WIDTH, HEAD + (int)rows * PANEL_HEIGHT);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, 16);
    cairo_set_source_rgb(cairo, 0.1, 0.1, 0.1);
    text_at(cairo, LEFT, 28, 0, title);
    for (guint i = 0; i < n; i++) {
        const guint column = i % COLUMNS, row = i / COLUMNS;
        draw_series(cairo, gan_log_series(log, i), (double)(column * PANEL_WIDTH),
                    (double)(HEAD + row * PANEL_HEIGHT));
    }
    gboolean done = cairo_status(cairo) == CAIRO_STATUS_SUCCESS;
    if (done)
        done = save(surface, path, error);
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "%s: %s", path,
                    cairo_status_to_string(cairo_status(cairo)));
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return done;
}
