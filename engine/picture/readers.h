// SPDX-License-Identifier: LGPL-3.0-or-later
// Which reader a file of pixels goes to, where GEGL's loaders lose something.
#ifndef GAN_READERS_H
#define GAN_READERS_H

#include "container.h"
#include "reader.h"

// Returns the reader for a file of this kind, or NULL when it is GEGL's to load.
GanReader gan_reader_for(GanContainer kind);

#endif
