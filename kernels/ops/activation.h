// SPDX-License-Identifier: LGPL-3.0-or-later
// Pointwise activations, alone or in the epilogue of a convolution.
#ifndef GK_OPS_ACTIVATION_H
#define GK_OPS_ACTIVATION_H

#include "gk.h"

typedef enum {
    GK_ACT_NONE,
    GK_ACT_LEAKY,   // v >= 0 ? v : slope * v; slope 0 is ReLU
    GK_ACT_PRELU,   // v >= 0 ? v : slopes[channel] * v
    GK_ACT_SILU,    // v * sigmoid(v)
    GK_ACT_SIGMOID, // 1 / (1 + exp(-v))
    GK_ACT_TANH,
    GK_ACT_ELU,          // v >= 0 ? v : slope * (exp(v) - 1)
    GK_ACT_SOFTPLUS,     // log(1 + exp(v))
    GK_ACT_MISH,         // v * tanh(softplus(v))
    GK_ACT_GELU,         // v / 2 * (1 + erf(v / sqrt(2)))
    GK_ACT_GELU_TANH,    // v / 2 * (1 + tanh(sqrt(2 / pi) * (v + 0.044715 * v^3)))
    GK_ACT_HARD_SIGMOID, // min(max(v / 6 + 1/2, 0), 1)
    GK_ACT_HARD_SWISH,   // v * hard sigmoid(v)
} GkActivationKind;

enum { GK_N_ACTIVATIONS = GK_ACT_HARD_SWISH + 1 };

typedef struct {
    GkActivationKind kind;
    float slope;        // GK_ACT_LEAKY, GK_ACT_ELU
    const void *slopes; // GK_ACT_PRELU: one per channel, in the views' dtype
} GkActivation;

// y = activation(x). Shapes equal. y may be x.
struct GkActivate {
    GkView x, y;
    GkActivation activation;
};

#endif
