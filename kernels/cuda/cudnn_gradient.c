// SPDX-License-Identifier: LGPL-3.0-or-later
// Gradients of convolutions by cuDNN. Pictures that are no whole vectors of channels, or of another
// type than the products, pass through scratch memory with channels of zeros behind their own, and
// so does the weight's gradient, which cuDNN has in the order [O][kernel_h][kernel_w][C].
#include "cudnn_plan.h"

#include <stdlib.h>
#include <string.h>

// What cuDNN is given for a picture: itself, or a place of whole vectors.
typedef struct {
    GkView view;
    size_t bytes; // of the place; 0: itself
} Picture;

static Picture picture_of(const GkView *v, GkDtype dtype)
{
    Picture p = {*v, 0};
    if (gk_cudnn_is_regular(v) && v->dtype == dtype)
        return p;
    const size_t lanes = gk_cudnn_lanes(dtype);
    p.view = gk_view_nhwc(NULL, dtype, v->n, v->h, v->w, gk_cudnn_round_up(v->c, lanes));
    p.bytes = gk_cudnn_round_up(gk_view_bytes(&p.view), 256);
    return p;
}

// The two pictures of a gradient.
typedef struct {
    Picture x, g;
} Pictures;

static Pictures pictures_of(const GkView *x, const GkView *g)
{
    const GkDtype dtype = gk_cuda_products_dtype(x, g);
    return (Pictures){picture_of(x, dtype), picture_of(g, dtype)};
}

// Channels of zeros would fall between groups.
static bool fits(const GkConv2dShape *s, const Pictures *p)
{
    return s->groups == 1 || (p->x.bytes == 0 && p->g.bytes == 0);
}

// Puts a picture where cuDNN reads it.
static GkStatus bring(GkContext *ctx, const GkView *from, const Picture *to)
{
    if (to->bytes == 0)
        return GK_OK;
    const GkStatus status = gk_cuda_check(
        ctx, cudaMemsetAsync(to->view.data, 0, to->bytes, ctx->compute), "clearing memory");
    const GkCopy copy = {*from, gk_view_channels(&to->view, 0, from->c)};
    return status == GK_OK ? gk_cuda_copy(ctx, &copy) : status;
}

// Gives both pictures their places in scratch memory, and returns that for `more` bytes behind
// them; NULL: there is none left.
static char *place(GkContext *ctx, Pictures *p, size_t more)
{
    char *scratch = gk_cuda_scratch(ctx, p->x.bytes + p->g.bytes + more + 1);
    if (scratch == NULL)
        return NULL;
    if (p->x.bytes > 0)
        p->x.view.data = scratch;
    if (p->g.bytes > 0)
        p->g.view.data = scratch + p->x.bytes;
    return scratch + p->x.bytes + p->g.bytes;
}

static GkCudnnShape make_shape(GkCudnnKind kind, const GkConv2dShape *shape, const GkView *x,
                               const GkView *g)
{
    GkCudnnShape s;
    memset(&s, 0, sizeof s); // padding too: shapes are compared as bytes
    s.kind = kind;
    s.dtype = x->dtype;
    s.n = (int64_t)x->n;
    s.c = (int64_t)x->c;
    s.h = (int64_t)x->h;
    s.w = (int64_t)x->w;
    s.o = (int64_t)g->c;
    s.oh = (int64_t)g->h;
    s.ow = (int64_t)g->w;
    s.kernel_h = (int64_t)shape->kernel_h;
    s.kernel_w = (int64_t)shape->kernel_w;
    s.stride = (int64_t)shape->stride;
    s.dilation = (int64_t)shape->dilation;
    s.groups = (int64_t)shape->groups;
    s.pad_top = (int64_t)shape->pad_top;
    s.pad_left = (int64_t)shape->pad_left;
    gk_cudnn_strides(x, s.x_strides);
    gk_cudnn_strides(g, s.y_strides);
    s.bare = true;
    return s;
}

// The weight or its gradient as cuDNN has it.
static size_t krsc_bytes(const GkConv2dShape *s, const Pictures *p)
{
    return p->g.view.c * s->kernel_h * s->kernel_w * (p->x.view.c / s->groups) *
           gk_dtype_bytes(p->x.view.dtype);
}

static const GkCudnnPlan *find(GkContext *ctx, GkCudnnState **state, GkCudnnKind kind,
                               const GkConv2dShape *s, const Pictures *p)
{
    if (*state == NULL)
        *state = calloc(1, sizeof **state);
    if (*state == NULL || !fits(s, p))
        return NULL;
    const GkCudnnShape shape = make_shape(kind, s, &p->x.view, &p->g.view);
    return gk_cudnn_find(ctx, *state, &shape);
}

