// SPDX-License-Identifier: LGPL-3.0-or-later
// Shapes and kernels of the operations that losses and derivatives need.
#include "value_ops.h"

#include <ops/conv2d_gradient.h>
#include <ops/copy.h>
#include <ops/elementwise.h>
#include <ops/matmul.h>
#include <ops/pool.h>
#include <ops/reduce.h>
#include <ops/transpose.h>
#include <ops/upsample.h>

// --- channels ---

guint gan_channels_binary(const GanNode *node)
{
    return MAX(node->inputs[0]->channels, node->inputs[1]->channels);
}

guint gan_channels_reduce(const GanNode *node)
{
    if (node->n_inputs > 1)
        return node->inputs[1]->channels;
    return node->attributes.axes & GAN_AXIS_C ? 1 : node->inputs[0]->channels;
}

guint gan_channels_like(const GanNode *node)
{
    return node->inputs[node->n_inputs - 1]->channels;
}

guint gan_channels_reshape(const GanNode *node)
{
    const int c = node->attributes.extent[3];
    if (node->n_inputs > 1)
        return node->inputs[1]->channels;
    return c > 0 ? (guint)c : c == -4 ? node->inputs[0]->channels : 0;
}

guint gan_channels_slice(const GanNode *node)
{
    if (node->n_inputs > 1)
        return node->inputs[1]->channels;
    const GanAttributes *a = &node->attributes;
    return a->extent[3] > 0 ? (guint)a->extent[3] : node->inputs[0]->channels - a->first[3];
}

// --- shapes ---

// The extents of a shape, in order, and back.
static void extents_of(const GanShape *s, gsize *e)
{
    e[0] = s->n;
    e[1] = s->h;
    e[2] = s->w;
    e[3] = s->c;
}

static GanShape shape_of(const gsize *e)
{
    return (GanShape){e[0], e[1], e[2], e[3]};
}

static gsize length_of(const GanShape *s)
{
    return s->n * s->h * s->w * s->c;
}

static gboolean refuse(const GanNode *node, const GanShape *in, guint n, GError **error)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        gsize e[4];
        extents_of(&in[i], e);
        g_autofree char *shape = gan_shape_text(4, e);
        g_string_append_printf(text, "%s%s", i == 0 ? "" : " and ", shape);
    }
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%s '%s' cannot take %s", gan_op_name(node->op),
                node->name, text->str);
    g_string_free(text, TRUE);
    return FALSE;
}

gboolean gan_shape_binary(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    gsize a[4], b[4], e[4];
    extents_of(&in[0], a);
    extents_of(&in[1], b);
    for (guint i = 0; i < 4; i++) {
        if (a[i] != b[i] && a[i] != 1 && b[i] != 1)
            return refuse(node, in, 2, error);
        e[i] = a[i] == 1 ? b[i] : a[i];
    }
    *out = shape_of(e);
    return TRUE;
}

gboolean gan_shape_reduce(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    gsize x[4], e[4];
    extents_of(&in[0], x);
    if (node->n_inputs > 1) {
        extents_of(&in[1], e);
        for (guint i = 0; i < 4; i++)
            if (e[i] != x[i] && e[i] != 1)
                return refuse(node, in, 2, error);
    } else {
        for (guint i = 0; i < 4; i++)
            e[i] = node->attributes.axes & (1u << i) ? 1 : x[i];
    }
    *out = shape_of(e);
    return TRUE;
}

gboolean gan_shape_like(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = in[node->n_inputs - 1];
    return TRUE;
}

gboolean gan_shape_matmul(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const gboolean ta = node->attributes.transpose_a, tb = node->attributes.transpose_b;
    const gsize inner = ta ? in[0].w : in[0].c;
    if (in[0].h != 1 || in[1].h != 1 || in[0].n != in[1].n || inner != (tb ? in[1].c : in[1].w))
        return refuse(node, in, 2, error);
    *out = (GanShape){in[0].n, 1, ta ? in[0].c : in[0].w, tb ? in[1].w : in[1].c};
    return TRUE;
}

