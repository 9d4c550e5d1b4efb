// SPDX-License-Identifier: LGPL-3.0-or-later
// All contracts, for those that have every operation: backends, and the program that checks them.
#ifndef GK_OPS_ALL_H
#define GK_OPS_ALL_H

#include "activation.h"
#include "chain.h"
#include "conv2d.h"
#include "conv2d_gradient.h"
#include "copy.h"
#include "elementwise.h"
#include "matmul.h"
#include "moments.h"
#include "normalise.h"
#include "pad.h"
#include "pointwise.h"
#include "pool.h"
#include "reduce.h"
#include "shuffle.h"
#include "softmax.h"
#include "transpose.h"
#include "upsample.h"

#endif
