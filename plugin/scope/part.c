// SPDX-License-Identifier: LGPL-3.0-or-later
// A part of a layer, worked on with what its result depends on around it.
#include "work.h"

#include <math.h>

// How much to read before and after an area of one axis, so that both borders come out of the
// work at whole pixels, or as near as may be.
typedef struct {
    guint before, after; // pixels of the layer
    guint out_before;    // pixels of the result
    guint out_length;    // of all that is read
} Border;

// Tiles of the network begin at multiples of `grid` in the layer, and so must what is read: then a
// part gives the same pixels as the whole.
static void choose_border(Border *border, guint start, guint length, guint layer_length,
                          guint new_length, const TaskReach *reach)
{
    enum { TRIES = 16 };
    const guint margin = reach->margin, grid = reach->grid;
    const double factor = (double)new_length / length;
    const guint first = start > margin ? (start - margin) / grid * grid : 0;
    double least = 1.0;
    border->before = start - first;
    for (guint i = 0; i < TRIES && first >= i * grid; i++) {
        const guint before = start - (first - i * grid);
        const double off = fabs(before * factor - round(before * factor));
        if (off < least - 1e-9) {
            least = off;
            border->before = before;
        }
    }
    const guint most = layer_length - start - length;
    least = 1.0;
    border->after = MIN(margin, most);
    for (guint after = MIN(margin, most); after <= MIN(margin + TRIES, most); after++) {
        const double total = (border->before + length + after) * factor;
        const double off = fabs(total - round(total));
        if (off < least - 1e-9) {
            least = off;
            border->after = after;
        }
    }
    border->out_before = (guint)lround(border->before * factor);
    border->out_length = MAX((guint)lround((border->before + length + border->after) * factor),
                             border->out_before + new_length);
}

GeglBuffer *part_cut(GeglBuffer *in, const GeglRectangle *from)
{
    const GeglRectangle to = {0, 0, from->width, from->height};
    GeglBuffer *out = gegl_buffer_new(&to, gegl_buffer_get_format(in));
    gegl_buffer_copy(in, from, GEGL_ABYSS_CLAMP, out, &to);
    return out;
}

GeglBuffer *part_run(const Job *job, const HostLayer *layer, GeglBuffer *pixels,
                     const GeglRectangle *part, guint width, guint height, Progress *progress,
                     GError **error)
{
    const guint x = (guint)part->x, y = (guint)part->y;
    const guint wide = (guint)part->width, high = (guint)part->height;
    TaskReach reach;
    Border across, down;
    if (!work_reach(job->task, job->session, job->values, &reach, error))
        return NULL;
    choose_border(&across, x, wide, (guint)gegl_buffer_get_width(pixels), width, &reach);
    choose_border(&down, y, high, (guint)gegl_buffer_get_height(pixels), height, &reach);
    const GeglRectangle read = {(gint)(x - across.before), (gint)(y - down.before),
                                (gint)(across.before + wide + across.after),
                                (gint)(down.before + high + down.after)};
    g_autoptr(GeglBuffer) around = part_cut(pixels, &read);
    g_autoptr(GeglBuffer) made =
        work_run(job, layer, around, across.out_length, down.out_length, progress, error);
    if (made == NULL)
        return NULL;
    return part_cut(made, GEGL_RECTANGLE((gint)across.out_before, (gint)down.out_before,
                                         (gint)width, (gint)height));
}