gboolean gan_shape_transpose(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    gsize x[4], e[4];
    extents_of(&in[0], x);
    for (guint i = 0; i < 4; i++)
        e[i] = x[node->attributes.order[i]];
    *out = shape_of(e);
    return TRUE;
}

gboolean gan_shape_reshape(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const gsize length = length_of(&in[0]);
    if (node->n_inputs > 1) {
        *out = in[1];
        return length_of(out) == length || refuse(node, in, 2, error);
    }
    gsize x[4], e[4], known = 1;
    int rest = -1;
    extents_of(&in[0], x);
    for (guint i = 0; i < 4; i++) {
        const int wanted = node->attributes.extent[i];
        g_assert(wanted >= -4 && (wanted != 0 || rest < 0));
        if (wanted == 0)
            rest = (int)i;
        else
            known *= e[i] = wanted > 0 ? (gsize)wanted : x[-1 - wanted];
    }
    if (rest >= 0) {
        if (known == 0 || length % known != 0)
            return refuse(node, in, 1, error);
        e[rest] = length / known;
    }
    *out = shape_of(e);
    return length_of(out) == length || refuse(node, in, 1, error);
}

static gsize transposed_extent(gsize in, guint kernel, const GanAttributes *a, guint pad)
{
    const gsize full = (in - 1) * a->stride + (gsize)a->dilation * (kernel - 1) + 1 + a->output_pad;
    return in == 0 || full <= pad ? 0 : full - pad;
}

gboolean gan_shape_conv2d_input_gradient(const GanNode *node, const GanShape *in, GanShape *out,
                                         GError **error)
{
    const GanAttributes *a = &node->attributes;
    // The weight is [channels of g][channels of the value / groups][kernel_h][kernel_w].
    if (in[1].n != in[0].c || in[1].w != a->kernel_h || in[1].c != a->kernel_w)
        return refuse(node, in, 2, error);
    const gsize channels = in[1].h * a->groups;
    if (node->n_inputs > 2) {
        *out = in[2];
        return (out->n == in[0].n && out->c == channels) || refuse(node, in, 3, error);
    }
    *out = (GanShape){
        in[0].n, transposed_extent(in[0].h, a->kernel_h, a, a->pad_top + a->pad_bottom),
        transposed_extent(in[0].w, a->kernel_w, a, a->pad_left + a->pad_right), channels};
    return (out->h > 0 && out->w > 0) || refuse(node, in, 2, error);
}

gboolean gan_shape_conv2d_weight_gradient(const GanNode *node, const GanShape *in, GanShape *out,
                                          GError **error)
{
    const GanAttributes *a = &node->attributes;
    if (in[0].n != in[1].n || in[0].c % a->groups != 0 || in[1].c % a->groups != 0)
        return refuse(node, in, 2, error);
    *out = (GanShape){in[1].c, in[0].c / a->groups, a->kernel_h, a->kernel_w};
    return TRUE;
}

gboolean gan_shape_pad(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const GanAttributes *a = &node->attributes;
    *out = node->n_inputs > 1 ? in[1]
                              : (GanShape){in[0].n, in[0].h + a->pad_top + a->pad_bottom,
                                           in[0].w + a->pad_left + a->pad_right, in[0].c};
    return TRUE;
}

gboolean gan_shape_slice(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    const GanAttributes *a = &node->attributes;
    gsize x[4], e[4];
    extents_of(&in[0], x);
    extents_of(&in[node->n_inputs - 1], e);
    for (guint i = 0; i < 4; i++) {
        if (node->n_inputs == 1 && a->first[i] <= x[i])
            e[i] = a->extent[i] > 0 ? (gsize)a->extent[i] : x[i] - a->first[i];
        if (a->first[i] + e[i] > x[i])
            return refuse(node, in, node->n_inputs, error);
    }
    *out = shape_of(e);
    return TRUE;
}

gboolean gan_shape_embed(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    gsize x[4], e[4];
    extents_of(&in[0], x);
    extents_of(&in[1], e);
    for (guint i = 0; i < 4; i++)
        if (node->attributes.first[i] + x[i] > e[i])
            return refuse(node, in, 2, error);
    *out = in[1];
    return TRUE;
}

