// SPDX-License-Identifier: LGPL-3.0-or-later
// The table of operations, with the small functions that its rows name: one file, however long, so
// that a row is read beside what it means.
#include "ops.h"
#include "value_ops.h"

#include <ops/activation.h>
#include <ops/conv2d.h>
#include <ops/copy.h>
#include <ops/pad.h>
#include <ops/pointwise.h>
#include <ops/shuffle.h>
#include <ops/upsample.h>

// --- channels ---

static guint channels_declared(const GanNode *node)
{
    return node->attributes.channels;
}

static guint channels_none(const GanNode *node)
{
    return 0;
}

static guint channels_same(const GanNode *node)
{
    return node->inputs[0]->channels;
}

static guint channels_conv2d(const GanNode *node)
{
    const guint shuffle = node->attributes.fused.shuffle;
    const GanTensor *weight = node->inputs[1]->attributes.parameter;
    // A weight that is computed does not tell its shape.
    return weight == NULL ? node->attributes.channels
                          : (guint)weight->shape[0] / (shuffle * shuffle);
}

static guint channels_transposed(const GanNode *node)
{
    const GanTensor *weight = node->inputs[1]->attributes.parameter;
    return node->n_inputs > 2 ? node->inputs[2]->channels
           : weight == NULL   ? node->attributes.channels
                              : (guint)weight->shape[1] * node->attributes.groups;
}

static guint channels_concat(const GanNode *node)
{
    guint sum = 0;
    for (guint i = 0; i < node->n_inputs; i++)
        sum += node->inputs[i]->channels;
    return sum;
}

static guint channels_shuffle(const GanNode *node)
{
    return node->inputs[0]->channels / (node->attributes.factor * node->attributes.factor);
}

static guint channels_unshuffle(const GanNode *node)
{
    return node->inputs[0]->channels * node->attributes.factor * node->attributes.factor;
}

// --- shapes ---

static gboolean shape_same(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = in[0];
    return TRUE;
}

static gboolean shapes_equal(const GanNode *node, const GanShape *a, const GanShape *b,
                             GError **error)
{
    if (a->n == b->n && a->h == b->h && a->w == b->w && a->c == b->c)
        return TRUE;
    const gsize sa[] = {a->n, a->h, a->w, a->c}, sb[] = {b->n, b->h, b->w, b->c};
    g_autofree char *ta = gan_shape_text(4, sa), *tb = gan_shape_text(4, sb);
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%s '%s' joins %s and %s", gan_op_name(node->op),
                node->name, ta, tb);
    return FALSE;
}

static gboolean shape_joined(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = in[0];
    return shapes_equal(node, &in[0], &in[1], error);
}

static gboolean shape_concat(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = in[0];
    for (guint i = 1; i < node->n_inputs; i++) {
        GanShape other = in[i];
        other.c = in[0].c;
        if (!shapes_equal(node, &in[0], &other, error))
            return FALSE;
    }
    out->c = node->channels;
    return TRUE;
}

// Pixels of a convolution's value along one axis, before the shuffle; 0 if the kernel does not fit.
static gsize conv_extent(gsize in, guint kernel, const GanAttributes *a, guint pad)
{
    const gsize reach = (gsize)a->dilation * (kernel - 1) + 1;
    const gsize padded = in * a->fused.upsample + pad;
    return padded < reach ? 0 : (padded - reach) / a->stride + 1;
}

