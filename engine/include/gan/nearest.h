// SPDX-License-Identifier: LGPL-3.0-or-later
// Which known word was meant by one that is not known.
#ifndef GAN_NEAREST_H
#define GAN_NEAREST_H

#include <glib.h>

G_BEGIN_DECLS

// Returns the word of `known` (NULL-terminated) that `text` is a slip of the hand from, or a part
// of; NULL when none is near enough to be asked about.
const char *gan_nearest(const char *text, const char *const *known);

G_END_DECLS
#endif
