// SPDX-License-Identifier: LGPL-3.0-or-later
// A folder of its own for a program that tests picture files.
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <glib.h>

// Starts the tests and the reading of pictures, and makes the folder, once in a program.
// `loaders_warn`: warnings end no test, as GEGL's loaders give some for damaged files.
void folder_begin(int *argc, char ***argv, gboolean loaders_warn);

// Returns the path of a file in it; NULL: its own.
// Owner:   the caller frees it.
char *in_folder(const char *name);

// Runs the tests, removes the folder with all that is in it, and returns what main() returns.
int folder_run(void);

#endif
