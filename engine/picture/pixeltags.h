// SPDX-License-Identifier: LGPL-3.0-or-later
// Metadata that speaks in pixels, or of bytes, of the file that it was written for.
#ifndef GAN_PIXELTAGS_H
#define GAN_PIXELTAGS_H

#include "tags.h"

// Makes tags in pixels (panoramas, regions, subjects, the grid of the sensor) fit a picture that is
// x and y times as wide and high, and takes out those that speak of further pictures or a video in
// the old file. `notes`: gets a sentence on what these were.
void gan_pixel_tags_adapt(GExiv2Metadata *metadata, double x, double y, GPtrArray *notes);

#endif
