// SPDX-License-Identifier: LGPL-3.0-or-later
// Devices: a backend of the kernels, opened, with a name that users read.
#include "device-private.h"
#include "module.h"
#include "store.h"

#include <stdio.h>
#include <string.h>

#define N_DTYPES (GK_BF16 + 1)

struct GanDevice {
    gint ref_count;
    const GkBackend *backend;
    GkContext *context;
    char *description;
    char *note;                  // why "auto" took no GPU; NULL: it did, or was not asked
    char *gpu, *kernels;         // as its name has them; NULL: none is named
    GanDevice *others[N_DTYPES]; // on the same GPU, by the type that they compute in
};

// What computes in the process's own memory, by the names that users give.
typedef struct {
    const char *name;
    const GkBackend *backend;
    const char *isa; // NULL: the best that there is
    const char *description;
} Processor;

static const Processor processors[] = {
    {"cpu", &gk_backend_cpu, NULL, "CPU"},
    {"cpu:avx512", &gk_backend_cpu, "avx512", "CPU"},
    {"cpu:avx2", &gk_backend_cpu, "avx2", "CPU"},
    {"cpu:plain", &gk_backend_cpu, "plain", "CPU"},
    {"reference", &gk_backend_ref_f32, NULL, "reference kernels"},
    {"reference:double", &gk_backend_ref_f64, NULL, "reference kernels in double"},
};

static char *describe_processor(const Processor *processor, GkContext *context)
{
    const gsize n = processor->backend->n_threads(context);
    const char *isa = processor->backend->isa(context);
    const char *text = g_str_equal(isa, "avx512") ? "AVX-512"
                       : g_str_equal(isa, "avx2") ? "AVX2"
                                                  : "no vector extensions beyond the base";
    return g_strdup_printf("%s, %" G_GSIZE_FORMAT " thread%s, %s", processor->description, n,
                           n == 1 ? "" : "s", text);
}

// Takes `description`.
static GanDevice *device_new(const GkBackend *backend, GkContext *context, char *description)
{
    GanDevice *device = g_new0(GanDevice, 1);
    device->ref_count = 1;
    device->backend = backend;
    device->context = context;
    device->description = description;
    return device;
}

// What stands behind "cuda:", in any order: which GPU, the type to compute in, whose kernels.
typedef struct {
    const char *which, *dtype, *kernels;
} CudaName;

static CudaName parse_cuda_name(char **parts)
{
    static const char *const dtypes[] = {"float16", "bfloat16", "float32", NULL};
    static const char *const kernels[] = {"own", "cudnn", NULL};
    CudaName name = {NULL, "float16", NULL};
    for (char **part = parts; *part != NULL; part++) {
        if (g_strv_contains(dtypes, *part))
            name.dtype = *part;
        else if (g_strv_contains(kernels, *part))
            name.kernels = *part;
        else if (**part != '\0')
            name.which = *part;
    }
    return name;
}

static const char *dtype_name(GkDtype dtype)
{
    return dtype == GK_F16 ? "float16" : dtype == GK_BF16 ? "bfloat16" : "float32";
}

static const GkBackend *cuda_backend(const GkModule *module, const char *dtype)
{
    for (const GkBackend *const *backend = module->backends; *backend != NULL; backend++)
        if (g_str_equal(dtype_name((*backend)->device->dtype), dtype))
            return *backend;
    return NULL;
}

// The message is the reason alone.
static GanDevice *open_cuda(const char *rest, GError **error)
{
    const GkModule *module = gan_module_open("gan-cuda", error);
    if (module == NULL)
        return NULL;
    g_auto(GStrv) parts = g_strsplit(rest, ":", -1);
    const CudaName name = parse_cuda_name(parts);
    const GkBackend *backend = cuda_backend(module, name.dtype);
    g_assert(backend != NULL);
    char reason[768] = "";
    const GkOptions options = {.isa = name.kernels,
                               .device = name.which,
                               .store = &gan_store,
                               .reason = reason,
                               .reason_bytes = sizeof reason};
    GkContext *context = NULL;
    const GkStatus status = backend->open(&options, &context);
    if (status != GK_OK) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_DEVICE,
                            *reason != '\0' ? reason : gk_status_text(status));
        return NULL;
    }
    GanDevice *device = device_new(
        backend, context, g_strdup_printf("GPU, %s", backend->device->description(context)));
    device->gpu = g_strdup(name.which);
    device->kernels = g_strdup(name.kernels);
    return device;
}

