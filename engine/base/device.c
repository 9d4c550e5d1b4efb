// SPDX-License-Identifier: LGPL-3.0-or-later
// Devices: a backend of the kernels, opened, with a name that users read.
#include "device-private.h"

#include <stdio.h>
#include <string.h>

struct GanDevice {
    gint ref_count;
    const GkBackend *backend;
    GkContext *context;
    char *description;
};

static char *describe(const GkBackend *backend, GkContext *context)
{
    const gsize n = backend->n_threads(context);
    if (backend != &gk_backend_cpu)
        return g_strdup_printf("reference kernels (%s)", backend->name);
    const char *isa = backend->isa(context);
    g_autofree char *text = g_str_equal(isa, "avx512") ? g_strdup("AVX-512")
                            : g_str_equal(isa, "avx2")
                                ? g_strdup("AVX2")
                                : g_strdup("no vector extensions beyond the base");
    return g_strdup_printf("CPU, %" G_GSIZE_FORMAT " thread%s, %s", n, n == 1 ? "" : "s", text);
}

GanDevice *gan_device_open(const char *name, guint n_threads, GError **error)
{
    g_return_val_if_fail(name != NULL, NULL);
    GkOptions options = {.n_threads = n_threads};
    const GkBackend *backend = NULL;
    if (g_str_equal(name, "auto") || g_str_equal(name, "cpu")) {
        backend = &gk_backend_cpu;
    } else if (g_str_has_prefix(name, "cpu:")) {
        backend = &gk_backend_cpu;
        options.isa = name + strlen("cpu:");
        if (!g_str_equal(options.isa, "avx512") && !g_str_equal(options.isa, "avx2") &&
            !g_str_equal(options.isa, "plain")) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        "device '%s': instruction set '%s' is none of avx512, avx2, plain", name,
                        options.isa);
            return NULL;
        }
    } else if (g_str_equal(name, "reference")) {
        backend = &gk_backend_ref_f32;
    } else if (g_str_equal(name, "reference:double")) {
        backend = &gk_backend_ref_f64;
    } else if (g_str_equal(name, "cuda") || g_str_has_prefix(name, "cuda:")) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE,
                    "device '%s': this build has no CUDA backend; use the device cpu", name);
        return NULL;
    } else {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "device '%s' is none of auto, cpu, cuda, reference", name);
        return NULL;
    }
    GkContext *context = NULL;
    const GkStatus status = backend->open(&options, &context);
    if (status != GK_OK) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE, "device '%s': %s", name,
                    status == GK_ERROR_UNSUPPORTED ? "this processor lacks that instruction set"
                                                   : gk_status_text(status));
        return NULL;
    }
    GanDevice *device = g_new0(GanDevice, 1);
    device->ref_count = 1;
    device->backend = backend;
    device->context = context;
    device->description = describe(backend, context);
    return device;
}

GanDevice *gan_device_ref(GanDevice *device)
{
    g_return_val_if_fail(device != NULL, NULL);
    g_atomic_int_inc(&device->ref_count);
    return device;
}

void gan_device_unref(GanDevice *device)
{
    if (device == NULL || !g_atomic_int_dec_and_test(&device->ref_count))
        return;
    device->backend->close(device->context);
    g_free(device->description);
    g_free(device);
}

const char *gan_device_description(const GanDevice *device)
{
    g_return_val_if_fail(device != NULL, NULL);
    return device->description;
}

guint gan_device_n_threads(const GanDevice *device)
{
    g_return_val_if_fail(device != NULL, 1);
    return (guint)device->backend->n_threads(device->context);
}

// Reads one number of bytes from a file that holds nothing else; G_MAXUINT64 if it cannot ("max",
// absent).
static guint64 read_limit(const char *path)
{
    g_autofree char *text = NULL;
    guint64 value = 0;
    if (!g_file_get_contents(path, &text, NULL, NULL) ||
        !g_ascii_string_to_unsigned(g_strstrip(text), 10, 0, G_MAXUINT64, &value, NULL))
        return G_MAXUINT64;
    return value;
}

// Memory that the process's control group leaves it (containers), G_MAXUINT64 without a limit.
static guint64 cgroup_free_bytes(void)
{
    const guint64 limit = read_limit("/sys/fs/cgroup/memory.max");
    const guint64 used = read_limit("/sys/fs/cgroup/memory.current");
    if (limit == G_MAXUINT64 || used == G_MAXUINT64)
        return G_MAXUINT64;
    return limit > used ? limit - used : 0;
}

guint64 gan_device_free_bytes(const GanDevice *device)
{
    g_return_val_if_fail(device != NULL, 0);
    guint64 available = 1024 * 1024 * 1024ULL; // where the system does not say
    g_autofree char *text = NULL;
    if (g_file_get_contents("/proc/meminfo", &text, NULL, NULL)) {
        const char *line = strstr(text, "MemAvailable:");
        unsigned long long kib = 0;
        if (line != NULL && sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
            available = (guint64)kib * 1024;
    }
    return MIN(available, cgroup_free_bytes());
}

const GkBackend *gan_device_backend(const GanDevice *device)
{
    return device->backend;
}

GkContext *gan_device_context(const GanDevice *device)
{
    return device->context;
}

gboolean gan_device_check(GkStatus status, const char *what, GError **error)
{
    if (status == GK_OK)
        return TRUE;
    const GanError code = status == GK_ERROR_MEMORY        ? GAN_ERROR_MEMORY
                          : status == GK_ERROR_UNSUPPORTED ? GAN_ERROR_UNSUPPORTED
                                                           : GAN_ERROR_DEVICE;
    g_set_error(error, GAN_ERROR, code, "%s: %s", what, gk_status_text(status));
    return FALSE;
}
