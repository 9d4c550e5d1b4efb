// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of what is done with the moments of a normalisation.
#include "check.h"

#include <string.h>

// What is added.
typedef enum { NOTHING, APART, IS_X } Added;

static const struct {
    size_t n, h, w, c, groups;
    gboolean own_moments, own_parameters; // one for each image, not one for all
    gboolean weight, bias, in_place;
    Added added;
    GkActivationKind activation;
    float slope;
    CheckLayout x, y;
    gboolean bench_only;
} rows[] = {
    {.n = 1, .h = 1, .w = 1, .c = 1, .groups = 1},
    {.n = 1, .h = 1, .w = 7, .c = 3, .groups = 3, .weight = TRUE, .bias = TRUE},
    {.n = 2, .h = 17, .w = 23, .c = 64, .groups = 64, .own_moments = TRUE},
    {.n = 2,
     .h = 17,
     .w = 23,
     .c = 64,
     .groups = 64,
     .own_moments = TRUE,
     .weight = TRUE,
     .bias = TRUE,
     .activation = GK_ACT_LEAKY,
     .in_place = TRUE},
    {.n = 2, .h = 9, .w = 11, .c = 32, .groups = 1, .own_moments = TRUE, .weight = TRUE},
    {.n = 2, .h = 9, .w = 11, .c = 48, .groups = 4, .bias = TRUE, .activation = GK_ACT_SILU},
    {.n = 3,
     .h = 5,
     .w = 6,
     .c = 28,
     .groups = 7,
     .own_moments = TRUE,
     .own_parameters = TRUE,
     .weight = TRUE,
     .bias = TRUE,
     .activation = GK_ACT_PRELU},
    {.n = 1,
     .h = 33,
     .w = 50,
     .c = 28,
     .groups = 28,
     .weight = TRUE,
     .bias = TRUE,
     .added = APART,
     .activation = GK_ACT_ELU,
     .slope = 0.75f},
    {.n = 2, .h = 9, .w = 11, .c = 32, .groups = 32, .own_moments = TRUE, .added = APART},
    {.n = 2,
     .h = 9,
     .w = 11,
     .c = 32,
     .groups = 32,
     .own_moments = TRUE,
     .added = APART,
     .in_place = TRUE,
     .activation = GK_ACT_LEAKY,
     .slope = 0.2f},
    {.n = 1, .h = 9, .w = 11, .c = 20, .groups = 20, .added = IS_X, .activation = GK_ACT_TANH},
    {.n = 1, .h = 9, .w = 11, .c = 16, .groups = 16, .added = IS_X, .in_place = TRUE},
    {.n = 2, .h = 9, .w = 11, .c = 20, .groups = 20, .x = CHECK_NHWC},
    {.n = 2, .h = 9, .w = 11, .c = 3, .groups = 3, .weight = TRUE, .y = CHECK_NHWC},
    {.n = 1, .h = 9, .w = 11, .c = 3, .groups = 1, .x = CHECK_NHWC, .y = CHECK_NHWC},
    {.n = 1,
     .h = 128,
     .w = 128,
     .c = 256,
     .groups = 256,
     .in_place = TRUE,
     .activation = GK_ACT_LEAKY,
     .bench_only = TRUE},
    {.n = 1,
     .h = 512,
     .w = 512,
     .c = 32,
     .groups = 32,
     .weight = TRUE,
     .bias = TRUE,
     .in_place = TRUE,
     .activation = GK_ACT_LEAKY,
     .bench_only = TRUE},
};

// The tensors come in the order y, moments, x, and then what there is of weight, bias and r.
static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.normalise)
        return GK_ERROR_UNSUPPORTED;
    GkNormalise args = c->args.normalise;
    args.y = views[0];
    args.moments = views[1];
    args.x = views[2];
    for (size_t i = 3; i < c->n_tensors; i++)
        if (strcmp(c->tensor[i].name, "weight") == 0)
            args.weight = &views[i];
        else if (strcmp(c->tensor[i].name, "bias") == 0)
            args.bias = &views[i];
        else
            args.residual = &views[i];
    args.activation.slopes = vectors[0];
    return target->backend->ops.normalise(target->ctx, &args);
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(rows);
}

static void add_parameters(CheckCase *c, size_t row)
{
    const size_t n = rows[row].own_parameters ? rows[row].n : 1;
    if (rows[row].weight)
        check_case_tensor(c, "weight", CHECK_IN, n, 1, 1, rows[row].c, CHECK_NHWC);
    if (rows[row].bias)
        check_case_tensor(c, "bias", CHECK_IN, n, 1, 1, rows[row].c, CHECK_NHWC);
}

static void make(size_t row, CheckCase *c)
{
    const size_t n = rows[row].n, h = rows[row].h, w = rows[row].w, channels = rows[row].c;
    check_case_label(c, " %zux%zux%zux%zu in %zu groups%s%s%s%s%s activation %d%s %s->%s", n, h, w,
                     channels, rows[row].groups, rows[row].own_moments ? " of each image" : "",
                     rows[row].weight ? " weight" : "", rows[row].bias ? " bias" : "",
                     rows[row].own_parameters ? " of each image" : "",
                     rows[row].added == APART  ? " +r"
                     : rows[row].added == IS_X ? " +x"
                                               : "",
                     (int)rows[row].activation, rows[row].in_place ? " in place" : "",
                     check_layout_name(rows[row].x), check_layout_name(rows[row].y));
    const size_t y = check_case_tensor(c, "y", CHECK_OUT, n, h, w, channels, rows[row].y);
    const size_t moments = check_case_tensor(c, "moments", CHECK_IN, rows[row].own_moments ? n : 1,
                                             1, 1, 2 * rows[row].groups, CHECK_NHWC);
    // Means and variances.
    c->tensor[moments].low = 0.25;
    c->tensor[moments].high = 1;
    const size_t x = rows[row].in_place
                         ? check_case_alias(c, "x", y)
                         : check_case_tensor(c, "x", CHECK_IN, n, h, w, channels, rows[row].x);
    add_parameters(c, row);
    if (rows[row].added == IS_X)
        check_case_alias(c, "r", x);
    else if (rows[row].added == APART)
        check_case_tensor(c, "r", CHECK_IN, n, h, w, channels, rows[row].x);
    check_case_vector(c, "slopes", rows[row].activation == GK_ACT_PRELU ? channels : 0, -0.5, 1);
    c->args.normalise.epsilon = 1e-5;
    c->args.normalise.activation =
        (GkActivation){.kind = rows[row].activation, .slope = rows[row].slope};
    c->limit = &check_limit_exp;
    c->steep = TRUE; // x may lie near the mean
    c->bench_only = rows[row].bench_only;
    c->call = call;
}

const CheckOp check_normalise = {"normalise", n_cases, make};
