// SPDX-License-Identifier: LGPL-3.0-or-later
// Separable resampling of float images and of buffers by any factor.
#ifndef GAN_RESAMPLE_H
#define GAN_RESAMPLE_H

#include <gan/tensor.h>
#include <gegl.h>

G_BEGIN_DECLS

// Resizes an image with the cubic kernel a = -1/2, stretched when shrinking, edges mirrored: what
// MATLAB's imresize and the super-resolution literature call bicubic. Rows first, then columns.
// `rounding`: round to 8 bits between the passes and at the end, as imresize does for uint8 images
//             (values are 0..255 then); FALSE keeps full precision.
// Shape:   in [1,H,W,C]; the result [1,height,width,C].
// Source:  imresize, checked bit for bit against the published low-resolution pictures of Set5.
GanTensor *gan_resample_bicubic(GanTensor *in, gsize width, gsize height, gboolean rounding,
                                GError **error);

// Resizes the buffer `in` into the whole extent of `out` in bands of bounded memory with the same
// kernel, on straight colour weighted by alpha, in the perceptual space of the network.
// Units:   any Babl formats.
gboolean gan_resample_buffer(GeglBuffer *in, GeglBuffer *out, GError **error);

G_END_DECLS
#endif
