// SPDX-License-Identifier: LGPL-3.0-or-later
// Alpha as a picture of its own, for networks that shall enlarge it as they enlarge colours.
#ifndef GAN_ALPHA_H
#define GAN_ALPHA_H

#include <gan/error.h>
#include <gegl.h>

// Returns the alpha of `in` as a grey picture, "Y' float" at (0, 0): a network sees numbers, so
// the same numbers.
// Owner:   the caller unrefs the buffer.
// Errors:  GAN_ERROR_MEMORY.
GeglBuffer *gan_alpha_picture(GeglBuffer *in, GError **error);

// Gives `out`, whose format has alpha, the alpha of `large`, which is the enlarged `small`; both as
// gan_alpha_picture() makes them. Where `small` is 0 or 1 all around a pixel it stays that.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_alpha_replace(GeglBuffer *out, GeglBuffer *small, GeglBuffer *large, GError **error);

// Alpha as data: the stored numbers of `in` as a picture without alpha and one of alpha alone, grey
// and of the same type, both at (0, 0). Colours that are stored multiplied by alpha stay so.
// `alpha`: set to NULL where `in` has no alpha, or is of a model that networks see through others;
// the first is `in` itself then.
// Owner:   the caller unrefs both.
// Errors:  GAN_ERROR_MEMORY.
GeglBuffer *gan_alpha_split(GeglBuffer *in, GeglBuffer **alpha, GError **error);

// Puts them together again, in `format`, that of what was split.
// Owner:   the caller unrefs the buffer.
// Errors:  GAN_ERROR_MEMORY.
GeglBuffer *gan_alpha_joined(GeglBuffer *colours, GeglBuffer *alpha, const Babl *format,
                             GError **error);

#endif
