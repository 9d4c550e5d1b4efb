// SPDX-License-Identifier: LGPL-3.0-or-later
// Copies between views of equal shape and any two layouts: the ends of a plan, concatenation,
// slices.
#ifndef GK_OPS_COPY_H
#define GK_OPS_COPY_H

#include "gk.h"

// y = x. Shapes equal, layouts, blocks and first lanes free. No overlap. Writes the channels of y
// only: lanes of a block that belong to other views stay.
struct GkCopy {
    GkView x, y;
};

#endif
