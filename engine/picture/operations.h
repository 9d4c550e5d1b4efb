// SPDX-License-Identifier: LGPL-3.0-or-later
// GEGL's loaders and savers, loaded one module at a time and run without noise on the terminal.
#ifndef GAN_OPERATIONS_H
#define GAN_OPERATIONS_H

#include <gan/error.h>
#include <gegl.h>

// Runs the source operation `operation` of GEGL's module `module` on a file.
// `messages`: what GEGL warned of meanwhile, appended line by line.
// Owner:   the caller gets the buffer; NULL when the operation is missing or gave nothing.
GeglBuffer *gan_operation_load(const char *operation, const char *module, const char *path,
                               GString *messages);

// The same for one of several frames, 0 for the first, of an operation that has such a property.
GeglBuffer *gan_operation_load_frame(const char *operation, const char *module, const char *path,
                                     gint frame, GString *messages);

// Runs a sink operation over the whole buffer; `properties` are set before. Returns FALSE when
// it is missing.
gboolean gan_operation_save(const char *operation, const char *module, GeglBuffer *buffer,
                            const char *path, const char *const *properties, const int *values,
                            guint n, GString *messages);

// Returns whether GEGL's module of that name is there.
gboolean gan_operation_has_module(const char *module);

// Starts GEGL without its modules, which cost a tenth of a second; those needed are loaded later.
void gan_operations_init(guint n_threads);

// Ends GEGL, which removes its swap files.
void gan_operations_exit(void);

#endif
