// SPDX-License-Identifier: LGPL-3.0-or-later
// How much memory a training takes.
#include "memory.h"

#include <string.h>

// Reads "Name:   123 kB".
static guint64 status_bytes(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line != NULL ? g_ascii_strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

guint64 gan_memory_resident_bytes(guint64 *most)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL))
        text = g_strdup("");
    if (most != NULL)
        *most = status_bytes(text, "VmHWM:");
    return status_bytes(text, "VmRSS:");
}

gboolean gan_memory_add_run(GanMemory *memory, const GanTraining *t, const GanNetwork *network,
                            GanShape input, GError **error)
{
    g_autoptr(GanTurn) turn = gan_turn_new();
    GanNode *x = gan_turn_input(turn, "input", input);
    GanNode *number =
        network->told ? gan_turn_input(turn, "number", (GanShape){input.n, 1, 1, 1}) : NULL;
    GanNet *net = gan_turn_network(turn, network->parameters, NULL);
    gan_turn_output(turn, "made", gan_network_append(network, net, x, number));
    if (!gan_turn_compute(turn, t->step_device, error))
        return FALSE;
    const GanShape out = gan_turn_output_shape(turn, "made");
    const GanStepInfo *info = gan_turn_info(turn);
    memory->computing += info->arena_bytes + info->packed_bytes + info->scratch_bytes;
    // Twice the output: it is compared with the truth.
    memory->process +=
        (input.n * input.h * input.w * input.c + 2 * out.n * out.h * out.w * out.c) * sizeof(float);
    return TRUE;
}

// For each weight: itself, its gradient and the sum of those, two moments, and its average. A GPU
// has copies of the process's own.
static guint64 weights_bytes(const GanPlayer *player)
{
    guint64 n_weights = 0;
    for (guint i = 0; i < gan_gradients_n(player->gradients); i++)
        n_weights += gan_tensor_length(gan_gradients_weights(player->gradients)[i]);
    return (player->ema != NULL ? 6 : 5) * n_weights * sizeof(float);
}

void gan_memory_add_steps(GanMemory *memory, const GanTraining *t)
{
    guint64 scratch_bytes = 0, copies_bytes = 0;
    for (guint i = 0; i < t->turns->len; i++) {
        const GanStepInfo *info = gan_turn_info(t->turns->pdata[i]);
        memory->computing += info->arena_bytes + info->packed_bytes;
        memory->process += gan_turn_bytes(t->turns->pdata[i]);
        scratch_bytes = MAX(scratch_bytes, info->scratch_bytes);
    }
    for (guint i = 0; i < t->players->len; i++)
        copies_bytes += weights_bytes(t->players->pdata[i]);
    memory->computing += scratch_bytes + copies_bytes;
    memory->process += gan_training_is_on_gpu(t) ? copies_bytes : 0;
    // Batches that are ready or being made, and the one that is worked on.
    memory->process += (t->loading.queue + 1) * gan_batch_bytes(t->dataset, &t->loading) +
                       gan_dataset_memory_bytes(t->dataset);
}