static gboolean shape_conv2d(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const GanAttributes *a = &node->attributes;
    const GanTensor *weight = node->inputs[1]->attributes.parameter;
    const gsize wanted = (weight == NULL ? in[1].h : weight->shape[1]) * a->groups;
    if (in[0].c != wanted) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "convolution '%s' needs %" G_GSIZE_FORMAT " channels and gets %" G_GSIZE_FORMAT,
                    node->name, wanted, in[0].c);
        return FALSE;
    }
    *out = (GanShape){
        .n = in[0].n,
        .h = conv_extent(in[0].h, a->kernel_h, a, a->pad_top + a->pad_bottom) * a->fused.shuffle,
        .w = conv_extent(in[0].w, a->kernel_w, a, a->pad_left + a->pad_right) * a->fused.shuffle,
        .c = node->channels};
    if (out->h == 0 || out->w == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "convolution '%s' has a kernel larger than its %" G_GSIZE_FORMAT
                    "x%" G_GSIZE_FORMAT " input",
                    node->name, in[0].w, in[0].h);
        return FALSE;
    }
    const GanConvInputs k = gan_conv_inputs(node);
    if (k.gate >= 0 && !shapes_equal(node, out, &in[k.gate], error))
        return FALSE;
    for (guint i = 0; i < a->fused.n_residuals; i++) {
        GanShape r = in[k.residual[i]];
        r.h *= a->fused.residual_upsample[i];
        r.w *= a->fused.residual_upsample[i];
        if (!shapes_equal(node, out, &r, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean shape_upsample(const GanNode *node, const GanShape *in, GanShape *out,
                               GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[0].h * f, in[0].w * f, in[0].c};
    return TRUE;
}

static gboolean shape_shuffle(const GanNode *node, const GanShape *in, GanShape *out,
                              GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[0].h * f, in[0].w * f, node->channels};
    if (in[0].c == out->c * f * f)
        return TRUE;
    g_set_error(
        error, GAN_ERROR, GAN_ERROR_SHAPE,
        "pixel shuffle '%s' by %u needs a multiple of %u channels and gets %" G_GSIZE_FORMAT,
        node->name, f, f * f, in[0].c);
    return FALSE;
}

static gboolean shape_unshuffle(const GanNode *node, const GanShape *in, GanShape *out,
                                GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[0].h / f, in[0].w / f, node->channels};
    if (in[0].h % f == 0 && in[0].w % f == 0)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "pixel unshuffle '%s' needs multiples of %u pixels and gets %" G_GSIZE_FORMAT
                "x%" G_GSIZE_FORMAT,
                node->name, f, in[0].w, in[0].h);
    return FALSE;
}

static gboolean shape_pad(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, (in[0].h + f - 1) / f * f, (in[0].w + f - 1) / f * f, in[0].c};
    return TRUE;
}

static gboolean shape_crop(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[1].h * f, in[1].w * f, in[0].c};
    if (out->h <= in[0].h && out->w <= in[0].w)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "crop '%s' needs %" G_GSIZE_FORMAT "x%" G_GSIZE_FORMAT
                " pixels and gets %" G_GSIZE_FORMAT "x%" G_GSIZE_FORMAT,
                node->name, out->w, out->h, in[0].w, in[0].h);
    return FALSE;
}

// --- geometry ---

static guint gcd(guint a, guint b)
{
    return b == 0 ? a : gcd(b, a % b);
}

static void rescale(GanGeometry *g, guint num, guint den)
{
    g->scale_num *= num;
    g->scale_den *= den;
    const guint d = gcd(g->scale_num, g->scale_den);
    g->scale_num /= d;
    g->scale_den /= d;
}

// A reach of `pixels` of the value, in pixels of the graph's input.
static double in_input_pixels(const GanGeometry *g, double pixels)
{
    return pixels * g->scale_den / g->scale_num;
}

static void geometry_outside(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
}

static void join(const GanGeometry *other, GanGeometry *out)
{
    out->reach = MAX(out->reach, other->reach);
    g_assert(out->alignment > 0 && other->alignment > 0);
    out->alignment = out->alignment / gcd(out->alignment, other->alignment) * other->alignment;
}

// The first input's geometry, joined with that of the other inputs that are pictures.
static void geometry_same(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    *out = rows[node->inputs[0]->id];
    for (guint i = 1; i < node->n_inputs; i++)
        if (node->inputs[i]->op != GAN_OP_PARAMETER)
            join(&rows[node->inputs[i]->id], out);
}

// How far a kernel sees from the pixel that it is computed for, to its farther side.
static guint kernel_reach(const GanAttributes *a, guint kernel, guint pad)
{
    const guint span = a->dilation * (kernel - 1);
    return pad >= span ? pad : MAX(pad, span - pad);
}

