// SPDX-License-Identifier: LGPL-3.0-or-later
// Zip archives in memory. PyTorch stores entries as they are; files that were packed again by other
// programs are deflated.
// Source:  PKWARE APPNOTE 6.3.9, sections 4.3 and 4.5.3.
#ifndef GAN_ZIP_H
#define GAN_ZIP_H

#include <gan/error.h>

typedef struct GanZip GanZip;

// Reads the central directory.
// Owner:   borrows data, and `inflated`, which collects the memory of entries that had to be
//          inflated (for g_free).
// Errors:  GAN_ERROR_FORMAT.
GanZip *gan_zip_open(const guint8 *data, gsize length, GPtrArray *inflated, GError **error);
void gan_zip_free(GanZip *zip); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanZip, gan_zip_free)

// The entries' names in the directory's order. They are bytes from the file: never paths to open.
guint gan_zip_n_entries(const GanZip *zip);
const char *gan_zip_name(const GanZip *zip, guint i);

gboolean gan_zip_has(const GanZip *zip, const char *name);

// Finds the bytes of an entry, which must be `wanted` in number unless that is G_MAXSIZE.
// Errors:  GAN_ERROR_FORMAT: missing, of another size, encrypted, packed in an unknown
//          way or damaged.
//          GAN_ERROR_MEMORY.
gboolean gan_zip_find(GanZip *zip, const char *name, gsize wanted, const guint8 **data,
                      gsize *length, GError **error);

#endif
