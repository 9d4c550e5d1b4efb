// SPDX-License-Identifier: LGPL-3.0-or-later
// x, without a gradient.
#include "rules.h"

const GanSightRule gan_sight_stop = gan_sees_local;
const GanOpRow gan_op_stop = {
    .name = "stop",
    .channels = gan_channels_same,
    .shape = gan_shape_same,
    .geometry = gan_geometry_first,
    .view = gan_view_always,
};
