// SPDX-License-Identifier: LGPL-3.0-or-later
// How a critic learns: the turn that procedures with a critic share.
#ifndef GAN_CRITIC_TURN_H
#define GAN_CRITIC_TURN_H

#include "training.h"
#include <critic.h>

// A critic learns as the generators do, but at its own rate and without an average.
// Owner:   training; borrows network, to which the first turn adds weights.
GanPlayer *gan_critic_player(GanTraining *training, const char *name,
                             const GanCriticSettings *settings, const GanLearning *learning,
                             GanParameters *network);

// What the critic says of pictures, and of planes beside them that tell the class, or NULL.
GanNode *gan_critic_opinion(const GanCriticSettings *settings, GanNet *critic, GanNode *pictures,
                            GanNode *planes, GanShape shape);

// Makes the turn: it tells "real" from "fake", pictures of `shape`; with classes "planes" of so
// many channels go in beside both, and with a gradient penalty "share", a number for each picture.
// New weights are drawn by `seed`.
// Owner:   training; NULL with an error.
GanTurn *gan_critic_turn(GanTraining *training, GanPlayer *player,
                         const GanCriticSettings *settings, GanShape shape, guint n_classes,
                         guint64 seed, GError **error);

// Runs it, with new numbers for "share".
gboolean gan_critic_run(const GanTraining *training, GanTurn *turn,
                        const GanCriticSettings *settings, gboolean accumulate, GError **error);

#endif