static gsize pooled_extent(gsize in, guint kernel, const GanAttributes *a, guint before,
                           guint after)
{
    const gsize padded = in + before + after;
    if (padded < kernel)
        return a->ceil && in > 0 ? 1 : 0;
    gsize n = (padded - kernel + (a->ceil ? a->stride - 1 : 0)) / a->stride + 1;
    // As in PyTorch the last window begins inside the picture or its left padding.
    if (a->ceil && (n - 1) * a->stride >= in + before)
        n--;
    return n;
}

static gboolean pooled(const GanNode *node, const GanShape *in, guint n_data, GanShape *out,
                       GError **error)
{
    const GanAttributes *a = &node->attributes;
    *out = node->n_inputs > n_data
               ? in[n_data]
               : (GanShape){
                     in[0].n, pooled_extent(in[0].h, a->kernel_h, a, a->pad_top, a->pad_bottom),
                     pooled_extent(in[0].w, a->kernel_w, a, a->pad_left, a->pad_right), in[0].c};
    return (out->h > 0 && out->w > 0) || refuse(node, in, 1, error);
}

gboolean gan_shape_average_pool(const GanNode *node, const GanShape *in, GanShape *out,
                                GError **error)
{
    return pooled(node, in, 1, out, error);
}

gboolean gan_shape_max_pool(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    return pooled(node, in, 2, out, error);
}

gboolean gan_shape_max_pool_gradient(const GanNode *node, const GanShape *in, GanShape *out,
                                     GError **error)
{
    *out = in[1];
    return TRUE;
}

gboolean gan_shape_downsample(const GanNode *node, const GanShape *in, GanShape *out,
                              GError **error)
{
    const guint f = node->attributes.factor;
    *out = (GanShape){in[0].n, in[0].h / f, in[0].w / f, in[0].c};
    return (in[0].h % f == 0 && in[0].w % f == 0) || refuse(node, in, 1, error);
}

// --- views ---

gboolean gan_view_always(const GanNode *node, const GanShape *input, const GanShape *value,
                         gboolean dense)
{
    return TRUE;
}

gboolean gan_view_reshape(const GanNode *node, const GanShape *input, const GanShape *value,
                          gboolean dense)
{
    return dense;
}

gboolean gan_view_equal(const GanNode *node, const GanShape *input, const GanShape *value,
                        gboolean dense)
{
    // A scale acts on equal shapes, too.
    return input->n == value->n && input->h == value->h && input->w == value->w &&
           input->c == value->c &&
           (node->op == GAN_OP_PAD || node->op == GAN_OP_SLICE || node->op == GAN_OP_EMBED ||
            node->attributes.alpha == 1);
}

// --- kernels ---

#define NEED(slot)                                                                                 \
    if (call->ops->slot == NULL)                                                                   \
    return GK_ERROR_UNSUPPORTED

GkStatus gan_run_unary(const GanCall *call)
{
    NEED(unary);
    const GanAttributes *a = &call->node->attributes;
    const GkUnary args = {.x = call->inputs[0],
                          .y = *call->output,
                          .kind = a->unary,
                          .alpha = a->alpha,
                          .beta = a->beta};
    return call->ops->unary(call->context, &args);
}

GkStatus gan_run_binary(const GanCall *call)
{
    NEED(binary);
    const GanAttributes *a = &call->node->attributes;
    const GkBinary args = {.a = call->inputs[0],
                           .b = call->inputs[1],
                           .y = *call->output,
                           .kind = a->binary,
                           .alpha = a->alpha,
                           .beta = a->beta};
    return call->ops->binary(call->context, &args);
}

static gsize view_length(const GkView *v)
{
    return v->n * v->h * v->w * v->c;
}

// The scale of a sum that makes `whole` elements `part`, or of its gradient.
static double sum_scale(const GanAttributes *a, const GkView *whole, const GkView *part)
{
    return a->mean ? a->alpha * (double)view_length(part) / (double)view_length(whole) : a->alpha;
}

