// SPDX-License-Identifier: LGPL-3.0-or-later
// Shape table of the convolution. Three parts: networks' channel pairs at all sizes, one small
// convolution at every size around the Winograd tile, and rows that try one attribute each.
#include "conv2d_rows.h"

#include <math.h>
#include <string.h>

// Input and output channels of real first, middle and last layers, and of widths that
// no block divides.
static const struct {
    size_t c, o;
} pairs[] = {
    {1, 1},    {1, 64},  {3, 3},   {3, 4},    {3, 16},    {3, 24},   {3, 48},   {3, 64},
    {3, 96},   {4, 64},  {6, 6},   {8, 8},    {12, 64},   {12, 12},  {16, 16},  {16, 32},
    {24, 24},  {28, 28}, {32, 32}, {48, 12},  {48, 48},   {52, 52},  {64, 1},   {64, 3},
    {64, 4},   {64, 12}, {64, 27}, {64, 32},  {64, 48},   {64, 64},  {64, 108}, {64, 128},
    {64, 256}, {96, 32}, {96, 96}, {128, 32}, {128, 128}, {160, 32}, {192, 64},
};

static const struct {
    size_t h, w, n;
} sizes[] = {{1, 1, 1}, {1, 7, 2}, {5, 3, 1}, {17, 23, 2}, {32, 32, 1}, {33, 50, 2}};

// 16 -> 16 at every size up to this: all positions of a border in a 4x4 tile, with one tile
// and with three.
enum { N_GRID = 10 };

// The activations that the two generated parts go round.
static const GkActivationKind cycle[] = {GK_ACT_NONE, GK_ACT_LEAKY,   GK_ACT_PRELU,
                                         GK_ACT_SILU, GK_ACT_SIGMOID, GK_ACT_TANH};

// Indices into the tensors of a case; absent ones are NONE.
enum { NONE = CHECK_MAX_TENSORS };

typedef struct {
    size_t x, y, gate, residual[GK_MAX_RESIDUALS];
} Roles;

// Finds the operands of a case by their names.
static Roles roles_of(const CheckCase *c)
{
    Roles roles = {NONE, NONE, NONE, {NONE, NONE}};
    for (size_t i = 0; i < c->n_tensors; i++) {
        const char *name = c->tensor[i].name;
        if (strcmp(name, "x") == 0)
            roles.x = i;
        else if (strcmp(name, "y") == 0)
            roles.y = i;
        else if (strcmp(name, "gate") == 0)
            roles.gate = i;
        else
            roles.residual[strcmp(name, "residual 1") == 0] = i;
    }
    return roles;
}

static GkConv2d bind(const CheckCase *c, const GkView *views)
{
    const Roles roles = roles_of(c);
    GkConv2d args = c->args.conv2d;
    args.x = views[roles.x];
    args.y = views[roles.y];
    args.gate = roles.gate == NONE ? NULL : &views[roles.gate];
    for (size_t i = 0; i < args.n_residuals; i++)
        args.residual[i].r = views[roles.residual[i]];
    return args;
}

static GkStatus call(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan)
{
    if (!target->backend->ops.conv2d)
        return GK_ERROR_UNSUPPORTED;
    GkConv2d args = bind(c, views);
    args.weight = vectors[0];
    args.bias = vectors[1];
    args.activation.slopes = vectors[2];
    return target->backend->ops.conv2d(target->ctx, &args, plan);
}

// The cost must be told from shapes alone, and supported must mean the same in both functions.
static char *check_cost(const CheckCase *c, const CheckTarget *target, const GkView *views,
                        GkStatus status)
{
    if (!target->backend->ops.conv2d)
        return NULL;
    if (!target->backend->ops.conv2d_cost)
        return g_strdup("the backend has conv2d but no conv2d_cost");
    GkView shapes[CHECK_MAX_TENSORS];
    for (size_t i = 0; i < c->n_tensors; i++) {
        shapes[i] = views[i];
        shapes[i].data = NULL;
    }
    const GkConv2d args = bind(c, shapes);
    GkCost cost = {-1, 0, 0};
    const GkStatus cost_status = target->backend->ops.conv2d_cost(target->ctx, &args, &cost);
    if (cost_status != status)
        return g_strdup_printf("conv2d_cost answers '%s', conv2d answers '%s'",
                               gk_status_text(cost_status), gk_status_text(status));
    if (status == GK_OK && fabs(cost.flops - c->flops) > 0.5)
        return g_strdup_printf("conv2d_cost says %.0f operations, the formula has %.0f", cost.flops,
                               c->flops);
    return NULL;
}

static size_t or_else(size_t value, size_t usual)
{
    return value ? value : usual;
}

