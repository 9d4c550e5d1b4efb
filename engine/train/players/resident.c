// SPDX-License-Identifier: LGPL-3.0-or-later
// Weights that stay on a device, and the steps of their optimizer there.
#include "resident.h"
#include "flat.h"

#include <math.h>
#include <ops/chain.h>
#include <ops/elementwise.h>

struct GanResident {
    GanDevice *device;
    GanGradients *gradients;
    GanOptimizer *optimizer;
    GanFlat *weights, *sums, *moments[2], *averages; // averages: or NULL
    float *norm;                                     // on the device: the square of a norm
    gboolean is_newer;                               // than the tensors
};

// --- making ---

// Adam's moments of the first or of the second kind.
static GanFlat *moments_new(GanDevice *device, const GanOptimizer *optimizer, guint n, guint which,
                            GError **error)
{
    g_autofree GanTensor **tensors = g_new(GanTensor *, MAX(n, 1));
    for (guint i = 0; i < n; i++)
        tensors[i] = gan_optimizer_state(optimizer, 2 * i + which);
    return gan_flat_new(device, tensors, n, error);
}

static GanFlat *averages_new(GanDevice *device, const GanEma *ema, guint n, GError **error)
{
    g_autofree GanTensor **tensors = g_new(GanTensor *, MAX(n, 1));
    for (guint i = 0; i < n; i++)
        tensors[i] = gan_ema_average(ema, i);
    return gan_flat_new(device, tensors, n, error);
}

static gboolean allocate(GanResident *r, GanEma *ema, GError **error)
{
    const guint n = gan_gradients_n(r->gradients);
    GanTensor *const *weights = gan_gradients_weights(r->gradients);
    return (r->weights = gan_flat_new(r->device, weights, n, error)) != NULL &&
           (r->sums = gan_flat_new(r->device, weights, n, error)) != NULL &&
           (r->moments[0] = moments_new(r->device, r->optimizer, n, 0, error)) != NULL &&
           (r->moments[1] = moments_new(r->device, r->optimizer, n, 1, error)) != NULL &&
           (ema == NULL || (r->averages = averages_new(r->device, ema, n, error)) != NULL);
}

GanResident *gan_resident_new(GanDevice *device, GanGradients *gradients, GanOptimizer *optimizer,
                              GanEma *ema, GError **error)
{
    g_return_val_if_fail(gan_optimizer_n_states(optimizer) == 2 * gan_gradients_n(gradients), NULL);
    const GkOps *ops = &gan_device_backend(device)->ops;
    const gboolean able = ops->unary != NULL && ops->binary != NULL && ops->chain != NULL;
    if (!gan_device_check(able ? GK_OK : GK_ERROR_UNSUPPORTED, "optimizer", error))
        return NULL;
    g_autoptr(GanResident) r = g_new0(GanResident, 1);
    r->device = gan_device_ref(device);
    r->gradients = gradients;
    r->optimizer = optimizer;
    if (!allocate(r, ema, error))
        return NULL;
    r->norm = gan_device_backend(device)->alloc(gan_device_context(device), sizeof(float));
    if (r->norm == NULL) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a training step");
        return NULL;
    }
    if (!gan_resident_push(r, error))
        return NULL;
    gan_resident_bind(r, gan_gradients_step(gradients));
    gan_gradients_leave(gradients);
    return g_steal_pointer(&r);
}

void gan_resident_free(GanResident *r)
{
    if (r == NULL)
        return;
    if (r->norm != NULL)
        gan_device_backend(r->device)->free(gan_device_context(r->device), r->norm, sizeof(float));
    gan_flat_free(r->weights);
    gan_flat_free(r->sums);
    gan_flat_free(r->moments[0]);
    gan_flat_free(r->moments[1]);
    gan_flat_free(r->averages);
    gan_device_unref(r->device);
    g_free(r);
}

void gan_resident_bind(const GanResident *r, GanStep *step)
{
    for (guint i = 0; i < gan_flat_n(r->weights); i++)
        gan_step_bind(step, gan_flat_tensor(r->weights, i), gan_flat_at(r->weights, i));
}

// --- between the device and the tensors ---

gboolean gan_resident_pull(GanResident *r, GError **error)
{
    if (!r->is_newer)
        return TRUE;
    if (!gan_flat_pull(r->weights, error) || !gan_flat_pull(r->moments[0], error) ||
        !gan_flat_pull(r->moments[1], error) ||
        (r->averages != NULL && !gan_flat_pull(r->averages, error)))
        return FALSE;
    r->is_newer = FALSE;
    return TRUE;
}

