// SPDX-License-Identifier: LGPL-3.0-or-later
// Fusion: rewrites a graph so that its convolutions and norms do the pointwise work around them.
//
// The graph is copied node by node. Where a node can be done in the epilogue of a convolution or of
// a norm that nothing else reads, a wider one takes the place of both; what is left unread is
// dropped at the end. A wider one is appended anew, so that it stands behind everything it reads.
#include "fold.h"
#include "ops.h"
#include "simplify.h"

typedef struct {
    const GanGraph *from;
    GanGraph *to;
    GanNode **map;    // new node of each old one
    guint *n_readers; // of each old node: those that read more than its shape, and the outputs
    GError *error;
} Fusion;

static guint *count_readers(const GanGraph *graph)
{
    guint *n = g_new0(guint, gan_graph_n_nodes(graph));
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        for (guint k = 0; k < gan_node_n_data(node); k++)
            n[node->inputs[k]->id]++;
    }
    for (guint i = 0; i < gan_graph_n_outputs(graph); i++)
        n[gan_graph_output_at(graph, i)->id]++;
    return n;
}

static GanNode *parameter(Fusion *f, const char *name, GanTensor *tensor)
{
    GanAttributes a = gan_attributes_default();
    a.parameter = tensor;
    return gan_graph_append(f->to, GAN_OP_PARAMETER, name, NULL, 0, &a);
}

// The inputs of a convolution by what they are, so that one can be put in without counting places.
typedef struct {
    GanNode *x, *weight, *bias, *slopes, *gate, *residual[GK_MAX_RESIDUALS];
    GanAttributes a;
    guint channels; // of the value
    const char *name;
} Conv;

static Conv conv_open(const GanNode *node)
{
    const GanConvInputs k = gan_conv_inputs(node);
    Conv c = {.x = node->inputs[0],
              .weight = node->inputs[1],
              .bias = k.bias >= 0 ? node->inputs[k.bias] : NULL,
              .slopes = k.slopes >= 0 ? node->inputs[k.slopes] : NULL,
              .gate = k.gate >= 0 ? node->inputs[k.gate] : NULL,
              .a = node->attributes,
              .channels = node->channels,
              .name = node->name};
    for (guint i = 0; i < c.a.fused.n_residuals; i++)
        c.residual[i] = node->inputs[k.residual[i]];
    return c;
}

static GanNode *conv_append(Fusion *f, const Conv *c)
{
    GanNode *inputs[5 + GK_MAX_RESIDUALS];
    guint n = 0;
    inputs[n++] = c->x;
    inputs[n++] = c->weight;
    if (c->bias != NULL)
        inputs[n++] = c->bias;
    if (c->slopes != NULL)
        inputs[n++] = c->slopes;
    if (c->gate != NULL)
        inputs[n++] = c->gate;
    for (guint i = 0; i < c->a.fused.n_residuals; i++)
        inputs[n++] = c->residual[i];
    return gan_graph_append(f->to, GAN_OP_CONV2D, c->name, inputs, n, &c->a);
}

// The new convolution that computes `old` alone for its one reader, or NULL.
static GanNode *sole_conv(const Fusion *f, const GanNode *old)
{
    GanNode *node = f->map[old->id];
    return node->op == GAN_OP_CONV2D && f->n_readers[old->id] == 1 ? node : NULL;
}

// Whether the inputs of a node from the k-th on are constants, whose numbers may be looked at.
static gboolean has_constants(const GanNode *node, guint k)
{
    for (; k < node->n_inputs; k++)
        if (!gan_node_is_constant(node->inputs[k]))
            return FALSE;
    return TRUE;
}

// A parameter's values, each `places` times, for the channels of a convolution before its shuffle;
// a single value, which is all channels', stays one. NULL after an error.
static GanTensor *repeated(Fusion *f, const GanNode *parameter, gsize places)
{
    const GanTensor *values = parameter->attributes.parameter;
    return gan_fold_repeat(values, gan_tensor_length(values) == 1 ? 1 : places, &f->error);
}

static gboolean epilogue_is_empty(const GanAttributes *a)
{
    return a->activation == GK_ACT_NONE && a->fused.shuffle == 1 && !a->fused.has_gate &&
           a->fused.n_residuals == 0;
}

// Whether convolutions alone read a node, as their pictures.
static gboolean only_convs_read(const Fusion *f, const GanNode *old)
{
    guint n = 0;
    for (guint i = old->id + 1; i < gan_graph_n_nodes(f->from); i++) {
        const GanNode *node = gan_graph_node(f->from, i);
        n += node->op == GAN_OP_CONV2D && node->inputs[0] == old;
    }
    return n == f->n_readers[old->id];
}

