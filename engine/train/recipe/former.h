// SPDX-License-Identifier: LGPL-3.0-or-later
// What keys of recipes were called in former versions.
#ifndef GAN_FORMER_H
#define GAN_FORMER_H

#include <glib.h>

// Returns TRUE for a key, "section.key", that has another name today, and the name; `value`, where
// the meaning is written otherwise now, becomes what to write, else NULL.
gboolean gan_key_former(const char *full, const char *text, const char **today, const char **value);

#endif
