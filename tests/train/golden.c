// SPDX-License-Identifier: LGPL-3.0-or-later
// Golden files of PyTorch's.
#include "golden.h"

#include <math.h>

const char *const *golden_devices(void)
{
    static const char *devices[] = {"reference", "cpu:avx512", "cpu:avx2", "cpu:plain", NULL};
    const char *only = g_getenv("TEST_DEVICE");
    if (only != NULL) {
        devices[0] = only;
        devices[1] = NULL;
    }
    return devices;
}

GanDevice *golden_device(const char *name)
{
    GError *error = NULL;
    GanDevice *device = gan_device_open(name, 2, &error);
    if (g_strcmp0(name, g_getenv("TEST_DEVICE")) == 0)
        g_assert_no_error(error);
    g_clear_error(&error);
    return device;
}

GanWeights *golden_open(const char *name)
{
    g_autofree char *file = g_strconcat(name, ".safetensors", NULL);
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "train", file, NULL);
    GError *error = NULL;
    GanWeights *pack = gan_weights_open(path, &error);
    g_assert_no_error(error);
    return pack;
}

static GanTensor *find(GanWeights *pack, const char *name)
{
    if (gan_weights_find(pack, name) == NULL)
        return NULL;
    GError *error = NULL;
    GanTensor *tensor = gan_weights_tensor(pack, name, &error);
    g_assert_no_error(error);
    return tensor;
}

GanTensor *golden_find(GanWeights *pack, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *name = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return find(pack, name);
}

GanTensor *golden_tensor(GanWeights *pack, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *name = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    GanTensor *tensor = find(pack, name);
    if (tensor == NULL)
        g_error("%s has no tensor '%s'", gan_weights_path(pack), name);
    return tensor;
}

GanShape golden_picture_shape(const GanTensor *t)
{
    g_assert_cmpuint(t->rank, ==, 4);
    return (GanShape){t->shape[0], t->shape[2], t->shape[3], t->shape[1]};
}

float *golden_picture(const GanTensor *t)
{
    const GanShape s = golden_picture_shape(t);
    float *to = g_new(float, MAX(gan_tensor_length(t), 1));
    for (gsize n = 0; n < s.n; n++)
        for (gsize c = 0; c < s.c; c++)
            for (gsize y = 0; y < s.h; y++)
                for (gsize x = 0; x < s.w; x++)
                    to[((n * s.h + y) * s.w + x) * s.c + c] =
                        t->data[((n * s.c + c) * s.h + y) * s.w + x];
    return to;
}

void golden_compare(const char *what, const float *found, const float *wanted, gsize length,
                    double limit)
{
    double largest = 1, worst = 0;
    gsize at = 0;
    for (gsize i = 0; i < length; i++) {
        largest = fmax(largest, fabs(wanted[i]));
        // Not fmax(): a NaN must count.
        if (!(fabs((double)found[i] - wanted[i]) <= worst)) {
            worst = fabs((double)found[i] - wanted[i]);
            at = i;
        }
    }
    if (!(worst <= limit * largest))
        g_error("%s: element %" G_GSIZE_FORMAT
                " is %.9g, PyTorch has %.9g (off by %.3g, limit %.3g)",
                what, at, found[at], wanted[at], worst, limit * largest);
}

void golden_add_parameter(GanParameters *parameters, const char *name, GanParameterKind kind,
                          const GanTensor *from)
{
    GanTensor *to = gan_parameters_add(parameters, name, kind, from->rank, from->shape, NULL);
    memcpy(to->data, from->data, gan_tensor_length(from) * sizeof(float));
}
