// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures and folders for the trainer's tests.
#ifndef TEST_PICTURES_H
#define TEST_PICTURES_H

#include <gan/error.h>

// Makes a folder of its own; the caller frees the path.
char *test_folder(void);

// Removes it with everything in it and frees the path.
void test_remove(char *folder);

// Writes a picture of soft shapes and some noise, different for each seed, as "folder/name" (png,
// jpg, webp, tif by its ending), making sub-folders.
void test_write_picture(const char *folder, const char *name, guint width, guint height,
                        guint32 seed);

// Writes bytes.
void test_write_bytes(const char *folder, const char *name, const void *data, gsize length);

#endif
