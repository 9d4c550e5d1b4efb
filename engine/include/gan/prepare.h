// SPDX-License-Identifier: LGPL-3.0-or-later
// Training data made ready: picture files cut into tiles, doubles and blurred parts left out, all
// in one file that a training run maps into memory.
#ifndef GAN_PREPARE_H
#define GAN_PREPARE_H

#include <gan/error.h>

G_BEGIN_DECLS

typedef struct {
    const char *const *folders; // NULL-terminated; several for "pictures" only
    const char *kind;           // "pictures", "pairs", "unpaired", "classes"; NULL: "pictures"
    guint channels;             // 1 or 3; 0: 3
    guint scale;                // of pairs; 0: 1
    guint tile;                 // side of the tiles in pixels; 0: whole pictures
    guint least;                // pictures and tiles with a shorter side are left out; 0: none
    guint resize;               // shorter side of pictures after shrinking; 0: as they are
    double sharpness;           // least variance of the Laplacian of a tile's luma (0..255); 0: any
    // Of 256: pictures whose difference hashes differ by at most this are doubles; 0: only equal
    // pictures are.
    guint near_bits;
} GanPrepareOptions;

typedef struct {
    guint64 n_pictures;   // files found
    guint64 n_damaged;    // could not be read
    guint64 n_small;      // had too short a side
    guint64 n_unmatched;  // of pairs: had a partner of a wrong size
    guint64 n_duplicates; // had the pixels of a former one
    guint64 n_near;       // looked like a former one
    guint64 n_blurred;    // tiles
    guint64 n_equal;      // tiles with the pixels of a former one
    guint64 n_tiles;      // written
    guint64 n_narrow;     // of these, with a side shorter than that of the tiles
    guint shortest;       // side of all tiles written, pixels; of pairs, of the targets
    guint64 bytes;        // of the pack
    char hash[65];        // of the data
} GanPrepareReport;

// Called with the finished part, 0..1. Returning FALSE cancels.
typedef gboolean (*GanPrepareProgress)(double fraction, gpointer data);

// Called with a line on each picture that is left out, and why.
typedef void (*GanPrepareNotice)(const char *text, gpointer data);

// Writes the pack `path` under a temporary name, then renames it.
// Owner:   borrows everything for the call.
// Errors:  GAN_ERROR_FILE, also where `path` is there and no pack; GAN_ERROR_FORMAT: nothing was
//          left to write. GAN_ERROR_ARGUMENT.
//          G_IO_ERROR_CANCELLED. A former file stays as it was, nothing half-written is left.
// Threads: `progress` and `notice` run on the calling thread; both may be NULL.
gboolean gan_prepare(const char *path, const GanPrepareOptions *options,
                     GanPrepareProgress progress, GanPrepareNotice notice, gpointer data,
                     GanPrepareReport *report, GError **error);

G_END_DECLS
#endif
