// SPDX-License-Identifier: LGPL-3.0-or-later
// cuDNN at work: the library, plans for graphs, and running them.
//
// Choosing an engine may compile code for seconds, so a chosen plan is kept in the store, under
// the graph, cuDNN's version and the device.
#include "cudnn_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static GkStatus check(GkContext *ctx, cudnnStatus_t status, const char *what)
{
    if (status == CUDNN_STATUS_SUCCESS)
        return GK_OK;
    const GkCudnnApi *api = &ctx->cudnn->api;
    char words[256] = "";
    api->last_error(words, sizeof words);
    gk_cuda_fail(ctx, "cuDNN, %s: %s %s", what, api->error_string(status), words);
    return status == CUDNN_STATUS_ALLOC_FAILED ? GK_ERROR_MEMORY : GK_ERROR_DEVICE;
}

GkCudnn *gk_cudnn_open(GkContext *ctx, char *reason, size_t reason_bytes)
{
    GkCudnn *cudnn = calloc(1, sizeof *cudnn);
    if (cudnn == NULL || !gk_cudnn_api_open(&cudnn->api, reason, reason_bytes)) {
        free(cudnn);
        return NULL;
    }
    cudnnStatus_t status = cudnn->api.create(&cudnn->handle);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnn->api.set_stream(cudnn->handle, ctx->compute);
    if (status == CUDNN_STATUS_SUCCESS)
        return cudnn;
    snprintf(reason, reason_bytes, "without cuDNN, which does not start: %s",
             cudnn->api.error_string(status));
    gk_cudnn_close(cudnn);
    return NULL;
}

void gk_cudnn_close(GkCudnn *cudnn)
{
    if (cudnn == NULL)
        return;
    if (cudnn->handle != NULL)
        cudnn->api.destroy(cudnn->handle);
    // The library stays: what it registered with the driver goes with the process.
    free(cudnn);
}

// --- plans ---

static bool take_plan(const GkCudnnApi *api, cudnnBackendDescriptor_t plan, GkCudnnPlan *entry)
{
    int64_t bytes = 0, n = 0;
    if (api->get(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &n, &bytes) !=
            CUDNN_STATUS_SUCCESS ||
        bytes > GK_CUDNN_WORKSPACE) {
        api->descriptor_destroy(plan);
        return false;
    }
    entry->plan = plan;
    entry->workspace_bytes = (size_t)bytes;
    return true;
}

typedef struct {
    cudnnHandle_t handle;
    GkCudnnPlan *entry;
} Choice;

// Takes the first configuration that a plan can be made of.
static bool try_config(const GkCudnnApi *api, cudnnBackendDescriptor_t config, void *data)
{
    const Choice *choice = data;
    const GkCudnnShape *shape = &choice->entry->shape;
    bool rounds = false, varies = false;
    cudnnBackendDescriptor_t plan = NULL;
    // float32 is asked for where float16 was not enough: no engine may round to less. Gradients
    // are the same from run to run.
    if (gk_cudnn_engine(api, config, &rounds, &varies) < 0 ||
        (shape->dtype == GK_F32 && (rounds || varies)) ||
        (shape->kind != GK_CUDNN_FORWARD && varies) ||
        api->descriptor_create(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan) !=
            CUDNN_STATUS_SUCCESS)
        return false;
    if (api->set(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &choice->handle) ==
            CUDNN_STATUS_SUCCESS &&
        api->set(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                 &config) == CUDNN_STATUS_SUCCESS &&
        api->finalize(plan) == CUDNN_STATUS_SUCCESS)
        return take_plan(api, plan, choice->entry);
    api->descriptor_destroy(plan);
    return false;
}

// The name of a graph on this device, for the store.
static void make_key(const GkContext *ctx, const GkCudnnShape *shape, char *key, size_t key_bytes)
{
    int driver = 0;
    cudaDriverGetVersion(&driver);
    size_t length = (size_t)snprintf(key, key_bytes, "cudnn %zu driver %d %s sm_%d graph 2",
                                     ctx->cudnn->api.version(), driver, ctx->description, ctx->sm);
    const unsigned char *bytes = (const unsigned char *)shape;
    for (size_t i = 0; i < sizeof *shape && length + 3 < key_bytes; i++)
        length += (size_t)snprintf(key + length, key_bytes - length, "%02x", bytes[i]);
}

static bool load_plan(GkContext *ctx, const char *key, GkCudnnPlan *entry)
{
    const GkCudnnApi *api = &ctx->cudnn->api;
    size_t bytes = 0;
    char *text = ctx->store != NULL ? ctx->store->load(ctx->store->data, key, &bytes) : NULL;
    cudnnBackendDescriptor_t plan = NULL;
    bool loaded = false;
    if (text == NULL)
        return false;
    if (api->descriptor_create(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan) ==
        CUDNN_STATUS_SUCCESS) {
        if (api->set(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1,
                     &ctx->cudnn->handle) == CUDNN_STATUS_SUCCESS &&
            api->set(plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                     (int64_t)bytes, text) == CUDNN_STATUS_SUCCESS &&
            api->finalize(plan) == CUDNN_STATUS_SUCCESS)
            loaded = take_plan(api, plan, entry);
        else
            api->descriptor_destroy(plan);
    }
    ctx->store->release(ctx->store->data, text);
    return loaded;
}

