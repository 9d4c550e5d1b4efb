// SPDX-License-Identifier: LGPL-3.0-or-later
// Between the process's memory and the device's: parameters, the ends of a run, and recordings of
// a plan's work.
//
// A run in a slot goes: the picture into pinned memory, from there by the upload stream into
// float32 on the device, by the compute stream into the plan's own type and through the plan, back
// into float32, and by the download stream into pinned memory. Events order the streams, so that
// one slot's copies pass while the other's run computes.
#include "cuda.h"

#include <stdlib.h>
#include <string.h>

// Copies of the driver's from memory that is not pinned wait for each other; ours pass a bridge of
// pinned memory, where many small ones queue up.
static const size_t BRIDGE_BYTES = (size_t)16 << 20;

static GkStatus bridge_need(GkContext *ctx)
{
    const GkStatus status = gk_cuda_enter(ctx);
    return status == GK_OK && ctx->bridge == NULL
               ? gk_cuda_check(ctx, cudaMallocHost((void **)&ctx->bridge, BRIDGE_BYTES),
                               "pinned memory")
               : status;
}

// Waits until nothing that passes the bridge is under way.
static GkStatus bridge_clear(GkContext *ctx, const char *what)
{
    ctx->bridge_used = 0;
    return gk_cuda_check(ctx, cudaStreamSynchronize(ctx->compute), what);
}

// Goes through transfers piece by piece, as they fit onto the bridge.
typedef struct {
    const GkTransfer *transfer, *end;
    size_t done; // of the transfer
} Pieces;

typedef struct {
    char *to, *bridge;
    const char *from;
    size_t bytes;
} Piece;

// Takes the next piece; FALSE: the bridge is full, or there are no more.
static bool next_piece(GkContext *ctx, Pieces *pieces, Piece *piece)
{
    while (pieces->transfer != pieces->end && pieces->done == pieces->transfer->bytes) {
        pieces->transfer++;
        pieces->done = 0;
    }
    if (pieces->transfer == pieces->end || ctx->bridge_used == BRIDGE_BYTES)
        return false;
    const size_t left = pieces->transfer->bytes - pieces->done,
                 room = BRIDGE_BYTES - ctx->bridge_used;
    *piece = (Piece){.to = (char *)pieces->transfer->to + pieces->done,
                     .from = (const char *)pieces->transfer->from + pieces->done,
                     .bridge = ctx->bridge + ctx->bridge_used,
                     .bytes = left < room ? left : room};
    pieces->done += piece->bytes;
    ctx->bridge_used += piece->bytes;
    return true;
}

GkStatus gk_cuda_write(GkContext *ctx, const GkTransfer *transfers, size_t n)
{
    GkStatus status = bridge_need(ctx);
    Pieces pieces = {transfers, transfers + n, 0};
    while (status == GK_OK && pieces.transfer != pieces.end) {
        Piece piece;
        if (next_piece(ctx, &pieces, &piece)) {
            memcpy(piece.bridge, piece.from, piece.bytes);
            status = gk_cuda_check(ctx,
                                   cudaMemcpyAsync(piece.to, piece.bridge, piece.bytes,
                                                   cudaMemcpyHostToDevice, ctx->compute),
                                   "upload");
        } else if (pieces.transfer != pieces.end) {
            status = bridge_clear(ctx, "upload");
        }
    }
    return status;
}

GkStatus gk_cuda_read(GkContext *ctx, const GkTransfer *transfers, size_t n)
{
    GkStatus status = bridge_need(ctx);
    Pieces pieces = {transfers, transfers + n, 0};
    while (status == GK_OK && pieces.transfer != pieces.end) {
        // What a write left on the bridge has gone over before this comes.
        ctx->bridge_used = 0;
        Pieces again = pieces;
        Piece piece;
        while (status == GK_OK && next_piece(ctx, &pieces, &piece))
            status = gk_cuda_check(ctx,
                                   cudaMemcpyAsync(piece.bridge, piece.from, piece.bytes,
                                                   cudaMemcpyDeviceToHost, ctx->compute),
                                   "download");
        if (status == GK_OK)
            status = bridge_clear(ctx, "download");
        while (status == GK_OK && next_piece(ctx, &again, &piece))
            memcpy(piece.to, piece.bridge, piece.bytes);
        ctx->bridge_used = 0;
    }
    return status;
}

static void pair_free(void **host, void **device, size_t *bytes)
{
    if (*host != NULL)
        cudaFreeHost(*host);
    if (*device != NULL)
        cudaFree(*device);
    *host = *device = NULL;
    *bytes = 0;
}

