// SPDX-License-Identifier: LGPL-3.0-or-later
// What joins pictures, each saved as a file of its own, into a file of several.
#ifndef GAN_SERIESWRITER_H
#define GAN_SERIESWRITER_H

#include <gan/image.h>

typedef struct {
    const char *name, *other_name; // endings of files; other_name may be NULL
    gboolean animations_only;
    gboolean wants_alpha; // all pages are to be of one kind, and some may be transparent
    // Puts the file `part` of page `number`, 0 for the first, behind those in the file `path`, which
    // is empty before the first.
    // Errors:  GAN_ERROR_FILE, GAN_ERROR_FORMAT: the page does not fit the first.
    gboolean (*join)(const char *path, const char *part, guint number, const GanImagePages *pages,
                     GError **error);
} GanSeriesWriter;

// Those that this build has, NULL at the end.
extern const GanSeriesWriter *const gan_series_writers[];

extern const GanSeriesWriter gan_series_tiff, gan_series_png, gan_series_webp;

#endif
