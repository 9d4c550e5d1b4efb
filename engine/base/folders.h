// SPDX-License-Identifier: LGPL-3.0-or-later
// Where files of this program lie: the user's, the system's, and those of its own installation,
// which $XDG_DATA_DIRS need not name.
#ifndef GAN_FOLDERS_H
#define GAN_FOLDERS_H

#include <glib.h>

G_BEGIN_DECLS

// The folder that libgan was loaded from, or NULL when that is not known.
// Owner:   the caller.
char *gan_folders_library(void);

// The user's folder of one kind of data, "models" or "recipes". It may not exist yet.
// Owner:   the caller.
char *gan_folders_user(const char *kind);

// The other folders, NULL-terminated, each once and without the user's: in each of $XDG_DATA_DIRS,
// then where this library is installed, also when it was moved together with its data.
// Owner:   the caller; g_strfreev().
char **gan_folders_system(const char *kind);

G_END_DECLS
#endif
