// SPDX-License-Identifier: LGPL-3.0-or-later
// What the parts of the upscale task share.
#ifndef PLUGIN_UPSCALE_H
#define PLUGIN_UPSCALE_H

#include "../session.h"
#include <gan/upscale.h>

G_BEGIN_DECLS

typedef enum {
    UPSCALE_IMAGE,
    UPSCALE_NEW_IMAGE,
    UPSCALE_LAYER,
    UPSCALE_SELECTION,
} UpscaleScope;

typedef enum { UPSCALE_ALPHA_CUBIC, UPSCALE_ALPHA_NETWORK } UpscaleAlpha;

// The runner that the values name, blended where they say so.
GanRunner *upscale_runner(Session *session, const Values *values, GError **error);

// The model of upscale_runner().
const GanModelInfo *upscale_model(Session *session, const Values *values, GError **error);

// The size that the values give what is width x height pixels now.
// `scale`: the model's.
// Errors:  GAN_ERROR_ARGUMENT: the factor is out of range, or GIMP has no such large pictures.
gboolean upscale_size(const Values *values, guint scale, guint width, guint height,
                      guint *new_width, guint *new_height, GError **error);

// What the engine is asked for, to make an area of width x height pixels.
GanUpscaleOptions upscale_options(const Values *values, guint width, guint height);

// Pixels around an area that its result depends on.
guint upscale_margin(const GanModelInfo *model);

// Adds to an error of libgan, whose words are about networks, what the user can do.
void upscale_explain(GError **error);

// The part of the layer that the selection, both on the canvas, covers; FALSE when there is none.
gboolean upscale_selected(const HostLayer *layer, const GeglRectangle *selection,
                          GeglRectangle *area);

// Runs one scope on a job.
gboolean upscale_image(Job *job, gboolean in_new_image, GError **error);
gboolean upscale_layer(Job *job, gboolean selection_only, GError **error);

G_END_DECLS
#endif
