// SPDX-License-Identifier: LGPL-3.0-or-later
// What rows of several operations have in common.
#ifndef GAN_RULES_H
#define GAN_RULES_H

#include "ops.h"
#include <ops/pool.h>

// --- channels ---

guint gan_channels_declared(const GanNode *node); // by the attributes
guint gan_channels_none(const GanNode *node);     // a value made of parameters
guint gan_channels_same(const GanNode *node);     // of the first input
guint gan_channels_like(const GanNode *node);     // of the last input
guint gan_channels_binary(const GanNode *node);   // of the wider of two

// --- shapes ---

gboolean gan_shape_same(const GanNode *node, const GanShape *in, GanShape *out, GError **error);
gboolean gan_shape_like(const GanNode *node, const GanShape *in, GanShape *out, GError **error);

// Compares what meets in a node; FALSE with an error where that differs.
gboolean gan_shapes_equal(const GanNode *node, const GanShape *a, const GanShape *b,
                          GError **error);

// Says that a node cannot take its first n inputs. Returns FALSE.
gboolean gan_shape_refuse(const GanNode *node, const GanShape *in, guint n, GError **error);

// The extents of a shape in order, and back; and the number of elements.
void gan_shape_extents(const GanShape *s, gsize *e);
GanShape gan_shape_of(const gsize *e);
gsize gan_shape_length(const GanShape *s);

// --- geometry ---

// Makes a value `num` / `den` times as large.
void gan_geometry_rescale(GanGeometry *g, guint num, guint den);

// Adds a reach of `pixels` of the value.
void gan_geometry_reach(GanGeometry *g, double pixels);

// Adds what another value depends on that meets this one pixel by pixel.
void gan_geometry_join(const GanGeometry *other, GanGeometry *g);

// Rules: that of a value without pixels; of the first input; of all inputs that are read, joined;
// of the first input, enlarged by the factor; of a value with the pixels of the last input, of
// which only the shape is read.
void gan_geometry_none(const GanNode *node, const GanGeometry *rows, GanGeometry *out);
void gan_geometry_first(const GanNode *node, const GanGeometry *rows, GanGeometry *out);
void gan_geometry_joined(const GanNode *node, const GanGeometry *rows, GanGeometry *out);
void gan_geometry_enlarged(const GanNode *node, const GanGeometry *rows, GanGeometry *out);
void gan_geometry_like(const GanNode *node, const GanGeometry *rows, GanGeometry *out);

// A window that moves over the first input by the stride; one whose values are spread the
// same way back.
void gan_geometry_window(const GanNode *node, const GanGeometry *rows, GanGeometry *out);
void gan_geometry_spread(const GanNode *node, const GanGeometry *rows, GanGeometry *out);

// --- sight ---

GanSight gan_sees_local(const GanNode *node, const GanGeometry *rows);
GanSight gan_sees_statistics(const GanNode *node, const GanGeometry *rows);

// The whole of all inputs with pixels. What has none, such as the means of a picture, is the same
// wherever a tile is.
GanSight gan_sees_whole(const GanNode *node, const GanGeometry *rows);

// Local, unless one of the inputs is a parameter with pixels, which fits one size only.
GanSight gan_sees_pointwise(const GanNode *node, const GanGeometry *rows);

// Local, unless pixels come before the first one or go away: then those of a tile would move. For
// padding, parts of axes, and windows of pooling.
GanSight gan_sees_padding(const GanNode *node, const GanGeometry *rows);
GanSight gan_sees_part(const GanNode *node, const GanGeometry *rows);
GanSight gan_sees_pooled(const GanNode *node, const GanGeometry *rows);

// --- memory ---

guint gan_in_place_first(const GanNode *node);
guint gan_in_place_both(const GanNode *node);

// Views: where the value has its first input's shape; always, as the top left part of it.
gboolean gan_view_equal(const GanNode *node, const GkView *input, const GanShape *shape,
                        GkView *value);
gboolean gan_view_always(const GanNode *node, const GkView *input, const GanShape *shape,
                         GkView *value);

// --- kernels ---

// Whether a view's elements lie together, as in a dense array.
gboolean gan_view_is_dense(const GkView *view);

// The scale of a sum that makes `whole` elements `part`, or of its gradient.
double gan_sum_scale(const GanAttributes *a, const GkView *whole, const GkView *part);

// The part of `whole` that has the shape of `part` and begins at node's attributes.first.
GkView gan_part_view(const GanNode *node, const GkView *whole, const GkView *part);

GkPoolShape gan_pool_shape(const GanNode *node);

// The shape of a pooled value; where more than n_data inputs are there, the next one's.
gboolean gan_shape_pooled(const GanNode *node, const GanShape *in, guint n_data, GanShape *out,
                          GError **error);

// The convolution that one of its gradients belongs to.
void gan_conv_shape(const GanNode *node, GkConv2dShape *shape);

// --- gradients ---

// Appends an operation with the node's attributes, and one with none; inputs behind the
// first may be NULL.
GanNode *gan_append_like(GanNode *node, GanOp op, GanNode *a, GanNode *b, GanNode *c);
GanNode *gan_append_plain(GanNode *node, GanOp op, GanNode *a, GanNode *b);

// An activation of x.
GanNode *gan_activated(GanNode *x, GkActivationKind kind);

// A value of each group of channels for each channel of it, and back: sums over the pixels and over
// the channels of each group.
GanNode *gan_group_spread(GanNode *x, guint groups, guint channels);
GanNode *gan_group_sum(GanNode *x, guint groups);

// The convolution whose value is like `like`, the value at its far end.
GanNode *gan_conv_again(GanNode *node, GanNode *x, GanNode *weight, GanNode *like);

#endif
