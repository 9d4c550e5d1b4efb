// SPDX-License-Identifier: LGPL-3.0-or-later
// What goes into a plan's values and comes out of them.
#include "plan-private.h"
#include "rules.h"

#include <ops/copy.h>
#include <ops/elementwise.h>
#include <string.h>

gboolean gan_plan_copy(GanPlan *plan, const GkView *from, const GkView *to, const char *what,
                       GError **error)
{
    const GanDevice *device = plan->program->device;
    const GkBackend *backend = gan_device_backend(device);
    const GkCopy args = {*from, *to};
    const GkStatus status = backend->ops.copy == NULL
                                ? GK_ERROR_UNSUPPORTED
                                : backend->ops.copy(gan_device_context(device), &args);
    return gan_device_check_on(device, status, what, error);
}

gboolean gan_plan_add(GanPlan *plan, const GkView *value, const GkView *array, GError **error)
{
    const GanDevice *device = plan->program->device;
    const GkBinary args = {*array, *value, *array, GK_BINARY_ADD, 1, 1};
    const GkBackend *backend = gan_device_backend(device);
    const GkStatus status = backend->ops.binary == NULL
                                ? GK_ERROR_UNSUPPORTED
                                : backend->ops.binary(gan_device_context(device), &args);
    return gan_device_check_on(device, status, "output", error);
}

void gan_view_rows(const GkView *from, const GkView *to)
{
    // Whole rows where both have their pixels side by side, which they mostly do.
    const gboolean whole = from->stride_x == from->c && to->stride_x == to->c;
    const gsize piece = whole ? to->w : 1;
    for (gsize n = 0; n < to->n; n++)
        for (gsize y = 0; y < to->h; y++)
            for (gsize x = 0; x < to->w; x += piece)
                memcpy((float *)to->data + gk_offset(to, n, y, x, 0),
                       (const float *)from->data + gk_offset(from, n, y, x, 0),
                       piece * to->c * sizeof(float));
}

// Whether a value's bytes are those of the dense array that its owner sees.
static gboolean is_plain(const GanPlan *plan, const GkView *value)
{
    return gan_view_is_dense(value) &&
           value->dtype == gan_device_backend(plan->program->device)->dtype;
}

void gan_plan_staging_free(GanPlan *plan)
{
    const GanDevice *device = plan->program->device;
    if (plan->staging != NULL)
        gan_device_backend(device)->free(gan_device_context(device), plan->staging,
                                         plan->staging_bytes);
    plan->staging = NULL;
    plan->staging_bytes = 0;
}

// Gives the staging area at least `bytes`; there arrays are converted on their way in and out.
static gboolean need_staging(GanPlan *plan, gsize bytes, GError **error)
{
    const GanDevice *device = plan->program->device;
    if (bytes <= plan->staging_bytes)
        return TRUE;
    gan_plan_staging_free(plan);
    plan->staging = gan_device_backend(device)->alloc(gan_device_context(device), bytes);
    plan->staging_bytes = plan->staging != NULL ? bytes : 0;
    if (plan->staging == NULL)
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for %" G_GSIZE_FORMAT " MB on their way to the network",
                    bytes >> 20);
    return plan->staging != NULL;
}

static gboolean write_device(GanPlan *plan, void *to, const GkView *from, GError **error)
{
    const GanDevice *device = plan->program->device;
    const GkTransfer transfer = {to, from->data, gk_view_bytes(from)};
    const GkStatus status =
        gan_device_backend(device)->device->write(gan_device_context(device), &transfer, 1);
    return gan_device_check_on(device, status, "input", error);
}

gboolean gan_plan_put(GanPlan *plan, const GkView *from, const GkView *value, GError **error)
{
    if (!gan_program_has_own_memory(plan->program))
        return gan_plan_copy(plan, from, value, "input", error);
    if (!gan_view_is_dense(from)) {
        g_autofree float *rows = g_malloc_n(from->n * from->h * from->w * from->c, sizeof(float));
        const GkView dense = gk_view_nhwc(rows, from->dtype, from->n, from->h, from->w, from->c);
        gan_view_rows(from, &dense);
        return gan_plan_put(plan, &dense, value, error);
    }
    if (is_plain(plan, value))
        return write_device(plan, value->data, from, error);
    if (!need_staging(plan, gk_view_bytes(from), error))
        return FALSE;
    GkView staged = *from;
    staged.data = plan->staging;
    return write_device(plan, plan->staging, from, error) &&
           gan_plan_copy(plan, &staged, value, "input", error);
}

// Converts values that are not plain, and notes from where each array is to be read.
static gboolean stage(GanPlan *plan, const GanFetch *fetches, guint n, GkTransfer *transfers,
                      GError **error)
{
    gsize bytes = 0;
    for (guint i = 0; i < n; i++)
        bytes += is_plain(plan, &fetches[i].value) ? 0 : gk_view_bytes(&fetches[i].array);
    if (!need_staging(plan, bytes, error))
        return FALSE;
    char *next = plan->staging;
    for (guint i = 0; i < n; i++) {
        GkView from = fetches[i].value;
        const gsize length = gk_view_bytes(&fetches[i].array);
        if (!is_plain(plan, &from)) {
            from = fetches[i].array;
            from.data = next;
            next += length;
            if (!gan_plan_copy(plan, &fetches[i].value, &from, "output", error))
                return FALSE;
        }
        transfers[i] = (GkTransfer){fetches[i].array.data, from.data, length};
    }
    return TRUE;
}

gboolean gan_plan_fetch(GanPlan *plan, const GanFetch *fetches, guint n, GError **error)
{
    const GanDevice *device = plan->program->device;
    if (!gan_program_has_own_memory(plan->program)) {
        for (guint i = 0; i < n; i++)
            if (!gan_plan_copy(plan, &fetches[i].value, &fetches[i].array, "output", error))
                return FALSE;
        return TRUE;
    }
    g_autofree GkTransfer *transfers = g_new(GkTransfer, MAX(n, 1));
    if (!stage(plan, fetches, n, transfers, error))
        return FALSE;
    const GkStatus status =
        gan_device_backend(device)->device->read(gan_device_context(device), transfers, n);
    return gan_device_check_on(device, status, "output", error);
}