// convolution(nearest upsampling(x)): the convolution reads x with the factor. Not where a gradient
// reads the enlarged picture, too, which has to be there then.
static GanNode *fuse_upsample(Fusion *f, const GanNode *node)
{
    if (node->op != GAN_OP_CONV2D || node->attributes.fused.upsample != 1)
        return NULL;
    const GanNode *up = f->map[node->inputs[0]->id];
    if (up->op != GAN_OP_UPSAMPLE_NEAREST || !only_convs_read(f, node->inputs[0]))
        return NULL;
    Conv c = conv_open(node);
    c.x = up->inputs[0];
    c.weight = f->map[c.weight->id];
    c.bias = c.bias == NULL ? NULL : f->map[c.bias->id];
    c.a.fused.upsample = up->attributes.factor;
    return conv_append(f, &c);
}

// scale * convolution + shift: both go into weight and bias, also of one whose value is shuffled.
static GanNode *fuse_affine(Fusion *f, const GanNode *node)
{
    const GanNode *conv = node->op == GAN_OP_AFFINE ? sole_conv(f, node->inputs[0]) : NULL;
    if (conv == NULL || conv->attributes.activation != GK_ACT_NONE ||
        conv->attributes.fused.has_gate || conv->attributes.fused.n_residuals > 0 ||
        !has_constants(conv, 1) || !has_constants(node, 1))
        return NULL;
    Conv c = conv_open(conv);
    const gsize places = (gsize)c.a.fused.shuffle * c.a.fused.shuffle;
    g_autoptr(GanTensor) scale = repeated(f, node->inputs[1], places);
    g_autoptr(GanTensor) shift = scale == NULL ? NULL : repeated(f, node->inputs[2], places);
    if (shift == NULL)
        return NULL;
    const GanTensor *old_weight = c.weight->attributes.parameter;
    g_autoptr(GanTensor) weight = gan_fold_scale(old_weight, scale, &f->error);
    g_autoptr(GanTensor) bias =
        weight == NULL ? NULL
                       : gan_fold_bias(c.bias == NULL ? NULL : c.bias->attributes.parameter, scale,
                                       shift, old_weight->shape[0], &f->error);
    if (bias == NULL)
        return NULL;
    c.weight = parameter(f, c.weight->name, weight);
    c.bias = parameter(f, node->name, bias);
    return conv_append(f, &c);
}

// The slopes of an activation as a convolution takes them. NULL: it cannot, or after an error.
static GanNode *slopes_for(Fusion *f, const Conv *c, GanNode *slopes)
{
    // The epilogue activates before it shuffles: slopes are repeated for the channels of a place.
    const gsize places = (gsize)c->a.fused.shuffle * c->a.fused.shuffle;
    if (gan_node_is_constant(slopes)) {
        g_autoptr(GanTensor) values = repeated(f, slopes, places);
        return values == NULL ? NULL : parameter(f, slopes->name, values);
    }
    // Others are read where they lie, one for each channel.
    return places == 1 && slopes->op == GAN_OP_PARAMETER &&
                   gan_tensor_length(slopes->attributes.parameter) == c->channels
               ? f->map[slopes->id]
               : NULL;
}

static GanNode *fuse_activation(Fusion *f, const GanNode *node)
{
    const GanNode *conv = node->op == GAN_OP_ACTIVATE ? sole_conv(f, node->inputs[0]) : NULL;
    if (conv == NULL || conv->attributes.activation != GK_ACT_NONE ||
        conv->attributes.fused.has_gate || conv->attributes.fused.n_residuals > 0)
        return NULL;
    Conv c = conv_open(conv);
    c.a.activation = node->attributes.activation;
    c.a.slope = node->attributes.slope;
    if (node->n_inputs > 1) {
        c.slopes = slopes_for(f, &c, node->inputs[1]);
        if (c.slopes == NULL)
            return NULL;
        c.a.fused.has_slopes = TRUE;
    }
    return conv_append(f, &c);
}

static GanNode *fuse_shuffle(Fusion *f, const GanNode *node)
{
    const GanNode *conv = node->op == GAN_OP_PIXEL_SHUFFLE ? sole_conv(f, node->inputs[0]) : NULL;
    if (conv == NULL || conv->attributes.fused.shuffle != 1 || conv->attributes.fused.has_gate ||
        conv->attributes.fused.n_residuals > 0)
        return NULL;
    Conv c = conv_open(conv);
    c.a.fused.shuffle = node->attributes.factor;
    return conv_append(f, &c);
}

