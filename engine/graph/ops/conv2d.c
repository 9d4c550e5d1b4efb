// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution: x, weight [, bias]; once fused, slopes, gate and residuals as attributes.fused
// tells.
#include "rules.h"
#include "values.h"

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

static guint channels(const GanNode *node)
{
    const guint shuffle = node->attributes.fused.shuffle;
    const GanTensor *weight = node->inputs[1]->attributes.parameter;
    // A weight that is computed does not tell its shape.
    return weight == NULL ? node->attributes.channels
                          : (guint)weight->shape[0] / (shuffle * shuffle);
}

// Pixels of the value along one axis, before the shuffle; 0 if the kernel does not fit.
static gsize extent(gsize in, guint kernel, const GanAttributes *a, guint pad)
{
    const gsize reach = (gsize)a->dilation * (kernel - 1) + 1;
    const gsize padded = in * a->fused.upsample + pad;
    return padded < reach ? 0 : (padded - reach) / a->stride + 1;
}

static gboolean shape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const GanAttributes *a = &node->attributes;
    const gsize wanted = in[1].h * a->groups;
    if (in[0].c != wanted) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "convolution '%s' needs %" G_GSIZE_FORMAT " channels and gets %" G_GSIZE_FORMAT,
                    node->name, wanted, in[0].c);
        return FALSE;
    }
    *out = (GanShape){
        .n = in[0].n,
        .h = extent(in[0].h, a->kernel_h, a, a->pad_top + a->pad_bottom) * a->fused.shuffle,
        .w = extent(in[0].w, a->kernel_w, a, a->pad_left + a->pad_right) * a->fused.shuffle,
        .c = node->channels};
    if (out->h == 0 || out->w == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "convolution '%s' has a kernel larger than its %" G_GSIZE_FORMAT
                    "x%" G_GSIZE_FORMAT " input",
                    node->name, in[0].w, in[0].h);
        return FALSE;
    }
    const GanConvInputs k = gan_conv_inputs(node);
    if (k.gate >= 0 && !gan_shapes_equal(node, out, &in[k.gate], error))
        return FALSE;
    for (guint i = 0; i < a->fused.n_residuals; i++) {
        GanShape r = in[k.residual[i]];
        r.h *= a->fused.residual_upsample[i];
        r.w *= a->fused.residual_upsample[i];
        if (!gan_shapes_equal(node, out, &r, error))
            return FALSE;
    }
    return TRUE;
}

static void geometry(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    gan_geometry_window(node, rows, out);
    gan_geometry_rescale(out, node->attributes.fused.shuffle, 1);
    for (guint i = 2; i < node->n_inputs; i++)
        gan_geometry_join(&rows[node->inputs[i]->id], out);
}

// Whether a picture keeps its size but for the stride, so that pixels of a tile stand where those
// of the whole picture stand.
static gboolean keeps_place(const GanAttributes *a, guint kernel, guint pad)
{
    const guint span = a->dilation * (kernel - 1);
    return pad <= span && pad + a->stride > span;
}

static GanSight sight(const GanNode *node, const GanGeometry *rows)
{
    const GanAttributes *a = &node->attributes;
    const guint pads = a->pad_top + a->pad_left + a->pad_bottom + a->pad_right;
    // What lies beyond an edge comes from the opposite one.
    if (a->pad_mode == GK_PAD_CIRCULAR && pads > 0)
        return GAN_SIGHT_WHOLE;
    return keeps_place(a, a->kernel_h, a->pad_top + a->pad_bottom) &&
                   keeps_place(a, a->kernel_w, a->pad_left + a->pad_right)
               ? GAN_SIGHT_LOCAL
               : GAN_SIGHT_WHOLE;
}

