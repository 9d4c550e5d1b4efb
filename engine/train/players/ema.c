// SPDX-License-Identifier: LGPL-3.0-or-later
// An exponential moving average of weights.
#include "ema.h"

#include <string.h>

struct GanEma {
    guint n;
    GanTensor **weights, **averages;
};

GanEma *gan_ema_new(GanTensor *const *weights, guint n, GError **error)
{
    g_autoptr(GanEma) ema = g_new0(GanEma, 1);
    ema->weights = g_new0(GanTensor *, MAX(n, 1));
    ema->averages = g_new0(GanTensor *, MAX(n, 1));
    for (guint i = 0; i < n; i++) {
        ema->weights[ema->n++] = gan_tensor_ref(weights[i]);
        ema->averages[i] = gan_tensor_new(weights[i]->rank, weights[i]->shape, error);
        if (ema->averages[i] == NULL)
            return NULL;
        memcpy(ema->averages[i]->data, weights[i]->data,
               gan_tensor_length(weights[i]) * sizeof(float));
    }
    return g_steal_pointer(&ema);
}

void gan_ema_free(GanEma *ema)
{
    if (ema == NULL)
        return;
    for (guint i = 0; i < ema->n; i++) {
        gan_tensor_unref(ema->weights[i]);
        gan_tensor_unref(ema->averages[i]);
    }
    g_free(ema->weights);
    g_free(ema->averages);
    g_free(ema);
}

void gan_ema_update(GanEma *ema, double decay)
{
    for (guint i = 0; i < ema->n; i++) {
        float *restrict average = ema->averages[i]->data;
        const float *restrict weight = ema->weights[i]->data;
        for (gsize k = 0, n = gan_tensor_length(ema->weights[i]); k < n; k++)
            average[k] = (float)(decay * average[k] + (1 - decay) * weight[k]);
    }
}

GanTensor *gan_ema_average(const GanEma *ema, guint index)
{
    g_return_val_if_fail(index < ema->n, NULL);
    return ema->averages[index];
}

GanTensor *gan_ema_of(const GanEma *ema, GanTensor *weight)
{
    for (guint i = 0; ema != NULL && i < ema->n; i++)
        if (ema->weights[i] == weight)
            return ema->averages[i];
    return weight;
}
