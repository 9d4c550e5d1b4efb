// SPDX-License-Identifier: LGPL-3.0-or-later
// A runner as its own files and the tasks see it.
#ifndef GAN_RUNNER_PRIVATE_H
#define GAN_RUNNER_PRIVATE_H

#include "passes.h"
#include "tiles.h"
#include <gan/runner.h>
#include <model-private.h>

// Shapes that one cutting of a picture can have.
#define N_PLANS 4

// Tiles are not made smaller than this, in input pixels.
#define LEAST_TILE 8

struct GanRunner {
    GanModel *model;
    GanDevice *device;
    GanProgram *program;
    const GanModelInfo *info; // the model's
    GanRunnerOptions options;
    struct {
        guint width, height; // 0: free
        GanPlan *plan;
    } plans[N_PLANS];
    guint next_plan;
    GanWorkspace *workspace; // all plans'
    GanPasses *passes;       // of a network whose sight is statistics; else NULL
    double speed;            // floating-point operations a second; 0: not measured yet
    gint64 network_us;       // that runs have spent in the network so far
};

// Borrowed from the runner.
GanModel *gan_runner_model(const GanRunner *runner);

// The plan for one shape, kept for the next tile of it.
GanPlan *gan_runner_plan(GanRunner *runner, guint width, guint height, GError **error);

// Gives the memory of the plans back.
void gan_runner_release(GanRunner *runner);

// Tiles begin at multiples of 4 values of the network's coarsest layer: fast convolutions work in
// blocks of 4 x 4, and equal blocks round equally in a tile and in the whole picture.
void gan_runner_cut(const GanRunner *runner, guint width, guint height, guint tile, GanTileAxis *x,
                    GanTileAxis *y);

// The shapes of the network's inputs for tiles of width x height pixels.
void gan_runner_shapes(const GanRunner *runner, guint width, guint height,
                       GanShape shapes[GAN_MODEL_MAX_INPUTS]);

// The largest tile that the budget and good sense allow, as its side; at least LEAST_TILE.
// Fills in the bytes, flops and, where the run takes passes, the tiles of `estimate` as well.
// `in_passes`: set to whether it does.
// Errors:  GAN_ERROR_MEMORY: no tile fits into the budget.
gboolean gan_runner_choose_tile(GanRunner *runner, guint width, guint height, guint *tile,
                                gboolean *in_passes, GanEstimate *estimate, GError **error);

#endif
