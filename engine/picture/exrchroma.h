// SPDX-License-Identifier: LGPL-3.0-or-later
// OpenEXR files of luminance and chroma (Y, RY, BY), which GEGL's loader crashes on.
#ifndef GAN_EXRCHROMA_H
#define GAN_EXRCHROMA_H

#include "exrlayer.h"

// Whether channels of the layer have fewer pixels than it. `chroma`: set; they are RY and BY beside Y,
// which gan_exr_chroma_read() reads.
gboolean gan_exr_is_sampled(exr_const_context_t file, const GanExrLayer *layer, gboolean *chroma);

// Reads such a layer as R, G, B with its own primaries: half or float, alpha multiplied.
// Owner:   the caller gets the buffer.
// Errors:  GAN_ERROR_FORMAT, GAN_ERROR_MEMORY.
GeglBuffer *gan_exr_chroma_read(exr_const_context_t file, const GanExrLayer *layer, GError **error);

#endif