static GkStatus execute(GkContext *ctx, const GkCudnnPlan *plan, const Pictures *p,
                        const void *weight, void *workspace)
{
    const int64_t uids[] = {GK_CUDNN_X, GK_CUDNN_WEIGHT, GK_CUDNN_Y};
    const void *pointers[] = {gk_cudnn_data(&p->x.view), weight, gk_cudnn_data(&p->g.view)};
    return gk_cudnn_execute(ctx, plan, 3, uids, pointers, workspace);
}

// --- input gradient ---

static GkStatus pack(GkContext *ctx, const GkConv2dInputGradient *args, const Pictures *p,
                     GkCudnnState *state)
{
    if (state->weights != NULL && !args->weight_changes)
        return GK_OK;
    if (state->weights == NULL) {
        state->weight_bytes = krsc_bytes(&args->shape, p);
        state->weights = gk_cuda_alloc(ctx, state->weight_bytes);
    }
    if (state->weights == NULL)
        return GK_ERROR_MEMORY;
    // Outputs of zeros stand behind those that there are.
    const GkStatus status =
        gk_cuda_check(ctx, cudaMemsetAsync(state->weights, 0, state->weight_bytes, ctx->compute),
                      "clearing memory");
    const GkConv2d conv = {.x = args->x,
                           .y = args->g,
                           .weight = args->weight,
                           .out_channels = args->g.c,
                           .kernel_h = args->shape.kernel_h,
                           .kernel_w = args->shape.kernel_w,
                           .groups = args->shape.groups};
    return status == GK_OK
               ? gk_cuda_krsc_pack(ctx, &conv, p->x.view.c / args->shape.groups, state->weights)
               : status;
}

GkStatus gk_cudnn_input_gradient(GkContext *ctx, const GkConv2dInputGradient *args,
                                 GkCudnnState **state)
{
    Pictures p = pictures_of(&args->x, &args->g);
    GkStatus status = gk_cuda_enter(ctx);
    if (status != GK_OK)
        return status;
    const GkCudnnPlan *plan = find(ctx, state, GK_CUDNN_INPUT_GRADIENT, &args->shape, &p);
    if (plan == NULL)
        return GK_ERROR_UNSUPPORTED;
    char *workspace = place(ctx, &p, plan->workspace_bytes);
    if (workspace == NULL)
        return GK_ERROR_MEMORY;
    status = pack(ctx, args, &p, *state);
    if (status == GK_OK)
        status = bring(ctx, &args->g, &p.g);
    if (status == GK_OK)
        status = execute(ctx, plan, &p, (*state)->weights, workspace);
    if (status != GK_OK || p.x.bytes == 0)
        return status;
    const GkCopy copy = {gk_view_channels(&p.x.view, 0, args->x.c), args->x};
    return gk_cuda_copy(ctx, &copy);
}

void gk_cudnn_input_gradient_cost(const GkConv2dInputGradient *args, size_t *packed_bytes,
                                  size_t *scratch_bytes)
{
    const Pictures p = pictures_of(&args->x, &args->g);
    *packed_bytes = krsc_bytes(&args->shape, &p);
    *scratch_bytes = p.x.bytes + p.g.bytes;
}

// --- weight gradient ---

static size_t krsc_place(const GkConv2dWeightGradient *args, const Pictures *p)
{
    return gk_cudnn_round_up(krsc_bytes(&args->shape, p), 256);
}

GkStatus gk_cudnn_weight_gradient(GkContext *ctx, const GkConv2dWeightGradient *args,
                                  GkCudnnState **state)
{
    Pictures p = pictures_of(&args->x, &args->g);
    GkStatus status = gk_cuda_enter(ctx);
    if (status != GK_OK)
        return status;
    const GkCudnnPlan *plan = find(ctx, state, GK_CUDNN_WEIGHT_GRADIENT, &args->shape, &p);
    if (plan == NULL)
        return GK_ERROR_UNSUPPORTED;
    const size_t bytes = krsc_place(args, &p);
    char *krsc = place(ctx, &p, bytes + plan->workspace_bytes);
    if (krsc == NULL)
        return GK_ERROR_MEMORY;
    status = bring(ctx, &args->x, &p.x);
    if (status == GK_OK)
        status = bring(ctx, &args->g, &p.g);
    if (status == GK_OK)
        status = execute(ctx, plan, &p, krsc, krsc + bytes);
    return status == GK_OK ? gk_cuda_krsc_unpack(ctx, args, krsc, p.x.view.c / args->shape.groups)
                           : status;
}

void gk_cudnn_weight_gradient_cost(const GkConv2dWeightGradient *args, size_t *scratch_bytes)
{
    const Pictures p = pictures_of(&args->x, &args->g);
    *scratch_bytes = p.x.bytes + p.g.bytes + krsc_place(args, &p);
}
