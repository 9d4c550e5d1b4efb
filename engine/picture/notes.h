// SPDX-License-Identifier: LGPL-3.0-or-later
// What is said of a picture beside success and failure: what was not honoured when it was read, and
// what was not carried over when it was written. A list of sentences, which loading and saving add
// to; the program prints them and the JSON has them.
#ifndef GAN_NOTES_H
#define GAN_NOTES_H

#include <glib.h>

// Adds a sentence (lower case at its start, no full stop, without the file's name) to `notes`, an
// array that frees its strings; NULL takes none. One that is there already is not added again, so
// that what is foreseen before the work is not said again after it.
void gan_note(GPtrArray *notes, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
