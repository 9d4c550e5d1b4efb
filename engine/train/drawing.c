// SPDX-License-Identifier: LGPL-3.0-or-later
// Text and lines by cairo.
#include "drawing.h"

#include <string.h>

void gan_drawing_init(GanDrawing *drawing, int width, int height, double grey)
{
    drawing->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    drawing->cairo = cairo_create(drawing->surface);
    cairo_set_source_rgb(drawing->cairo, grey, grey, grey);
    cairo_paint(drawing->cairo);
    cairo_select_font_face(drawing->cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
}

void gan_drawing_clear(GanDrawing *drawing)
{
    g_clear_pointer(&drawing->cairo, cairo_destroy);
    g_clear_pointer(&drawing->surface, cairo_surface_destroy);
}

double gan_drawing_text_width(cairo_t *cairo, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text, &extents);
    return extents.x_advance;
}

void gan_drawing_text(cairo_t *cairo, double x, double y, double align, const char *text)
{
    cairo_move_to(cairo, x - align * gan_drawing_text_width(cairo, text), y);
    cairo_show_text(cairo, text);
}

char **gan_drawing_wrap(cairo_t *cairo, const char *text, double width)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    g_autoptr(GPtrArray) lines = g_ptr_array_new();
    g_autoptr(GString) line = g_string_new(NULL);
    for (guint i = 0; words[i] != NULL; i++) {
        g_autofree char *longer = g_strconcat(line->str, line->len > 0 ? " " : "", words[i], NULL);
        const gboolean fits = line->len == 0 || gan_drawing_text_width(cairo, longer) <= width;
        if (!fits)
            g_ptr_array_add(lines, g_strdup(line->str));
        g_string_assign(line, fits ? longer : words[i]);
    }
    g_ptr_array_add(lines, g_strdup(line->str));
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&lines), FALSE);
}

// cairo keeps a pixel as a word of 8 bits each, blue lowest.
gboolean gan_drawing_copy(const GanDrawing *drawing, GeglBuffer *buffer, int x, int y,
                          GError **error)
{
    const cairo_status_t status = cairo_status(drawing->cairo);
    if (status != CAIRO_STATUS_SUCCESS) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "a drawing: %s",
                    cairo_status_to_string(status));
        return FALSE;
    }
    const int width = cairo_image_surface_get_width(drawing->surface),
              height = cairo_image_surface_get_height(drawing->surface);
    g_autofree guint8 *row = g_malloc((gsize)width * 3);
    cairo_surface_flush(drawing->surface);
    for (int v = 0; v < height; v++) {
        const guint8 *line = cairo_image_surface_get_data(drawing->surface) +
                             (gsize)v * (gsize)cairo_image_surface_get_stride(drawing->surface);
        for (int u = 0; u < width; u++) {
            guint32 word;
            memcpy(&word, line + (gsize)u * 4, sizeof word);
            for (int c = 0; c < 3; c++)
                row[u * 3 + c] = (guint8)(word >> (16 - 8 * c));
        }
        gegl_buffer_set(buffer, GEGL_RECTANGLE(x, y + v, width, 1), 0, babl_format("R'G'B' u8"),
                        row, GEGL_AUTO_ROWSTRIDE);
    }
    return TRUE;
}
