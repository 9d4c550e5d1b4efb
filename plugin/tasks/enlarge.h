// SPDX-License-Identifier: LGPL-3.0-or-later
// What tasks that enlarge with a model know of it before gan_upscale() runs.
#ifndef PLUGIN_ENLARGE_H
#define PLUGIN_ENLARGE_H

#include "../task.h"

G_BEGIN_DECLS

// GIMP_MAX_IMAGE_SIZE of both versions; the library's own limit is below it.
#define ENLARGE_MOST_SIDE 500000
// How many times as wide or high a result may be.
#define ENLARGE_MOST_FACTOR 16.0

// What becomes of transparency: the argument "alpha" of tasks that enlarge.
enum { ENLARGE_ALPHA_CUBIC, ENLARGE_ALPHA_NETWORK, ENLARGE_ALPHA_AUTO, ENLARGE_ALPHA_DATA };
extern const ArgumentChoice enlarge_alphas[ENLARGE_ALPHA_DATA + 2];

// The argument, by a sentence and a tooltip.
#define ENLARGE_ALPHA_ARGUMENT(sentence, tooltip)                                                  \
    {                                                                                              \
        .name = "alpha", .label = N_("Transparenc_y"), .blurb = sentence, .tip = tooltip,          \
        .kind = ARGUMENT_CHOICE, .section = ARGUMENT_IN_ADVANCED, .choices = enlarge_alphas,       \
        .maximum = ENLARGE_ALPHA_DATA, .initial = ENLARGE_ALPHA_AUTO                               \
    }

// Whether alpha is one more channel of data; whether the network that enlarges makes it, too.
gboolean enlarge_alpha_is_data(const Values *values);
gboolean enlarge_alpha_by_network(const Values *values);

// A task's suit(): letters have colours of one kind and edges that are all transparency.
void enlarge_suit(Values *values, const HostLayer *layer);

// Takes wide x high, whole numbers, as the new size of width x height; a side is one pixel at least.
// Errors:  a side or a factor that is too large.
gboolean enlarge_size(guint width, guint height, double wide, double high, guint *new_width,
                      guint *new_height, GError **error);

TaskReach enlarge_reach(const GanModelInfo *model);

// Predicts what it takes to make new_width x new_height pixels of width x height.
// Errors:  gan_upscale_plan()'s.
gboolean enlarge_cost(GanRunner *runner, guint width, guint height, guint new_width,
                      guint new_height, gboolean measure, TaskCost *cost, GError **error);

G_END_DECLS
#endif
