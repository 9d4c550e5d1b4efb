// SPDX-License-Identifier: LGPL-3.0-or-later
// The picture, or one of several values from outside; no inputs. Without channels: an
// array of any shape.
#include "rules.h"

static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    out->scale_num = node->attributes.channels > 0 ? 1 : 0;
}

const GanSightRule gan_sight_input = gan_sees_local;
const GanOpRow gan_op_input = {
    .name = "input",
    .channels = gan_channels_declared,
    .shape = gan_shape_same,
    .geometry = geometry,
};
