// SPDX-License-Identifier: LGPL-3.0-or-later
// What a step keeps in memory, and what goes in and out. A backend with memory of its own, or of
// another type than float32, works on copies of the parameters.
#include "rules.h"
#include "step-private.h"

#include <ops/copy.h>
#include <ops/elementwise.h>

gboolean gan_step_has_own_memory(const GanStep *step)
{
    return gan_device_backend(step->device)->device != NULL;
}

static gboolean needs_copies(const GanStep *step)
{
    return gan_step_has_own_memory(step) || gan_device_backend(step->device)->dtype != GK_F32;
}

static const GanTensor *parameter(const GanStep *step, guint id)
{
    return gan_graph_node(step->graph, id)->attributes.parameter;
}

static gsize copy_bytes(const GanStep *step, guint id)
{
    return MAX(gan_tensor_length(parameter(step, id)), 1) *
           gk_dtype_bytes(gan_device_backend(step->device)->dtype);
}

static void *allocate(GanStep *step, gsize bytes, GError **error)
{
    void *memory = gan_device_backend(step->device)->alloc(gan_device_context(step->device), bytes);
    if (memory == NULL)
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for the %" G_GSIZE_FORMAT " MB of a training step", bytes >> 20);
    return memory;
}

static void release(GanStep *step, void *memory, gsize bytes)
{
    if (memory != NULL)
        gan_device_backend(step->device)->free(gan_device_context(step->device), memory, bytes);
}

void gan_step_memory_free(GanStep *step)
{
    release(step, step->arena, step->info.arena_bytes);
    release(step, step->staging, step->staging_bytes);
    for (guint i = 0; i < gan_graph_n_nodes(step->graph); i++)
        if (step->copies[i] != NULL && !step->bound[i])
            release(step, step->copies[i], copy_bytes(step, i));
    g_free(step->copies);
    g_free(step->bound);
}

static gboolean write_device(GanStep *step, const GkTransfer *transfers, gsize n, const char *what,
                             GError **error)
{
    const GkStatus status = gan_device_backend(step->device)
                                ->device->write(gan_device_context(step->device), transfers, n);
    return gan_device_check_on(step->device, status, what, error);
}

// Copies a parameter to where the backend takes it from, or notes how it is to be written there.
static gboolean copy_parameter(GanStep *step, guint id, GArray *transfers, GError **error)
{
    const GanTensor *from = parameter(step, id);
    const gsize length = gan_tensor_length(from);
    if (step->copies[id] == NULL)
        step->copies[id] = allocate(step, copy_bytes(step, id), error);
    if (step->copies[id] == NULL)
        return FALSE;
    if (gan_step_has_own_memory(step)) {
        const GkTransfer transfer = {step->copies[id], from->data, length * sizeof(float)};
        g_array_append_val(transfers, transfer);
        return TRUE;
    }
    for (gsize k = 0; k < length; k++)
        ((double *)step->copies[id])[k] = from->data[k];
    return TRUE;
}

gboolean gan_step_prepare(GanStep *step, GError **error)
{
    if (step->arena == NULL && step->info.arena_bytes > 0)
        step->arena = allocate(step, step->info.arena_bytes, error);
    if (step->arena == NULL && step->info.arena_bytes > 0)
        return FALSE;
    g_autoptr(GArray) transfers = g_array_new(FALSE, FALSE, sizeof(GkTransfer));
    for (guint i = 0; i < gan_graph_n_nodes(step->graph) && needs_copies(step); i++) {
        const GanNode *node = gan_graph_node(step->graph, i);
        // Constants stay as they are.
        if (node->op == GAN_OP_PARAMETER &&
            (step->copies[i] == NULL || (node->attributes.trainable && !step->bound[i])) &&
            !copy_parameter(step, i, transfers, error))
            return FALSE;
    }
    return transfers->len == 0 || write_device(step, (const GkTransfer *)transfers->data,
                                               transfers->len, "parameters", error);
}

void gan_step_bind(GanStep *step, const GanTensor *tensor, void *memory)
{
    g_return_if_fail(gan_step_has_own_memory(step));
    gan_recording_forget(&step->recording, step->device);
    for (guint i = 0; i < gan_graph_n_nodes(step->graph); i++) {
        if (gan_graph_node(step->graph, i)->op != GAN_OP_PARAMETER || parameter(step, i) != tensor)
            continue;
        if (!step->bound[i])
            release(step, step->copies[i], copy_bytes(step, i));
        step->copies[i] = memory;
        step->bound[i] = TRUE;
    }
}

