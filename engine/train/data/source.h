// SPDX-License-Identifier: LGPL-3.0-or-later
// A kind of place that data come from: one file under sources/, from which the build makes the
// list.
#ifndef GAN_SOURCE_H
#define GAN_SOURCE_H

#include "dataset.h"

typedef struct {
    const char *name; // for messages: "a folder"

    // Whether a path is such a place, told by a look at it.
    gboolean (*knows)(const char *path);

    // Fills in place, n, names, labels and classes of a data set whose path and options are set.
    gboolean (*open)(GanDataset *dataset, GError **error);
    void (*free)(gpointer place); // takes NULL, and what open() left after an error

    // As gan_dataset_read(), gan_dataset_hash() and gan_dataset_memory_bytes().
    gboolean (*read)(GanDataset *dataset, guint side, guint64 item, GanPicture *picture,
                     GError **error);
    // The size of a picture, known without reading it; NULL: none is.
    void (*size)(const GanDataset *dataset, guint side, guint64 item, guint *width, guint *height);
    char *(*hash)(GanDataset *dataset, GError **error);
    guint64 (*memory_bytes)(GanDataset *dataset);
} GanSource;

struct GanDataset {
    GanDatasetOptions options;
    char *path;
    const GanSource *source;
    gpointer place;      // the source's own
    GPtrArray *names[2]; // texts; NULL: items have numbers only
    guint64 n[2];
    GArray *labels;     // guint, by item; NULL without classes
    GPtrArray *classes; // texts
    GPtrArray *notices; // texts: what is not used

    // Not of the source, whose numbers go on counting all of its pictures.
    GArray *used[2];   // guint64: the source's numbers of those that fit; NULL: all are used
    gint *given_up[2]; // by the source's number: it could not be used
};

// NULL-terminated, in the order in which they are asked.
extern const GanSource *const gan_sources[];

#endif