// (o + x) * (sigmoid(o) - 1/2) with o a bare convolution: SPAN's parameter-free attention.
static GanNode *fuse_gate(Fusion *f, const GanNode *node)
{
    if (node->op != GAN_OP_MULTIPLY)
        return NULL;
    for (guint k = 0; k < 2; k++) {
        const GanNode *sum = node->inputs[k], *centred = node->inputs[1 - k];
        if (sum->op != GAN_OP_ADD || sum->attributes.alpha != 1 || sum->attributes.beta != 1 ||
            centred->op != GAN_OP_AFFINE || !has_constants(centred, 1) ||
            !gan_fold_all_equal(centred->inputs[1]->attributes.parameter, 1) ||
            !gan_fold_all_equal(centred->inputs[2]->attributes.parameter, -0.5f))
            continue;
        const GanNode *sigmoid = centred->inputs[0];
        if (sigmoid->op != GAN_OP_ACTIVATE || sigmoid->attributes.activation != GK_ACT_SIGMOID)
            continue;
        const GanNode *o = sigmoid->inputs[0];
        const GanNode *x = sum->inputs[0] == o ? sum->inputs[1] : sum->inputs[0];
        const GanNode *conv = f->map[o->id];
        if ((sum->inputs[0] != o && sum->inputs[1] != o) || x == o || conv->op != GAN_OP_CONV2D ||
            f->n_readers[o->id] != 2 || f->n_readers[sum->id] != 1 ||
            f->n_readers[centred->id] != 1 || f->n_readers[sigmoid->id] != 1 ||
            !epilogue_is_empty(&conv->attributes))
            continue;
        Conv c = conv_open(conv);
        c.gate = f->map[x->id];
        c.a.fused.has_gate = TRUE;
        return conv_append(f, &c);
    }
    return NULL;
}

// alpha * convolution + r.
static GanNode *fuse_residual(Fusion *f, const GanNode *node)
{
    if (node->op != GAN_OP_ADD || node->inputs[0] == node->inputs[1])
        return NULL;
    const GanAttributes *a = &node->attributes;
    // Of two convolutions the later one takes the sum: it is there when the other one is done.
    const guint first = f->map[node->inputs[0]->id]->id > f->map[node->inputs[1]->id]->id ? 0 : 1;
    for (guint k = 0; k < 2; k++) {
        const guint own = k == 0 ? first : 1 - first;
        const GanNode *conv = sole_conv(f, node->inputs[own]);
        const float scale = own == 0 ? a->alpha : a->beta, other = own == 0 ? a->beta : a->alpha;
        if (conv == NULL || other != 1 || conv->attributes.fused.n_residuals == GK_MAX_RESIDUALS)
            continue;
        Conv c = conv_open(conv);
        const guint i = c.a.fused.n_residuals++;
        GanNode *r = f->map[node->inputs[1 - own]->id];
        c.a.fused.residual_scale[i] = scale;
        if (r->op == GAN_OP_UPSAMPLE_NEAREST) {
            c.a.fused.residual_upsample[i] = r->attributes.factor;
            r = r->inputs[0];
        }
        c.residual[i] = r;
        return conv_append(f, &c);
    }
    return NULL;
}

// --- norms and transposed convolutions ---

// The new node of an operation that computes `old` alone for its one reader, without an activation
// or a residual, or NULL.
static GanNode *sole_plain(const Fusion *f, const GanNode *old, GanOp op)
{
    GanNode *node = f->map[old->id];
    return node->op == op && f->n_readers[old->id] == 1 &&
                   node->attributes.activation == GK_ACT_NONE &&
                   node->attributes.fused.n_residuals == 0
               ? node
               : NULL;
}

// `node` with more inputs and other attributes.
static GanNode *widened(Fusion *f, const GanNode *node, GanNode *const *more, guint n_more,
                        const GanAttributes *attributes)
{
    GanNode *inputs[8];
    g_assert(node->n_inputs + n_more <= G_N_ELEMENTS(inputs));
    for (guint k = 0; k < node->n_inputs + n_more; k++)
        inputs[k] = k < node->n_inputs ? node->inputs[k] : more[k - node->n_inputs];
    return gan_graph_append(f->to, node->op, node->name, inputs, node->n_inputs + n_more,
                            attributes);
}

