// SPDX-License-Identifier: LGPL-3.0-or-later
// A network as a list of nodes in execution order, free of picture sizes, devices and layouts. The
// same graph is run, tiled, fused and, with more nodes appended, differentiated.
//
// All values have four axes, N H W C. Vectors, matrices and weights fill them from the right, as
// PyTorch orders them: [O,C,K,K] is N H W C, [O,I] is W C, [C] is C, a scalar has four axes of 1.
#ifndef GAN_GRAPH_H
#define GAN_GRAPH_H

#include "op_list.h"

#include <gan/sight.h>
#include <gan/tensor.h>
#include <gk.h>
#include <ops/activation.h>
#include <ops/elementwise.h>
#include <ops/pad.h>

typedef struct GanGraph GanGraph;
typedef struct GanNode GanNode;

// What fusion put into a convolution's epilogue; see kernels/ops/conv2d.h for the
// order of evaluation.
typedef struct {
    gboolean has_bias;       // of a transposed convolution: an input follows the weight
    gboolean has_slopes;     // an input with PReLU slopes follows the bias
    guint shuffle;           // >= 1
    guint upsample;          // >= 1: nearest upsampling before the convolution
    gboolean has_gate;       // an input follows
    guint n_residuals;       // as many inputs follow
    float residual_scale[2]; // of the value so far
    guint residual_upsample[2];
} GanFused;

enum { GAN_AXIS_N = 1, GAN_AXIS_H = 2, GAN_AXIS_W = 4, GAN_AXIS_C = 8, GAN_AXIS_ALL = 15 };

typedef struct {
    guint channels;             // GAN_OP_INPUT, and a convolution whose weight is no parameter
    guint scale_num, scale_den; // GAN_OP_INPUT: its pixels for each of the picture; 0: no pixels
    guint kernel_h, kernel_w, stride, dilation, groups; // convolution; groups of MOMENTS, NORMALISE
    guint pad_top, pad_left, pad_bottom, pad_right;
    GkActivationKind activation; // GAN_OP_ACTIVATE and fused convolutions
    float slope;
    // GAN_OP_ADD, UNARY, BINARY; alpha is the scale of REDUCE, BROADCAST and of pooling sums, where
    // 0 stands for the mean over the window.
    float alpha, beta;
    guint factor; // shuffles, upsampling, padding, cropping
    guint transposed_kernel,
        transposed_pad;   // a convolution to be shuffled: see kernels/ops/conv2d.h
    GkPadMode pad_mode;   // padding and convolutions: what lies beyond the edges
    GanTensor *parameter; // GAN_OP_PARAMETER; the node holds a reference
    gboolean trainable;   // GAN_OP_PARAMETER: its owner changes the tensor between runs
    GkUnaryKind unary;
    GkBinaryKind binary;
    guint axes;    // GAN_OP_REDUCE without like: the axes to sum over, a bit each: GAN_AXIS_N, ...
    float epsilon; // NORMALISE
    gboolean mean; // REDUCE, BROADCAST: divide by the number of summands
    gboolean transpose_a, transpose_b; // MATMUL
    guint order[4];                    // TRANSPOSE: axis i of the value is axis order[i] of x
    int extent[4];    // RESHAPE and SLICE without like, see gan_reshape() and gan_slice()
    guint first[4];   // SLICE, EMBED: where the slice begins
    guint output_pad; // CONV2D_INPUT_GRADIENT without like
    gboolean ceil;    // pooling: windows that begin inside and end outside count
    GanFused fused;   // GAN_OP_CONV2D
} GanAttributes;

struct GanNode {
    GanGraph *graph;
    guint id; // index in the graph
    GanOp op;
    GanAttributes attributes;
    GanNode **inputs;
    guint n_inputs;
    guint channels; // of the value; a parameter's is 0, and so is that of a value made of them
    char *name;     // weight name or scope, for messages
};

GanGraph *gan_graph_new(void);
void gan_graph_free(GanGraph *graph); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanGraph, gan_graph_free)

guint gan_graph_n_nodes(const GanGraph *graph);
GanNode *gan_graph_node(const GanGraph *graph, guint id);

// Appends a node; inputs must be nodes of this graph. `attributes` is copied (a
// parameter is referenced).
// Owner:   the graph.
GanNode *gan_graph_append(GanGraph *graph, GanOp op, const char *name, GanNode *const *inputs,
                          guint n_inputs, const GanAttributes *attributes);

// Returns attributes with the neutral value in every member (factors 1, alpha 1, beta 1).
GanAttributes gan_attributes_default(void);

// The value that the graph computes (its first output), and the picture it starts from
// (its first GAN_OP_INPUT).
void gan_graph_set_output(GanGraph *graph, GanNode *node);
GanNode *gan_graph_output(const GanGraph *graph);
GanNode *gan_graph_input(const GanGraph *graph);

// Graphs with several ends, such as a training step: inputs in the order in which they were
// appended, outputs in the order in which they were added. gan_graph_add_output() returns the
// output's index; one node may be several outputs.
guint gan_graph_n_inputs(const GanGraph *graph);
GanNode *gan_graph_input_at(const GanGraph *graph, guint index);
guint gan_graph_add_output(GanGraph *graph, GanNode *node);
guint gan_graph_n_outputs(const GanGraph *graph);
GanNode *gan_graph_output_at(const GanGraph *graph, guint index);

// The name of an operation, as messages show it.
const char *gan_op_name(GanOp op);

// Geometry of a node's value, in units of the graph's input: how many value pixels stand on one
// input pixel (scale_num / scale_den; 0 / 1 for a value without pixels: a weight, a sum over all
// pixels, a vector), how far in input pixels the value depends on its surroundings, and the
// multiple of input pixels at which a tile may begin. Of a value that sees more than its
// surroundings these are what they would be without that.
typedef struct {
    guint scale_num, scale_den;
    double reach;
    guint alignment;
    GanSight sight; // the farthest of all that it depends on
} GanGeometry;

// Fills one row for every node (array of gan_graph_n_nodes()).
// Errors:  GAN_ERROR_SHAPE: values of different scale meet in one node.
gboolean gan_graph_geometry(const GanGraph *graph, GanGeometry *rows, GError **error);

// Rewrites a graph into an equal one with fewer passes over memory: constant scales and batch
// norms folded into weights, activation, shuffle, gate, residual sums and nearest upsampling moved
// into convolutions, weights, activation and a residual sum into norms.
// Owner:   the caller gets a new graph; parameters are shared.
// Errors:  GAN_ERROR_MEMORY.
GanGraph *gan_graph_fuse(const GanGraph *graph, GError **error);

#endif
