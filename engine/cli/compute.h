// SPDX-License-Identifier: LGPL-3.0-or-later
// The options of all verbs that run a network: where models are, and where and in how much memory
// is computed.
#ifndef CLI_COMPUTE_H
#define CLI_COMPUTE_H

#include <gan/device.h>

typedef struct {
    char **models; // folders in front of the catalogue, or NULL
    char *device, *memory_text;
    int threads;          // 0: one for each core
    guint64 memory_bytes; // 0: the library's default
} CliCompute;

void cli_compute_clear(CliCompute *compute);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliCompute, cli_compute_clear)

// Each returns the entry of one option: --models, --device, --threads, --memory.
GOptionEntry cli_compute_models(CliCompute *compute);
GOptionEntry cli_compute_device(CliCompute *compute);
GOptionEntry cli_compute_threads(CliCompute *compute);
GOptionEntry cli_compute_memory(CliCompute *compute);

// Checks what they read.
// Errors:  GAN_ERROR_ARGUMENT, GAN_ERROR_FILE: a folder is none.
gboolean cli_compute_check(CliCompute *compute, GError **error);

// Opens the device.
// Owner:   the caller.
// Errors:  gan_device_open()'s.
GanDevice *cli_compute_open(const CliCompute *compute, GError **error);

#endif
