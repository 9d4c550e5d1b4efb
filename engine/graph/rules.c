// SPDX-License-Identifier: LGPL-3.0-or-later
// What rows of several operations have in common.
#include "rules.h"
#include "values.h"

#include <string.h>

// --- channels ---

guint gan_channels_declared(const GanNode *node)
{
    return node->attributes.channels;
}

guint gan_channels_none(const GanNode *node)
{
    return 0;
}

guint gan_channels_same(const GanNode *node)
{
    return node->inputs[0]->channels;
}

guint gan_channels_like(const GanNode *node)
{
    return node->inputs[node->n_inputs - 1]->channels;
}

guint gan_channels_binary(const GanNode *node)
{
    return MAX(node->inputs[0]->channels, node->inputs[1]->channels);
}

// --- shapes ---

gboolean gan_shape_same(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = in[0];
    return TRUE;
}

gboolean gan_shape_like(const GanNode *node, const GanShape *in, GanShape *out, GError **error)
{
    *out = in[node->n_inputs - 1];
    return TRUE;
}

gboolean gan_shapes_equal(const GanNode *node, const GanShape *a, const GanShape *b, GError **error)
{
    if (a->n == b->n && a->h == b->h && a->w == b->w && a->c == b->c)
        return TRUE;
    gsize ea[4], eb[4];
    gan_shape_extents(a, ea);
    gan_shape_extents(b, eb);
    g_autofree char *ta = gan_shape_text(4, ea), *tb = gan_shape_text(4, eb);
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%s '%s' joins %s and %s", gan_op_name(node->op),
                node->name, ta, tb);
    return FALSE;
}

gboolean gan_shape_refuse(const GanNode *node, const GanShape *in, guint n, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        gsize e[4];
        gan_shape_extents(&in[i], e);
        g_autofree char *shape = gan_shape_text(4, e);
        g_string_append_printf(text, "%s%s", i == 0 ? "" : " and ", shape);
    }
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%s '%s' cannot take %s", gan_op_name(node->op),
                node->name, text->str);
    return FALSE;
}

void gan_shape_extents(const GanShape *s, gsize *e)
{
    e[0] = s->n;
    e[1] = s->h;
    e[2] = s->w;
    e[3] = s->c;
}

GanShape gan_shape_of(const gsize *e)
{
    return (GanShape){e[0], e[1], e[2], e[3]};
}

gsize gan_shape_length(const GanShape *s)
{
    return s->n * s->h * s->w * s->c;
}

// --- geometry ---

static guint gcd(guint a, guint b)
{
    return b == 0 ? a : gcd(b, a % b);
}

void gan_geometry_rescale(GanGeometry *g, guint num, guint den)
{
    g->scale_num *= num;
    g->scale_den *= den;
    const guint d = gcd(g->scale_num, g->scale_den);
    g->scale_num /= d;
    g->scale_den /= d;
}

void gan_geometry_reach(GanGeometry *g, double pixels)
{
    if (g->scale_num > 0)
        g->reach += pixels * g->scale_den / g->scale_num;
}

void gan_geometry_join(const GanGeometry *other, GanGeometry *g)
{
    if (other->scale_num == 0)
        return;
    if (g->scale_num == 0) {
        *g = *other;
        return;
    }
    g->reach = MAX(g->reach, other->reach);
    g_assert(g->alignment > 0 && other->alignment > 0);
    g->alignment = g->alignment / gcd(g->alignment, other->alignment) * other->alignment;
}

void gan_geometry_none(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
}

void gan_geometry_first(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    *out = rows[node->inputs[0]->id];
}

void gan_geometry_joined(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    for (guint k = 0; k < gan_node_n_data(node); k++)
        gan_geometry_join(&rows[node->inputs[k]->id], out);
}

void gan_geometry_enlarged(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    gan_geometry_first(node, rows, out);
    gan_geometry_rescale(out, node->attributes.factor, 1);
}

void gan_geometry_like(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    *out = rows[node->inputs[node->n_inputs - 1]->id];
}

// How far a kernel sees from the pixel that it is computed for, to its farther side.
static guint kernel_reach(const GanAttributes *a, guint kernel, guint pad)
{
    const guint span = a->dilation * (kernel - 1);
    return pad >= span ? pad : MAX(pad, span - pad);
}

