// SPDX-License-Identifier: LGPL-3.0-or-later
// Loadable modules of kernels: found beside libgan, or where it was installed; opened on demand.
#ifndef GAN_MODULE_H
#define GAN_MODULE_H

#include <gan/error.h>
#include <gk.h>

G_BEGIN_DECLS

// The file of a module, "gan-cuda" for one, or NULL when this build has none.
// Owner:   the caller.
char *gan_module_find(const char *name);

// Opens a module; it stays open as long as the process lives.
// Errors:  GAN_ERROR_DEVICE: there is none, or it does not load, or it belongs to another version.
const GkModule *gan_module_open(const char *name, GError **error);

G_END_DECLS
#endif