// scale * normalisation + shift: its weight and bias.
static GanNode *fuse_norm_affine(Fusion *f, const GanNode *node)
{
    const GanNode *norm =
        node->op == GAN_OP_AFFINE ? sole_plain(f, node->inputs[0], GAN_OP_NORMALISE) : NULL;
    if (norm == NULL || norm->n_inputs > 2)
        return NULL;
    GanNode *both[] = {f->map[node->inputs[1]->id], f->map[node->inputs[2]->id]};
    return widened(f, norm, both, 2, &norm->attributes);
}

// transposed convolution + bias.
static GanNode *fuse_transposed_bias(Fusion *f, const GanNode *node)
{
    const GanAttributes *a = &node->attributes;
    if (node->op != GAN_OP_BINARY || a->binary != GK_BINARY_ADD || a->alpha != 1 || a->beta != 1 ||
        node->inputs[1]->op != GAN_OP_PARAMETER)
        return NULL;
    const GanNode *conv = sole_plain(f, node->inputs[0], GAN_OP_CONV2D_INPUT_GRADIENT);
    if (conv == NULL || conv->n_inputs > 2 ||
        gan_tensor_length(node->inputs[1]->attributes.parameter) != conv->channels)
        return NULL;
    GanAttributes attributes = conv->attributes;
    attributes.fused.has_bias = TRUE;
    return widened(f, conv, &f->map[node->inputs[1]->id], 1, &attributes);
}

static GanNode *fuse_other_activation(Fusion *f, const GanNode *node)
{
    if (node->op != GAN_OP_ACTIVATE || node->n_inputs > 1)
        return NULL;
    const GanNode *of = sole_plain(f, node->inputs[0], GAN_OP_NORMALISE);
    if (of == NULL)
        of = sole_plain(f, node->inputs[0], GAN_OP_CONV2D_INPUT_GRADIENT);
    if (of == NULL || of->n_inputs > gan_node_n_data(of))
        return NULL;
    GanAttributes attributes = of->attributes;
    attributes.activation = node->attributes.activation;
    attributes.slope = node->attributes.slope;
    return widened(f, of, NULL, 0, &attributes);
}

// normalisation + r.
static GanNode *fuse_norm_residual(Fusion *f, const GanNode *node)
{
    if (node->op != GAN_OP_ADD || node->inputs[0] == node->inputs[1] ||
        node->attributes.alpha != 1 || node->attributes.beta != 1)
        return NULL;
    for (guint k = 0; k < 2; k++) {
        const GanNode *old = node->inputs[k], *norm = f->map[old->id];
        if (norm->op != GAN_OP_NORMALISE || f->n_readers[old->id] != 1 ||
            norm->attributes.fused.n_residuals > 0)
            continue;
        GanAttributes attributes = norm->attributes;
        attributes.fused.n_residuals = 1;
        return widened(f, norm, &f->map[node->inputs[1 - k]->id], 1, &attributes);
    }
    return NULL;
}

static GanNode *copy_node(GanGraph *to, const GanNode *node, GanNode *const *map)
{
    g_autofree GanNode **inputs = g_new(GanNode *, MAX(node->n_inputs, 1));
    for (guint k = 0; k < node->n_inputs; k++)
        inputs[k] = map[node->inputs[k]->id];
    return gan_graph_append(to, node->op, node->name, inputs, node->n_inputs, &node->attributes);
}

GanGraph *gan_graph_fuse(const GanGraph *graph, GError **error)
{
    static GanNode *(*const rules[])(Fusion *, const GanNode *) = {
        fuse_upsample,
        fuse_affine,
        fuse_activation,
        fuse_shuffle,
        fuse_gate,
        fuse_residual,
        fuse_norm_affine,
        fuse_transposed_bias,
        fuse_other_activation,
        fuse_norm_residual,
    };
    const guint n = gan_graph_n_nodes(graph);
    g_autofree GanNode **map = g_new0(GanNode *, n);
    g_autofree guint *n_readers = count_readers(graph);
    g_autoptr(GanGraph) to = gan_graph_new();
    Fusion f = {.from = graph, .to = to, .map = map, .n_readers = n_readers};
    for (guint i = 0; i < n; i++) {
        const GanNode *node = gan_graph_node(graph, i);
        for (guint k = 0; k < G_N_ELEMENTS(rules) && map[i] == NULL && f.error == NULL; k++)
            map[i] = rules[k](&f, node);
        if (f.error != NULL) {
            g_propagate_error(error, f.error);
            return NULL;
        }
        if (map[i] == NULL)
            map[i] = copy_node(to, node, map);
    }
    for (guint i = 0; i < gan_graph_n_outputs(graph); i++)
        gan_graph_add_output(to, map[gan_graph_output_at(graph, i)->id]);
    return gan_graph_simplify(to);
}