void *gan_step_parameter(GanStep *step, guint id)
{
    return needs_copies(step) ? step->copies[id] : (void *)parameter(step, id)->data;
}

static gboolean copy(GanStep *step, const GkView *from, const GkView *to, const char *what,
                     GError **error)
{
    const GkBackend *backend = gan_device_backend(step->device);
    const GkCopy args = {*from, *to};
    const GkStatus status = backend->ops.copy == NULL
                                ? GK_ERROR_UNSUPPORTED
                                : backend->ops.copy(gan_device_context(step->device), &args);
    return gan_device_check_on(step->device, status, what, error);
}

// Whether a value's bytes are those of the dense array that its owner sees.
static gboolean is_plain(const GanStep *step, const GkView *value)
{
    return gan_view_is_dense(value) && value->dtype == gan_device_backend(step->device)->dtype;
}

// Gives the staging area at least `bytes`; there arrays are converted on their way in and out.
static gboolean need_staging(GanStep *step, gsize bytes, GError **error)
{
    if (bytes <= step->staging_bytes)
        return TRUE;
    release(step, step->staging, step->staging_bytes);
    step->staging = allocate(step, bytes, error);
    step->staging_bytes = step->staging != NULL ? bytes : 0;
    return step->staging != NULL;
}

gboolean gan_step_add(GanStep *step, const GkView *value, const GkView *array, gboolean add,
                      GError **error)
{
    if (!add)
        return copy(step, value, array, "output", error);
    const GkBinary args = {*array, *value, *array, GK_BINARY_ADD, 1, 1};
    const GkStatus status =
        gan_device_backend(step->device)->ops.binary(gan_device_context(step->device), &args);
    return gan_device_check_on(step->device, status, "output", error);
}

gboolean gan_step_put(GanStep *step, const GkView *from, const GkView *value, GError **error)
{
    if (!gan_step_has_own_memory(step))
        return copy(step, from, value, "input", error);
    GkTransfer transfer = {value->data, from->data, gk_view_bytes(from)};
    if (is_plain(step, value))
        return write_device(step, &transfer, 1, "input", error);
    if (!need_staging(step, transfer.bytes, error))
        return FALSE;
    GkView staged = *from;
    staged.data = transfer.to = step->staging;
    return write_device(step, &transfer, 1, "input", error) &&
           copy(step, &staged, value, "input", error);
}

gboolean gan_step_copy(GanStep *step, const GkView *from, const GkView *value, GError **error)
{
    return copy(step, from, value, "input", error);
}

// Converts values that are not plain, and notes from where each array is to be read.
static gboolean stage(GanStep *step, const GanFetch *fetches, guint n, GkTransfer *transfers,
                      GError **error)
{
    gsize bytes = 0;
    for (guint i = 0; i < n; i++)
        bytes += is_plain(step, &fetches[i].value) ? 0 : gk_view_bytes(&fetches[i].array);
    if (!need_staging(step, bytes, error))
        return FALSE;
    char *next = step->staging;
    for (guint i = 0; i < n; i++) {
        GkView from = fetches[i].value;
        const gsize length = gk_view_bytes(&fetches[i].array);
        if (!is_plain(step, &from)) {
            from = fetches[i].array;
            from.data = next;
            next += length;
            if (!copy(step, &fetches[i].value, &from, "output", error))
                return FALSE;
        }
        transfers[i] = (GkTransfer){fetches[i].array.data, from.data, length};
    }
    return TRUE;
}

gboolean gan_step_fetch(GanStep *step, const GanFetch *fetches, guint n, GError **error)
{
    if (!gan_step_has_own_memory(step)) {
        for (guint i = 0; i < n; i++)
            if (!copy(step, &fetches[i].value, &fetches[i].array, "output", error))
                return FALSE;
        return TRUE;
    }
    g_autofree GkTransfer *transfers = g_new(GkTransfer, MAX(n, 1));
    if (!stage(step, fetches, n, transfers, error))
        return FALSE;
    const GkStatus status = gan_device_backend(step->device)
                                ->device->read(gan_device_context(step->device), transfers, n);
    return gan_device_check_on(step->device, status, "output", error);
}
