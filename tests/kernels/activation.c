// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of the pointwise activations.
#include "check.h"

static const struct {
    GkActivationKind kind;
    const char *name;
    float slope;
} kinds[] = {
    {GK_ACT_NONE, "none", 0},
    {GK_ACT_LEAKY, "relu", 0},
    {GK_ACT_LEAKY, "leaky", 0.2f},
    {GK_ACT_PRELU, "prelu", 0},
    {GK_ACT_SILU, "silu", 0},
    {GK_ACT_SIGMOID, "sigmoid", 0},
    {GK_ACT_TANH, "tanh", 0},
    {GK_ACT_ELU, "elu", 0.75f},
    {GK_ACT_SOFTPLUS, "softplus", 0},
    {GK_ACT_MISH, "mish", 0},
    {GK_ACT_GELU, "gelu", 0},
    {GK_ACT_GELU_TANH, "gelu-tanh", 0},
    {GK_ACT_HARD_SIGMOID, "hard-sigmoid", 0},
    {GK_ACT_HARD_SWISH, "hard-swish", 0},
};
// Leaky stands there twice.
G_STATIC_ASSERT(G_N_ELEMENTS(kinds) == GK_N_ACTIVATIONS + 1);

// Ranges of the input: the usual one, one in which exp() must not overflow, one near zero.
static const double ranges[] = {4, 120, 1e-3};

static const struct {
    size_t n, h, w, c;
    CheckLayout x, y;
    gboolean in_place, bench_only;
} rows[] = {
    {1, 1, 1, 1, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {1, 1, 7, 3, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {2, 5, 3, 16, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {2, 17, 23, 64, CHECK_PLAN, CHECK_PLAN, FALSE, FALSE},
    {1, 33, 50, 28, CHECK_PLAN, CHECK_PLAN, TRUE, FALSE},
    {2, 5, 9, 17, CHECK_PLAN, CHECK_PLAN, TRUE, FALSE},
    {1, 5, 3, 20, CHECK_NHWC, CHECK_BLOCKED, FALSE, FALSE},
    {1, 5, 3, 20, CHECK_BLOCKED, CHECK_NHWC, FALSE, FALSE},
    {1, 5, 3, 20, CHECK_NHWC, CHECK_PLAN, FALSE, FALSE},
    {1, 5, 3, 20, CHECK_PLAN, CHECK_NHWC, FALSE, FALSE},
    {1, 256, 256, 64, CHECK_PLAN, CHECK_PLAN, FALSE, TRUE},
};

static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.activate)
        return GK_ERROR_UNSUPPORTED;
    GkActivate args = c->args.activate;
    args.x = views[0];
    args.y = views[1];
    args.activation.slopes = vectors[0];
    return target->backend->ops.activate(target->ctx, &args);
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(rows) * G_N_ELEMENTS(kinds) * G_N_ELEMENTS(ranges);
}

static void make(size_t index, CheckCase *c)
{
    const size_t kind = index % G_N_ELEMENTS(kinds);
    const double range = ranges[index / G_N_ELEMENTS(kinds) % G_N_ELEMENTS(ranges)];
    const size_t row = index / (G_N_ELEMENTS(kinds) * G_N_ELEMENTS(ranges));
    const size_t n = rows[row].n, h = rows[row].h, w = rows[row].w, channels = rows[row].c;
    const gboolean mixed = rows[row].x != rows[row].y;
    check_case_label(c, " %s %zux%zux%zux%zu of -%g..%g%s", kinds[kind].name, n, h, w, channels,
                     range, range, rows[row].in_place ? " in place" : "");
    if (mixed)
        check_case_label(c, " %s->%s", check_layout_name(rows[row].x),
                         check_layout_name(rows[row].y));
    const gboolean in_place = rows[row].in_place;
    if (in_place) {
        const size_t y = check_case_tensor(c, "y", CHECK_OUT, n, h, w, channels, rows[row].y);
        check_case_alias(c, "x", y);
        c->tensor[1].low = -range;
        c->tensor[1].high = range;
    } else {
        const size_t x = check_case_tensor(c, "x", CHECK_IN, n, h, w, channels, rows[row].x);
        check_case_tensor(c, "y", CHECK_OUT, n, h, w, channels, rows[row].y);
        c->tensor[x].low = -range;
        c->tensor[x].high = range;
    }
    check_case_vector(c, "slopes", kinds[kind].kind == GK_ACT_PRELU ? channels : 0, -0.5, 1);
    c->args.activate.activation =
        (GkActivation){.kind = kinds[kind].kind, .slope = kinds[kind].slope};
    c->limit = kinds[kind].kind == GK_ACT_NONE ? &check_limit_exact
               : kinds[kind].kind == GK_ACT_LEAKY || kinds[kind].kind == GK_ACT_PRELU
                   ? &check_limit_pointwise
                   : &check_limit_exp;
    c->bench_only = rows[row].bench_only;
    c->optional = mixed;
    c->call = call;
}

const CheckOp check_activate = {"activate", n_cases, make};
