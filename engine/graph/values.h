// SPDX-License-Identifier: LGPL-3.0-or-later
// Arithmetic on values of a graph: the words that losses, normalisations and gradient rules are
// written in. Each function appends nodes and returns the value.
#ifndef GAN_VALUES_H
#define GAN_VALUES_H

#include "graph.h"

// A constant with four axes of 1.
GanNode *gan_scalar(GanGraph *graph, double value);

// A parameter whose tensor the caller changes between runs, and one that stays as it is.
GanNode *gan_trainable(GanGraph *graph, const char *name, GanTensor *tensor);
GanNode *gan_frozen(GanGraph *graph, const char *name, GanTensor *tensor);

// One of several values from outside: a picture of `channels`, or with 0 a dense
// array of any shape.
GanNode *gan_named_input(GanGraph *graph, const char *name, guint channels);

GanNode *gan_unary(GanNode *x, GkUnaryKind kind, float alpha, float beta);
GanNode *gan_linear_map(GanNode *x, float scale, float shift); // scale * x + shift
GanNode *gan_scaled(GanNode *x, double factor);                // factor a float need not hold
GanNode *gan_negate(GanNode *x);
GanNode *gan_absolute(GanNode *x);
GanNode *gan_square(GanNode *x);
GanNode *gan_square_root(GanNode *x);
GanNode *gan_reciprocal(GanNode *x);
GanNode *gan_exponential(GanNode *x);
GanNode *gan_logarithm(GanNode *x);
GanNode *gan_softplus(GanNode *x);
GanNode *gan_clamp(GanNode *x, float low, float high);

// Each axis of the operands is that of the value or 1.
GanNode *gan_binary(GanNode *a, GanNode *b, GkBinaryKind kind, float alpha, float beta);
GanNode *gan_sum(GanNode *a, GanNode *b);
GanNode *gan_difference(GanNode *a, GanNode *b);
GanNode *gan_product(GanNode *a, GanNode *b);
GanNode *gan_quotient(GanNode *a, GanNode *b);

// Sums and means over axes (GAN_AXIS_...), which stay with an extent of 1; and over those that
// `like` has not got.
GanNode *gan_reduce_sum(GanNode *x, guint axes);
GanNode *gan_reduce_mean(GanNode *x, guint axes);
GanNode *gan_reduce_like(GanNode *x, GanNode *like);
GanNode *gan_broadcast(GanNode *x, GanNode *like);

// One divided by the number of places that x has along axes: a scalar that is known
// when the size is.
GanNode *gan_share(GanNode *x, guint axes);

// a b, with either transposed: matrices are the last two axes, one for each N; H is 1.
GanNode *gan_matmul(GanNode *a, gboolean transpose_a, GanNode *b, gboolean transpose_b);

// Axis i of the value is axis order[i] of x.
GanNode *gan_transpose(GanNode *x, guint n, guint h, guint w, guint c);

// The elements of x, as its axes order them, with other extents: a number, GAN_KEEP(i) for the
// extent of axis i of x, or GAN_REST (once) for what is left.
#define GAN_REST 0
#define GAN_KEEP(axis) (-1 - (axis))
GanNode *gan_reshape(GanNode *x, int n, int h, int w, int c);

// `count` places of one axis (0 to 3) from `first` on; 0: all that follow.
GanNode *gan_slice(GanNode *x, guint axis, guint first, guint count);

// x without a gradient.
GanNode *gan_stop(GanNode *x);

// The parameters of a convolution.
typedef struct {
    guint kernel_h, kernel_w;
    guint stride, dilation, groups; // 0: 1
    guint pad_top, pad_left, pad_bottom, pad_right;
    guint output_pad;   // transposed convolution
    GkPadMode pad_mode; // what lies beyond the edges; of a transposed convolution zeros
} GanConvParams;

// Convolution and transposed convolution (PyTorch's weight [in, out/groups, kh, kw]) with
// `channels` outputs; the weight may be any value. bias: [channels] or NULL.
GanNode *gan_convolution(GanNode *x, GanNode *weight, GanNode *bias, guint channels,
                         const GanConvParams *params);
GanNode *gan_transposed_convolution(GanNode *x, GanNode *weight, GanNode *bias, guint channels,
                                    const GanConvParams *params);

// Means and variances over the pixels, and with `all_images` over the images too, of groups of
// channels; and x less its mean, divided by sqrt(variance + epsilon).
GanNode *gan_moments(GanNode *x, guint groups, gboolean all_images);
GanNode *gan_normalised(GanNode *x, GanNode *moments, float epsilon);

// exp(x), divided by its sum over the channels (GAN_AXIS_C) or over the pixels of a row (W).
GanNode *gan_softmax(GanNode *x, guint axis);

GanNode *gan_pad(GanNode *x, guint top, guint left, guint bottom, guint right, GkPadMode mode);

// Pooling; `ceil`: windows that end outside count. The average's divisor is the number of pixels
// inside the picture, or kernel * kernel with count_pad.
GanNode *gan_average_pool(GanNode *x, guint kernel, guint stride, guint pad, gboolean ceil,
                          gboolean count_pad);
GanNode *gan_max_pool(GanNode *x, guint kernel, guint stride, guint pad, gboolean ceil);

#endif
