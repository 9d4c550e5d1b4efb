// SPDX-License-Identifier: LGPL-3.0-or-later
// The inside of the CUDA backend: its context, and what its files give each other.
#ifndef GK_CUDA_H
#define GK_CUDA_H

#include "ops/all.h"

#include <cuda_runtime_api.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// cuDNN, opened; see cudnn_conv.h.
typedef struct GkCudnn GkCudnn;

enum { GK_CUDA_SLOTS = 2 };

// One run under way: its ends in pinned memory, where copies pass by while the device computes,
// and in float32 on the device.
typedef struct {
    void *host_in, *host_out;     // pinned
    void *device_in, *device_out; // dense channels-last
    size_t in_bytes, out_bytes;   // of each pair
    GkView out;                   // what is on its way to host_out, as it lies there
    int *host_overflow;           // pinned
    cudaEvent_t uploaded, started, computed, downloaded;
    bool is_under_way;
} GkCudaSlot;

struct GkContext {
    int index;           // of the device
    int sm;              // compute capability: 90 for 9.0
    size_t shared_bytes; // that a block may use
    GkDtype dtype;
    cudaStream_t compute, up, down;
    GkCudaSlot slots[GK_CUDA_SLOTS];
    char *bridge; // pinned memory that write and read pass
    size_t bridge_used;
    void *scratch;
    size_t scratch_bytes;
    size_t scratch_age; // how often it has moved
    int *overflow;      // on the device: not 0 when the run had a value beyond the dtype
    double busy_seconds;
    const GkStore *store;
    GkCudnn *cudnn; // NULL: not here, or not wanted
    bool own_first; // our own kernels where they can, cuDNN elsewhere
    char isa[16], description[256], error[512];
};

// Turns a status of the CUDA runtime into a kernel's, and keeps the words. `what` was tried.
GkStatus gk_cuda_check(GkContext *ctx, cudaError_t error, const char *what);

// Keeps words for a failure of the device.
GkStatus gk_cuda_fail(GkContext *ctx, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Makes the context's device the calling thread's.
GkStatus gk_cuda_enter(GkContext *ctx);

// Memory of the device; NULL when there is none left.
void *gk_cuda_alloc(GkContext *ctx, size_t bytes);
void gk_cuda_free(GkContext *ctx, void *memory, size_t bytes);

// Memory that every operation may use until it returns; NULL when there is none left.
void *gk_cuda_scratch(GkContext *ctx, size_t bytes);

// Returns whether a view is channels-last and of a type that kernels take.
bool gk_cuda_is_view(const GkView *view);
bool gk_cuda_is_same_shape(const GkView *a, const GkView *b);

// Transfers and recordings.
GkStatus gk_cuda_write(GkContext *ctx, const GkTransfer *transfers, size_t n);
GkStatus gk_cuda_read(GkContext *ctx, const GkTransfer *transfers, size_t n);
GkStatus gk_cuda_upload(GkContext *ctx, size_t index, const GkView *from, const GkView *to);
GkStatus gk_cuda_download(GkContext *ctx, size_t index, const GkView *from);
GkStatus gk_cuda_fetch(GkContext *ctx, size_t index, GkView *out, int *overflowed);
void gk_cuda_transfers_free(GkContext *ctx);
GkStatus gk_cuda_record(GkContext *ctx);
GkStatus gk_cuda_record_end(GkContext *ctx, GkRecording **recording);
GkStatus gk_cuda_replay(GkContext *ctx, GkRecording *recording);
void gk_cuda_recording_free(GkContext *ctx, GkRecording *recording);

void gk_cuda_plan_free(GkContext *ctx, GkPlan *plan);

// The slots of GkOps.
#define GK_CUDA(op) gk_cuda_##op
GK_OPS_DECLARE(GK_CUDA)

#ifdef __cplusplus
}
#endif
#endif
