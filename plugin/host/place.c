// SPDX-License-Identifier: LGPL-3.0-or-later
// Where Scale Image puts layers, which no call of GIMP's tells beforehand.
//
// Source:  gimp_item_scale_by_factors_with_origin(), the same in GIMP 2.10 and 3.0.
#include "pdb.h"
#include <math.h>

// What GIMP scales the children of a group, or of the image, by.
typedef struct {
    double x_factor, y_factor;
    gint from_x, from_y; // the corner that stays in its place,
    gint to_x, to_y;     // and where that lies after it
} Frame;

// GIMP's SIGNED_ROUND(): halves go up, left of and above the canvas, too.
static gint rounded(double x)
{
    return (gint)floor(x + 0.5);
}

static void place(const Frame *frame, const HostLayer *layer, HostLayer *scaled)
{
    const gint x = layer->x - frame->from_x, y = layer->y - frame->from_y;
    const gint left = rounded(frame->x_factor * x), top = rounded(frame->y_factor * y);
    const gint right = rounded(frame->x_factor * (x + (gint)layer->width));
    const gint bottom = rounded(frame->y_factor * (y + (gint)layer->height));
    *scaled = *layer;
    scaled->x = left + frame->to_x;
    scaled->y = top + frame->to_y;
    scaled->width = (guint)MAX(right - left, 0);
    scaled->height = (guint)MAX(bottom - top, 0);
}

// `parent`: the group, 0 for the image.
static Frame frame_in(const HostImageInfo *info, gint parent, guint width, guint height)
{
    HostLayer group, scaled;
    if (parent <= 0 || !host_layer(parent, &group, NULL) || group.width == 0 || group.height == 0)
        return (Frame){
            .x_factor = (double)width / info->width,
            .y_factor = (double)height / info->height,
        };
    const Frame around = frame_in(info, pdb_layer_parent(parent), width, height);
    place(&around, &group, &scaled);
    return (Frame){(double)scaled.width / group.width,
                   (double)scaled.height / group.height,
                   group.x,
                   group.y,
                   scaled.x,
                   scaled.y};
}

void host_scaled_layer(const HostImageInfo *info, const HostLayer *layer, guint width, guint height,
                       HostLayer *scaled)
{
    const gint parent = layer->id > 0 ? pdb_layer_parent(layer->id) : 0;
    const Frame frame = frame_in(info, parent, width, height);
    place(&frame, layer, scaled);
}
