// SPDX-License-Identifier: LGPL-3.0-or-later
// The whole state of a run in one file: tensors by name and texts. Random numbers need none: they
// are drawn by seed and step.
#ifndef GAN_CHECKPOINT_H
#define GAN_CHECKPOINT_H

#include <gan/weights.h>

// What a run keeps. Tensors are borrowed; their values are written and read in place.
typedef struct GanCheckpoint GanCheckpoint;

GanCheckpoint *gan_checkpoint_new(void);
void gan_checkpoint_free(GanCheckpoint *checkpoint); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanCheckpoint, gan_checkpoint_free)

// Names a tensor that belongs to the state. Names are "<part>/<tensor>".
void gan_checkpoint_add(GanCheckpoint *checkpoint, const char *name, GanTensor *tensor);

// Sets a text; replaces a former one. A number is kept with all its digits.
void gan_checkpoint_set(GanCheckpoint *checkpoint, const char *key, const char *value);
void gan_checkpoint_set_number(GanCheckpoint *checkpoint, const char *key, double value);
void gan_checkpoint_set_count(GanCheckpoint *checkpoint, const char *key, guint64 value);

// Returns what was set or read, or NULL; a missing number is 0.
const char *gan_checkpoint_get(const GanCheckpoint *checkpoint, const char *key);
double gan_checkpoint_get_number(const GanCheckpoint *checkpoint, const char *key);
guint64 gan_checkpoint_get_count(const GanCheckpoint *checkpoint, const char *key);

// Writes everything under a temporary name, waits for the disk, and renames it.
// Errors:  GAN_ERROR_FILE; a former file stays as it was.
gboolean gan_checkpoint_write(const GanCheckpoint *checkpoint, const char *path, GError **error);

// Reads everything back. Either all tensors and texts change, or none.
// Errors:  GAN_ERROR_FILE, GAN_ERROR_FORMAT. GAN_ERROR_SHAPE: a tensor is missing or has another
//          shape; the message names it.
gboolean gan_checkpoint_read(GanCheckpoint *checkpoint, const char *path, GError **error);

#endif