static void geometry_conv2d(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    const GanAttributes *a = &node->attributes;
    *out = rows[node->inputs[0]->id];
    rescale(out, a->fused.upsample, 1);
    out->reach += in_input_pixels(out, MAX(kernel_reach(a, a->kernel_h, a->pad_top),
                                           kernel_reach(a, a->kernel_w, a->pad_left)));
    rescale(out, 1, a->stride);
    // A value of less than one per input pixel exists only at multiples.
    out->alignment = MAX(out->alignment, out->scale_den);
    rescale(out, a->fused.shuffle, 1);
    for (guint i = 2; i < node->n_inputs; i++)
        if (node->inputs[i]->op != GAN_OP_PARAMETER)
            join(&rows[node->inputs[i]->id], out);
}

static void geometry_nearest(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    *out = rows[node->inputs[0]->id];
    rescale(out, node->attributes.factor, 1);
}

static void geometry_bilinear(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    *out = rows[node->inputs[0]->id];
    out->reach += in_input_pixels(out, 1);
    rescale(out, node->attributes.factor, 1);
}

static void geometry_unshuffle(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    *out = rows[node->inputs[0]->id];
    rescale(out, 1, node->attributes.factor);
    out->alignment *= node->attributes.factor;
}

static void geometry_first(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    *out = rows[node->inputs[0]->id];
}

// --- kernels ---

GanConvInputs gan_conv_inputs(const GanNode *node)
{
    const GanFused *f = &node->attributes.fused;
    GanConvInputs k = {-1, -1, -1, {-1, -1}};
    const guint n_fused = (f->has_slopes ? 1 : 0) + (f->has_gate ? 1 : 0) + f->n_residuals;
    int next = 2;
    if (node->n_inputs > 2 + n_fused)
        k.bias = next++;
    if (f->has_slopes)
        k.slopes = next++;
    if (f->has_gate)
        k.gate = next++;
    for (guint i = 0; i < f->n_residuals; i++)
        k.residual[i] = next++;
    return k;
}

void gan_conv_args(const GanNode *node, const GkView *inputs, const GkView *output, GkConv2d *args)
{
    const GanAttributes *a = &node->attributes;
    const GanConvInputs k = gan_conv_inputs(node);
    *args = (GkConv2d){
        .x = inputs[0],
        .y = *output,
        .weight = inputs[1].data,
        .bias = k.bias >= 0 ? inputs[k.bias].data : NULL,
        .out_channels = output->c * a->fused.shuffle * a->fused.shuffle,
        .kernel_h = a->kernel_h,
        .kernel_w = a->kernel_w,
        .stride = a->stride,
        .dilation = a->dilation,
        .groups = a->groups,
        .pad_top = a->pad_top,
        .pad_left = a->pad_left,
        .upsample = a->fused.upsample,
        .activation = {.kind = a->activation,
                       .slope = a->slope,
                       .slopes = k.slopes >= 0 ? inputs[k.slopes].data : NULL},
        .shuffle = a->fused.shuffle,
        .gate = k.gate >= 0 ? &inputs[k.gate] : NULL,
        .n_residuals = a->fused.n_residuals,
    };
    const int parameters[] = {1, k.bias, k.slopes};
    for (guint i = 0; i < G_N_ELEMENTS(parameters); i++)
        if (parameters[i] > 0 && !gan_node_is_constant(node->inputs[parameters[i]]))
            args->weight_changes = TRUE;
    for (guint i = 0; i < a->fused.n_residuals; i++)
        args->residual[i] = (GkResidual){.r = inputs[k.residual[i]],
                                         .scale = a->fused.residual_scale[i],
                                         .upsample = a->fused.residual_upsample[i]};
}

#define NEED(slot)                                                                                 \
    if (call->ops->slot == NULL)                                                                   \
    return GK_ERROR_UNSUPPORTED

static GkStatus run_conv2d(const GanCall *call)
{
    NEED(conv2d);
    GkConv2d args;
    gan_conv_args(call->node, call->inputs, call->output, &args);
    return call->ops->conv2d(call->context, &args, call->plan);
}

static GkStatus run_activate(const GanCall *call)
{
    NEED(activate);
    const GanAttributes *a = &call->node->attributes;
    const GkActivate args = {
        .x = call->inputs[0],
        .y = *call->output,
        .activation = {.kind = a->activation,
                       .slope = a->slope,
                       .slopes = call->node->n_inputs > 1 ? call->inputs[1].data : NULL}};
    return call->ops->activate(call->context, &args);
}

