// SPDX-License-Identifier: LGPL-3.0-or-later
// Which reader a file goes to.
#include "readers.h"

#include "tiffread.h"

static const struct {
    GanContainer kind;
    GanReader read;
} readers[] = {
    {GAN_CONTAINER_TIFF, gan_tiff_read},
};

GanReader gan_reader_for(GanContainer kind)
{
    for (guint i = 0; i < G_N_ELEMENTS(readers); i++) {
        if (readers[i].kind == kind)
            return readers[i].read;
    }
    return NULL;
}
