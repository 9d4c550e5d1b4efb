// SPDX-License-Identifier: LGPL-3.0-or-later
// The error domain: one code for each thing that a caller can do about it.
#ifndef GAN_ERROR_H
#define GAN_ERROR_H

#include <glib.h>

G_BEGIN_DECLS

#define GAN_ERROR (gan_error_quark())
GQuark gan_error_quark(void);

typedef enum {
    GAN_ERROR_FILE,        // a file cannot be read or written: choose another
    GAN_ERROR_FORMAT,      // a file is damaged or of another kind
    GAN_ERROR_FORBIDDEN,   // a weight file wants to run code; it was not run
    GAN_ERROR_UNKNOWN,     // no family fits the weights
    GAN_ERROR_SHAPE,       // a tensor or picture has another shape than is needed
    GAN_ERROR_MEMORY,      // too little memory: a smaller tile or picture may go
    GAN_ERROR_DEVICE,      // the device is missing or failed
    GAN_ERROR_UNSUPPORTED, // the device has no kernel for this network
    GAN_ERROR_ARGUMENT,    // an option's value is out of range
    GAN_ERROR_EXISTS,      // something of this name is there: replace it or take another name
} GanError;

G_END_DECLS
#endif
