// SPDX-License-Identifier: LGPL-3.0-or-later
// What the kinds of places that data comes from fill in.
#ifndef GAN_DATASET_PRIVATE_H
#define GAN_DATASET_PRIVATE_H

#include "dataset.h"

typedef struct {
    gboolean (*read)(GanDataset *dataset, guint side, guint64 item, GanPicture *picture,
                     GError **error);
    char *(*hash)(GanDataset *dataset, GError **error);
    void (*free)(gpointer place);
    guint64 (*memory_bytes)(GanDataset *dataset); // NULL: the member of GanDataset
} GanDatasetPlace;

struct GanDataset {
    GanDatasetOptions options;
    char *path;
    const GanDatasetPlace *row;
    gpointer place;      // the row's own
    GPtrArray *names[2]; // texts; NULL: items have numbers only
    guint64 n[2];
    guint64 memory_bytes; // that decoded pictures take; a mapped pack takes none
    GArray *labels;       // guint, by item; NULL without classes
    GPtrArray *classes;   // texts
};

// Each fills in place, n, names, labels and classes of a data set whose path and options are set.
gboolean gan_dataset_open_folder(GanDataset *dataset, GError **error);
gboolean gan_dataset_open_arrays(GanDataset *dataset, GError **error);
gboolean gan_dataset_open_pack(GanDataset *dataset, GError **error);

// Whether `path` is, or is a folder of, IDX or CIFAR files.
gboolean gan_dataset_is_arrays(const char *path);

// Converts grey to colour or back (Rec. 709 weights, on the R'G'B' numbers) where `picture` has
// other channels than are wanted. Takes and gives ownership in place.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_dataset_fit_channels(GanPicture *picture, guint channels, GError **error);

#endif