static const Processor *find_processor(const char *name, GError **error)
{
    g_autoptr(GString) known = g_string_new("auto, cuda");
    for (guint i = 0; i < G_N_ELEMENTS(processors); i++) {
        if (g_str_equal(name, processors[i].name))
            return &processors[i];
        g_string_append_printf(known, ", %s", processors[i].name);
    }
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "device '%s' is none of %s", name,
                known->str);
    return NULL;
}

static GanDevice *open_processor(const char *name, guint n_threads, GError **error)
{
    const Processor *processor = find_processor(name, error);
    if (processor == NULL)
        return NULL;
    const GkOptions options = {.n_threads = n_threads, .isa = processor->isa};
    GkContext *context = NULL;
    const GkStatus status = processor->backend->open(&options, &context);
    if (status != GK_OK) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE, "device '%s': %s", name,
                    status == GK_ERROR_UNSUPPORTED ? "this processor lacks that instruction set"
                                                   : gk_status_text(status));
        return NULL;
    }
    return device_new(processor->backend, context, describe_processor(processor, context));
}

// A GPU where there is one, else the CPU with a note.
static GanDevice *open_fastest(guint n_threads, GError **error)
{
    g_autofree char *module = gan_module_find("gan-cuda");
    g_autoptr(GError) reason = NULL;
    GanDevice *gpu = module != NULL ? open_cuda("", &reason) : NULL;
    if (gpu != NULL)
        return gpu;
    GanDevice *cpu = open_processor("cpu", n_threads, error);
    if (cpu != NULL && reason != NULL)
        cpu->note = g_strdup(reason->message);
    return cpu;
}

GanDevice *gan_device_open(const char *name, guint n_threads, GError **error)
{
    g_return_val_if_fail(name != NULL, NULL);
    if (g_str_equal(name, "auto"))
        return open_fastest(n_threads, error);
    if (!g_str_equal(name, "cuda") && !g_str_has_prefix(name, "cuda:"))
        return open_processor(name, n_threads, error);
    GanDevice *device = open_cuda(name + MIN(strlen(name), strlen("cuda:")), error);
    if (device == NULL)
        g_prefix_error(error, "device '%s': ", name);
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
    for (guint i = 0; i < N_DTYPES; i++)
        gan_device_unref(device->others[i]);
    device->backend->close(device->context);
    g_free(device->description);
    g_free(device->note);
    g_free(device->gpu);
    g_free(device->kernels);
    g_free(device);
}

const char *gan_device_note(const GanDevice *device)
{
    g_return_val_if_fail(device != NULL, NULL);
    return device->note;
}

double gan_device_busy_seconds(const GanDevice *device)
{
    g_return_val_if_fail(device != NULL, 0);
    const GkDevice *gpu = device->backend->device;
    return gpu != NULL ? gpu->busy_seconds(device->context) : 0;
}

GanDevice *gan_device_in(GanDevice *device, GkDtype dtype, GError **error)
{
    if (device->backend->device == NULL || device->backend->device->dtype == dtype)
        return device;
    GanDevice **other = &device->others[dtype];
    if (*other == NULL) {
        g_autofree char *name =
            g_strconcat(device->gpu != NULL ? device->gpu : "", ":", dtype_name(dtype), ":",
                        device->kernels != NULL ? device->kernels : "", NULL);
        *other = open_cuda(name, error);
    }
    return *other;
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

// Reads one number of bytes from a file that holds nothing else; G_MAXUINT64 if it
// cannot ("max", absent).
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

guint64 gan_process_free_bytes(void)
{
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

guint64 gan_device_free_bytes(const GanDevice *device)
{
    g_return_val_if_fail(device != NULL, 0);
    return device->backend->device != NULL ? device->backend->device->free_bytes(device->context)
                                           : gan_process_free_bytes();
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

gboolean gan_device_check_on(const GanDevice *device, GkStatus status, const char *what,
                             GError **error)
{
    const GkDevice *gpu = device->backend->device;
    if (status == GK_OK || status == GK_ERROR_UNSUPPORTED || gpu == NULL ||
        *gpu->error_text(device->context) == '\0')
        return gan_device_check(status, what, error);
    g_set_error(error, GAN_ERROR, status == GK_ERROR_MEMORY ? GAN_ERROR_MEMORY : GAN_ERROR_DEVICE,
                "%s: %s", what, gpu->error_text(device->context));
    return FALSE;
}
