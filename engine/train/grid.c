// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures side by side.
#include "grid.h"

#include "drawing.h"
#include <gan/image.h>
#include <math.h>
#include <string.h>

#define GAP 2u
#define GROUND 0x20
#define LEAST_WIDTH 240.0 // of a line of text; a sheet of few small cells gets as wide
#define LINE_HEIGHT 17

static void unref(gpointer tensor)
{
    gan_tensor_unref(tensor);
}

GanTensor *gan_grid_sample(GanTensor *batch, guint i)
{
    const gsize shape[] = {1, batch->shape[1], batch->shape[2], batch->shape[3]};
    const gsize length = shape[1] * shape[2] * shape[3];
    return gan_tensor_new_borrowed(4, shape, batch->data + i * length, gan_tensor_ref(batch),
                                   unref);
}

// --- what stands above ---

typedef struct {
    char **lines;      // of the title, and of the heads where they do not fit
    gboolean in_place; // each head stands above its column
    int width, height; // that is needed
} Caption;

static void caption_clear(Caption *caption)
{
    g_strfreev(caption->lines);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Caption, caption_clear)

static void set_font(cairo_t *cairo)
{
    cairo_set_font_size(cairo, 12);
    cairo_set_source_rgb(cairo, 0.92, 0.92, 0.92);
}

// Whether each head is narrower than a column.
static gboolean heads_fit(cairo_t *cairo, const char *const *heads, gsize column_width)
{
    for (; *heads != NULL; heads++)
        if (gan_drawing_text_width(cairo, *heads) > (double)column_width)
            return FALSE;
    return TRUE;
}

// `width`: of the cells; `columns`: how many, of `column_width` each.
static void make_caption(const GanGridText *text, gsize width, guint columns, gsize column_width,
                         Caption *caption)
{
    // Widths are measured with a drawing that is thrown away.
    g_auto(GanDrawing) drawing = {0};
    gan_drawing_init(&drawing, 1, 1, 0);
    cairo_t *cairo = drawing.cairo;
    set_font(cairo);
    const char *const *heads = text->heads;
    g_autoptr(GString) all = g_string_new(text->title);
    *caption = (Caption){.in_place = heads != NULL && heads_fit(cairo, heads, column_width)};
    if (heads != NULL && !caption->in_place) {
        g_autofree char *names = g_strjoinv(", ", (char **)heads);
        g_string_append_printf(all, "%sfrom the left: %s%s", all->len > 0 ? "; " : "", names,
                               columns > g_strv_length((char **)heads) ? ", and again" : "");
    }
    caption->lines = gan_drawing_wrap(cairo, all->str, MAX((double)width, LEAST_WIDTH));
    int n_lines = caption->in_place ? 1 : 0;
    double widest = 0;
    for (char **line = caption->lines; *line != NULL; line++, n_lines++)
        widest = MAX(widest, gan_drawing_text_width(cairo, *line));
    caption->width = (int)ceil(widest) + 2 * (int)GAP;
    caption->height = n_lines * LINE_HEIGHT + (int)GAP;
}

static gboolean draw_caption(const Caption *caption, const GanGridText *text, guint columns,
                             gsize column_width, GeglBuffer *buffer, GError **error)
{
    g_auto(GanDrawing) drawing = {0};
    gan_drawing_init(&drawing, gegl_buffer_get_width(buffer), caption->height, GROUND / 255.0);
    set_font(drawing.cairo);
    double y = LINE_HEIGHT - 4;
    for (char **line = caption->lines; *line != NULL; line++, y += LINE_HEIGHT)
        gan_drawing_text(drawing.cairo, GAP, y, 0, *line);
    const guint n_heads = caption->in_place ? g_strv_length((char **)text->heads) : 0;
    for (guint i = 0; n_heads > 0 && i < columns; i++)
        gan_drawing_text(drawing.cairo,
                         GAP + i * (double)(column_width + GAP) + (double)column_width / 2, y, 0.5,
                         text->heads[i % n_heads]);
    return gan_drawing_copy(&drawing, buffer, 0, 0, error);
}

// --- cells ---

gboolean gan_grid_write(GanTensor *const *cells, guint n, guint columns, double low, double high,
                        const GanGridText *text, const char *path, GError **error)
{
    gsize width = 1, height = 1;
    for (guint i = 0; i < n; i++) {
        if (cells[i] == NULL)
            continue;
        height = MAX(height, cells[i]->shape[1]);
        width = MAX(width, cells[i]->shape[2]);
    }
    const guint rows = (n + columns - 1) / columns;
    gsize across = columns * (width + GAP) + GAP, down = rows * (height + GAP) + GAP;
    g_auto(Caption) caption = {0};
    if (text != NULL)
        make_caption(text, across, columns, width, &caption);
    across = MAX(across, (gsize)caption.width);
    down += (gsize)caption.height;
    if (across > G_MAXINT16 || down > G_MAXINT16) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "%s: a grid of %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT " pixels is too large",
                    path, across, down);
        return FALSE;
    }
    const GeglRectangle extent = {0, 0, (int)across, (int)down};
    const Babl *format = babl_format("R'G'B' u8");
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, format);
    const guint8 ground[] = {GROUND, GROUND, GROUND};
    gegl_buffer_set_color_from_pixel(buffer, &extent, ground, format);
    if (text != NULL && !draw_caption(&caption, text, columns, width, buffer, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    g_autofree guint8 *row = g_malloc(width * 3);
    for (guint i = 0; i < n; i++) {
        const GanTensor *cell = cells[i];
        for (gsize y = 0; cell != NULL && y < cell->shape[1]; y++) {
            const gsize channels = cell->shape[3];
            const float *from = cell->data + y * cell->shape[2] * channels;
            for (gsize x = 0; x < cell->shape[2]; x++)
                for (gsize c = 0; c < 3; c++) {
                    const double value = from[x * channels + (channels == 3 ? c : 0)];
                    row[x * 3 + c] =
                        (guint8)(CLAMP((value - low) / (high - low), 0, 1) * 255 + 0.5);
                }
            const GeglRectangle line = {(int)(GAP + i % columns * (width + GAP)),
                                        caption.height +
                                            (int)(GAP + i / columns * (height + GAP) + y),
                                        (int)cell->shape[2], 1};
            gegl_buffer_set(buffer, &line, 0, format, row, GEGL_AUTO_ROWSTRIDE);
        }
    }
    return gan_image_save(buffer, path, NULL, error);
}
