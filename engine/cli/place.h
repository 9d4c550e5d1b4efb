// SPDX-License-Identifier: LGPL-3.0-or-later
// Where a file is to lie: whether it can be written there, before any work is done for it, and its
// folder.
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include <gan/error.h>

// Says why no file can be written at `path`: a name that is too long for the file system, a folder
// that cannot be made or written to. NULL when nothing stands against it; folders that are missing
// need not be there yet.
// Owner:   the caller frees the result.
char *cli_place_problem(const char *path);

// The same as an error.
// Errors:  GAN_ERROR_FILE.
gboolean cli_place_check(const char *path, GError **error);

// Makes the folders above `path` that are missing.
// Errors:  GAN_ERROR_FILE.
gboolean cli_place_make_folder(const char *path, GError **error);

#endif
