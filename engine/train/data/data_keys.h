// SPDX-License-Identifier: LGPL-3.0-or-later
// What a recipe says of its data, [data], and of the bad copies that are made of them, [degrade].
#ifndef GAN_DATA_KEYS_H
#define GAN_DATA_KEYS_H

#include "loader.h"

typedef struct {
    guint kind; // GanDatasetKind
    guint patch, choose, batch, loaders, queue, cache_mb;
    gboolean flip, rotate, resize;
    double colour;
    char *validation; // folder; "": none
    guint validation_limit;
} GanDataSettings;

typedef struct {
    GanDegrade degrade;
    gboolean sharpen;
    guint margin;
    GanSteps validate_at; // numbers that damage can be told by; none: as it is drawn
} GanDegradeSettings;

extern const GanKeys gan_data_keys;    // GanDataSettings
extern const GanKeys gan_degrade_keys; // GanDegradeSettings

// How the loader makes batches of targets in 0..1 as the settings say: without inputs, which
// the caller adds.
GanLoaderOptions gan_data_loader(const GanDataSettings *settings, guint64 seed);

#endif