GkStatus gan_run_reduce(const GanCall *call)
{
    NEED(reduce);
    const GkReduce args = {.x = call->inputs[0],
                           .y = *call->output,
                           .scale =
                               sum_scale(&call->node->attributes, &call->inputs[0], call->output)};
    return call->ops->reduce(call->context, &args);
}

void gan_link_unary(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    const GanAttributes *a = &node->attributes;
    *link = (GkLink){GK_LINK_UNARY, (int)a->unary, a->alpha, a->beta, 0, 0, {0}};
}

void gan_link_binary(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    const GanAttributes *a = &node->attributes;
    *link = (GkLink){GK_LINK_BINARY, (int)a->binary, a->alpha, a->beta, 0, 0, {0}};
}

void gan_link_add(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    const GanAttributes *a = &node->attributes;
    *link = (GkLink){GK_LINK_BINARY, (int)GK_BINARY_ADD, a->alpha, a->beta, 0, 0, {0}};
}

void gan_link_multiply(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    *link = (GkLink){GK_LINK_BINARY, (int)GK_BINARY_MULTIPLY, 1, 0, 0, 0, {0}};
}

void gan_link_reduce(const GanNode *node, const GkView *input, const GkView *output, GkLink *link)
{
    *link = (GkLink){GK_LINK_SUM, 0, sum_scale(&node->attributes, input, output), 0, 0, 0, {0}};
}

GkStatus gan_run_broadcast(const GanCall *call)
{
    NEED(unary);
    const GkUnary args = {.x = call->inputs[0],
                          .y = *call->output,
                          .kind = GK_UNARY_LINEAR,
                          .alpha =
                              sum_scale(&call->node->attributes, call->output, &call->inputs[0])};
    return call->ops->unary(call->context, &args);
}

GkStatus gan_run_matmul(const GanCall *call)
{
    NEED(matmul);
    const GkMatmul args = {.a = call->inputs[0],
                           .b = call->inputs[1],
                           .y = *call->output,
                           .transpose_a = call->node->attributes.transpose_a,
                           .transpose_b = call->node->attributes.transpose_b};
    return call->ops->matmul(call->context, &args);
}

GkStatus gan_run_transpose(const GanCall *call)
{
    NEED(transpose);
    GkTranspose args = {.x = call->inputs[0], .y = *call->output};
    for (guint i = 0; i < 4; i++)
        args.axes[i] = call->node->attributes.order[i];
    return call->ops->transpose(call->context, &args);
}

GkStatus gan_run_reshape(const GanCall *call)
{
    NEED(copy);
    const GkView *x = &call->inputs[0];
    const GkCopy args = {.x = *x,
                         .y = gk_view_nhwc(call->output->data, x->dtype, x->n, x->h, x->w, x->c)};
    return call->ops->copy(call->context, &args);
}

void gan_conv_shape(const GanNode *node, GkConv2dShape *shape)
{
    const GanAttributes *a = &node->attributes;
    *shape = (GkConv2dShape){.kernel_h = a->kernel_h,
                             .kernel_w = a->kernel_w,
                             .stride = a->stride,
                             .dilation = a->dilation,
                             .groups = a->groups,
                             .pad_top = a->pad_top,
                             .pad_left = a->pad_left};
}

GkStatus gan_run_conv2d_input_gradient(const GanCall *call)
{
    NEED(conv2d_input_gradient);
    GkConv2dInputGradient args = {.g = call->inputs[0],
                                  .x = *call->output,
                                  .weight = call->inputs[1].data,
                                  .weight_changes = !gan_node_is_constant(call->node->inputs[1])};
    gan_conv_shape(call->node, &args.shape);
    return call->ops->conv2d_input_gradient(call->context, &args, call->plan);
}

GkStatus gan_run_conv2d_weight_gradient(const GanCall *call)
{
    NEED(conv2d_weight_gradient);
    GkConv2dWeightGradient args = {
        .x = call->inputs[0], .g = call->inputs[1], .weight = call->output->data};
    gan_conv_shape(call->node, &args.shape);
    return call->ops->conv2d_weight_gradient(call->context, &args, call->plan);
}