static GkStatus run_add(const GanCall *call)
{
    NEED(add);
    const GkAdd args = {.a = call->inputs[0],
                        .b = call->inputs[1],
                        .y = *call->output,
                        .alpha = call->node->attributes.alpha,
                        .beta = call->node->attributes.beta};
    return call->ops->add(call->context, &args);
}

static GkStatus run_multiply(const GanCall *call)
{
    NEED(multiply);
    const GkMultiply args = {.a = call->inputs[0], .b = call->inputs[1], .y = *call->output};
    return call->ops->multiply(call->context, &args);
}

static GkStatus run_affine(const GanCall *call)
{
    NEED(affine);
    const GkAffine args = {.x = call->inputs[0],
                           .y = *call->output,
                           .scale = call->inputs[1].data,
                           .shift = call->inputs[2].data};
    return call->ops->affine(call->context, &args);
}

static GkStatus run_concat(const GanCall *call)
{
    NEED(copy);
    gsize first = 0;
    for (guint i = 0; i < call->node->n_inputs; i++) {
        const GkView *x = &call->inputs[i];
        const GkCopy args = {.x = *x, .y = gk_view_channels(call->output, first, x->c)};
        first += x->c;
        // The plan lets values be computed in their place in the concatenation.
        if (args.x.data == args.y.data && args.x.first == args.y.first)
            continue;
        const GkStatus status = call->ops->copy(call->context, &args);
        if (status != GK_OK)
            return status;
    }
    return GK_OK;
}

static GkStatus run_pixel_shuffle(const GanCall *call)
{
    NEED(pixel_shuffle);
    const GkShuffle args = {call->inputs[0], *call->output, call->node->attributes.factor};
    return call->ops->pixel_shuffle(call->context, &args);
}

static GkStatus run_pixel_unshuffle(const GanCall *call)
{
    NEED(pixel_unshuffle);
    const GkShuffle args = {call->inputs[0], *call->output, call->node->attributes.factor};
    return call->ops->pixel_unshuffle(call->context, &args);
}

static GkStatus run_nearest(const GanCall *call)
{
    NEED(upsample_nearest);
    const GkUpsample args = {call->inputs[0], *call->output, call->node->attributes.factor};
    return call->ops->upsample_nearest(call->context, &args);
}

static GkStatus run_bilinear(const GanCall *call)
{
    NEED(upsample_bilinear);
    const GkUpsample args = {call->inputs[0], *call->output, call->node->attributes.factor};
    return call->ops->upsample_bilinear(call->context, &args);
}

static GkStatus run_pad(const GanCall *call)
{
    NEED(pad);
    const GkPad args = {
        .x = call->inputs[0], .y = *call->output, .mode = call->node->attributes.pad_mode};
    return call->ops->pad(call->context, &args);
}

#undef NEED

static int in_place_never(const GanNode *node)
{
    return -1;
}

static int in_place_first(const GanNode *node)
{
    return 0;
}

// The value of a convolution may overwrite what is added to it, pixel by pixel.
static int in_place_conv2d(const GanNode *node)
{
    const GanConvInputs k = gan_conv_inputs(node);
    for (guint i = 0; i < node->attributes.fused.n_residuals; i++)
        if (node->attributes.fused.residual_upsample[i] == 1)
            return k.residual[i];
    return k.gate;
}

