// SPDX-License-Identifier: LGPL-3.0-or-later
// Chains of elementwise functions and sums over all pixels in one pass over memory: what lies
// between the convolutions of a gradient.
#ifndef GK_OPS_CHAIN_H
#define GK_OPS_CHAIN_H

#include "ops/elementwise.h"

typedef enum {
    GK_LINK_UNARY,
    GK_LINK_BINARY,
    GK_LINK_SUM, // y[c] = alpha * sum of a over n, h and w; no link reads it
} GkLinkKind;

// One function. `a` and `b` are the numbers of what it reads: an input's, or GkChain.n_inputs plus
// that of an earlier link.
typedef struct {
    GkLinkKind kind;
    int function; // GkUnaryKind or GkBinaryKind
    double alpha, beta;
    size_t a, b;
    GkView y; // N H W C, or 1 1 1 C of a sum; without data only other links read the value
} GkLink;

#define GK_MAX_CHAIN_INPUTS 8
#define GK_MAX_LINKS 12

// Shape:   N H W C are those of `shape`, which has no data. Inputs have this shape, or H = W = 1
//          and the same N and C or 1.
// Alias:   none; results and inputs must not overlap.
// The order of the sums depends on the shapes only, not on the number of threads: equal inputs
// give equal bits.
struct GkChain {
    GkView shape;
    GkView input[GK_MAX_CHAIN_INPUTS];
    size_t n_inputs;
    GkLink link[GK_MAX_LINKS];
    size_t n_links;
};

#endif
