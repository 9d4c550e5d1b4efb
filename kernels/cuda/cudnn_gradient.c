// SPDX-License-Identifier: LGPL-3.0-or-later
// Gradients of convolutions by cuDNN. Pictures that are no whole vectors of channels pass through
// scratch memory with channels of zeros behind their own, and so does the weight's gradient, which
// cuDNN has in the order [O][kernel_h][kernel_w][C].
#include "cudnn_plan.h"

#include <stdlib.h>
#include <string.h>

// What cuDNN is given for a picture: itself, or a place of whole vectors.
typedef struct {
    GkView view;
    size_t bytes; // of the place; 0: itself
} Picture;

static Picture picture_of(const GkView *v)
{
    Picture p = {*v, 0};
    if (gk_cudnn_is_regular(v))
        return p;
    const size_t lanes = gk_cudnn_lanes(v->dtype);
    p.view = gk_view_nhwc(NULL, v->dtype, v->n, v->h, v->w, gk_cudnn_round_up(v->c, lanes));
    p.bytes = gk_cudnn_round_up(gk_view_bytes(&p.view), 256);
    return p;
}

// Channels of zeros would fall between groups.
static bool fits(const GkConv2dShape *s, const Picture *x, const Picture *g)
{
    return s->groups == 1 || (x->bytes == 0 && g->bytes == 0);
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
static char *place(GkContext *ctx, Picture *x, Picture *g, size_t more)
{
    char *scratch = gk_cuda_scratch(ctx, x->bytes + g->bytes + more + 1);
    if (scratch == NULL)
        return NULL;
    if (x->bytes > 0)
        x->view.data = scratch;
    if (g->bytes > 0)
        g->view.data = scratch + x->bytes;
    return scratch + x->bytes + g->bytes;
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
static size_t krsc_bytes(const GkConv2dShape *s, const Picture *x, const Picture *g)
{
    return g->view.c * s->kernel_h * s->kernel_w * (x->view.c / s->groups) *
           gk_dtype_bytes(x->view.dtype);
}

static const GkCudnnPlan *find(GkContext *ctx, GkCudnnState **state, GkCudnnKind kind,
                               const GkConv2dShape *s, const Picture *x, const Picture *g)
{
    if (*state == NULL)
        *state = calloc(1, sizeof **state);
    if (*state == NULL || !fits(s, x, g))
        return NULL;
    const GkCudnnShape shape = make_shape(kind, s, &x->view, &g->view);
    return gk_cudnn_find(ctx, *state, &shape);
}

static GkStatus execute(GkContext *ctx, const GkCudnnPlan *plan, const Picture *x, const Picture *g,
                        const void *weight, void *workspace)
{
    const int64_t uids[] = {GK_CUDNN_X, GK_CUDNN_WEIGHT, GK_CUDNN_Y};
    const void *pointers[] = {gk_cudnn_data(&x->view), weight, gk_cudnn_data(&g->view)};
    return gk_cudnn_execute(ctx, plan, 3, uids, pointers, workspace);
}

// --- input gradient ---

static GkStatus pack(GkContext *ctx, const GkConv2dInputGradient *args, const Picture *x,
                     const Picture *g, GkCudnnState *state)
{
    if (state->weights != NULL && !args->weight_changes)
        return GK_OK;
    if (state->weights == NULL) {
        state->weight_bytes = krsc_bytes(&args->shape, x, g);
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
               ? gk_cuda_krsc_pack(ctx, &conv, x->view.c / args->shape.groups, state->weights)
               : status;
}

GkStatus gk_cudnn_input_gradient(GkContext *ctx, const GkConv2dInputGradient *args,
                                 GkCudnnState **state)
{
    Picture x = picture_of(&args->x), g = picture_of(&args->g);
    GkStatus status = gk_cuda_enter(ctx);
    if (status != GK_OK)
        return status;
    const GkCudnnPlan *plan = find(ctx, state, GK_CUDNN_INPUT_GRADIENT, &args->shape, &x, &g);
    if (plan == NULL)
        return GK_ERROR_UNSUPPORTED;
    char *workspace = place(ctx, &x, &g, plan->workspace_bytes);
    if (workspace == NULL)
        return GK_ERROR_MEMORY;
    status = pack(ctx, args, &x, &g, *state);
    if (status == GK_OK)
        status = bring(ctx, &args->g, &g);
    if (status == GK_OK)
        status = execute(ctx, plan, &x, &g, (*state)->weights, workspace);
    if (status != GK_OK || x.bytes == 0)
        return status;
    const GkCopy copy = {gk_view_channels(&x.view, 0, args->x.c), args->x};
    return gk_cuda_copy(ctx, &copy);
}

void gk_cudnn_input_gradient_cost(const GkConv2dInputGradient *args, size_t *packed_bytes,
                                  size_t *scratch_bytes)
{
    const Picture x = picture_of(&args->x), g = picture_of(&args->g);
    *packed_bytes = krsc_bytes(&args->shape, &x, &g);
    *scratch_bytes = x.bytes + g.bytes;
}

// --- weight gradient ---

static size_t krsc_place(const GkConv2dWeightGradient *args, const Picture *x, const Picture *g)
{
    return gk_cudnn_round_up(krsc_bytes(&args->shape, x, g), 256);
}

GkStatus gk_cudnn_weight_gradient(GkContext *ctx, const GkConv2dWeightGradient *args,
                                  GkCudnnState **state)
{
    Picture x = picture_of(&args->x), g = picture_of(&args->g);
    GkStatus status = gk_cuda_enter(ctx);
    if (status != GK_OK)
        return status;
    const GkCudnnPlan *plan = find(ctx, state, GK_CUDNN_WEIGHT_GRADIENT, &args->shape, &x, &g);
    if (plan == NULL)
        return GK_ERROR_UNSUPPORTED;
    const size_t bytes = krsc_place(args, &x, &g);
    char *krsc = place(ctx, &x, &g, bytes + plan->workspace_bytes);
    if (krsc == NULL)
        return GK_ERROR_MEMORY;
    status = bring(ctx, &args->x, &x);
    if (status == GK_OK)
        status = bring(ctx, &args->g, &g);
    if (status == GK_OK)
        status = execute(ctx, plan, &x, &g, krsc, krsc + bytes);
    return status == GK_OK ? gk_cuda_krsc_unpack(ctx, args, krsc, x.view.c / args->shape.groups)
                           : status;
}

void gk_cudnn_weight_gradient_cost(const GkConv2dWeightGradient *args, size_t *scratch_bytes)
{
    const Picture x = picture_of(&args->x), g = picture_of(&args->g);
    *scratch_bytes = x.bytes + g.bytes + krsc_place(args, &x, &g);
}
