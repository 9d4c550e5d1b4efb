// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: pointwise activations.
#include "real.h"

#include <assert.h>
#include <math.h>

double GK_REF(sigmoid)(double v)
{
    return 1.0 / (1.0 + exp(-v));
}

static double softplus(double v)
{
    return fmax(v, 0) + log1p(exp(-fabs(v)));
}

double GK_REF(activation)(const GkActivation *activation, size_t channel, double v)
{
    switch (activation->kind) {
    case GK_ACT_NONE:
        return v;
    case GK_ACT_LEAKY:
        return v >= 0 ? v : activation->slope * v;
    case GK_ACT_PRELU:
        return v >= 0 ? v : real_at(activation->slopes, channel) * v;
    case GK_ACT_SILU:
        return v * GK_REF(sigmoid)(v);
    case GK_ACT_SIGMOID:
        return GK_REF(sigmoid)(v);
    case GK_ACT_TANH:
        return tanh(v);
    case GK_ACT_ELU:
        return v >= 0 ? v : activation->slope * expm1(v);
    case GK_ACT_SOFTPLUS:
        return softplus(v);
    case GK_ACT_MISH:
        return v * tanh(softplus(v));
    case GK_ACT_GELU:
        return v / 2 * (1 + erf(v / sqrt(2)));
    case GK_ACT_GELU_TANH:
        return v / 2 * (1 + tanh(sqrt(2 / acos(-1)) * (v + 0.044715 * v * v * v)));
    case GK_ACT_HARD_SIGMOID:
        return fmin(fmax(v / 6 + 0.5, 0), 1);
    case GK_ACT_HARD_SWISH:
        return v * fmin(fmax(v / 6 + 0.5, 0), 1);
    }
    assert(!"an activation that activation.h lacks");
    return v;
}

GkStatus GK_REF(activate)(GkContext *ctx, const GkActivate *args)
{
    const GkView *x = &args->x, *y = &args->y;
    if (!real_is_dtype_of(x) || !real_is_dtype_of(y))
        return GK_ERROR_UNSUPPORTED;
    assert(real_is_same_shape(x, y));
    for (size_t n = 0; n < y->n; n++)
        for (size_t iy = 0; iy < y->h; iy++)
            for (size_t ix = 0; ix < y->w; ix++)
                for (size_t c = 0; c < y->c; c++) {
                    const double v = real_get(x, n, iy, ix, c);
                    real_set(y, n, iy, ix, c, GK_REF(activation)(&args->activation, c, v));
                }
    return GK_OK;
}
