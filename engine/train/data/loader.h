// SPDX-License-Identifier: LGPL-3.0-or-later
// Batches made ahead of the training step, on threads of their own. What a batch holds depends on
// the seed and the step alone, so any number of threads and any resume give the same.
#ifndef GAN_LOADER_H
#define GAN_LOADER_H

#include "dataset.h"
#include "degrade.h"

typedef struct {
    guint batch;    // samples of a step
    guint patch;    // side of the target, pixels; a multiple of scale
    guint choose;   // of so many random places of a patch, the one with most detail; 0: as 1
    guint scale;    // target pixels an input pixel, each way; 1 where there is no input
    gboolean input; // make an input: by `degrade`; of pairs the given one; of two collections
                    // any of the second, at full size
    gboolean
        resize;    // shrink or enlarge pictures to the patch instead of cutting it out at full size
    gboolean flip; // left to right, one time in two
    gboolean rotate;  // top to bottom and over the diagonal, one time in two each
    double colour;    // brightness, contrast and saturation vary by up to this part, 0..1
    gboolean sharpen; // the target, as Real-ESRGAN does; its input is made of the picture as it is
    GanDegrade degrade;
    guint margin;     // target pixels around the patch that degrading sees; a multiple of scale
    double low, high; // what black and white become; 0 and 1, or -1 and 1
    guint64 seed;
    guint n_threads; // at least 1
    guint queue;     // batches made ahead, at least 1
} GanLoaderOptions;

typedef struct {
    guint64 step;
    GanTensor *input;  // [N,h,w,C], or NULL; of two collections: of the second
    GanTensor *target; // [N,H,W,C]; of two collections: of the first
    guint *labels;     // of N samples, or NULL without classes
    float *numbers;    // of N samples: gan_degrade_level(); NULL where nothing can be told
} GanBatch;

void gan_batch_clear(GanBatch *batch);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanBatch, gan_batch_clear)

// Makes the batch of a step, in the calling thread.
// Owner:   the caller clears `batch`.
// Errors:  GAN_ERROR_FORMAT: no picture can be used, or none of many. GAN_ERROR_MEMORY.
gboolean gan_batch_make(GanDataset *dataset, const GanLoaderOptions *options, guint64 step,
                        GPtrArray *notices, GanBatch *batch, GError **error);

// Returns the memory that a batch takes.
guint64 gan_batch_bytes(const GanDataset *dataset, const GanLoaderOptions *options);

typedef struct GanLoader GanLoader;

// Begins to make batches from `first_step` on.
// Owner:   borrows dataset, which must outlive it.
GanLoader *gan_loader_new(GanDataset *dataset, const GanLoaderOptions *options, guint64 first_step);
void gan_loader_free(GanLoader *loader); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanLoader, gan_loader_free)

// Takes the next step's batch, waiting for it if it must.
// Owner:   the caller clears `batch`.
// Errors:  gan_batch_make()'s.
gboolean gan_loader_next(GanLoader *loader, GanBatch *batch, GError **error);

// Returns a line on a picture that could not be used and was passed over, once each; NULL when
// there is none.
// Owner:   the caller frees it.
char *gan_loader_notice(GanLoader *loader);

typedef struct {
    guint64 n_batches; // taken
    guint64 n_waited;  // of these, not ready when they were asked for
    gint64 wait_us;    // that the caller waited, all together
    gint64 make_us;    // that threads worked, all together
} GanLoaderStats;

GanLoaderStats gan_loader_stats(GanLoader *loader);

#endif
