// SPDX-License-Identifier: LGPL-3.0-or-later
// The restore task: noise and the damage of JPEG removed at the picture's own size.
#ifndef GAN_RESTORE_H
#define GAN_RESTORE_H

#include <gan/runner.h>

G_BEGIN_DECLS

typedef struct {
    double strength; // 0..1: how much of the way from the picture to what the network makes of it
    // Of the model's number, such as the strength of the noise, in the range of its end; NAN: the
    // model's own.
    double level;
    // Alpha is one more channel of data, as in textures: colours are restored as they are, also where
    // it is 0, and it goes through the network apart, which takes as long again. Else it stays.
    gboolean data_alpha;
} GanRestoreOptions;

// Returns the model's input that is a number, or NULL when it has none.
// Owner:   the model.
const GanEnd *gan_restore_level(const GanModel *model);

// Restores `in` and returns a new buffer in its own size, Babl format and space, with its
// corner at (0, 0). Colours of a palette go through the network as R'G'B' and come back as
// the palette's nearest.
// Owner:   the caller gets the buffer.
// Errors:  GAN_ERROR_ARGUMENT: strength or level out of range. gan_runner_run()'s.
GeglBuffer *gan_restore(GanRunner *runner, GeglBuffer *in, const GanRestoreOptions *options,
                        GanProgress progress, gpointer data, GError **error);

G_END_DECLS
#endif