gboolean gan_resident_push(GanResident *r, GError **error)
{
    r->is_newer = FALSE;
    return gan_flat_push(r->weights, error) && gan_flat_push(r->moments[0], error) &&
           gan_flat_push(r->moments[1], error) &&
           (r->averages == NULL || gan_flat_push(r->averages, error));
}

// --- steps ---

static gboolean unary(GanResident *r, GkUnaryKind kind, double alpha, double beta, const GanFlat *x,
                      const GanFlat *y, GError **error)
{
    const GkUnary args = {gan_flat_channels(x), gan_flat_channels(y), kind, alpha, beta};
    const GkStatus status =
        gan_device_backend(r->device)->ops.unary(gan_device_context(r->device), &args);
    return gan_device_check_on(r->device, status, "optimizer", error);
}

static gboolean binary(GanResident *r, GkBinaryKind kind, double alpha, double beta,
                       const GanFlat *a, const GanFlat *b, const GanFlat *y, GError **error)
{
    const GkBinary args = {
        gan_flat_channels(a), gan_flat_channels(b), gan_flat_channels(y), kind, alpha, beta};
    const GkStatus status =
        gan_device_backend(r->device)->ops.binary(gan_device_context(r->device), &args);
    return gan_device_check_on(r->device, status, "optimizer", error);
}

gboolean gan_resident_collect(GanResident *r, gboolean accumulate, GError **error)
{
    GanStep *step = gan_gradients_step(r->gradients);
    for (guint i = 0; i < gan_flat_n(r->sums); i++)
        if (!gan_step_take(step, gan_gradients_output(r->gradients, i), gan_flat_at(r->sums, i),
                           accumulate, error))
            return FALSE;
    return TRUE;
}

gboolean gan_resident_norm(GanResident *r, double *norm, GError **error)
{
    const GkView x = gan_flat_pixels(r->sums);
    const GkChain chain = {
        .shape = x,
        .input = {x},
        .n_inputs = 1,
        .link = {{.kind = GK_LINK_UNARY, .function = GK_UNARY_SQUARE, .a = 0},
                 {.kind = GK_LINK_SUM,
                  .alpha = 1,
                  .a = 1,
                  .y = gk_view_nhwc(r->norm, GK_F32, 1, 1, 1, 1)}},
        .n_links = 2,
    };
    const GkBackend *backend = gan_device_backend(r->device);
    GkContext *context = gan_device_context(r->device);
    float square = 0;
    const GkTransfer transfer = {&square, r->norm, sizeof square};
    GkStatus status = backend->ops.chain(context, &chain);
    if (status == GK_OK)
        status = backend->device->read(context, &transfer, 1);
    *norm = sqrt(square);
    return gan_device_check_on(r->device, status, "norm of the gradients", error);
}

gboolean gan_resident_step(GanResident *r, double rate, double factor, GError **error)
{
    const GanAdamStep p = gan_optimizer_begin_adam(r->optimizer, rate);
    const GanFlat *w = r->weights, *m = r->moments[0], *v = r->moments[1], *g = r->sums;
    r->is_newer = TRUE;
    return binary(r, GK_BINARY_ADD, factor, p.added, g, w, g, error) &&
           binary(r, GK_BINARY_ADD, p.beta1, 1 - p.beta1, m, g, m, error) &&
           unary(r, GK_UNARY_SQUARE, 0, 0, g, g, error) &&
           binary(r, GK_BINARY_ADD, p.beta2, 1 - p.beta2, v, g, v, error) &&
           unary(r, GK_UNARY_SQRT, 0, 0, v, g, error) &&
           unary(r, GK_UNARY_LINEAR, 1 / p.root, p.eps, g, g, error) &&
           binary(r, GK_BINARY_DIVIDE, p.step, 0, m, g, g, error) &&
           binary(r, GK_BINARY_ADD, 1 - p.taken, -1, w, g, w, error);
}

gboolean gan_resident_clamp(GanResident *r, double largest, GError **error)
{
    r->is_newer = TRUE;
    return unary(r, GK_UNARY_CLAMP, -largest, largest, r->weights, r->weights, error);
}

gboolean gan_resident_average(GanResident *r, double decay, GError **error)
{
    r->is_newer = TRUE;
    return binary(r, GK_BINARY_ADD, decay, 1 - decay, r->averages, r->weights, r->averages, error);
}