static guint window_reach(const GanAttributes *a)
{
    return MAX(kernel_reach(a, a->kernel_h, a->pad_top), kernel_reach(a, a->kernel_w, a->pad_left));
}

void gan_geometry_window(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    const GanAttributes *a = &node->attributes;
    gan_geometry_first(node, rows, out);
    gan_geometry_rescale(out, a->fused.upsample, 1);
    gan_geometry_reach(out, window_reach(a));
    gan_geometry_rescale(out, 1, a->stride);
    // A value of less than one per input pixel exists only at multiples.
    out->alignment = MAX(out->alignment, out->scale_den);
}

void gan_geometry_spread(const GanNode *node, const GanGeometry *rows, GanGeometry *out)
{
    gan_geometry_first(node, rows, out);
    gan_geometry_rescale(out, node->attributes.stride, 1);
    gan_geometry_reach(out, window_reach(&node->attributes));
}

// --- sight ---

GanSight gan_sees_local(const GanNode *node, const GanGeometry *rows)
{
    return GAN_SIGHT_LOCAL;
}

GanSight gan_sees_statistics(const GanNode *node, const GanGeometry *rows)
{
    return GAN_SIGHT_STATISTICS;
}

GanSight gan_sees_whole(const GanNode *node, const GanGeometry *rows)
{
    for (guint k = 0; k < node->n_inputs; k++)
        if (rows[node->inputs[k]->id].scale_num > 0)
            return GAN_SIGHT_WHOLE;
    return GAN_SIGHT_LOCAL;
}

GanSight gan_sees_pointwise(const GanNode *node, const GanGeometry *rows)
{
    for (guint k = 0; k < gan_node_n_data(node); k++) {
        if (node->inputs[k]->op != GAN_OP_PARAMETER)
            continue;
        const GanShape s = gan_parameter_shape(node->inputs[k]->attributes.parameter);
        if (s.h * s.w > 1)
            return GAN_SIGHT_WHOLE;
    }
    return GAN_SIGHT_LOCAL;
}

GanSight gan_sees_padding(const GanNode *node, const GanGeometry *rows)
{
    const GanAttributes *a = &node->attributes;
    return a->pad_top + a->pad_left + a->pad_bottom + a->pad_right == 0 ? GAN_SIGHT_LOCAL
                                                                        : GAN_SIGHT_WHOLE;
}

GanSight gan_sees_part(const GanNode *node, const GanGeometry *rows)
{
    const GanAttributes *a = &node->attributes;
    return a->first[1] + a->first[2] == 0 && a->extent[1] == 0 && a->extent[2] == 0
               ? GAN_SIGHT_LOCAL
               : GAN_SIGHT_WHOLE;
}

// Whether pooling makes one pixel of each stride.
static gboolean keeps_place(const GanAttributes *a, guint kernel, guint pad)
{
    return a->ceil ? pad + a->stride <= kernel && pad + 2 * a->stride > kernel
                   : pad < kernel && pad + a->stride >= kernel;
}

GanSight gan_sees_pooled(const GanNode *node, const GanGeometry *rows)
{
    const GanAttributes *a = &node->attributes;
    return keeps_place(a, a->kernel_h, a->pad_top + a->pad_bottom) &&
                   keeps_place(a, a->kernel_w, a->pad_left + a->pad_right)
               ? GAN_SIGHT_LOCAL
               : GAN_SIGHT_WHOLE;
}

// --- memory ---

guint gan_in_place_first(const GanNode *node)
{
    return 1;
}

guint gan_in_place_both(const GanNode *node)
{
    return 3;
}

gboolean gan_view_is_dense(const GkView *v)
{
    return v->first == 0 && v->block == v->c && v->stride_x == v->c && v->stride_y == v->w * v->c &&
           v->stride_n == v->h * v->stride_y;
}

gboolean gan_view_equal(const GanNode *node, const GkView *input, const GanShape *shape,
                        GkView *value)
{
    *value = *input;
    return input->n == shape->n && input->h == shape->h && input->w == shape->w &&
           input->c == shape->c;
}

gboolean gan_view_always(const GanNode *node, const GkView *input, const GanShape *shape,
                         GkView *value)
{
    *value = *input;
    value->h = shape->h;
    value->w = shape->w;
    return TRUE;
}

