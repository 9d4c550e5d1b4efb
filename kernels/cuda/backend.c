// SPDX-License-Identifier: LGPL-3.0-or-later
// The CUDA backend: its tables, the choice of the device, memory, and failures in words.
#include "cuda.h"
#include "cudnn_conv.h"
#include "tables.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LEAST_SM = 75 };

// What is left free of the device's memory for others and for what the driver takes.
static const size_t RESERVED_BYTES = (size_t)256 << 20;

GkStatus gk_cuda_fail(GkContext *ctx, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(ctx->error, sizeof ctx->error, format, list);
    va_end(list);
    return GK_ERROR_DEVICE;
}

GkStatus gk_cuda_check(GkContext *ctx, cudaError_t error, const char *what)
{
    if (error == cudaSuccess)
        return GK_OK;
    cudaGetLastError(); // else the next call tells it once more
    gk_cuda_fail(ctx, "%s: %s (%s)", what, cudaGetErrorString(error), cudaGetErrorName(error));
    return error == cudaErrorMemoryAllocation ? GK_ERROR_MEMORY : GK_ERROR_DEVICE;
}

GkStatus gk_cuda_enter(GkContext *ctx)
{
    return gk_cuda_check(ctx, cudaSetDevice(ctx->index), "choosing the device");
}

void *gk_cuda_alloc(GkContext *ctx, size_t bytes)
{
    void *memory = NULL;
    if (gk_cuda_enter(ctx) != GK_OK ||
        gk_cuda_check(ctx, cudaMalloc(&memory, bytes > 0 ? bytes : 1), "device memory") != GK_OK)
        return NULL;
    return memory;
}

void gk_cuda_free(GkContext *ctx, void *memory, size_t bytes)
{
    if (memory != NULL && gk_cuda_enter(ctx) == GK_OK)
        gk_cuda_check(ctx, cudaFree(memory), "giving device memory back");
}

void *gk_cuda_scratch(GkContext *ctx, size_t bytes)
{
    if (bytes <= ctx->scratch_bytes)
        return ctx->scratch;
    gk_cuda_free(ctx, ctx->scratch, ctx->scratch_bytes);
    ctx->scratch_bytes = 0;
    ctx->scratch_age++;
    ctx->scratch = gk_cuda_alloc(ctx, bytes);
    if (ctx->scratch != NULL)
        ctx->scratch_bytes = bytes;
    return ctx->scratch;
}

bool gk_cuda_is_view(const GkView *view)
{
    return view->dtype != GK_F64 && view->block >= view->first + view->c;
}

bool gk_cuda_is_same_shape(const GkView *a, const GkView *b)
{
    return a->n == b->n && a->h == b->h && a->w == b->w && a->c == b->c;
}

// Why open() fails.
static void __attribute__((format(printf, 2, 3)))
refuse(const GkOptions *options, const char *format, ...)
{
    if (options == NULL || options->reason == NULL)
        return;
    va_list list;
    va_start(list, format);
    vsnprintf(options->reason, options->reason_bytes, format, list);
    va_end(list);
}

// Says what is wrong when the runtime finds no device.
static void refuse_no_device(const GkOptions *options, cudaError_t error)
{
    int driver = 0, runtime = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    if (error == cudaErrorStubLibrary)
        refuse(options, "libcuda.so.1 is a stand-in for linking, not that of an NVIDIA driver");
    else if (driver == 0)
        refuse(options, "there is no NVIDIA driver (libcuda.so.1 was not found)");
    else if (error == cudaErrorInsufficientDriver || driver / 1000 < runtime / 1000)
        refuse(options,
               "the NVIDIA driver is too old: it knows CUDA %d.%d, and %d.0 or newer is needed",
               driver / 1000, driver % 1000 / 10, runtime / 1000);
    else if (error == cudaErrorNoDevice)
        refuse(options, "the NVIDIA driver finds no graphics processor");
    else
        refuse(options, "the NVIDIA driver does not work: %s (%s)", cudaGetErrorString(error),
               cudaGetErrorName(error));
}

