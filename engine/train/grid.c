// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures side by side.
#include "grid.h"

#include <gan/image.h>
#include <string.h>

#define GAP 2u

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

gboolean gan_grid_write(GanTensor *const *cells, guint n, guint columns, double low, double high,
                        const char *path, GError **error)
{
    gsize width = 1, height = 1;
    for (guint i = 0; i < n; i++) {
        if (cells[i] == NULL)
            continue;
        height = MAX(height, cells[i]->shape[1]);
        width = MAX(width, cells[i]->shape[2]);
    }
    const guint rows = (n + columns - 1) / columns;
    const gsize across = columns * (width + GAP) + GAP, down = rows * (height + GAP) + GAP;
    if (across > G_MAXINT16 || down > G_MAXINT16) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "%s: a grid of %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT " pixels is too large",
                    path, across, down);
        return FALSE;
    }
    const GeglRectangle extent = {0, 0, (int)across, (int)down};
    const Babl *format = babl_format("R'G'B' u8");
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, format);
    gegl_buffer_set_color_from_pixel(buffer, &extent, "\x20\x20\x20", format);
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
                                        (int)(GAP + i / columns * (height + GAP) + y),
                                        (int)cell->shape[2], 1};
            gegl_buffer_set(buffer, &line, 0, format, row, GEGL_AUTO_ROWSTRIDE);
        }
    }
    return gan_image_save(buffer, path, NULL, error);
}