static void fill(const GanCall *call, GkConv2d *args)
{
    const GanNode *node = call->node;
    const GanAttributes *a = &node->attributes;
    const GanConvInputs k = gan_conv_inputs(node);
    const GkView *in = call->inputs;
    *args = (GkConv2d){
        .x = in[0],
        .y = *call->output,
        .weight = in[1].data,
        .bias = k.bias >= 0 ? in[k.bias].data : NULL,
        .out_channels = call->output->c * a->fused.shuffle * a->fused.shuffle,
        .kernel_h = a->kernel_h,
        .kernel_w = a->kernel_w,
        .stride = a->stride,
        .dilation = a->dilation,
        .groups = a->groups,
        .pad_top = a->pad_top,
        .pad_left = a->pad_left,
        .pad_mode = a->pad_mode,
        .upsample = a->fused.upsample,
        .activation = {.kind = a->activation,
                       .slope = a->slope,
                       .slopes = k.slopes >= 0 ? in[k.slopes].data : NULL},
        .shuffle = a->fused.shuffle,
        .transposed_kernel = a->fused.shuffle > 1 ? a->transposed_kernel : 0,
        .transposed_pad = a->transposed_pad,
        .gate = k.gate >= 0 ? &in[k.gate] : NULL,
        .n_residuals = a->fused.n_residuals,
    };
    const int parameters[] = {1, k.bias, k.slopes};
    for (guint i = 0; i < G_N_ELEMENTS(parameters); i++)
        if (parameters[i] > 0 && !gan_node_is_constant(node->inputs[parameters[i]]))
            args->weight_changes = TRUE;
    for (guint i = 0; i < a->fused.n_residuals; i++)
        args->residual[i] = (GkResidual){.r = in[k.residual[i]],
                                         .scale = a->fused.residual_scale[i],
                                         .upsample = a->fused.residual_upsample[i]};
}

static GkStatus run(const GanCall *call)
{
    GkConv2d args;
    fill(call, &args);
    return GAN_KERNEL(call, conv2d, &args, call->plan);
}

static GkStatus cost(const GanCall *call, GkCost *cost)
{
    GkConv2d args;
    fill(call, &args);
    return GAN_KERNEL(call, conv2d_cost, &args, cost);
}

// The value may overwrite what is added to it pixel by pixel, unless the window reads that, too.
static guint in_place(const GanNode *node)
{
    const GanConvInputs k = gan_conv_inputs(node);
    guint places = k.gate >= 0 ? 1u << k.gate : 0;
    for (guint i = 0; i < node->attributes.fused.n_residuals; i++)
        if (node->attributes.fused.residual_upsample[i] == 1)
            places |= 1u << k.residual[i];
    for (guint i = 2; i < node->n_inputs; i++)
        if (node->inputs[i] == node->inputs[0])
            places &= ~(1u << i);
    return places;
}

// Through the padding, and a convolution of what it makes: mirrored pixels count more than once.
static GanNode *padded_gradient(GanNode *node, GanNode *g, guint k)
{
    const GanAttributes *a = &node->attributes;
    GanAttributes bare = *a;
    bare.pad_top = bare.pad_left = bare.pad_bottom = bare.pad_right = 0;
    bare.pad_mode = GK_PAD_ZERO;
    GanNode *x = node->inputs[0];
    GanNode *padded = gan_pad(x, a->pad_top, a->pad_left, a->pad_bottom, a->pad_right, a->pad_mode);
    GanNode *of_input[] = {g, node->inputs[1], padded}, *of_weight[] = {padded, g};
    if (k == 1)
        return gan_graph_append(node->graph, GAN_OP_CONV2D_WEIGHT_GRADIENT, node->name, of_weight,
                                2, &bare);
    GanNode *wide =
        gan_graph_append(node->graph, GAN_OP_CONV2D_INPUT_GRADIENT, node->name, of_input, 3, &bare);
    return gan_append_like(node, GAN_OP_PAD_GRADIENT, wide, x, NULL);
}

static GanNode *gradient(GanNode *node, GanNode *g, guint k)
{
    const GanAttributes *a = &node->attributes;
    // Gradients are taken before fusion.
    g_assert(node->n_inputs <= 3 && a->activation == GK_ACT_NONE && a->fused.shuffle == 1 &&
             a->fused.upsample == 1);
    if (k < 2 && a->pad_mode != GK_PAD_ZERO)
        return padded_gradient(node, g, k);
    if (k == 0)
        return gan_append_like(node, GAN_OP_CONV2D_INPUT_GRADIENT, g, node->inputs[1],
                               node->inputs[0]);
    if (k == 1)
        return gan_append_like(node, GAN_OP_CONV2D_WEIGHT_GRADIENT, node->inputs[0], g, NULL);
    return gan_reduce_like(g, node->inputs[2]);
}

// One slope may serve all channels, those before the shuffle.
static gsize spread(const GanNode *node, guint k)
{
    const guint shuffle = node->attributes.fused.shuffle;
    return (int)k == gan_conv_inputs(node).slopes ? (gsize)node->channels * shuffle * shuffle : 1;
}

const GanSightRule gan_sight_conv2d = sight;
const GanOpRow gan_op_conv2d = {
    .name = "convolution",
    .channels = channels,
    .shape = shape,
    .geometry = geometry,
    .run = run,
    .cost = cost,
    .in_place = in_place,
    .gradient = gradient,
    .spread = spread,
    .makes_pictures = TRUE,
    .writes_rows = TRUE,
};