static void save_plan(GkContext *ctx, const char *key, const GkCudnnPlan *entry)
{
    const GkCudnnApi *api = &ctx->cudnn->api;
    int64_t n = 0;
    if (ctx->store == NULL ||
        api->get(entry->plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, 0, &n,
                 NULL) != CUDNN_STATUS_SUCCESS ||
        n <= 0)
        return;
    char *text = malloc((size_t)n);
    if (text != NULL && api->get(entry->plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                 CUDNN_TYPE_CHAR, n, &n, text) == CUDNN_STATUS_SUCCESS)
        ctx->store->save(ctx->store->data, key, text, (size_t)n);
    free(text);
}

static void choose_plan(GkContext *ctx, GkCudnnPlan *entry)
{
    const GkCudnnApi *api = &ctx->cudnn->api;
    char key[256 + 64 + 2 * sizeof entry->shape];
    make_key(ctx, &entry->shape, key, sizeof key);
    if (load_plan(ctx, key, entry))
        return;
    GkCudnnGraph graph;
    Choice choice = {ctx->cudnn->handle, entry};
    if (gk_cudnn_graph_build(api, ctx->cudnn->handle, &entry->shape, &graph) !=
        CUDNN_STATUS_SUCCESS)
        return;
    if (gk_cudnn_graph_visit(api, &graph, NULL, try_config, &choice))
        save_plan(ctx, key, entry);
    gk_cudnn_graph_free(api, &graph);
}

const GkCudnnPlan *gk_cudnn_find(GkContext *ctx, GkCudnnState *state, const GkCudnnShape *shape)
{
    for (GkCudnnPlan *e = state->plans; e != NULL; e = e->next)
        if (memcmp(&e->shape, shape, sizeof *shape) == 0)
            return e->plan != NULL ? e : NULL;
    GkCudnnPlan *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        return NULL;
    entry->shape = *shape;
    entry->next = state->plans;
    state->plans = entry;
    choose_plan(ctx, entry);
    return entry->plan != NULL ? entry : NULL;
}

void gk_cudnn_state_free(GkContext *ctx, GkCudnnState *state)
{
    if (state == NULL)
        return;
    while (state->plans != NULL) {
        GkCudnnPlan *entry = state->plans;
        state->plans = entry->next;
        if (entry->plan != NULL)
            ctx->cudnn->api.descriptor_destroy(entry->plan);
        free(entry);
    }
    gk_cuda_free(ctx, state->weights, state->weight_bytes);
    gk_cuda_free(ctx, state->scales, 0);
    free(state);
}

GkStatus gk_cudnn_execute(GkContext *ctx, const GkCudnnPlan *plan, int64_t n, const int64_t *uids,
                          const void *const *pointers, void *workspace)
{
    const GkCudnnApi *api = &ctx->cudnn->api;
    cudnnBackendDescriptor_t variant = NULL;
    cudnnStatus_t status = api->descriptor_create(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &variant);
    if (status == CUDNN_STATUS_SUCCESS)
        status = api->set(variant, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, n,
                          pointers);
    if (status == CUDNN_STATUS_SUCCESS)
        status = api->set(variant, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, n, uids);
    if (status == CUDNN_STATUS_SUCCESS)
        status = api->set(variant, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1,
                          &workspace);
    if (status == CUDNN_STATUS_SUCCESS)
        status = api->finalize(variant);
    if (status == CUDNN_STATUS_SUCCESS)
        status = api->execute(ctx->cudnn->handle, plan->plan, variant);
    const GkStatus result = check(ctx, status, "convolution");
    if (variant != NULL)
        api->descriptor_destroy(variant);
    return result;
}

// --- what cuDNN can read ---

size_t gk_cudnn_lanes(GkDtype dtype)
{
    return 16 / gk_dtype_bytes(dtype);
}

size_t gk_cudnn_round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

bool gk_cudnn_is_regular(const GkView *v)
{
    const size_t unit = gk_cudnn_lanes(v->dtype);
    return (v->c | v->first | v->stride_n | v->stride_y | v->stride_x) % unit == 0 &&
           (size_t)v->data % 16 == 0;
}

void gk_cudnn_strides(const GkView *v, int64_t *strides)
{
    strides[0] = (int64_t)v->stride_n;
    strides[1] = (int64_t)v->stride_y;
    strides[2] = (int64_t)v->stride_x;
}

const void *gk_cudnn_data(const GkView *v)
{
    return (const char *)v->data + v->first * gk_dtype_bytes(v->dtype);
}
