// SPDX-License-Identifier: LGPL-3.0-or-later
// What a step keeps in memory, and what goes in and out. A backend with memory of its own, or of
// another type than float32, works on copies of the parameters.
#include "step-private.h"

#include <ops/copy.h>

gboolean gan_step_has_own_memory(const GanStep *step)
{
    return gan_device_backend(step->device)->device != NULL;
}

gboolean gan_step_is_contiguous(const GkView *v)
{
    return v->first == 0 && v->block == v->c && v->stride_x == v->c && v->stride_y == v->w * v->c &&
           v->stride_n == v->h * v->stride_y;
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
        if (step->copies[i] != NULL)
            release(step, step->copies[i], copy_bytes(step, i));
    g_free(step->copies);
}

static gboolean write_device(GanStep *step, void *to, const void *from, gsize bytes,
                             const char *what, GError **error)
{
    const GkStatus status = gan_device_backend(step->device)
                                ->device->write(gan_device_context(step->device), to, from, bytes);
    return gan_device_check_on(step->device, status, what, error);
}

// Copies a parameter to where the backend takes it from.
static gboolean copy_parameter(GanStep *step, guint id, GError **error)
{
    const GanTensor *from = parameter(step, id);
    const gsize length = gan_tensor_length(from);
    if (step->copies[id] == NULL)
        step->copies[id] = allocate(step, copy_bytes(step, id), error);
    if (step->copies[id] == NULL)
        return FALSE;
    if (gan_step_has_own_memory(step))
        return write_device(step, step->copies[id], from->data, length * sizeof(float), "parameter",
                            error);
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
    for (guint i = 0; i < gan_graph_n_nodes(step->graph) && needs_copies(step); i++) {
        const GanNode *node = gan_graph_node(step->graph, i);
        // Constants stay as they are.
        if (node->op == GAN_OP_PARAMETER &&
            (step->copies[i] == NULL || node->attributes.trainable) &&
            !copy_parameter(step, i, error))
            return FALSE;
    }
    return TRUE;
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
    return gan_step_is_contiguous(value) && value->dtype == gan_device_backend(step->device)->dtype;
}

// A place on the device for such an array, to convert it on the way in or out.
static gboolean stage(GanStep *step, const GkView *array, GkView *staged, GError **error)
{
    const gsize bytes = gk_view_bytes(array);
    if (bytes > step->staging_bytes) {
        release(step, step->staging, step->staging_bytes);
        step->staging = allocate(step, bytes, error);
        step->staging_bytes = step->staging != NULL ? bytes : 0;
    }
    *staged = *array;
    staged->data = step->staging;
    return step->staging != NULL;
}

gboolean gan_step_put(GanStep *step, const GkView *from, const GkView *value, GError **error)
{
    if (!gan_step_has_own_memory(step))
        return copy(step, from, value, "input", error);
    const gsize bytes = gk_view_bytes(from);
    if (is_plain(step, value))
        return write_device(step, value->data, from->data, bytes, "input", error);
    GkView staged;
    return stage(step, from, &staged, error) &&
           write_device(step, staged.data, from->data, bytes, "input", error) &&
           copy(step, &staged, value, "input", error);
}

gboolean gan_step_fetch(GanStep *step, const GkView *value, const GkView *to, GError **error)
{
    if (!gan_step_has_own_memory(step))
        return copy(step, value, to, "output", error);
    GkView from = *value;
    if (!is_plain(step, value) &&
        !(stage(step, to, &from, error) && copy(step, value, &from, "output", error)))
        return FALSE;
    const GkStatus status = gan_device_backend(step->device)
                                ->device->read(gan_device_context(step->device), to->data,
                                               from.data, gk_view_bytes(to));
    return gan_device_check_on(step->device, status, "output", error);
}