static void label(CheckCase *c, const Conv2dRow *r)
{
    static const char *const activations[] = {
        "",          " leaky", " prelu", " silu",      " sigmoid",      " tanh",      " elu",
        " softplus", " mish",  " gelu",  " gelu-tanh", " hard-sigmoid", " hard-swish"};
    static const char *const pad_modes[] = {"", " replicate", " reflect", " circular"};
    static const char *const placements[] = {"",      " dense",      " dense-out", " cropped",
                                             " nhwc", " nhwc->plan", " plan->nhwc"};
    check_case_label(c, " %zu->%zu %zux%zu %zux%zux%zu", r->c, r->o, or_else(r->kh, 3),
                     or_else(r->kw, 3), or_else(r->n, 1), r->h, r->w);
    if (r->stride)
        check_case_label(c, " stride%zu", r->stride);
    if (r->dilation)
        check_case_label(c, " dilation%zu", r->dilation);
    if (r->groups)
        check_case_label(c, " groups%zu", r->groups);
    if (r->upsample)
        check_case_label(c, " up%zu", r->upsample);
    if (r->own_pad)
        check_case_label(c, " pad%zu,%zu to %zux%zu", r->top, r->left, r->oh, r->ow);
    check_case_label(c, "%s%s", pad_modes[r->pad_mode], activations[r->activation]);
    if (r->activation == GK_ACT_LEAKY || r->activation == GK_ACT_ELU)
        check_case_label(c, "%g", (double)r->slope);
    if (r->shuffle)
        check_case_label(c, " shuffle%zu", r->shuffle);
    if (r->transposed_kernel)
        check_case_label(c, " transposed%zu,%zu", r->transposed_kernel, r->transposed_pad);
    if (r->gate)
        check_case_label(c, r->gate == IS_Y ? " gate=y" : " gate");
    for (size_t i = 0; i < GK_MAX_RESIDUALS && r->residual[i]; i++) {
        check_case_label(c, " *%g+%s", (double)r->scale[i], r->residual[i] == IS_Y ? "y" : "r");
        if (r->residual_upsample[i])
            check_case_label(c, "/%zu", r->residual_upsample[i]);
    }
    if (r->no_bias)
        check_case_label(c, " no-bias");
    check_case_label(c, "%s", placements[r->placement]);
}

// Adds x and y as the row places them.
static void add_ends(CheckCase *c, const Conv2dRow *r, size_t y_h, size_t y_w)
{
    const size_t n = or_else(r->n, 1),
                 y_c = r->o / (or_else(r->shuffle, 1) * or_else(r->shuffle, 1));
    const gboolean ends = r->placement == NHWC_ENDS;
    const CheckLayout layout_x = ends || r->placement == NHWC_X ? CHECK_NHWC : CHECK_PLAN;
    const CheckLayout layout_y = ends || r->placement == NHWC_Y ? CHECK_NHWC : CHECK_PLAN;
    switch (r->placement) {
    case DENSE_GROW: {
        const size_t buffer = check_case_buffer(c, n, r->h, r->w, r->whole, CHECK_PLAN);
        check_case_slice(c, "x", CHECK_IN, buffer, 0, r->c);
        check_case_slice(c, "y", CHECK_OUT, buffer, r->c, r->o);
        return;
    }
    case CROPPED: {
        const size_t margin = 3;
        const size_t buffer =
            check_case_buffer(c, n, r->h + 2 * margin, r->w + 2 * margin, r->c, CHECK_PLAN);
        CheckTensor *x = &c->tensor[check_case_slice(c, "x", CHECK_IN, buffer, 0, r->c)];
        x->top = x->left = margin;
        x->h = r->h;
        x->w = r->w;
        break;
    }
    case OWN_BUFFERS:
    case DENSE_OUT:
    case NHWC_ENDS:
    case NHWC_X:
    case NHWC_Y:
        check_case_tensor(c, "x", CHECK_IN, n, r->h, r->w, r->c, layout_x);
        break;
    }
    check_case_tensor(c, "y", CHECK_OUT, n, y_h, y_w, y_c, layout_y);
}

// Whether a weight has no place in the kernel of the transposed convolution.
static gboolean is_no_tap(const CheckCase *c, size_t index)
{
    const GkConv2d *a = &c->args.conv2d;
    const size_t tap = index % (a->kernel_h * a->kernel_w);
    const size_t o = index / (a->kernel_h * a->kernel_w) / c->tensor[0].c;
    const size_t r = a->shuffle, phase[] = {o / r % r, o % r};
    const size_t d[] = {tap / a->kernel_w, tap % a->kernel_w};
    for (size_t i = 0; i < 2; i++) {
        const size_t centre = (i == 0 ? a->kernel_h : a->kernel_w) / 2;
        const gssize place =
            (gssize)(phase[i] + a->transposed_pad + r * centre) - (gssize)(r * d[i]);
        if (place < 0 || place >= (gssize)a->transposed_kernel)
            return TRUE;
    }
    return FALSE;
}

