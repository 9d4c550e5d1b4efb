// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolutions by cuDNN: with everything that follows in one graph where cuDNN fuses it, else the
// bare sums and our own epilogue behind them. What cuDNN cannot read where it lies (channels that
// are no multiple of its vectors, nearest upsampling) is copied into order first.
//
// Choosing an engine may compile code for seconds, so a chosen plan is kept in the store, under
// the graph, cuDNN's version and the device.
#include "cudnn_conv.h"
#include "cudnn_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct GkCudnn {
    GkCudnnApi api;
    cudnnHandle_t handle;
};

// A plan of cuDNN's for one graph.
typedef struct Entry Entry;
struct Entry {
    Entry *next;
    GkCudnnShape shape;
    cudnnBackendDescriptor_t plan; // NULL: no engine
    size_t workspace_bytes;
};

struct GkCudnnState {
    Entry *entries;
    void *weights;
    size_t weight_bytes, in_c;
    float *scales;  // factors before the residuals, one for each output channel; NULL: none is used
    int slopes_fit; // 0 not looked at, 1 in 0..1, -1 not
};

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

static bool take_plan(const GkCudnnApi *api, cudnnBackendDescriptor_t plan, Entry *entry)
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
    Entry *entry;
} Choice;

// Takes the first configuration that a plan can be made of.
static bool try_config(const GkCudnnApi *api, cudnnBackendDescriptor_t config, void *data)
{
    const Choice *choice = data;
    bool rounds = false;
    cudnnBackendDescriptor_t plan = NULL;
    // float32 is asked for where float16 was not enough: no engine may round to less.
    if (gk_cudnn_engine(api, config, &rounds) < 0 ||
        (rounds && choice->entry->shape.dtype == GK_F32) ||
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
    size_t length = (size_t)snprintf(key, key_bytes, "cudnn %zu driver %d %s sm_%d graph 1",
                                     ctx->cudnn->api.version(), driver, ctx->description, ctx->sm);
    const unsigned char *bytes = (const unsigned char *)shape;
    for (size_t i = 0; i < sizeof *shape && length + 3 < key_bytes; i++)
        length += (size_t)snprintf(key + length, key_bytes - length, "%02x", bytes[i]);
}

static bool load_plan(GkContext *ctx, const char *key, Entry *entry)
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

static void save_plan(GkContext *ctx, const char *key, const Entry *entry)
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

static void choose_plan(GkContext *ctx, Entry *entry)
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

// The plan for a graph, chosen at the first call; one without an engine is remembered as well.
static const Entry *find_plan(GkContext *ctx, GkCudnnState *state, const GkCudnnShape *shape)
{
    for (Entry *e = state->entries; e != NULL; e = e->next)
        if (memcmp(&e->shape, shape, sizeof *shape) == 0)
            return e;
    Entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        return NULL;
    entry->shape = *shape;
    entry->next = state->entries;
    state->entries = entry;
    choose_plan(ctx, entry);
    return entry;
}

void gk_cudnn_state_free(GkContext *ctx, GkCudnnState *state)
{
    if (state == NULL)
        return;
    while (state->entries != NULL) {
        Entry *entry = state->entries;
        state->entries = entry->next;
        if (entry->plan != NULL)
            ctx->cudnn->api.descriptor_destroy(entry->plan);
        free(entry);
    }
    gk_cuda_free(ctx, state->weights, state->weight_bytes);
    gk_cuda_free(ctx, state->scales, 0);
    free(state);
}

// --- shapes ---

// Elements in 16 bytes: cuDNN's vectors.
static size_t lanes(GkDtype dtype)
{
    return 16 / gk_dtype_bytes(dtype);
}

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

static bool is_regular(const GkView *v)
{
    const size_t unit = lanes(v->dtype);
    return (v->c | v->first | v->stride_n | v->stride_y | v->stride_x) % unit == 0 &&
           (size_t)v->data % 16 == 0;
}

// Whether x has to be copied into order: of groups only whole pictures make sense to it.
static bool needs_copy(const GkConv2d *args)
{
    return args->upsample != 1 || (args->groups == 1 && !is_regular(&args->x));
}

static size_t in_channels(const GkConv2d *args)
{
    return needs_copy(args) && args->groups == 1 ? round_up(args->x.c, lanes(args->x.dtype))
                                                 : args->x.c;
}

static void view_strides(const GkView *v, int64_t *strides)
{
    strides[0] = (int64_t)v->stride_n;
    strides[1] = (int64_t)v->stride_y;
    strides[2] = (int64_t)v->stride_x;
}

// Whether everything behind the sums can be part of the graph.
static bool can_fuse(const GkConv2d *args, const GkCudnnState *state)
{
    if (args->shuffle != 1 || args->gate != NULL || !is_regular(&args->y) ||
        (args->activation.kind == GK_ACT_PRELU && state->slopes_fit < 0))
        return false;
    for (size_t i = 0; i < args->n_residuals; i++)
        if (args->residual[i].upsample != 1 || !is_regular(&args->residual[i].r))
            return false;
    return true;
}

static GkCudnnShape make_shape(const GkConv2d *args, const GkView *x, const GkView *y, bool bare)
{
    GkCudnnShape s;
    memset(&s, 0, sizeof s); // padding too: shapes are compared as bytes
    s.dtype = x->dtype;
    s.n = (int64_t)x->n;
    s.c = (int64_t)x->c;
    s.h = (int64_t)x->h;
    s.w = (int64_t)x->w;
    s.o = (int64_t)args->out_channels;
    s.oh = (int64_t)gk_cuda_sums_h(args);
    s.ow = (int64_t)gk_cuda_sums_w(args);
    s.kernel_h = (int64_t)args->kernel_h;
    s.kernel_w = (int64_t)args->kernel_w;
    s.stride = (int64_t)args->stride;
    s.dilation = (int64_t)args->dilation;
    s.groups = (int64_t)args->groups;
    s.pad_top = (int64_t)args->pad_top;
    s.pad_left = (int64_t)args->pad_left;
    view_strides(x, s.x_strides);
    view_strides(y, s.y_strides);
    s.bare = bare;
    if (bare)
        return s;
    s.has_bias = args->bias != NULL;
    s.activation = args->activation.kind;
    s.slope = args->activation.kind == GK_ACT_LEAKY ? args->activation.slope : 0;
    s.n_residuals = (int64_t)args->n_residuals;
    for (size_t i = 0; i < args->n_residuals; i++) {
        view_strides(&args->residual[i].r, s.r_strides[i]);
        s.r_scale[i] = args->residual[i].scale;
    }
    return s;
}

// --- running ---

static GkStatus look_at_slopes(GkContext *ctx, const GkConv2d *args, GkCudnnState *state)
{
    if (args->activation.kind != GK_ACT_PRELU || state->slopes_fit != 0)
        return GK_OK;
    if (args->weight_changes) {
        state->slopes_fit = -1; // the next ones may not
        return GK_OK;
    }
    float *slopes = malloc(args->out_channels * sizeof *slopes);
    if (slopes == NULL)
        return GK_ERROR_MEMORY;
    const GkStatus status =
        gk_cuda_read(ctx, slopes, args->activation.slopes, args->out_channels * sizeof *slopes);
    state->slopes_fit = 1;
    for (size_t i = 0; i < args->out_channels && status == GK_OK; i++)
        if (!(slopes[i] >= 0 && slopes[i] <= 1))
            state->slopes_fit = -1;
    free(slopes);
    return status;
}

// The factors before the residuals, where cuDNN can read them.
static GkStatus make_scales(GkContext *ctx, const GkConv2d *args, GkCudnnState *state)
{
    const size_t n = args->out_channels, bytes = args->n_residuals * n * sizeof(float);
    bool needed = false;
    for (size_t i = 0; i < args->n_residuals; i++)
        needed = needed || args->residual[i].scale != 1;
    if (!needed || state->scales != NULL)
        return GK_OK;
    float *scales = malloc(bytes);
    if (scales == NULL)
        return GK_ERROR_MEMORY;
    for (size_t i = 0; i < args->n_residuals * n; i++)
        scales[i] = args->residual[i / n].scale;
    state->scales = gk_cuda_alloc(ctx, bytes);
    const GkStatus status =
        state->scales == NULL ? GK_ERROR_MEMORY : gk_cuda_write(ctx, state->scales, scales, bytes);
    free(scales);
    return status;
}

static GkStatus pack(GkContext *ctx, const GkConv2d *args, GkCudnnState *state)
{
    const size_t in_c = in_channels(args) / args->groups;
    if (state->weights != NULL && state->in_c == in_c)
        return args->weight_changes ? gk_cuda_krsc_pack(ctx, args, in_c, state->weights) : GK_OK;
    gk_cuda_free(ctx, state->weights, state->weight_bytes);
    state->weight_bytes =
        args->out_channels * args->kernel_h * args->kernel_w * in_c * gk_dtype_bytes(args->x.dtype);
    state->in_c = in_c;
    state->weights = gk_cuda_alloc(ctx, state->weight_bytes);
    return state->weights == NULL ? GK_ERROR_MEMORY
                                  : gk_cuda_krsc_pack(ctx, args, in_c, state->weights);
}

static GkView ordered_x(const GkConv2d *args, void *data)
{
    return gk_view_nhwc(data, args->x.dtype, args->x.n, args->x.h * args->upsample,
                        args->x.w * args->upsample, in_channels(args));
}

static GkView ordered_sums(const GkConv2d *args, void *data)
{
    return gk_view_lanes(data, args->y.dtype, args->y.n, gk_cuda_sums_h(args), gk_cuda_sums_w(args),
                         args->out_channels, lanes(args->y.dtype));
}

// Puts x where cuDNN can read it.
static GkStatus order_x(GkContext *ctx, const GkConv2d *args, const GkView *to)
{
    GkStatus status = GK_OK;
    if (to->c != args->x.c)
        status = gk_cuda_check(ctx, cudaMemsetAsync(to->data, 0, gk_view_bytes(to), ctx->compute),
                               "clearing memory");
    if (status != GK_OK)
        return status;
    const GkUpsample enlarge = {args->x, gk_view_channels(to, 0, args->x.c), args->upsample};
    return gk_cuda_upsample_nearest(ctx, &enlarge);
}

static GkStatus execute(GkContext *ctx, const GkConv2d *args, const GkCudnnState *state,
                        const Entry *entry, const GkView *x, const GkView *y, void *workspace)
{
    const GkCudnnApi *api = &ctx->cudnn->api;
    int64_t uids[5 + 2 * GK_MAX_RESIDUALS] = {GK_CUDNN_X, GK_CUDNN_WEIGHT, GK_CUDNN_Y};
    const size_t element = gk_dtype_bytes(x->dtype);
    const void *pointers[5 + 2 * GK_MAX_RESIDUALS] = {
        (char *)x->data + x->first * element, state->weights, (char *)y->data + y->first * element};
    int64_t n = 3;
    if (entry->shape.has_bias) {
        uids[n] = GK_CUDNN_BIAS;
        pointers[n++] = args->bias;
    }
    if (entry->shape.activation == GK_ACT_PRELU && !entry->shape.bare) {
        uids[n] = GK_CUDNN_SLOPES;
        pointers[n++] = args->activation.slopes;
    }
    for (int64_t i = 0; i < entry->shape.n_residuals; i++) {
        const GkView *r = &args->residual[i].r;
        uids[n] = GK_CUDNN_R + i;
        pointers[n++] = (char *)r->data + r->first * element;
        if (entry->shape.r_scale[i] != 1) {
            uids[n] = GK_CUDNN_SCALE + i;
            pointers[n++] = state->scales + (size_t)i * args->out_channels;
        }
    }
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
        status = api->execute(ctx->cudnn->handle, entry->plan, variant);
    const GkStatus result = check(ctx, status, "convolution");
    if (variant != NULL)
        api->descriptor_destroy(variant);
    return result;
}

GkStatus gk_cudnn_run(GkContext *ctx, const GkConv2d *args, GkCudnnState **state_place)
{
    if (*state_place == NULL)
        *state_place = calloc(1, sizeof **state_place);
    GkCudnnState *state = *state_place;
    GkStatus status = state == NULL ? GK_ERROR_MEMORY : gk_cuda_enter(ctx);
    if (status == GK_OK)
        status = look_at_slopes(ctx, args, state);
    if (status != GK_OK)
        return status;
    const bool copy = needs_copy(args);
    GkView x = copy ? ordered_x(args, NULL) : args->x;
    GkView y = args->y;
    const Entry *entry = NULL;
    bool fused = can_fuse(args, state);
    if (fused) {
        const GkCudnnShape shape = make_shape(args, &x, &y, false);
        entry = find_plan(ctx, state, &shape);
    }
    if (entry == NULL || entry->plan == NULL) {
        fused = false;
        y = ordered_sums(args, NULL);
        const GkCudnnShape shape = make_shape(args, &x, &y, true);
        entry = find_plan(ctx, state, &shape);
    }
    if (entry == NULL || entry->plan == NULL)
        return GK_ERROR_UNSUPPORTED;
    const size_t x_bytes = copy ? round_up(gk_view_bytes(&x), 256) : 0;
    const size_t y_bytes = fused ? 0 : round_up(gk_view_bytes(&y), 256);
    char *scratch = gk_cuda_scratch(ctx, x_bytes + y_bytes + entry->workspace_bytes + 1);
    if (scratch == NULL)
        return GK_ERROR_MEMORY;
    if (copy)
        x.data = scratch;
    if (!fused)
        y.data = scratch + x_bytes;
    status = pack(ctx, args, state);
    if (status == GK_OK && fused)
        status = make_scales(ctx, args, state);
    if (status == GK_OK && copy)
        status = order_x(ctx, args, &x);
    if (status == GK_OK)
        status = execute(ctx, args, state, entry, &x, &y, scratch + x_bytes + y_bytes);
    if (status != GK_OK || fused)
        return status;
    const GkCudaEpilogue e = gk_cuda_epilogue(ctx, args);
    return gk_cuda_epilogue_run(ctx, &e, y.data, y.stride_x);
}

void gk_cudnn_cost(const GkConv2d *args, size_t *packed_bytes, size_t *scratch_bytes)
{
    const GkView x = ordered_x(args, NULL), y = ordered_sums(args, NULL);
    const GkCudnnState unknown = {0};
    *packed_bytes = args->out_channels * args->kernel_h * args->kernel_w *
                    (in_channels(args) / args->groups) * gk_dtype_bytes(args->x.dtype);
    *scratch_bytes = (needs_copy(args) ? round_up(gk_view_bytes(&x), 256) : 0) +
                     (can_fuse(args, &unknown) ? 0 : round_up(gk_view_bytes(&y), 256));
}
