// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures side by side in one file.
#ifndef GAN_GRID_H
#define GAN_GRID_H

#include <gan/tensor.h>

// What stands above the cells; NULL where there is nothing.
typedef struct {
    const char *title;
    const char *const *heads; // what the columns are, NULL-terminated; they repeat
} GanGridText;

// Writes cells row by row, `columns` in a row, as PNG under a temporary name, then renames it.
// Cells are [1,H,W,C] with 1 or 3 channels, or NULL for an empty one; each stands in the upper left
// of a place as large as the largest. `low`, `high`: what becomes black and white. `text`: or NULL.
// Errors:  GAN_ERROR_FILE. GAN_ERROR_MEMORY.
gboolean gan_grid_write(GanTensor *const *cells, guint n, guint columns, double low, double high,
                        const GanGridText *text, const char *path, GError **error);

// Returns sample `i` of a batch [N,H,W,C] as [1,H,W,C], a view.
// Owner:   the caller gets a tensor that keeps the batch.
GanTensor *gan_grid_sample(GanTensor *batch, guint i);

#endif
