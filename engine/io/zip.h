// SPDX-License-Identifier: LGPL-3.0-or-later
// Zip archives in memory, as PyTorch writes them: entries are stored, not compressed.
// Source: PKWARE APPNOTE 6.3.9, sections 4.3 and 4.5.3.
#ifndef GAN_ZIP_H
#define GAN_ZIP_H

#include <gan/error.h>

typedef struct GanZip GanZip;

// Reads the central directory.
// Owner:   borrows data, which must outlive the archive.
// Errors:  GAN_ERROR_FORMAT.
GanZip *gan_zip_open(const guint8 *data, gsize length, GError **error);
void gan_zip_free(GanZip *zip); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanZip, gan_zip_free)

// The entries' names in the directory's order. They are bytes from the file: never paths to open.
guint gan_zip_n_entries(const GanZip *zip);
const char *gan_zip_name(const GanZip *zip, guint i);

gboolean gan_zip_has(const GanZip *zip, const char *name);

// Finds the bytes of an entry.
// Errors:  GAN_ERROR_FORMAT: missing, compressed, encrypted or damaged.
gboolean gan_zip_find(const GanZip *zip, const char *name, const guint8 **data, gsize *length,
                      GError **error);

#endif
