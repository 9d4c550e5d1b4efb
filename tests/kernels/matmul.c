// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of products of matrices.
#include "check.h"

#include <math.h>

static const struct {
    size_t n, rows, inner, columns;
    CheckLayout a, b, y;
    gboolean bench_only;
} shapes[] = {
    {1, 1, 1, 1, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE},
    {1, 5, 7, 4, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE},
    {1, 4, 100, 1, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE},
    {1, 1, 37, 80, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE},
    {3, 13, 29, 17, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE},
    {2, 64, 96, 65, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE},
    {1, 6, 16, 64, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE},
    {2, 5, 700, 66, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, FALSE},
    // Matrices are dense in a plan; devices take others, too.
    {3, 13, 32, 16, CHECK_PLAN, CHECK_NHWC, CHECK_NHWC, FALSE},
    {2, 8, 704, 64, CHECK_NHWC, CHECK_PLAN, CHECK_PLAN, FALSE},
    {8, 256, 4096, 256, CHECK_NHWC, CHECK_NHWC, CHECK_NHWC, TRUE},
};

static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.matmul)
        return GK_ERROR_UNSUPPORTED;
    GkMatmul args = c->args.matmul;
    args.a = views[0];
    args.b = views[1];
    args.y = views[2];
    return target->backend->ops.matmul(target->ctx, &args);
}

static size_t n_cases(void)
{
    return G_N_ELEMENTS(shapes) * 4;
}

static void make(size_t index, CheckCase *c)
{
    const size_t i = index / 4, n = shapes[i].n, rows = shapes[i].rows, inner = shapes[i].inner;
    const size_t columns = shapes[i].columns;
    const gboolean ta = index % 4 / 2, tb = index % 2;
    check_case_label(c, " %zu of %zux%zux%zu%s%s", n, rows, inner, columns, ta ? " A^T" : "",
                     tb ? " B^T" : "");
    const gboolean mixed = shapes[i].a != shapes[i].b;
    if (mixed)
        check_case_label(c, " %s*%s->%s", check_layout_name(shapes[i].a),
                         check_layout_name(shapes[i].b), check_layout_name(shapes[i].y));
    check_case_tensor(c, "a", CHECK_IN, n, 1, ta ? inner : rows, ta ? rows : inner, shapes[i].a);
    check_case_tensor(c, "b", CHECK_IN, n, 1, tb ? columns : inner, tb ? inner : columns,
                      shapes[i].b);
    check_case_tensor(c, "y", CHECK_OUT, n, 1, rows, columns, shapes[i].y);
    c->args.matmul = (GkMatmul){.transpose_a = ta, .transpose_b = tb};
    c->magnitude = sqrt((double)inner);
    c->flops = 2.0 * (double)(n * rows) * (double)(inner * columns);
    c->limit = &check_limit_direct;
    c->steep = TRUE; // terms may cancel
    c->optional = mixed;
    c->bench_only = shapes[i].bench_only;
    c->call = call;
}

const CheckOp check_matmul = {"matmul", n_cases, make};
