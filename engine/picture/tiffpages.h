// SPDX-License-Identifier: LGPL-3.0-or-later
// The directories of a TIFF file: which of them are pages, and whether it is a camera's raw file.
#ifndef GAN_TIFFPAGES_H
#define GAN_TIFFPAGES_H

#include <glib.h>
#include <tiffio.h>

// A file in memory, open for reading. libtiff's last complaint goes to `text`.
typedef struct {
    TIFF *tiff;
    const guint8 *data;
    gsize length, at;
    char text[200];
    gboolean is_cut; // a tag that pixels cannot be understood without lies behind the file's end
} GanTiff;

// Returns FALSE when libtiff cannot read the first directory.
gboolean gan_tiff_open(GanTiff *file, const guint8 *data, gsize length);
void gan_tiff_close(GanTiff *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanTiff, gan_tiff_close)

// Returns whether the directory that libtiff is at, when it is the file's first, names the tag: where its
// value is damaged, libtiff passes over it without a word.
gboolean gan_tiff_names(const GanTiff *file, guint16 tag);

typedef struct {
    guint64 offset; // for TIFFSetSubDirectory()
    guint32 width, height;
} GanTiffPage;

typedef struct {
    GArray *pages;     // of GanTiffPage; neither thumbnails nor masks
    GArray *reduced;   // gboolean for each directory of the chain of all
    guint main;        // the one that the file is about
    guint n_reduced;   // smaller versions of pages
    guint n_masks;     // what tells which pixels of a page are transparent
    gboolean is_raw;   // what a camera's sensor saw
    gboolean is_whole; // FALSE: a directory is damaged, and what follows is not known
} GanTiffPages;

// Goes through all directories, those within others too.
void gan_tiff_pages(GanTiff *file, GanTiffPages *pages);
void gan_tiff_pages_clear(GanTiffPages *pages);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanTiffPages, gan_tiff_pages_clear)

// Returns whether a TIFF file holds what a camera's sensor saw.
gboolean gan_tiff_is_raw(const guint8 *data, gsize length);

#endif
