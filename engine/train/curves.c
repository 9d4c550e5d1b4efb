// SPDX-License-Identifier: LGPL-3.0-or-later
// The curves of a run, drawn with cairo: small panels, one a series, because losses and decibels
// share no axis.
#include "curves.h"

#include "drawing.h"
#include <gan/image.h>
#include <math.h>

#define COLUMNS 3u
#define PANEL_WIDTH 420
#define PANEL_HEIGHT 262
#define HEAD 60
#define LEFT 80.0
#define RIGHT 14.0
#define TOP 34.0
#define BOTTOM 50.0
#define N_TICKS 4
#define SMOOTHING 0.02 // part of the points that the running mean goes over
#define FEW_POINTS 24u // which are marked, so that even a single one is seen

// What the values of a series are, by its name in the log; the first that matches.
static const struct {
    const char *pattern, *text;
} measures[] = {
    {"loss/*", "loss"},
    {"validation/psnr*", "dB (more is nearer)"},
    {"validation/ssim*", "SSIM (1 is equal)"},
    {"rate", "learning rate"},
    {"seconds", "seconds a step"},
    {"*", "value"},
};

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
        gan_drawing_text(cairo, axes->x - 6, y + 4, 1, text);
    }
    for (gint64 k = (gint64)ceil(axes->first / dx); (double)k * dx <= axes->last; k++) {
        const double s = (double)k * dx;
        g_snprintf(text, sizeof text, "%.6g", s);
        gan_drawing_text(cairo, to_x(axes, s), axes->y + axes->height + 16,
                         s == axes->last ? 1 : 0.5, text);
    }
}

// The mean of the last `window` points up to each, and a mark on each where `marks`.
static double draw_line(cairo_t *cairo, const Axes *axes, const GArray *points, guint window,
                        gboolean marks)
{
    double sum = 0, mean = 0;
    for (guint i = 0; i < points->len; i++) {
        const GanPoint *p = &g_array_index(points, GanPoint, i);
        sum += p->value;
        if (i >= window)
            sum -= g_array_index(points, GanPoint, i - window).value;
        mean = sum / MIN(i + 1, window);
        cairo_line_to(cairo, to_x(axes, (double)p->step), to_y(axes, mean));
    }
    cairo_stroke(cairo);
    for (guint i = 0; marks && i < points->len; i++) {
        const GanPoint *p = &g_array_index(points, GanPoint, i);
        cairo_arc(cairo, to_x(axes, (double)p->step), to_y(axes, p->value), 2.5, 0, 2 * G_PI);
        cairo_fill(cairo);
    }
    return mean;
}

static void draw_names(cairo_t *cairo, const Axes *axes, const char *series)
{
    guint i = 0;
    while (!g_pattern_match_simple(measures[i].pattern, series))
        i++;
    cairo_set_source_rgb(cairo, 0.35, 0.35, 0.35);
    gan_drawing_text(cairo, axes->x + axes->width / 2, axes->y + axes->height + 34, 0.5, "step");
    cairo_save(cairo);
    cairo_translate(cairo, axes->x - LEFT + 14, axes->y + axes->height / 2);
    cairo_rotate(cairo, -G_PI / 2);
    gan_drawing_text(cairo, 0, 0, 0.5, measures[i].text);
    cairo_restore(cairo);
}

// Points that the running mean goes over.
static guint window_of(guint n_points)
{
    return MAX((guint)(n_points * SMOOTHING), 1);
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
    const double range = axes.high - axes.low;
    const double margin =
        range > 0 ? MAX(range * 0.05, fabs(axes.high) * 1e-3) : fabs(axes.high) * 0.1 + 1e-12;
    axes.low -= margin;
    axes.high += margin;

    const guint window = window_of(points->len);
    cairo_set_font_size(cairo, 11);
    draw_ticks(cairo, &axes);
    draw_names(cairo, &axes, series->name);
    cairo_save(cairo);
    // Marks at the ends lie half outside.
    cairo_rectangle(cairo, axes.x - 3, axes.y, axes.width + 6, axes.height);
    cairo_clip(cairo);
    if (window > 1) {
        cairo_set_line_width(cairo, 1);
        cairo_set_source_rgb(cairo, 0.73, 0.82, 0.93);
        draw_line(cairo, &axes, points, 1, FALSE);
    }
    cairo_set_source_rgb(cairo, 0.12, 0.35, 0.65);
    cairo_set_line_width(cairo, 1.8);
    const double mean = draw_line(cairo, &axes, points, window, points->len < FEW_POINTS);
    cairo_restore(cairo);

    char value[64];
    if (window > 1)
        g_snprintf(value, sizeof value, "last %.5g, mean of %u: %.5g", last->value, window, mean);
    else
        g_snprintf(value, sizeof value, "last %.5g", last->value);
    cairo_set_source_rgb(cairo, 0.1, 0.1, 0.1);
    gan_drawing_text(cairo, x + PANEL_WIDTH - RIGHT, y + 24, 1, value);
    cairo_set_font_size(cairo, 13);
    gan_drawing_text(cairo, x + LEFT, y + 24, 0, series->name);
}

// What the lines are.
static const char *legend(const GanLog *log)
{
    guint most = 0;
    for (guint i = 0; i < gan_log_n_series(log); i++)
        most = MAX(most, gan_log_series(log, i)->points->len);
    return most == 0              ? "nothing has been logged yet"
           : window_of(most) == 1 ? "the values of log.jsonl, not smoothed"
                                  : "dark: the mean of the last 2 % of the values of log.jsonl, "
                                    "whose number stands above; pale: the values themselves, the "
                                    "first of which may lie outside";
}

gboolean gan_curves_write(const GanLog *log, const char *title, const char *path, GError **error)
{
    const guint n = gan_log_n_series(log);
    const int rows = MAX((int)((n + COLUMNS - 1) / COLUMNS), 1);
    const GeglRectangle extent = {0, 0, (int)COLUMNS * PANEL_WIDTH, HEAD + rows * PANEL_HEIGHT};
    g_auto(GanDrawing) drawing = {0};
    gan_drawing_init(&drawing, extent.width, extent.height, 1);
    cairo_t *cairo = drawing.cairo;
    cairo_set_font_size(cairo, 16);
    cairo_set_source_rgb(cairo, 0.1, 0.1, 0.1);
    gan_drawing_text(cairo, LEFT, 28, 0, title);
    cairo_set_font_size(cairo, 11);
    cairo_set_source_rgb(cairo, 0.35, 0.35, 0.35);
    gan_drawing_text(cairo, LEFT, 48, 0, legend(log));
    for (guint i = 0; i < n; i++) {
        const guint column = i % COLUMNS, row = i / COLUMNS;
        draw_series(cairo, gan_log_series(log, i), (double)(column * PANEL_WIDTH),
                    (double)(HEAD + row * PANEL_HEIGHT));
    }
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, babl_format("R'G'B' u8"));
    return gan_drawing_copy(&drawing, buffer, 0, 0, error) &&
           gan_image_save(buffer, path, NULL, error);
}
