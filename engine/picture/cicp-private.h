// SPDX-License-Identifier: LGPL-3.0-or-later
// What cicp.c and the file that makes profiles (with LittleCMS or without) share.
#ifndef GAN_CICP_PRIVATE_H
#define GAN_CICP_PRIVATE_H

#include "cicp.h"

typedef struct {
    guint8 code;
    double x[4], y[4]; // white, red, green, blue
} GanCicpPrimaries;

// Returns NULL for codes that are reserved, unspecified or of no RGB.
const GanCicpPrimaries *gan_cicp_primaries(guint8 code);

// Light of the number x, both 0..1. FALSE for unknown curves.
gboolean gan_cicp_light_of(guint8 transfer, double x, double *light);

// As a parametric curve of ICC, type 3: light is (a x + b)^g from d on, and c x below.
gboolean gan_cicp_curve(guint8 transfer, double parameters[5]);

#endif
