// SPDX-License-Identifier: LGPL-3.0-or-later
// Which page, frame, part or layer of a file is asked for.
#ifndef CLI_PAGES_H
#define CLI_PAGES_H

#include <gan/image.h>

// Returns whether `wanted` is a number from 1 on or a name; NULL is right.
// Errors:  GAN_ERROR_ARGUMENT.
gboolean cli_pages_check(const char *wanted, GError **error);

// Finds the number of the page in a file, 0 where `wanted` is NULL. One that is asked for by its
// number may be missing. *all: set where all pages are wanted and there are several, of which
// *page is the first.
// Owner:   the caller gets *all.
// Errors:  GAN_ERROR_FORMAT: no page has the name, or `output` cannot hold all of them.
//          gan_image_pages()'s.
gboolean cli_pages_find(const char *wanted, const char *path, const char *output, guint *page,
                        GanImagePages **all, GError **error);

#endif
