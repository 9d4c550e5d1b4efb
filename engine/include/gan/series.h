// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of several pages or frames, written one at a time.
#ifndef GAN_SERIES_H
#define GAN_SERIES_H

#include <gan/image.h>

G_BEGIN_DECLS

typedef struct GanSeries GanSeries;

// Begins the file that `path` names, under a temporary name in the same folder. TIFF holds pages and
// frames of any kind; PNG and WebP hold animations, whose frames have one size.
// `pages`: of the file that it is made of, whose times and number of plays are kept; borrowed until
//          the end, as `options` are.
// Errors:  GAN_ERROR_FORMAT: the format cannot hold them, the message names those that can.
//          GAN_ERROR_FILE.
GanSeries *gan_series_new(const char *path, const GanImagePages *pages,
                          const GanImageSaveOptions *options, GError **error);

// Adds the next page. The first one's metadata is the source's.
// Errors:  those of gan_image_save().
gboolean gan_series_add(GanSeries *series, GeglBuffer *buffer, GError **error);

// Completes the file and gives it its name, when all pages are there.
// Errors:  GAN_ERROR_FILE.
gboolean gan_series_end(GanSeries *series, GError **error);

// Removes what is not complete. Accepts NULL.
void gan_series_free(GanSeries *series);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanSeries, gan_series_free)

// Returns NULL, or why the format that `path` names cannot hold the pages of a file.
// Owner:   the caller frees the text.
char *gan_series_problem(const char *path, const GanImagePages *pages);

G_END_DECLS
#endif