// Gives a slot's pair of buffers at least `bytes`.
static GkStatus pair_need(GkContext *ctx, void **host, void **device, size_t *has, size_t bytes)
{
    if (bytes <= *has)
        return GK_OK;
    pair_free(host, device, has);
    GkStatus status = gk_cuda_check(ctx, cudaMallocHost(host, bytes), "pinned memory");
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaMalloc(device, bytes), "device memory");
    if (status == GK_OK)
        *has = bytes;
    else
        pair_free(host, device, has);
    return status;
}

static GkStatus slot_need(GkContext *ctx, GkCudaSlot *slot)
{
    cudaEvent_t *events[] = {&slot->uploaded, &slot->downloaded, &slot->started, &slot->computed};
    GkStatus status = gk_cuda_enter(ctx);
    for (size_t i = 0; i < sizeof events / sizeof *events && status == GK_OK; i++)
        if (*events[i] == NULL)
            status = gk_cuda_check(
                ctx, cudaEventCreateWithFlags(events[i], i < 2 ? cudaEventDisableTiming : 0),
                "an event");
    if (status == GK_OK && slot->host_overflow == NULL)
        status = gk_cuda_check(ctx, cudaMallocHost((void **)&slot->host_overflow, sizeof(int)),
                               "pinned memory");
    return status;
}

void gk_cuda_transfers_free(GkContext *ctx)
{
    if (ctx->bridge != NULL)
        cudaFreeHost(ctx->bridge);
    ctx->bridge = NULL;
    for (size_t i = 0; i < GK_CUDA_SLOTS; i++) {
        GkCudaSlot *slot = &ctx->slots[i];
        pair_free(&slot->host_in, &slot->device_in, &slot->in_bytes);
        pair_free(&slot->host_out, &slot->device_out, &slot->out_bytes);
        if (slot->host_overflow != NULL)
            cudaFreeHost(slot->host_overflow);
        const cudaEvent_t events[] = {slot->uploaded, slot->started, slot->computed,
                                      slot->downloaded};
        for (size_t k = 0; k < sizeof events / sizeof *events; k++)
            if (events[k] != NULL)
                cudaEventDestroy(events[k]);
        memset(slot, 0, sizeof *slot);
    }
}

// Copies a view of the process's memory to dense memory, row by row where rows are dense.
static void pack_rows(const GkView *view, float *dense)
{
    for (size_t n = 0; n < view->n; n++)
        for (size_t y = 0; y < view->h; y++) {
            const float *row = (const float *)view->data + gk_offset(view, n, y, 0, 0);
            if (view->stride_x == view->c) {
                memcpy(dense, row, view->w * view->c * sizeof(float));
                dense += view->w * view->c;
                continue;
            }
            for (size_t x = 0; x < view->w; x++, row += view->stride_x, dense += view->c)
                memcpy(dense, row, view->c * sizeof(float));
        }
}

GkStatus gk_cuda_upload(GkContext *ctx, size_t index, const GkView *from, const GkView *to)
{
    GkCudaSlot *slot = &ctx->slots[index % GK_CUDA_SLOTS];
    if (from->dtype != GK_F32 || !gk_cuda_is_view(from) || !gk_cuda_is_same_shape(from, to))
        return GK_ERROR_UNSUPPORTED;
    const size_t bytes = from->n * from->h * from->w * from->c * sizeof(float);
    GkStatus status = slot_need(ctx, slot);
    // The last run of this slot has to be over, even if nobody fetched it.
    if (status == GK_OK && slot->is_under_way)
        status = gk_cuda_check(ctx, cudaEventSynchronize(slot->downloaded), "waiting for a run");
    slot->is_under_way = false;
    if (status == GK_OK)
        status = pair_need(ctx, &slot->host_in, &slot->device_in, &slot->in_bytes, bytes);
    // An upload that no download followed may still read the pinned memory.
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaEventSynchronize(slot->uploaded), "waiting for an upload");
    if (status != GK_OK)
        return status;
    pack_rows(from, slot->host_in);
    const GkCopy convert = {
        gk_view_nhwc(slot->device_in, GK_F32, from->n, from->h, from->w, from->c), *to};
    // The last run's conversion may not have read device_in yet.
    status = gk_cuda_check(ctx, cudaStreamWaitEvent(ctx->up, slot->computed, 0), "upload");
    if (status == GK_OK)
        status = gk_cuda_check(
            ctx,
            cudaMemcpyAsync(slot->device_in, slot->host_in, bytes, cudaMemcpyHostToDevice, ctx->up),
            "upload");
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaEventRecord(slot->uploaded, ctx->up), "upload");
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaStreamWaitEvent(ctx->compute, slot->uploaded, 0), "upload");
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaEventRecord(slot->started, ctx->compute), "upload");
    // Of this run alone: what was computed before, in training say, tells nothing of it.
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaMemsetAsync(ctx->overflow, 0, sizeof(int), ctx->compute),
                               "upload");
    return status == GK_OK ? gk_cuda_copy(ctx, &convert) : status;
}