static const GanOpRow rows[GAN_N_OPS] = {
    [GAN_OP_INPUT] = {"input", channels_declared, shape_same, geometry_outside, NULL,
                      in_place_never, .gradient = NULL},
    [GAN_OP_PARAMETER] = {"parameter", channels_none, shape_same, geometry_outside, NULL,
                          in_place_never, .gradient = NULL},
    [GAN_OP_CONV2D] = {"convolution", channels_conv2d, shape_conv2d, geometry_conv2d, run_conv2d,
                       in_place_conv2d, .gradient = gan_gradient_conv2d},
    [GAN_OP_ACTIVATE] = {"activation", channels_same, shape_same, geometry_same, run_activate,
                         in_place_first, .gradient = gan_gradient_activate},
    [GAN_OP_ADD] = {"sum", channels_same, shape_joined, geometry_same, run_add, in_place_first,
                    .gradient = gan_gradient_add, .link = gan_link_add},
    [GAN_OP_MULTIPLY] = {"product", channels_same, shape_joined, geometry_same, run_multiply,
                         in_place_first, .gradient = gan_gradient_multiply,
                         .link = gan_link_multiply},
    [GAN_OP_AFFINE] = {"scale", channels_same, shape_same, geometry_same, run_affine,
                       in_place_first, .gradient = gan_gradient_affine},
    [GAN_OP_CONCAT] = {"concatenation", channels_concat, shape_concat, geometry_same, run_concat,
                       in_place_never, .gradient = gan_gradient_concat},
    [GAN_OP_PIXEL_SHUFFLE] = {"pixel shuffle", channels_shuffle, shape_shuffle, geometry_nearest,
                              run_pixel_shuffle, in_place_never,
                              .gradient = gan_gradient_pixel_shuffle},
    [GAN_OP_PIXEL_UNSHUFFLE] = {"pixel unshuffle", channels_unshuffle, shape_unshuffle,
                                geometry_unshuffle, run_pixel_unshuffle, in_place_never,
                                .gradient = gan_gradient_pixel_unshuffle},
    [GAN_OP_UPSAMPLE_NEAREST] = {"nearest upsampling", channels_same, shape_upsample,
                                 geometry_nearest, run_nearest, in_place_never,
                                 .gradient = gan_gradient_nearest},
    [GAN_OP_UPSAMPLE_BILINEAR] = {"bilinear upsampling", channels_same, shape_upsample,
                                  geometry_bilinear, run_bilinear, in_place_never,
                                  .gradient = gan_gradient_bilinear},
    [GAN_OP_PAD_TO_MULTIPLE] = {"padding", channels_same, shape_pad, geometry_same, run_pad,
                                in_place_never, .gradient = gan_gradient_pad,
                                .is_view = gan_view_equal},
    [GAN_OP_CROP_LIKE] = {"crop", channels_same, shape_crop, geometry_first, NULL, in_place_never,
                          .gradient = gan_gradient_slice, .n_data = 1, .is_view = gan_view_always},
    [GAN_OP_UNARY] = {"function", channels_same, shape_same, geometry_first, gan_run_unary,
                      in_place_first, .gradient = gan_gradient_unary, .link = gan_link_unary},
    [GAN_OP_BINARY] = {"function of two", gan_channels_binary, gan_shape_binary, geometry_first,
                       gan_run_binary, in_place_first, .gradient = gan_gradient_binary,
                       .link = gan_link_binary},
    [GAN_OP_REDUCE] = {"sum over axes", gan_channels_reduce, gan_shape_reduce, geometry_first,
                       gan_run_reduce, in_place_never, .gradient = gan_gradient_reduce, .n_data = 1,
                       .is_view = gan_view_equal, .link = gan_link_reduce},
    [GAN_OP_BROADCAST] = {"broadcast", gan_channels_like, gan_shape_like, geometry_first,
                          gan_run_broadcast, in_place_never, .gradient = gan_gradient_broadcast,
                          .n_data = 1, .is_view = gan_view_equal},
    [GAN_OP_MATMUL] = {"matrix product", channels_none, gan_shape_matmul, geometry_first,
                       gan_run_matmul, in_place_never, .gradient = gan_gradient_matmul,
                       .dense = TRUE},
    [GAN_OP_TRANSPOSE] = {"transposition", channels_none, gan_shape_transpose, geometry_first,
                          gan_run_transpose, in_place_never, .gradient = gan_gradient_transpose,
                          .dense = TRUE},
    [GAN_OP_RESHAPE] = {"reshape", gan_channels_reshape, gan_shape_reshape, geometry_first,
                        gan_run_reshape, in_place_never, .gradient = gan_gradient_reshape,
                        .n_data = 1, .is_view = gan_view_reshape, .dense = TRUE},
    [GAN_OP_CONV2D_INPUT_GRADIENT] = {"transposed convolution", channels_transposed,
                                      gan_shape_conv2d_input_gradient, geometry_first,
                                      gan_run_conv2d_input_gradient, in_place_never,
                                      .gradient = gan_gradient_conv2d_input_gradient, .n_data = 2},
    [GAN_OP_CONV2D_WEIGHT_GRADIENT] = {"weight gradient", channels_none,
                                       gan_shape_conv2d_weight_gradient, geometry_first,
                                       gan_run_conv2d_weight_gradient, in_place_never,
                                       .gradient = gan_gradient_conv2d_weight_gradient,
                                       .dense = TRUE},
    [GAN_OP_PAD] = {"padding", channels_same, gan_shape_pad, geometry_first, gan_run_pad,
                    in_place_never, .gradient = gan_gradient_pad, .n_data = 1,
                    .is_view = gan_view_equal},
    [GAN_OP_PAD_GRADIENT] = {"gradient of padding", gan_channels_like, gan_shape_like,
                             geometry_first, gan_run_pad_gradient, in_place_never,
                             .gradient = gan_gradient_pad_gradient, .n_data = 1},
    [GAN_OP_SLICE] = {"slice", gan_channels_slice, gan_shape_slice, geometry_first, gan_run_slice,
                      in_place_never, .gradient = gan_gradient_slice, .n_data = 1,
                      .is_view = gan_view_equal},
    [GAN_OP_EMBED] = {"embedding", gan_channels_like, gan_shape_embed, geometry_first,
                      gan_run_embed, in_place_never, .gradient = gan_gradient_embed, .n_data = 1,
                      .is_view = gan_view_equal},
    [GAN_OP_AVERAGE_POOL] = {"average pooling", channels_same, gan_shape_average_pool,
                             geometry_first, gan_run_average_pool, in_place_never,
                             .gradient = gan_gradient_average_pool, .n_data = 1},
    [GAN_OP_AVERAGE_POOL_GRADIENT] = {"gradient of average pooling", gan_channels_like,
                                      gan_shape_like, geometry_first, gan_run_average_pool_gradient,
                                      in_place_never,
                                      .gradient = gan_gradient_average_pool_gradient, .n_data = 1},
    [GAN_OP_MAX_POOL] = {"max pooling", channels_same, gan_shape_max_pool, geometry_first,
                         gan_run_max_pool, in_place_never, .gradient = gan_gradient_max_pool,
                         .n_data = 2},
    [GAN_OP_MAX_POOL_GRADIENT] = {"gradient of max pooling", channels_same,
                                  gan_shape_max_pool_gradient, geometry_first,
                                  gan_run_max_pool_gradient, in_place_never,
                                  .gradient = gan_gradient_max_pool_gradient},
    [GAN_OP_UPSAMPLE_BILINEAR_GRADIENT] = {"gradient of bilinear upsampling", channels_same,
                                           gan_shape_downsample, geometry_first,
                                           gan_run_bilinear_gradient, in_place_never,
                                           .gradient = gan_gradient_bilinear_gradient},
    [GAN_OP_STOP] = {"stop", channels_same, shape_same, geometry_first, NULL, in_place_never,
                     .gradient = NULL, .is_view = gan_view_always},
};

guint gan_node_n_data(const GanNode *node)
{
    const guint n = gan_op_row(node->op)->n_data;
    return n == 0 ? node->n_inputs : MIN(n, node->n_inputs);
}

gboolean gan_node_is_constant(const GanNode *node)
{
    return node->op == GAN_OP_PARAMETER && !node->attributes.trainable;
}

GanShape gan_parameter_shape(const GanTensor *tensor)
{
    gsize extent[4] = {1, 1, 1, 1};
    g_assert(tensor->rank <= 4);
    for (guint i = 0; i < tensor->rank; i++)
        extent[4 - tensor->rank + i] = tensor->shape[i];
    return (GanShape){extent[0], extent[1], extent[2], extent[3]};
}

const GanOpRow *gan_op_row(GanOp op)
{
    g_assert(op < GAN_N_OPS);
    return &rows[op];
}

const char *gan_op_name(GanOp op)
{
    return gan_op_row(op)->name;
}
