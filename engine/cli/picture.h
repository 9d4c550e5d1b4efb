// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures as plain arrays of 0..255, for measuring.
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include <gan/tensor.h>
#include <gegl.h>

// Returns the picture as [1,H,W,3] R'G'B' of 0..255, the values as they are stored: the literature
// measures without colour management. Grey is repeated; alpha is left out. `rounding`: to 8 bits.
// Errors:  GAN_ERROR_MEMORY.
GanTensor *cli_picture_to_tensor(GeglBuffer *buffer, gboolean rounding, GError **error);

// Returns [1,H,W,3] of 0..255 as a buffer of R'G'B' float in sRGB, 0..1.
// Errors:  GAN_ERROR_MEMORY.
GeglBuffer *cli_picture_from_tensor(GanTensor *tensor, GError **error);

// Returns the upper left width x height pixels of [1,H,W,C]; `tensor` itself when that is all.
// Owner:   the caller gets a new reference.
GanTensor *cli_picture_crop(GanTensor *tensor, gsize width, gsize height, GError **error);

#endif
