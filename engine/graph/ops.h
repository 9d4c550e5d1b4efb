// SPDX-License-Identifier: LGPL-3.0-or-later
// The table of operations: one row each, and no second switch over them anywhere. A row says what
// an operation means for channels, shapes and geometry, and which kernel computes it.
#ifndef GAN_OPS_H
#define GAN_OPS_H

#include "graph.h"
#include <ops/chain.h>
#include <ops/conv2d.h>
#include <ops/conv2d_gradient.h>

typedef struct {
    gsize n, h, w, c;
} GanShape;

// Which of a node's inputs is what. Indices into node->inputs; -1 for absent.
typedef struct {
    int bias, slopes, gate, residual[GK_MAX_RESIDUALS];
} GanConvInputs;
GanConvInputs gan_conv_inputs(const GanNode *node);

// Everything a kernel call needs, views with data.
typedef struct {
    const GkOps *ops;
    GkContext *context;
    const GanNode *node;
    const GkView *inputs; // of parameters only data is set
    const GkView *output;
    GkPlan **plan;
} GanCall;

typedef struct {
    const char *name;
    // Channels of the value, from the inputs' channels and the parameters' shapes.
    guint (*channels)(const GanNode *node);
    // Shape of the value. Parameters' shapes are zero.
    gboolean (*shape)(const GanNode *node, const GanShape *inputs, GanShape *output,
                      GError **error);
    // Geometry of the value; `rows` is indexed by node id.
    void (*geometry)(const GanNode *node, const GanGeometry *rows, GanGeometry *output);
    // Computes the value. NULL: the value is a view of its first input, or comes from outside.
    GkStatus (*run)(const GanCall *call);
    // The value may take the place of this input in memory when nobody reads it later; -1: of none.
    int (*in_place)(const GanNode *node);
    // Appends the gradient of input k, given that of the value; NULL where it is zero everywhere.
    // No function at all: the operation has no gradient.
    GanNode *(*gradient)(GanNode *node, GanNode *g, guint k);
    // The inputs behind the first n_data only lend their shape; 0: all inputs are read.
    guint n_data;
    // The value is the same memory as its first input's where both are dense, or where the shapes
    // are equal (step.c).
    gboolean (*is_view)(const GanNode *node, const GanShape *input, const GanShape *value,
                        gboolean dense);
    // The value is a dense array whatever its inputs are: a weight, a matrix.
    gboolean dense;
    // Says which function a chain takes in the node's place; its operands are the node's inputs.
    // NULL: none does.
    void (*link)(const GanNode *node, const GkView *input, const GkView *output, GkLink *link);
} GanOpRow;

const GanOpRow *gan_op_row(GanOp op);

// Returns how many of a node's inputs are read; the others only lend their shape.
guint gan_node_n_data(const GanNode *node);

// Returns whether a node's value is the same at every run, for ever: a parameter that is not
// trained.
gboolean gan_node_is_constant(const GanNode *node);

// Returns the shape that a parameter has as a value.
GanShape gan_parameter_shape(const GanTensor *tensor);

// Fills a kernel's arguments from a convolution node and its views.
void gan_conv_args(const GanNode *node, const GkView *inputs, const GkView *output, GkConv2d *args);

#endif