static bool holds_words(const char *text, const char *part)
{
    const size_t length = strlen(part);
    for (; *text != '\0'; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return false;
}

// The index of the device that `wanted` names, or -1 with a reason.
static int choose_device(const GkOptions *options, int n_devices)
{
    const char *wanted = options != NULL ? options->device : NULL;
    if (wanted == NULL)
        return 0;
    char names[512] = "";
    size_t length = 0;
    char *end = NULL;
    const long index = strtol(wanted, &end, 10);
    const bool is_index = isdigit((unsigned char)*wanted) && *end == '\0';
    if (is_index && index < n_devices)
        return (int)index;
    for (int i = 0; i < n_devices; i++) {
        struct cudaDeviceProp properties;
        if (cudaGetDeviceProperties(&properties, i) != cudaSuccess)
            continue;
        if (!is_index && holds_words(properties.name, wanted))
            return i;
        const int n = snprintf(names + length, sizeof names - length, "%s%d: %s",
                               length > 0 ? ", " : "", i, properties.name);
        if (n > 0 && length + (size_t)n < sizeof names)
            length += (size_t)n;
    }
    refuse(options, "no device is '%s'; there are %s", wanted, names);
    return -1;
}

static const char *dtype_name(GkDtype dtype)
{
    return dtype == GK_F16 ? "float16" : dtype == GK_BF16 ? "bfloat16" : "float32";
}

// Describes the device to the context; FALSE with a reason when it cannot be used.
static bool take_device(GkContext *ctx, const GkOptions *options)
{
    struct cudaDeviceProp properties;
    cudaError_t error = cudaGetDeviceProperties(&properties, ctx->index);
    if (error != cudaSuccess) {
        refuse(options, "device %d does not answer: %s (%s)", ctx->index, cudaGetErrorString(error),
               cudaGetErrorName(error));
        return false;
    }
    ctx->sm = properties.major * 10 + properties.minor;
    ctx->shared_bytes = properties.sharedMemPerBlockOptin;
    snprintf(ctx->isa, sizeof ctx->isa, "sm_%d", ctx->sm);
    const int least = ctx->dtype == GK_BF16 ? 80 : LEAST_SM;
    if (ctx->sm < least) {
        refuse(options, "%s has compute capability %d.%d; %s needs %d.%d or newer", properties.name,
               properties.major, properties.minor, dtype_name(ctx->dtype), least / 10, least % 10);
        return false;
    }
    size_t free_bytes = 0, total_bytes = 0;
    error = cudaSetDevice(ctx->index);
    if (error == cudaSuccess)
        error = cudaMemGetInfo(&free_bytes, &total_bytes); // the first call that needs the device
    if (error != cudaSuccess) {
        refuse(options, "%s cannot be opened: %s (%s)", properties.name, cudaGetErrorString(error),
               cudaGetErrorName(error));
        cudaGetLastError();
        return false;
    }
    if (free_bytes <= RESERVED_BYTES) {
        refuse(options, "%s has no memory left: %zu of %zu MB are free", properties.name,
               free_bytes >> 20, total_bytes >> 20);
        return false;
    }
    snprintf(ctx->description, sizeof ctx->description, "%.160s, %s", properties.name,
             dtype_name(ctx->dtype));
    return true;
}

static void cuda_close(GkContext *ctx)
{
    if (ctx == NULL)
        return;
    if (cudaSetDevice(ctx->index) == cudaSuccess) {
        gk_cudnn_close(ctx->cudnn);
        gk_cuda_transfers_free(ctx);
        if (ctx->scratch != NULL)
            cudaFree(ctx->scratch);
        if (ctx->overflow != NULL)
            cudaFree(ctx->overflow);
        const cudaStream_t streams[] = {ctx->compute, ctx->up, ctx->down};
        for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
            if (streams[i] != NULL)
                cudaStreamDestroy(streams[i]);
    }
    free(ctx);
}

static GkStatus make_streams(GkContext *ctx)
{
    cudaStream_t *streams[] = {&ctx->compute, &ctx->up, &ctx->down};
    GkStatus status = GK_OK;
    for (size_t i = 0; i < sizeof streams / sizeof *streams && status == GK_OK; i++)
        status = gk_cuda_check(ctx, cudaStreamCreateWithFlags(streams[i], cudaStreamNonBlocking),
                               "a stream");
    if (status != GK_OK)
        return status;
    ctx->overflow = gk_cuda_alloc(ctx, sizeof(int));
    if (ctx->overflow == NULL)
        return GK_ERROR_MEMORY;
    return gk_cuda_check(ctx, cudaMemset(ctx->overflow, 0, sizeof(int)), "clearing memory");
}

static GkStatus cuda_open(const GkOptions *options, GkDtype dtype, GkContext **ctx)
{
    const char *isa = options != NULL ? options->isa : NULL;
    if (isa != NULL && strcmp(isa, "own") != 0 && strcmp(isa, "cudnn") != 0) {
        refuse(options, "kernels '%s' are none of own, cudnn", isa);
        return GK_ERROR_UNSUPPORTED;
    }
    int n_devices = 0;
    const cudaError_t error = cudaGetDeviceCount(&n_devices);
    if (error != cudaSuccess || n_devices == 0) {
        refuse_no_device(options, error != cudaSuccess ? error : cudaErrorNoDevice);
        cudaGetLastError();
        return GK_ERROR_DEVICE;
    }
    const int index = choose_device(options, n_devices);
    if (index < 0)
        return GK_ERROR_DEVICE;
    GkContext *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return GK_ERROR_MEMORY;
    opened->index = index;
    opened->dtype = dtype;
    opened->store = options != NULL ? options->store : NULL;
    opened->own_first = isa == NULL || strcmp(isa, "own") == 0;
    GkStatus status = take_device(opened, options) ? GK_OK : GK_ERROR_DEVICE;
    if (status == GK_OK) {
        status = make_streams(opened);
        if (status != GK_OK)
            refuse(options, "%s cannot be opened: %s", opened->description, opened->error);
    }
    if (status == GK_OK && (isa == NULL || strcmp(isa, "cudnn") == 0)) {
        char reason[256] = "";
        opened->cudnn = gk_cudnn_open(opened, reason, sizeof reason);
        // Our own kernels do without it, only slower where they have no fast way.
        if (opened->cudnn == NULL && isa != NULL) {
            refuse(options, "%s", reason);
            status = GK_ERROR_DEVICE;
        } else {
            const size_t length = strlen(opened->description);
            snprintf(opened->description + length, sizeof opened->description - length, ", %s",
                     reason);
        }
    }
    if (status != GK_OK) {
        cuda_close(opened);
        return status;
    }
    *ctx = opened;
    return GK_OK;
}

static GkStatus open_f16(const GkOptions *options, GkContext **ctx)
{
    return cuda_open(options, GK_F16, ctx);
}

static GkStatus open_bf16(const GkOptions *options, GkContext **ctx)
{
    return cuda_open(options, GK_BF16, ctx);
}

static GkStatus open_f32(const GkOptions *options, GkContext **ctx)
{
    return cuda_open(options, GK_F32, ctx);
}

static size_t cuda_n_threads(const GkContext *ctx)
{
    return 1; // of the processor, which only gives orders
}

static const char *cuda_isa(const GkContext *ctx)
{
    return ctx->isa;
}

static const char *cuda_description(const GkContext *ctx)
{
    return ctx->description;
}

static const char *cuda_error_text(const GkContext *ctx)
{
    return ctx->error;
}

static double cuda_busy_seconds(const GkContext *ctx)
{
    return ctx->busy_seconds;
}

static size_t cuda_free_bytes(GkContext *ctx)
{
    size_t free_bytes = 0, total_bytes = 0;
    if (gk_cuda_enter(ctx) != GK_OK ||
        gk_cuda_check(ctx, cudaMemGetInfo(&free_bytes, &total_bytes), "free memory") != GK_OK)
        return 0;
    return free_bytes > RESERVED_BYTES ? free_bytes - RESERVED_BYTES : 0;
}

#define GK_CUDA_DEVICE(element)                                                                    \
    {                                                                                              \
        .dtype = element, .lanes = 8, .n_slots = GK_CUDA_SLOTS, .description = cuda_description,   \
        .error_text = cuda_error_text, .busy_seconds = cuda_busy_seconds,                          \
        .free_bytes = cuda_free_bytes, .write = gk_cuda_write, .read = gk_cuda_read,               \
        .upload = gk_cuda_upload, .download = gk_cuda_download, .fetch = gk_cuda_fetch,            \
        .record = gk_cuda_record, .record_end = gk_cuda_record_end, .replay = gk_cuda_replay,      \
        .recording_free = gk_cuda_recording_free                                                   \
    }

static const GkDevice device_f16 = GK_CUDA_DEVICE(GK_F16);
static const GkDevice device_bf16 = GK_CUDA_DEVICE(GK_BF16);
static const GkDevice device_f32 = GK_CUDA_DEVICE(GK_F32);
#undef GK_CUDA_DEVICE

#define GK_CUDA_BACKEND(element)                                                                   \
    {                                                                                              \
        .name = "cuda-" #element, .dtype = GK_F32, .block = 0, .open = open_##element,             \
        .close = cuda_close, .n_threads = cuda_n_threads, .isa = cuda_isa, .alloc = gk_cuda_alloc, \
        .free = gk_cuda_free, .plan_free = gk_cuda_plan_free, .device = &device_##element,         \
        .ops = GK_OPS_TABLE(GK_CUDA),                                                              \
    }

const GkBackend gk_backend_cuda_f16 = GK_CUDA_BACKEND(f16);
const GkBackend gk_backend_cuda_bf16 = GK_CUDA_BACKEND(bf16);
const GkBackend gk_backend_cuda_f32 = GK_CUDA_BACKEND(f32);
#undef GK_CUDA_BACKEND
