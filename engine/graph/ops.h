// SPDX-License-Identifier: LGPL-3.0-or-later
// What an operation is. Each is one file in ops/, which ends in its row: what the operation means
// for channels, shapes and geometry, which kernel computes it, what its gradient is. Whatever else
// wants to know something of an operation asks its row; nothing compares operations but fusion.
#ifndef GAN_OPS_H
#define GAN_OPS_H

#include "graph.h"
#include <ops/chain.h>
#include <ops/conv2d.h>
#include <ops/conv2d_gradient.h>

typedef struct {
    gsize n, h, w, c;
} GanShape;

// Everything a kernel call needs; views with data, but for what is asked for costs.
typedef struct {
    const GkOps *ops;
    GkContext *context;
    const GanNode *node;
    const GkView *inputs;
    const GkView *output;
    GkPlan **plan;
} GanCall;

// The status of a kernel of the call's device, or that it has none: GAN_KERNEL(call, pad, &args).
#define GAN_KERNEL(call, slot, ...)                                                                \
    ((call)->ops->slot == NULL ? GK_ERROR_UNSUPPORTED                                              \
                               : (call)->ops->slot((call)->context, __VA_ARGS__))

// A file ops/x.c defines `const GanOpRow gan_op_x` and `const GanSightRule gan_sight_x`, and stands
// in the list of meson.build, from which the enumeration and the table are made.
typedef struct {
    const char *name;
    // Channels of the value, from the inputs' channels and the parameters' shapes.
    guint (*channels)(const GanNode *node);
    // Shape of the value.
    gboolean (*shape)(const GanNode *node, const GanShape *inputs, GanShape *output,
                      GError **error);
    // Geometry of the value but for its sight, from the rows of its inputs, by node id; `output`
    // begins as that of a value without pixels. Not asked for where no input depends on a picture.
    void (*geometry)(const GanNode *node, const GanGeometry *rows, GanGeometry *output);
    // Computes the value. NULL: the value is a view of its first input, or comes from outside.
    GkStatus (*run)(const GanCall *call);
    // What run() will need besides its views. NULL: nothing.
    GkStatus (*cost)(const GanCall *call, GkCost *cost);
    // The inputs, a bit each, in whose place in memory the value may be written when nobody reads
    // them later. NULL: none.
    guint (*in_place)(const GanNode *node);
    // Appends the gradient of input k, given that of the value; NULL where it is zero everywhere.
    // No function at all: the operation has no gradient.
    GanNode *(*gradient)(GanNode *node, GanNode *g, guint k);
    // Says that the value needs no kernel because it is the same memory as its first input's, seen
    // as `value`. NULL: it never is.
    gboolean (*view)(const GanNode *node, const GkView *input, const GanShape *shape,
                     GkView *value);
    // Says which function a chain takes in the node's place; its operands are the node's inputs.
    // NULL: none does.
    void (*link)(const GanNode *node, const GkView *input, const GkView *output, GkLink *link);
    // The elements that the kernel wants where input k is a parameter of one element. NULL: one.
    gsize (*spread)(const GanNode *node, guint k);
    // The inputs behind the first n_data are shape-only: their values are not read.
    // 0: all are read.
    guint n_data;
    // The inputs meet pixel by pixel: their scales must be one.
    gboolean one_scale;
    // The value is a dense array whatever its inputs are: a weight, a matrix.
    gboolean dense;
    // A value of many pixels and channels is a picture even where all inputs are dense arrays.
    gboolean makes_pictures;
    // The value is its inputs side by side along channels.
    gboolean gathers;
    // On every backend the value may be channels-last in memory where rows do not lie together.
    gboolean writes_rows;
} GanOpRow;

// How far an operation sees of the values it reads, by itself; `rows` as in geometry().
typedef GanSight (*GanSightRule)(const GanNode *node, const GanGeometry *rows);

const GanOpRow *gan_op_row(GanOp op);
GanSightRule gan_op_sight(GanOp op);

// Returns how many of a node's inputs are read; the others only lend their shape.
guint gan_node_n_data(const GanNode *node);

// Returns whether a node's value is the same at every run, for ever: a parameter that
// is not trained.
gboolean gan_node_is_constant(const GanNode *node);

// Returns the shape that a parameter has as a value.
GanShape gan_parameter_shape(const GanTensor *tensor);

// Which of a convolution's inputs is what. Indices into node->inputs; -1 for absent.
typedef struct {
    int bias, slopes, gate, residual[GK_MAX_RESIDUALS];
} GanConvInputs;
GanConvInputs gan_conv_inputs(const GanNode *node);

#endif