// --- kernels ---

static gsize view_length(const GkView *v)
{
    return v->n * v->h * v->w * v->c;
}

double gan_sum_scale(const GanAttributes *a, const GkView *whole, const GkView *part)
{
    return a->mean ? a->alpha * (double)view_length(part) / (double)view_length(whole) : a->alpha;
}

GkView gan_part_view(const GanNode *node, const GkView *whole, const GkView *part)
{
    const guint *first = node->attributes.first;
    GkView v = gk_view_channels(whole, first[3], part->c);
    v = gk_view_rectangle(&v, first[1], first[2], part->h, part->w);
    v.data = (char *)v.data + first[0] * v.stride_n * gk_dtype_bytes(v.dtype);
    v.n = part->n;
    return v;
}

GkPoolShape gan_pool_shape(const GanNode *node)
{
    const GanAttributes *a = &node->attributes;
    return (GkPoolShape){.kernel_h = a->kernel_h,
                         .kernel_w = a->kernel_w,
                         .stride = a->stride,
                         .pad_top = a->pad_top,
                         .pad_left = a->pad_left,
                         .scale = a->alpha};
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

gboolean gan_shape_pooled(const GanNode *node, const GanShape *in, guint n_data, GanShape *out,
                          GError **error)
{
    const GanAttributes *a = &node->attributes;
    *out = node->n_inputs > n_data
               ? in[n_data]
               : (GanShape){
                     in[0].n, pooled_extent(in[0].h, a->kernel_h, a, a->pad_top, a->pad_bottom),
                     pooled_extent(in[0].w, a->kernel_w, a, a->pad_left, a->pad_right), in[0].c};
    return (out->h > 0 && out->w > 0) || gan_shape_refuse(node, in, 1, error);
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

// --- gradients ---

static GanNode *append(GanNode *node, GanOp op, GanNode *a, GanNode *b, GanNode *c,
                       const GanAttributes *attributes)
{
    GanNode *inputs[] = {a, b, c};
    const guint n = b == NULL ? 1 : c == NULL ? 2 : 3;
    return gan_graph_append(node->graph, op, node->name, inputs, n, attributes);
}

GanNode *gan_append_like(GanNode *node, GanOp op, GanNode *a, GanNode *b, GanNode *c)
{
    return append(node, op, a, b, c, &node->attributes);
}

GanNode *gan_append_plain(GanNode *node, GanOp op, GanNode *a, GanNode *b)
{
    const GanAttributes attributes = gan_attributes_default();
    return append(node, op, a, b, NULL, &attributes);
}

GanNode *gan_activated(GanNode *x, GkActivationKind kind)
{
    GanAttributes attributes = gan_attributes_default();
    attributes.activation = kind;
    return append(x, GAN_OP_ACTIVATE, x, NULL, NULL, &attributes);
}

GanNode *gan_group_spread(GanNode *x, guint groups, guint channels)
{
    if (groups == channels)
        return x;
    const gsize n = channels / groups;
    g_autoptr(GanTensor) zeros = gan_tensor_new(1, &n, NULL);
    g_assert(zeros != NULL);
    memset(zeros->data, 0, n * sizeof(float));
    GanNode *wide = gan_sum(gan_reshape(x, GAN_KEEP(0), 1, (int)groups, 1),
                            gan_frozen(x->graph, "zeros", zeros));
    return gan_reshape(wide, GAN_KEEP(0), 1, 1, (int)channels);
}

GanNode *gan_group_sum(GanNode *x, guint groups)
{
    const guint channels = x->channels;
    GanNode *sum = gan_reduce_sum(x, GAN_AXIS_H | GAN_AXIS_W);
    if (groups == channels)
        return sum;
    GanNode *split = gan_reshape(sum, GAN_KEEP(0), 1, (int)groups, (int)(channels / groups));
    return gan_reshape(gan_reduce_sum(split, GAN_AXIS_C), GAN_KEEP(0), 1, 1, (int)groups);
}

GanNode *gan_conv_again(GanNode *node, GanNode *x, GanNode *weight, GanNode *like)
{
    GanAttributes attributes = node->attributes;
    attributes.channels = like->channels;
    return append(node, GAN_OP_CONV2D, x, weight, NULL, &attributes);
}
