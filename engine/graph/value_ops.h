// SPDX-License-Identifier: LGPL-3.0-or-later
// Shapes and kernels of the operations that losses and derivatives need, and the gradient rules of
// all operations, for the table in ops.c.
#ifndef GAN_VALUE_OPS_H
#define GAN_VALUE_OPS_H

#include "ops.h"

guint gan_channels_binary(const GanNode *node);
guint gan_channels_reduce(const GanNode *node);
guint gan_channels_like(const GanNode *node);
guint gan_channels_reshape(const GanNode *node);
guint gan_channels_slice(const GanNode *node);

gboolean gan_shape_binary(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_reduce(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_like(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_matmul(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_transpose(const GanNode *node, const GanShape *in, GanShape *out,
                             GError **error);
gboolean gan_shape_reshape(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_conv2d_input_gradient(const GanNode *node, const GanShape *in, GanShape *out,
                                         GError **error);
gboolean gan_shape_conv2d_weight_gradient(const GanNode *node, const GanShape *in, GanShape *out,
                                          GError **error);
gboolean gan_shape_pad(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_slice(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_embed(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_average_pool(const GanNode *node, const GanShape *in, GanShape *out,
                                GError **error);
gboolean gan_shape_max_pool(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_max_pool_gradient(const GanNode *node, const GanShape *in, GanShape *out,
                                     GError **error);
gboolean gan_shape_downsample(const GanNode *node, const GanShape *in, GanShape *out,
                              GError **error);

GkStatus gan_run_unary(const GanCall *call);
GkStatus gan_run_binary(const GanCall *call);
GkStatus gan_run_reduce(const GanCall *call);
GkStatus gan_run_broadcast(const GanCall *call);
GkStatus gan_run_matmul(const GanCall *call);
GkStatus gan_run_transpose(const GanCall *call);
GkStatus gan_run_reshape(const GanCall *call);
GkStatus gan_run_conv2d_input_gradient(const GanCall *call);
GkStatus gan_run_conv2d_weight_gradient(const GanCall *call);

// Functions in a chain.
void gan_link_unary(const GanNode *node, const GkView *input, const GkView *output, GkLink *link);
void gan_link_binary(const GanNode *node, const GkView *input, const GkView *output, GkLink *link);
void gan_link_add(const GanNode *node, const GkView *input, const GkView *output, GkLink *link);
void gan_link_multiply(const GanNode *node, const GkView *input, const GkView *output,
                       GkLink *link);
void gan_link_reduce(const GanNode *node, const GkView *input, const GkView *output, GkLink *link);
GkStatus gan_run_pad(const GanCall *call);
GkStatus gan_run_pad_gradient(const GanCall *call);
GkStatus gan_run_slice(const GanCall *call);
GkStatus gan_run_embed(const GanCall *call);
GkStatus gan_run_average_pool(const GanCall *call);
GkStatus gan_run_average_pool_gradient(const GanCall *call);
GkStatus gan_run_max_pool(const GanCall *call);
GkStatus gan_run_max_pool_gradient(const GanCall *call);
GkStatus gan_run_bilinear_gradient(const GanCall *call);

// is_view: always; where the input is dense; where equal shapes leave nothing to do.
gboolean gan_view_always(const GanNode *node, const GanShape *input, const GanShape *value,
                         gboolean dense);
gboolean gan_view_reshape(const GanNode *node, const GanShape *input, const GanShape *value,
                          gboolean dense);
gboolean gan_view_equal(const GanNode *node, const GanShape *input, const GanShape *value,
                        gboolean dense);

// The convolution that one of its gradients belongs to.
void gan_conv_shape(const GanNode *node, GkConv2dShape *shape);

// Gradient rules; see GanOpRow.
GanNode *gan_gradient_unary(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_binary(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_reduce(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_broadcast(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_matmul(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_transpose(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_reshape(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_conv2d(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_conv2d_input_gradient(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_conv2d_weight_gradient(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_activate(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_add(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_multiply(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_affine(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_concat(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_pixel_shuffle(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_pixel_unshuffle(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_nearest(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_bilinear(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_bilinear_gradient(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_pad(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_pad_gradient(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_slice(GanNode *node, GanNode *g, guint k); // and of the crop
GanNode *gan_gradient_embed(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_average_pool(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_average_pool_gradient(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_max_pool(GanNode *node, GanNode *g, guint k);
GanNode *gan_gradient_max_pool_gradient(GanNode *node, GanNode *g, guint k);

#endif
