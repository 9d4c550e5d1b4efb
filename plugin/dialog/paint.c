// SPDX-License-Identifier: LGPL-3.0-or-later
#include "paint.h"

#define HANDLE 7 // radius, in GTK's pixels
#define BAR 4

static double scale_of(GtkWidget *widget)
{
    return toolkit_scale_factor(widget);
}

void paint_words(GtkWidget *widget, cairo_t *cr, const char *text, double width, gboolean right)
{
    const double scale = scale_of(widget);
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
    int text_width = 0, text_height = 0;
    pango_layout_get_pixel_size(layout, &text_width, &text_height);
    const double wide = (text_width + 12) * scale, high = (text_height + 4) * scale;
    cairo_save(cr);
    cairo_translate(cr, right ? width - wide : 0, 0);
    cairo_rectangle(cr, 0, 0, wide, high);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_fill(cr);
    cairo_scale(cr, scale, scale);
    cairo_move_to(cr, 6, 2);
    cairo_set_source_rgb(cr, 1, 1, 1);
    pango_cairo_show_layout(cr, layout);
    cairo_restore(cr);
}

void paint_message(GtkWidget *widget, cairo_t *cr, const char *text, double width, double height)
{
    const double scale = scale_of(widget);
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
    pango_layout_set_width(layout, (int)(MAX(width / scale - 48, 48) * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
    int high = 0;
    pango_layout_get_pixel_size(layout, NULL, &high);
    cairo_save(cr);
    cairo_scale(cr, scale, scale);
    const double top = (height / scale - high) / 2;
    cairo_rectangle(cr, 0, top - 12, width / scale, high + 24);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_fill(cr);
    cairo_move_to(cr, 24, top);
    cairo_set_source_rgb(cr, 1, 1, 1);
    pango_cairo_show_layout(cr, layout);
    cairo_restore(cr);
}

void paint_split(GtkWidget *widget, cairo_t *cr, double x, double height)
{
    const double scale = scale_of(widget);
    const double radius = HANDLE * scale, middle = height / 2;
    cairo_save(cr);
    for (int pass = 0; pass < 2; pass++) {
        const double shade = pass == 0 ? 0 : 1, border = pass == 0 ? scale : 0;
        cairo_set_source_rgba(cr, shade, shade, shade, pass == 0 ? 0.5 : 1);
        cairo_rectangle(cr, x - scale / 2 - border, 0, scale + 2 * border, height);
        cairo_fill(cr);
        cairo_arc(cr, x, middle, radius + border, 0, 2 * G_PI);
        cairo_fill(cr);
    }
    cairo_set_source_rgb(cr, 0.2, 0.2, 0.2);
    for (int side = -1; side <= 1; side += 2) {
        cairo_move_to(cr, x + side * 5 * scale, middle);
        cairo_line_to(cr, x + side * 1.5 * scale, middle - 3 * scale);
        cairo_line_to(cr, x + side * 1.5 * scale, middle + 3 * scale);
        cairo_close_path(cr);
        cairo_fill(cr);
    }
    cairo_restore(cr);
}

void paint_progress(GtkWidget *widget, cairo_t *cr, double fraction, double width, double height)
{
    const double high = BAR * scale_of(widget);
    cairo_rectangle(cr, 0, height - high, width, high);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_fill(cr);
    cairo_rectangle(cr, 0, height - high, width * CLAMP(fraction, 0, 1), high);
    cairo_set_source_rgb(cr, 0.36, 0.66, 0.95);
    cairo_fill(cr);
}

void paint_around(GtkWidget *widget, cairo_t *cr, const GeglRectangle *part, double width,
                  double height)
{
    const double scale = scale_of(widget);
    cairo_save(cr);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_rectangle(cr, 0, 0, width, height);
    cairo_rectangle(cr, part->x, part->y, part->width, part->height);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.5);
    cairo_fill(cr);
    cairo_rectangle(cr, part->x - scale / 2, part->y - scale / 2, part->width + scale,
                    part->height + scale);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_set_line_width(cr, scale);
    cairo_stroke(cr);
    cairo_restore(cr);
}

void paint_focus(GtkWidget *widget, cairo_t *cr, double width, double height)
{
    const double scale = scale_of(widget);
    cairo_save(cr);
    cairo_rectangle(cr, scale / 2, scale / 2, width - scale, height - scale);
    cairo_set_source_rgba(cr, 1, 1, 1, 0.7);
    cairo_set_line_width(cr, scale);
    cairo_set_dash(cr, (double[]){2 * scale}, 1, 0);
    cairo_stroke(cr);
    cairo_restore(cr);
}