GkStatus gan_run_pad(const GanCall *call)
{
    NEED(pad);
    const GanAttributes *a = &call->node->attributes;
    const GkPad args = {.x = call->inputs[0],
                        .y = *call->output,
                        .top = a->pad_top,
                        .left = a->pad_left,
                        .mode = a->pad_mode};
    return call->ops->pad(call->context, &args);
}

GkStatus gan_run_pad_gradient(const GanCall *call)
{
    NEED(pad_gradient);
    const GanAttributes *a = &call->node->attributes;
    const GkPadGradient args = {.y = call->inputs[0],
                                .x = *call->output,
                                .top = a->pad_top,
                                .left = a->pad_left,
                                .mode = a->pad_mode};
    return call->ops->pad_gradient(call->context, &args);
}

// The part of `whole` that has the shape of `part` and begins at node's attributes.first.
static GkView part_of(const GanNode *node, const GkView *whole, const GkView *part)
{
    const guint *first = node->attributes.first;
    GkView v = gk_view_channels(whole, first[3], part->c);
    v = gk_view_rectangle(&v, first[1], first[2], part->h, part->w);
    v.data = (char *)v.data + first[0] * v.stride_n * gk_dtype_bytes(v.dtype);
    v.n = part->n;
    return v;
}

GkStatus gan_run_slice(const GanCall *call)
{
    NEED(copy);
    const GkCopy args = {.x = part_of(call->node, &call->inputs[0], call->output),
                         .y = *call->output};
    return call->ops->copy(call->context, &args);
}

GkStatus gan_run_embed(const GanCall *call)
{
    NEED(copy);
    NEED(fill);
    const GkFill fill = {.y = *call->output, .value = 0};
    const GkStatus status = call->ops->fill(call->context, &fill);
    const GkCopy args = {.x = call->inputs[0],
                         .y = part_of(call->node, call->output, &call->inputs[0])};
    return status == GK_OK ? call->ops->copy(call->context, &args) : status;
}

static GkPoolShape pool_shape(const GanNode *node)
{
    const GanAttributes *a = &node->attributes;
    return (GkPoolShape){.kernel_h = a->kernel_h,
                         .kernel_w = a->kernel_w,
                         .stride = a->stride,
                         .pad_top = a->pad_top,
                         .pad_left = a->pad_left,
                         .scale = a->alpha};
}

GkStatus gan_run_average_pool(const GanCall *call)
{
    NEED(average_pool);
    const GkAveragePool args = {
        .large = call->inputs[0], .small = *call->output, .shape = pool_shape(call->node)};
    return call->ops->average_pool(call->context, &args);
}

GkStatus gan_run_average_pool_gradient(const GanCall *call)
{
    NEED(average_pool_gradient);
    const GkAveragePool args = {
        .large = *call->output, .small = call->inputs[0], .shape = pool_shape(call->node)};
    return call->ops->average_pool_gradient(call->context, &args);
}

GkStatus gan_run_max_pool(const GanCall *call)
{
    NEED(max_pool);
    const GkMaxPool args = {.large = call->inputs[0],
                            .x = call->inputs[1],
                            .small = *call->output,
                            .shape = pool_shape(call->node)};
    return call->ops->max_pool(call->context, &args);
}

GkStatus gan_run_max_pool_gradient(const GanCall *call)
{
    NEED(max_pool_gradient);
    const GkMaxPool args = {.small = call->inputs[0],
                            .x = call->inputs[1],
                            .large = *call->output,
                            .shape = pool_shape(call->node)};
    return call->ops->max_pool_gradient(call->context, &args);
}

GkStatus gan_run_bilinear_gradient(const GanCall *call)
{
    NEED(upsample_bilinear_gradient);
    const GkUpsampleGradient args = {
        .y = call->inputs[0], .x = *call->output, .factor = call->node->attributes.factor};
    return call->ops->upsample_bilinear_gradient(call->context, &args);
}

#undef NEED
