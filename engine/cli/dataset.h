// SPDX-License-Identifier: LGPL-3.0-or-later
// The pictures of an evaluation: originals, and what lies beside them under matching names.
#ifndef CLI_DATASET_H
#define CLI_DATASET_H

#include <gan/error.h>

typedef struct {
    char *name;  // file name of the original without extension
    char *hr;    // path of the original
    char *lr;    // path of the given low-resolution picture, or NULL: made by bicubic shrinking
    char *ready; // path of the ready result to be measured, or NULL
} CliSample;

void cli_sample_free(CliSample *sample); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliSample, cli_sample_free)

// Lists the pictures of `folder`, or of its sub-folder HR if there is one, sorted by name. With HR,
// low-resolution pictures are taken from LR_bicubic/XN, LR/XN, LRxN or LR beside it. `ready`: a
// folder with results, or NULL. `limit`: at most so many; 0: all.
// Owner:   the caller gets an array of CliSample that frees its elements.
// Errors:  GAN_ERROR_FILE: no pictures, or one without its partner.
GPtrArray *cli_dataset_open(const char *folder, const char *ready, guint scale, guint limit,
                            GError **error);

#endif
