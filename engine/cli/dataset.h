// SPDX-License-Identifier: LGPL-3.0-or-later
// The pictures of an evaluation: originals, what lies beside them under matching names, and all of
// them as plain arrays of 0..255.
#ifndef CLI_DATASET_H
#define CLI_DATASET_H

#include <gan/error.h>
#include <gan/tensor.h>
#include <gegl.h>

typedef struct {
    char *name;    // file name of the original without extension
    char *hr;      // path of the original
    char *lr;      // path of the given small or damaged picture, or NULL: made by bicubic shrinking
    char *ready;   // path of the ready result to be measured, or NULL
    char *problem; // why it cannot be measured: a partner is missing; NULL: nothing is known
} CliSample;

void cli_sample_free(CliSample *sample); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliSample, cli_sample_free)

// Lists the pictures of `folder`, or of its sub-folder HR or target if there is one, sorted by name.
// With that, the model's inputs are taken from LR_bicubic/XN, LR/XN, LRxN, LR or input beside it.
// `scale`:  1: pictures are restored, so that both folders are needed, but where they get damaged.
// `damaged`: the inputs will be damaged: at scale 1 they are the originals.
// `ready`:  a folder with results, or NULL.
// `limit`:  at most so many; 0: all.
// `not_read`: NULL, or owns its texts: gets the endings of originals whose formats are not taken.
// Owner:   the caller gets an array of CliSample that frees its elements.
// Errors:  GAN_ERROR_FILE: no pictures.
GPtrArray *cli_dataset_open(const char *folder, const char *ready, guint scale, gboolean damaged,
                            guint limit, GPtrArray *not_read, GError **error);

// Each picture is [1,H,W,3] R'G'B' of 0..255, whole numbers, the values as they are stored: the
// literature measures without colour management. Grey is repeated; alpha is left out.

// Loads the original, cropped to a multiple of the scale, and the model's input.
// Errors:  gan_image_load()'s. GAN_ERROR_SHAPE: their sizes do not fit. GAN_ERROR_MEMORY.
gboolean cli_sample_load(const CliSample *sample, guint scale, GanTensor **hr, GanTensor **lr,
                         GError **error);

// Loads the ready result; one of the whole original is cropped like `hr`.
GanTensor *cli_sample_load_ready(const CliSample *sample, guint scale, const GanTensor *hr,
                                 GError **error);

GanTensor *cli_sample_from_buffer(GeglBuffer *buffer, GError **error);

// Returns a buffer of R'G'B' float in sRGB, 0..1.
GeglBuffer *cli_sample_to_buffer(GanTensor *tensor, GError **error);

#endif
