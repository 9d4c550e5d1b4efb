// SPDX-License-Identifier: LGPL-3.0-or-later
// A player of a training: a named set of networks that learn together, by losses of their own and
// with an optimizer and a schedule of their own.
//
// A player knows no graph. gan_turn_train() gives it one: what it then computes are the gradients
// of its networks' weights and the values of its losses.
#ifndef GAN_PLAYER_H
#define GAN_PLAYER_H

#include "ema.h"
#include "gradients.h"
#include "learning.h"
#include "resident.h"

typedef enum {
    GAN_PLAYER_GENERATOR, // makes what the run is for
    GAN_PLAYER_CRITIC,    // is there for the others to learn from
} GanPlayerRole;

// The value of a loss, or another number that is worth watching.
typedef struct {
    char *name;
    float value; // of the last run
    double mean; // of the last steps
} GanTerm;

typedef struct {
    char *name;
    GanPlayerRole role;
    GanLearning learning;     // its lists are borrowed
    double largest;           // weight after an update; 0: any
    GPtrArray *networks;      // of GanParameters, borrowed
    GPtrArray *network_names; // texts, of networks in saved states
    GArray *terms;            // of GanTerm

    GanGradients *gradients; // NULL before its first turn
    GanOptimizer *optimizer;
    GanEma *ema;           // or NULL
    GanResident *resident; // or NULL: the weights are in the process's memory
} GanPlayer;

// Owner:   copies learning but for the lists in it.
GanPlayer *gan_player_new(const char *name, GanPlayerRole role, const GanLearning *learning);
void gan_player_free(GanPlayer *player); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanPlayer, gan_player_free)

// Adds a network that learns. `name` tells it from the player's others in saved states.
// Owner:   borrows the parameters.
void gan_player_add(GanPlayer *player, const char *name, GanParameters *parameters);
gboolean gan_player_has(const GanPlayer *player, const GanParameters *parameters);

// Numbers of all weights, without running statistics.
guint64 gan_player_n_weights(const GanPlayer *player);

// Gives the player what computes its gradients, of `terms` first. Makes optimizer and average at
// the first time.
// Owner:   takes gradients.
// Errors:  GAN_ERROR_MEMORY; gradients are freed then, too.
gboolean gan_player_learn(GanPlayer *player, GanGradients *gradients, GError **error);

// Takes the weights to a device with memory of its own, where they stay.
// Errors:  GAN_ERROR_MEMORY, GAN_ERROR_DEVICE.
gboolean gan_player_settle(GanPlayer *player, GanDevice *device, GError **error);

// Brings the tensors up to date with the device, before they are read; takes what was written to
// them there. Nothing where the weights are in the process's memory.
gboolean gan_player_pull(const GanPlayer *player, GError **error);
gboolean gan_player_push(const GanPlayer *player, GError **error);

// Changes the weights by the gradients of the last run, unless not all that it found are numbers:
// *diverged. `step`: finished ones; `factor`: of the schedule's rate.
gboolean gan_player_update(GanPlayer *player, guint64 step, double factor, gboolean *diverged,
                           GError **error);

// Takes the weights into their running average, where there is one.
gboolean gan_player_average(GanPlayer *player, GError **error);

#endif