static void make_row(const Conv2dRow *r, CheckCase *c)
{
    label(c, r);
    const size_t n = or_else(r->n, 1), kh = or_else(r->kh, 3), kw = or_else(r->kw, 3);
    const size_t stride = or_else(r->stride, 1), dilation = or_else(r->dilation, 1);
    const size_t groups = or_else(r->groups, 1), upsample = or_else(r->upsample, 1);
    const size_t shuffle = or_else(r->shuffle, 1);
    const size_t oh = r->own_pad ? r->oh : (r->h * upsample - 1) / stride + 1;
    const size_t ow = r->own_pad ? r->ow : (r->w * upsample - 1) / stride + 1;
    const size_t y_h = oh * shuffle, y_w = ow * shuffle, y_c = r->o / (shuffle * shuffle);

    GkConv2d *args = &c->args.conv2d;
    *args = (GkConv2d){.out_channels = r->o,
                       .kernel_h = kh,
                       .kernel_w = kw,
                       .stride = stride,
                       .dilation = dilation,
                       .groups = groups,
                       .pad_top = r->own_pad ? r->top : dilation * (kh - 1) / 2,
                       .pad_left = r->own_pad ? r->left : dilation * (kw - 1) / 2,
                       .pad_mode = r->pad_mode,
                       .upsample = upsample,
                       .activation = {.kind = r->activation, .slope = r->slope},
                       .shuffle = shuffle,
                       .transposed_kernel = r->transposed_kernel,
                       .transposed_pad = r->transposed_pad};
    add_ends(c, r, y_h, y_w);
    const Roles ends = roles_of(c);
    if (r->gate == IS_Y)
        check_case_alias(c, "gate", ends.y);
    else if (r->gate == APART)
        check_case_tensor(c, "gate", CHECK_IN, n, y_h, y_w, y_c, CHECK_PLAN);
    for (size_t i = 0; i < GK_MAX_RESIDUALS && r->residual[i]; i++) {
        const char *name = i == 0 ? "residual 0" : "residual 1";
        const size_t factor = or_else(r->residual_upsample[i], 1);
        if (r->residual[i] == IS_Y)
            check_case_alias(c, name, ends.y);
        else if (i == 0 && r->placement == DENSE_OUT)
            check_case_slice(c, name, CHECK_IN, c->tensor[ends.x].buffer, 0, y_c);
        else
            check_case_tensor(c, name, CHECK_IN, n, y_h / factor, y_w / factor, y_c, CHECK_PLAN);
        args->residual[i].scale = r->scale[i];
        args->residual[i].upsample = factor;
        args->n_residuals++;
    }

    // Uniform in -a..a has variance a^2/3; x has 1/3. So the sums of products have variance 1.
    const size_t n_products = r->c / groups * kh * kw;
    const double a = sqrt(9.0 / (double)n_products);
    const size_t weight = check_case_vector(c, "weight", r->o * n_products, -a, a);
    if (r->transposed_kernel)
        c->vector[weight].is_zero = is_no_tap;
    check_case_vector(c, "bias", r->no_bias ? 0 : r->o, -0.5, 0.5);
    check_case_vector(c, "slopes", r->activation == GK_ACT_PRELU ? r->o : 0, -0.5, 1);
    c->flops = 2.0 * (double)(n * oh * ow) * (double)(r->o * n_products);
    // The fast algorithm that loses digits is for these only.
    const gboolean winograd = kh == 3 && kw == 3 && stride == 1 && dilation == 1 && groups == 1;
    c->limit = winograd ? &check_limit_winograd : &check_limit_direct;
    // The largest of the sums is 4 to 5, and tanh passes their errors on but ends at 1.
    if (r->activation == GK_ACT_TANH)
        c->magnitude = 4;
    c->optional = r->placement == NHWC_ENDS || r->placement == CROPPED;
    c->bench_only = r->bench_only;
    c->call = call;
    c->check_more = check_cost;
}

enum { N_PAIR_CASES = G_N_ELEMENTS(pairs) * G_N_ELEMENTS(sizes), N_GRID_CASES = N_GRID * N_GRID };

static size_t n_cases(void)
{
    return N_PAIR_CASES + N_GRID_CASES + n_conv2d_rows;
}

static void make(size_t index, CheckCase *c)
{
    if (index >= N_PAIR_CASES + N_GRID_CASES) {
        make_row(&conv2d_rows[index - N_PAIR_CASES - N_GRID_CASES], c);
        return;
    }
    Conv2dRow row = {.c = 16,
                     .o = 16,
                     .activation = cycle[index % G_N_ELEMENTS(cycle)],
                     .slope = index % 4 < 2 ? 0.2f : 0};
    if (index < N_PAIR_CASES) {
        const size_t pair = index / G_N_ELEMENTS(sizes), size = index % G_N_ELEMENTS(sizes);
        row.c = pairs[pair].c;
        row.o = pairs[pair].o;
        row.h = sizes[size].h;
        row.w = sizes[size].w;
        row.n = sizes[size].n;
        // Six sizes and six activations: without the shift a size would always meet the same one.
        row.activation = cycle[(pair + size) % G_N_ELEMENTS(cycle)];
    } else {
        row.h = 1 + (index - N_PAIR_CASES) / N_GRID;
        row.w = 1 + (index - N_PAIR_CASES) % N_GRID;
    }
    make_row(&row, c);
}

const CheckOp check_conv2d = {"conv2d", n_cases, make};