GkStatus gk_cuda_download(GkContext *ctx, size_t index, const GkView *from)
{
    GkCudaSlot *slot = &ctx->slots[index % GK_CUDA_SLOTS];
    const size_t bytes = from->n * from->h * from->w * from->c * sizeof(float);
    GkStatus status = slot_need(ctx, slot);
    if (status == GK_OK)
        status = pair_need(ctx, &slot->host_out, &slot->device_out, &slot->out_bytes, bytes);
    if (status != GK_OK)
        return status;
    slot->out = gk_view_nhwc(slot->host_out, GK_F32, from->n, from->h, from->w, from->c);
    GkCopy convert = {*from, slot->out};
    convert.y.data = slot->device_out;
    status = gk_cuda_copy(ctx, &convert);
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaEventRecord(slot->computed, ctx->compute), "download");
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaStreamWaitEvent(ctx->down, slot->computed, 0), "download");
    if (status == GK_OK)
        status = gk_cuda_check(ctx,
                               cudaMemcpyAsync(slot->host_out, slot->device_out, bytes,
                                               cudaMemcpyDeviceToHost, ctx->down),
                               "download");
    // The flag stands on the compute stream: the next run must not set it before it is read.
    if (status == GK_OK)
        status = gk_cuda_check(ctx,
                               cudaMemcpyAsync(slot->host_overflow, ctx->overflow, sizeof(int),
                                               cudaMemcpyDeviceToHost, ctx->compute),
                               "download");
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaEventRecord(slot->computed, ctx->compute), "download");
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaStreamWaitEvent(ctx->down, slot->computed, 0), "download");
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaEventRecord(slot->downloaded, ctx->down), "download");
    slot->is_under_way = status == GK_OK;
    return status;
}

GkStatus gk_cuda_fetch(GkContext *ctx, size_t index, GkView *out, int *overflowed)
{
    GkCudaSlot *slot = &ctx->slots[index % GK_CUDA_SLOTS];
    if (!slot->is_under_way)
        return GK_ERROR_UNSUPPORTED;
    slot->is_under_way = false;
    GkStatus status = gk_cuda_enter(ctx);
    if (status == GK_OK)
        status = gk_cuda_check(ctx, cudaEventSynchronize(slot->downloaded), "computing");
    if (status != GK_OK)
        return status;
    float ms = 0;
    if (cudaEventElapsedTime(&ms, slot->started, slot->computed) == cudaSuccess)
        ctx->busy_seconds += ms * 1e-3;
    *out = slot->out;
    *overflowed = *slot->host_overflow;
    return GK_OK;
}

struct GkRecording {
    cudaGraphExec_t graph;
    size_t scratch_age;
};

GkStatus gk_cuda_record(GkContext *ctx)
{
    GkStatus status = gk_cuda_enter(ctx);
    if (status == GK_OK)
        status = gk_cuda_check(
            ctx, cudaStreamBeginCapture(ctx->compute, cudaStreamCaptureModeThreadLocal),
            "recording");
    return status;
}

GkStatus gk_cuda_record_end(GkContext *ctx, GkRecording **recording)
{
    cudaGraph_t graph = NULL;
    GkStatus status = gk_cuda_check(ctx, cudaStreamEndCapture(ctx->compute, &graph), "recording");
    if (status != GK_OK || recording == NULL) {
        if (graph != NULL)
            cudaGraphDestroy(graph);
        return status;
    }
    GkRecording *made = calloc(1, sizeof *made);
    if (made == NULL)
        status = GK_ERROR_MEMORY;
    else
        status = gk_cuda_check(ctx, cudaGraphInstantiate(&made->graph, graph, 0), "recording");
    cudaGraphDestroy(graph);
    if (status != GK_OK) {
        free(made);
        return status;
    }
    made->scratch_age = ctx->scratch_age;
    *recording = made;
    return GK_OK;
}

GkStatus gk_cuda_replay(GkContext *ctx, GkRecording *recording)
{
    if (recording->scratch_age != ctx->scratch_age)
        return GK_ERROR_UNSUPPORTED;
    const GkStatus status = gk_cuda_enter(ctx);
    return status == GK_OK
               ? gk_cuda_check(ctx, cudaGraphLaunch(recording->graph, ctx->compute), "a plan")
               : status;
}

void gk_cuda_recording_free(GkContext *ctx, GkRecording *recording)
{
    if (recording == NULL)
        return;
    if (gk_cuda_enter(ctx) == GK_OK)
        cudaGraphExecDestroy(recording->graph);
    free(recording);
}
