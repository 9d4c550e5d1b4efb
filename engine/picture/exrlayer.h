// SPDX-License-Identifier: LGPL-3.0-or-later
// The pictures in an OpenEXR file: its parts, and layers of theirs, which are channels whose names
// begin alike ("diffuse.R").
#ifndef GAN_EXRLAYER_H
#define GAN_EXRLAYER_H

#include <gan/error.h>
#include <gegl.h>
#include <openexr.h>

typedef struct {
    int part;
    char *name;  // of the layer, or else of the part; "": it has none
    char *layer; // what its channels' names begin with, "diffuse."; "": nothing
    const char
        *channels[4]; // the file's: red, green, blue, alpha; or grey, -, -, alpha; NULL: none
    gboolean is_grey, has_colour, is_half;
    guint n_channels;  // whose names begin so, of any kind
    const char *alone; // without colour: the only channel, which can be read as grey; NULL: more
} GanExrLayer;

// Returns one for each part in their order (without colour where there is none), then one for each
// further layer that can be read.
// Owner:   the caller.
GPtrArray *gan_exr_layers(exr_const_context_t file);

// The linear space of a part's primaries; NULL: there is no room for it.
const Babl *gan_exr_space(exr_const_context_t file, int part);

// Reads one that has colour or a channel alone, at (0, 0) with its own primaries: half or float, alpha multiplied.
// Owner:   the caller gets the buffer.
// Errors:  GAN_ERROR_FORMAT, GAN_ERROR_MEMORY.
GeglBuffer *gan_exr_read(exr_const_context_t file, const GanExrLayer *layer, GError **error);

#endif
