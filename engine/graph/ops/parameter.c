// SPDX-License-Identifier: LGPL-3.0-or-later
// A weight: attributes.parameter; no inputs.
#include "rules.h"

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = gan_parameter_shape(node->attributes.parameter);
    return TRUE;
}

const GanSightRule gan_sight_parameter = gan_sees_local;
const GanOpRow gan_op_parameter = {
    .name = "parameter",
    .channels = gan_channels_none,
    .shape = shape,
    .geometry = gan_geometry_none,
};
