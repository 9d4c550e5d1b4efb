// SPDX-License-Identifier: LGPL-3.0-or-later
// A turn: one graph of a training step, whose inputs are fed and whose outputs are handed on by
// name. It trains a player, or only computes.
//
//   GanTurn *turn = gan_turn_new();
//   GanNode *x = gan_turn_input(turn, "input", low), *y = gan_turn_input(turn, "target", high);
//   GanNet *net = gan_turn_network(turn, parameters, NULL);
//   GanNode *made = gan_network_append(network, net, x, NULL);
//   gan_turn_loss(turn, "pixel", gan_loss_l1(made, y), 1);
//   gan_turn_train(turn, player, device, &error);
//   for (…) {
//       gan_turn_feed(turn, "input", low_pixels);
//       gan_turn_feed(turn, "target", high_pixels);
//       gan_turn_run(turn, FALSE, &error);
//       gan_player_update(player, …);
//   }
#ifndef GAN_TURN_H
#define GAN_TURN_H

#include "player.h"

typedef struct GanTurn GanTurn;

GanTurn *gan_turn_new(void);
void gan_turn_free(GanTurn *turn); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanTurn, gan_turn_free)

// --- building ---

// The graph, until the turn is finished.
GanGraph *gan_turn_graph(const GanTurn *turn);

// Appends an input. `name` is static text, as in all functions here.
GanNode *gan_turn_input(GanTurn *turn, const char *name, GanShape shape);

// Begins a network of the turn, to be applied as often as it takes part. `random` draws weights
// that are not there yet; NULL: all are.
// Owner:   the turn; borrows parameters, which must outlive it.
GanNet *gan_turn_network(GanTurn *turn, GanParameters *parameters, GRand *random);

// Adds weight * value to what the player's networks minimise; `value`: one number,
// which is watched.
void gan_turn_loss(GanTurn *turn, const char *name, GanNode *value, double weight);

// Has runs report a number.
void gan_turn_watch(GanTurn *turn, const char *name, GanNode *value);

// Names a value that other turns may take; see gan_turn_link().
void gan_turn_output(GanTurn *turn, const char *name, GanNode *value);

// Finishes the turn: it trains those of its networks that are the player's; the others stay as they
// are, running statistics too.
// Errors:  those of gan_step_new() and of the networks; GAN_ERROR_MEMORY.
gboolean gan_turn_train(GanTurn *turn, GanPlayer *player, GanDevice *device, GError **error);

// Finishes the turn: it only computes its outputs.
gboolean gan_turn_compute(GanTurn *turn, GanDevice *device, GError **error);

// --- running ---

// Feeds an input by whatever `numbers` holds when the turn is run: dense, channels-last.
// Owner:   borrows them until they are fed otherwise.
void gan_turn_feed(GanTurn *turn, const char *input, const float *numbers);

// Returns memory of the turn that feeds an input; cleared.
// Errors:  GAN_ERROR_MEMORY.
float *gan_turn_room(GanTurn *turn, const char *input, GError **error);

// Feeds an input by what another turn's output was in its last run. On a device with memory of its
// own it stays there.
// Owner:   borrows `from`.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_turn_link(GanTurn *turn, const char *input, GanTurn *from, const char *output,
                       GError **error);

// Returns where an output's values are in the process's memory after each run from now on.
// Owner:   the turn.
// Errors:  GAN_ERROR_MEMORY.
const float *gan_turn_read(GanTurn *turn, const char *output, GError **error);

// Has the turn read the weights of a player that is settled on the device.
void gan_turn_bind(GanTurn *turn, const GanPlayer *player);

// Runs the turn: fills the player's gradients, or adds to them where `accumulate`, and its terms.
// All inputs have been fed.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE.
gboolean gan_turn_run(GanTurn *turn, gboolean accumulate, GError **error);

const GanStepInfo *gan_turn_info(const GanTurn *turn);
GanShape gan_turn_output_shape(const GanTurn *turn, const char *output);
guint64 gan_turn_n_runs(const GanTurn *turn); // so far

// Bytes of the process's memory that rooms and handed-on outputs take.
guint64 gan_turn_bytes(const GanTurn *turn);

#endif
