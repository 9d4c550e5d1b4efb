// SPDX-License-Identifier: LGPL-3.0-or-later
// What backends keep from one process to the next, in the user's cache folder.
#ifndef GAN_STORE_H
#define GAN_STORE_H

#include <gk.h>

// A store of files in $XDG_CACHE_HOME/gimp-gan. Losing them costs time, nothing else.
extern const GkStore gan_store;

#endif
