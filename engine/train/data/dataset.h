// SPDX-License-Identifier: LGPL-3.0-or-later
// What a network learns from: pictures, pairs of pictures, two collections, or pictures with
// classes, out of a folder, a pack, or the arrays of MNIST (IDX) and CIFAR.
#ifndef GAN_DATASET_H
#define GAN_DATASET_H

#include "picture.h"

typedef enum {
    GAN_DATASET_PICTURES, // side 0
    GAN_DATASET_PAIRS,    // side 0: what goes in; side 1: what shall come out
    GAN_DATASET_UNPAIRED, // sides 0 and 1: two collections of their own sizes
    GAN_DATASET_CLASSES,  // side 0, each with a label
} GanDatasetKind;

typedef struct GanDataset GanDataset;

typedef struct {
    GanDatasetKind kind;
    guint channels;      // 1 or 3: what every picture is converted to
    guint scale;         // PAIRS: for finding the folder of small pictures, LR_bicubic/X4
    guint64 cache_bytes; // decoded pictures of a folder to keep; 0: none
} GanDatasetOptions;

// Opens `path`.
// PICTURES: a folder with its sub-folders, a pack, IDX or CIFAR files.
// PAIRS:    a folder with the folders HR and LR (or LR_bicubic/XN, LR/XN, LRxN), or target and
//           input; partners have the same name, the input's may end in xN, and what has none is left
//           out. Or a pack of pairs.
// UNPAIRED: a folder with A and B, or trainA and trainB. Or such a pack.
// CLASSES:  a folder whose sub-folders are the classes; a pack of them; IDX with labels; CIFAR.
// Hidden files are left out and folders are not entered through links. No picture is opened yet.
// Errors:  GAN_ERROR_FILE, GAN_ERROR_FORMAT: the message says what was looked for.
GanDataset *gan_dataset_open(const char *path, const GanDatasetOptions *options, GError **error);
void gan_dataset_free(GanDataset *dataset); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanDataset, gan_dataset_free)

// Returns lines on what of the place is not used, each fit for a person: texts.
// Owner:   the data set.
const GPtrArray *gan_dataset_notices(const GanDataset *dataset);

GanDatasetKind gan_dataset_kind(const GanDataset *dataset);
guint gan_dataset_channels(const GanDataset *dataset);

// The number of pictures of a side; 0 for a side that the kind has not.
guint64 gan_dataset_n(const GanDataset *dataset, guint side);

// The number of pictures to learn from: a pair is one.
guint64 gan_dataset_n_pictures(const GanDataset *dataset);

guint gan_dataset_n_classes(const GanDataset *dataset); // 0 without classes
const char *gan_dataset_class_name(const GanDataset *dataset, guint label);
guint gan_dataset_label(const GanDataset *dataset, guint64 item); // 0 without classes

// What a picture is called in messages.
const char *gan_dataset_name(const GanDataset *dataset, guint side, guint64 item);

// Reads a picture.
// Owner:   the caller clears `picture`.
// Errors:  gan_picture_load()'s; GAN_ERROR_FORMAT: a damaged pack.
// Threads: any number at a time.
gboolean gan_dataset_read(GanDataset *dataset, guint side, guint64 item, GanPicture *picture,
                          GError **error);

// What is known of a data set before its pictures are read.
typedef struct {
    guint64 n;           // pictures, or pairs, that there were
    guint64 n_small;     // left out: a patch does not fit into them
    guint64 n_unmatched; // left out: input and target are not of the scale
    guint most;          // the largest square patch that one of those in n_small holds
} GanDatasetFit;

// Leaves out what no patch of `patch` x `patch` pixels can be cut from, and pairs that are not of
// `scale`, as far as the place tells sizes without reading pictures: packs and arrays do, folders
// do not. What is left is numbered anew; nothing may be left.
// Threads: before any other call that reads.
void gan_dataset_fit(GanDataset *dataset, guint patch, guint scale, GanDatasetFit *fit);

// Says that a picture cannot be used, or asks whether that was said.
// Threads: any number at a time.
void gan_dataset_give_up(GanDataset *dataset, guint side, guint64 item);
gboolean gan_dataset_is_given_up(const GanDataset *dataset, guint side, guint64 item);

// Returns the memory that the data set's pictures will take when all have been used, without those
// that are being read. A folder judges by the pictures that it has decoded so far; before the
// first, it gives the limit of its cache.
guint64 gan_dataset_memory_bytes(GanDataset *dataset);

// Returns the SHA-256 of what was read from files, as hexadecimal: of the names and contents.
// Reads every file of a folder.
// Owner:   the caller frees it.
char *gan_dataset_hash(GanDataset *dataset, GError **error);

#endif
