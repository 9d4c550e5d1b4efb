// SPDX-License-Identifier: LGPL-3.0-or-later
// Writes the rows that a composer puts together.
#include "rows.h"

#include <string.h>

gboolean gan_rows_init(GanRows *rows, GanComposer *composer, const GanTileAxis *x,
                       const GanTileAxis *y, guint scale, guint n_colours, gboolean alpha,
                       const Babl *seen, GError **error)
{
    *rows = (GanRows){.composer = composer, .x = x, .y = y, .scale = scale};
    rows->n_channels = n_colours + (alpha ? 1 : 0);
    gan_pixels_init(&rows->writer, gegl_buffer_get_format(composer->out), seen);
    gan_pixels_set_layout(&rows->writer, n_colours, alpha);
    if (x->ramp == 0 || x->n * y->n == 1)
        return TRUE;
    const gsize ramp = 2 * (gsize)x->ramp * scale, pixel = rows->n_channels * sizeof(float);
    rows->carry_right = g_try_malloc_n(ramp * y->read * scale, pixel);
    rows->carry_bottom = g_try_malloc_n(ramp * x->length * scale, pixel);
    if (rows->carry_right && rows->carry_bottom)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a tile of %u x %u pixels",
                x->read, y->read);
    return FALSE;
}

void gan_rows_clear(GanRows *rows)
{
    gan_pixels_clear(&rows->writer);
    g_clear_pointer(&rows->carry_right, g_free);
    g_clear_pointer(&rows->carry_bottom, g_free);
}

// The rows of one tile's area.
typedef struct {
    GanRows *rows;
    const GanTileResult *result;
    gsize width, height;          // of the area, in output pixels
    gsize n_columns, n_rows;      // of it, that are complete
    float *blended;               // a row for each worker
    float *weights_x, *weights_y; // NULL: nothing is blended
} Area;

static void area_clear(Area *area)
{
    g_free(area->blended);
    g_free(area->weights_x);
    g_free(area->weights_y);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Area, area_clear)

static gboolean area_init(Area *area, GanRows *rows, const GanTileResult *result, GError **error)
{
    const GanTile *tile = result->tile;
    const gsize ramp = 2 * (gsize)rows->x->ramp * rows->scale;
    area->rows = rows;
    area->result = result;
    area->n_columns = area->width = (gsize)(tile->area_x1 - tile->area_x0) * rows->scale;
    area->n_rows = area->height = (gsize)(tile->area_y1 - tile->area_y0) * rows->scale;
    if (rows->carry_right == NULL)
        return TRUE;
    if (tile->i + 1 < rows->x->n)
        area->n_columns -= ramp;
    if (tile->j + 1 < rows->y->n)
        area->n_rows -= ramp;
    area->blended = g_try_new(float, gan_pixels_n_workers() * area->width * rows->n_channels);
    area->weights_x = g_try_new(float, area->width);
    area->weights_y = g_try_new(float, area->height);
    if (!area->blended || !area->weights_x || !area->weights_y) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for rows of %" G_GSIZE_FORMAT " pixels", area->width);
        return FALSE;
    }
    gan_tile_axis_weights(rows->x, tile->i, rows->scale, area->weights_x);
    gan_tile_axis_weights(rows->y, tile->j, rows->scale, area->weights_y);
    return TRUE;
}

static const float *exact_row(guint y, guint worker, float *row, gpointer data)
{
    const Area *area = data;
    return gan_composer_row(area->rows->composer, area->result, y, worker, row);
}

// Weighs a row, takes up what earlier tiles left for it, and lays aside what later tiles complete.
// Rows that are not complete come after those that are.
static const float *blended_row(guint y, guint worker, float *unused, gpointer data)
{
    const Area *area = data;
    const GanRows *rows = area->rows;
    const GanTile *tile = area->result->tile;
    const guint channels = rows->n_channels;
    const gsize ramp = 2 * (gsize)rows->x->ramp * rows->scale;
    float *row = area->blended + worker * area->width * channels;
    const float *made = gan_composer_row(rows->composer, area->result, y, worker, row);
    for (gsize x = 0; x < area->width; x++) {
        for (guint c = 0; c < channels; c++)
            row[x * channels + c] =
                made[x * channels + c] * (area->weights_x[x] * area->weights_y[y]);
    }
    float *right = rows->carry_right + y * ramp * channels;
    for (gsize k = 0; k < ramp * channels && tile->i > 0; k++)
        row[k] += right[k];
    if (area->n_columns < area->width)
        memcpy(right, row + area->n_columns * channels, ramp * channels * sizeof(float));
    const gsize row_length = (gsize)rows->x->length * rows->scale * channels;
    float *bottom = rows->carry_bottom + (gsize)tile->area_x0 * rows->scale * channels;
    if (tile->j > 0 && y < ramp) {
        for (gsize k = 0; k < area->n_columns * channels; k++)
            row[k] += bottom[y * row_length + k];
    }
    if (y >= area->n_rows)
        memcpy(bottom + (y - area->n_rows) * row_length, row,
               area->n_columns * channels * sizeof(float));
    return row;
}

gboolean gan_rows_write(GanRows *rows, const GanTileResult *result, GError **error)
{
    GanComposer *composer = rows->composer;
    const GanTile *tile = result->tile;
    g_auto(Area) area = {0};
    if ((composer->begin && !composer->begin(composer, result, error)) ||
        !area_init(&area, rows, result, error))
        return FALSE;
    const GeglRectangle place = {(gint)(tile->area_x0 * rows->scale),
                                 (gint)(tile->area_y0 * rows->scale), (gint)area.n_columns,
                                 (gint)area.n_rows};
    if (!gan_pixels_write_rows(&rows->writer, composer->out, &place,
                               area.weights_x != NULL ? blended_row : exact_row, &area, error))
        return FALSE;
    for (gsize y = area.n_rows; y < area.height; y++)
        blended_row((guint)y, 0, NULL, &area);
    return TRUE;
}
