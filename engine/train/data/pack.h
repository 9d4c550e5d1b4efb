// SPDX-License-Identifier: LGPL-3.0-or-later
// Packs: a whole data set in one file that is mapped, not read. Numbers are little-endian.
//
//   header, 128 bytes   "GANPACK" 1, kind u32, n_classes u32, n[2] u64, index at u64, text at u64,
//                       text bytes u64, file bytes u64, SHA-256 of index and text, zeros
//   pictures            8-bit numbers, rows close together, each at a multiple of 64 bytes
//   index, 64 bytes a   picture at u64, name at u64 (in the text), width, height, channels, label
//   picture, side 0     u32, SHA-256 of the picture
//   then side 1
//   text                names of the classes, then of the pictures, each ended by a zero
//
// The header's sum covers the index and so every picture: it names the data set as a whole.
#ifndef GAN_PACK_H
#define GAN_PACK_H

#include "dataset.h"

#define GAN_PACK_MAGIC "GANPACK\1"
#define GAN_PACK_HEADER_BYTES 128
#define GAN_PACK_RECORD_BYTES 64
#define GAN_PACK_ALIGNMENT 64
#define GAN_PACK_SUM_AT 64 // of the sum in the header

// Whether a file is a pack, told by its first bytes.
gboolean gan_pack_is(const char *path);

typedef struct GanPackWriter GanPackWriter;

// Begins a pack under a temporary name in the folder of `path`.
// Errors:  GAN_ERROR_FILE.
GanPackWriter *gan_pack_writer_new(const char *path, GanDatasetKind kind, GError **error);

// Appends a picture to a side. `label`: 0 without classes.
// Errors:  GAN_ERROR_FILE: the disk is full, for one.
gboolean gan_pack_writer_add(GanPackWriter *writer, guint side, const GanPicture *picture,
                             const char *name, guint label, GError **error);

// Number of pictures of a side so far, and bytes written.
guint64 gan_pack_writer_n(const GanPackWriter *writer, guint side);
guint64 gan_pack_writer_bytes(const GanPackWriter *writer);

// Writes the index, waits for the disk, and gives the file its name. `classes`: n_classes names.
// `hash`: receives the sum as hexadecimal, which the caller frees.
// Errors:  GAN_ERROR_FILE; a former file of this name stays as it was.
gboolean gan_pack_writer_finish(GanPackWriter *writer, const char *const *classes, guint n_classes,
                                char **hash, GError **error);

// Removes what was not finished. Accepts NULL.
void gan_pack_writer_free(GanPackWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanPackWriter, gan_pack_writer_free)

#endif
