// SPDX-License-Identifier: LGPL-3.0-or-later
// The picture, or one of several values from outside; no inputs. Without channels: an
// array of any shape.
#include "rules.h"

static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    const GanAttributes *a = &node->attributes;
    out->scale_num = a->channels > 0 ? a->scale_num : 0;
    out->scale_den = MAX(a->scale_den, 1);
    // A tile begins where one of its pixels does.
    out->alignment = out->scale_num > 0 ? MAX(out->scale_den / out->scale_num, 1) : 1;
}

const GanSightRule gan_sight_input = gan_sees_local;
const GanOpRow gan_op_input = {
    .name = "input",
    .channels = gan_channels_declared,
    .shape = gan_shape_same,
    .geometry = geometry,
};
