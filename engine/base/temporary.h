// SPDX-License-Identifier: LGPL-3.0-or-later
// Names of files that are not complete yet.
#ifndef GAN_TEMPORARY_H
#define GAN_TEMPORARY_H

#include <glib.h>

G_BEGIN_DECLS

// A name in the folder of `path` for g_mkstemp(), hidden and short: made of the file's own name it
// would be too long where that is near the limit of the file system.
// Owner:   the caller.
char *gan_temporary_name(const char *path);

// Whether a name, without its folder, is one that g_mkstemp() made of such a name.
gboolean gan_temporary_is(const char *name);

G_END_DECLS
#endif
