// SPDX-License-Identifier: LGPL-3.0-or-later
// Arithmetic on constant parameters that fusion needs; in double, rounded once.
#include "fold.h"

static double at(const GanTensor *values, gsize i)
{
    return values->data[gan_tensor_length(values) == 1 ? 0 : i];
}

GanTensor *gan_fold_scale(const GanTensor *weight, const GanTensor *scale, GError **error)
{
    GanTensor *out = gan_tensor_new(weight->rank, weight->shape, error);
    if (out == NULL)
        return NULL;
    const gsize row = gan_tensor_length(weight) / weight->shape[0];
    for (gsize o = 0; o < weight->shape[0]; o++) {
        const double factor = at(scale, o);
        for (gsize i = 0; i < row; i++)
            out->data[o * row + i] = (float)(weight->data[o * row + i] * factor);
    }
    return out;
}

GanTensor *gan_fold_bias(const GanTensor *bias, const GanTensor *scale, const GanTensor *shift,
                         gsize n, GError **error)
{
    GanTensor *out = gan_tensor_new(1, &n, error);
    if (out == NULL)
        return NULL;
    for (gsize o = 0; o < n; o++)
        out->data[o] = (float)((bias == NULL ? 0 : bias->data[o] * at(scale, o)) + at(shift, o));
    return out;
}

GanTensor *gan_fold_repeat(const GanTensor *values, gsize times, GError **error)
{
    const gsize n = gan_tensor_length(values) * times;
    GanTensor *out = gan_tensor_new(1, &n, error);
    if (out == NULL)
        return NULL;
    for (gsize i = 0; i < n; i++)
        out->data[i] = values->data[i / times];
    return out;
}

gboolean gan_fold_all_equal(const GanTensor *values, float value)
{
    for (gsize i = 0; i < gan_tensor_length(values); i++)
        if (values->data[i] != value)
            return FALSE;
    return TRUE;
}
