// SPDX-License-Identifier: LGPL-3.0-or-later
// The options of all verbs that run a network: where models are, and where and in how much memory
// is computed.
#include "compute.h"

#include "options.h"

#include <gan/error.h>

void cli_compute_clear(CliCompute *compute)
{
    g_strfreev(compute->models);
    g_free(compute->device);
    g_free(compute->memory_text);
}

static GOptionEntry entry(const char *name, GOptionArg kind, gpointer place, const char *text,
                          const char *argument)
{
    return (GOptionEntry){name, 0, 0, kind, place, text, argument};
}

GOptionEntry cli_compute_models(CliCompute *compute)
{
    return entry("models", G_OPTION_ARG_FILENAME_ARRAY, &compute->models,
                 "Look for models in FOLDER first; may be given several times", "FOLDER");
}

GOptionEntry cli_compute_device(CliCompute *compute)
{
    return entry("device", G_OPTION_ARG_STRING, &compute->device,
                 "Where to compute: auto, cpu or cuda; the default is auto", "auto|cpu|cuda");
}

GOptionEntry cli_compute_threads(CliCompute *compute)
{
    return entry("threads", G_OPTION_ARG_INT, &compute->threads,
                 "Processor threads; the default is one for each core that may be used", "N");
}

GOptionEntry cli_compute_memory(CliCompute *compute)
{
    return entry("memory", G_OPTION_ARG_STRING, &compute->memory_text,
                 "Memory to stay within, such as 512M or 2G; the default is half of what is free",
                 "SIZE");
}

gboolean cli_compute_check(CliCompute *compute, GError **error)
{
    for (char **folder = compute->models; folder != NULL && *folder != NULL; folder++) {
        if (g_file_test(*folder, G_FILE_TEST_IS_DIR))
            continue;
        g_autofree char *shown = g_filename_display_name(*folder);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "--models is '%s', which is not a folder.",
                    shown);
        return FALSE;
    }
    return cli_options_integer("--threads", compute->threads, 0, 1024, error) &&
           (compute->memory_text == NULL ||
            cli_options_bytes("--memory", compute->memory_text, &compute->memory_bytes, error));
}

GanDevice *cli_compute_open(const CliCompute *compute, GError **error)
{
    return gan_device_open(compute->device != NULL ? compute->device : "auto",
                           (guint)compute->threads, error);
}
