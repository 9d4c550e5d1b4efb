// SPDX-License-Identifier: LGPL-3.0-or-later
// Functions of one and of two values, element by element, with broadcasting: what losses,
// normalisations and the derivatives of activations are made of.
#ifndef GK_OPS_ELEMENTWISE_H
#define GK_OPS_ELEMENTWISE_H

#include "gk.h"

typedef enum {
    GK_UNARY_LINEAR, // alpha * v + beta
    GK_UNARY_ABS,
    GK_UNARY_SIGN, // -1, 0, 1
    GK_UNARY_SQUARE,
    GK_UNARY_SQRT,
    GK_UNARY_RECIPROCAL,
    GK_UNARY_EXP,
    GK_UNARY_LOG,
    GK_UNARY_SOFTPLUS, // log(1 + exp(v))
    GK_UNARY_CLAMP,    // min(max(v, alpha), beta)
    GK_UNARY_ERF,      // 2 / sqrt(pi) * integral of exp(-t^2) from 0 to v
} GkUnaryKind;

enum { GK_N_UNARY = GK_UNARY_ERF + 1 };

// y = f(x). N, H, W and C of x are those of y or 1, and then the same for all of y. y may be x if
// the shapes are equal.
struct GkUnary {
    GkView x, y;
    GkUnaryKind kind;
    double alpha, beta;
};

typedef enum {
    GK_BINARY_ADD,      // alpha * a + beta * b
    GK_BINARY_MULTIPLY, // alpha * a * b
    GK_BINARY_DIVIDE,   // alpha * a / b
    GK_BINARY_STEP,     // b > 0 ? alpha * a : beta * a
    GK_BINARY_WINDOW,   // alpha <= b <= beta ? a : 0
} GkBinaryKind;

enum { GK_N_BINARY = GK_BINARY_WINDOW + 1 };

// y = f(a, b). N, H, W and C of a and of b are those of y or 1. y may be a or b if their
// shapes are equal.
struct GkBinary {
    GkView a, b, y;
    GkBinaryKind kind;
    double alpha, beta;
};

// y = value.
struct GkFill {
    GkView y;
    double value;
};

#endif
