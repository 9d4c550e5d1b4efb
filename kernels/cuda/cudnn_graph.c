// SPDX-License-Identifier: LGPL-3.0-or-later
// Operation graphs of cuDNN's backend interface.
// Source:  NVIDIA, "cuDNN Backend API".
#define _GNU_SOURCE // dlinfo
#include "cudnn_graph.h"

#include <assert.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool find(void *library, const char *name, void *place)
{
    void *symbol = dlsym(library, name);
    memcpy(place, &symbol, sizeof symbol); // a function's address, which C does not let us cast
    return symbol != NULL;
}

// cuDNN opens cuBLASLt when it first looks for an engine, and ends the process where there is none.
// It is looked for where cuDNN does: beside cuDNN, where PyPI's packages lie, and by its name,
// which loads it and so comes last.
static bool has_cublaslt(const GkCudnnApi *api, char *reason, size_t reason_bytes)
{
    static const char *const folders[] = {"", "/../../cu13/lib", "/../../cublas/lib"};
    char name[64], origin[PATH_MAX], path[PATH_MAX + sizeof name + 32];
    snprintf(name, sizeof name, "libcublasLt.so.%zu", api->cudart_version() / 1000);
    const bool has_origin = dlinfo(api->library, RTLD_DI_ORIGIN, origin) == 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && has_origin; i++) {
        snprintf(path, sizeof path, "%s%s/%s", origin, folders[i], name);
        if (access(path, R_OK) == 0)
            return true;
    }
    void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    if (library != NULL)
        dlclose(library); // large, and perhaps never used
    else
        snprintf(reason, reason_bytes, "without cuDNN: it needs %s of cuBLAS, which is not here",
                 name);
    return library != NULL;
}

bool gk_cudnn_api_open(GkCudnnApi *api, char *reason, size_t reason_bytes)
{
    *api = (GkCudnnApi){.library = dlopen("libcudnn.so.9", RTLD_NOW | RTLD_LOCAL)};
    if (api->library == NULL) {
        const char *words = dlerror();
        snprintf(reason, reason_bytes, "without cuDNN: %s", words != NULL ? words : "not found");
        return false;
    }
    const struct {
        const char *name;
        void *place;
    } symbols[] = {
        {"cudnnGetVersion", &api->version},
        {"cudnnGetCudartVersion", &api->cudart_version},
        {"cudnnGetErrorString", &api->error_string},
        {"cudnnGetLastErrorString", &api->last_error},
        {"cudnnCreate", &api->create},
        {"cudnnDestroy", &api->destroy},
        {"cudnnSetStream", &api->set_stream},
        {"cudnnBackendCreateDescriptor", &api->descriptor_create},
        {"cudnnBackendDestroyDescriptor", &api->descriptor_destroy},
        {"cudnnBackendFinalize", &api->finalize},
        {"cudnnBackendSetAttribute", &api->set},
        {"cudnnBackendGetAttribute", &api->get},
        {"cudnnBackendExecute", &api->execute},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (!find(api->library, symbols[i].name, symbols[i].place)) {
            snprintf(reason, reason_bytes, "without cuDNN: libcudnn.so.9 lacks %s",
                     symbols[i].name);
            gk_cudnn_api_close(api);
            return false;
        }
    const size_t version = api->version();
    if (version / 10000 != CUDNN_MAJOR) {
        snprintf(reason, reason_bytes, "without cuDNN: it is version %zu.%zu, and %d is needed",
                 version / 10000, version / 100 % 100, CUDNN_MAJOR);
        gk_cudnn_api_close(api);
        return false;
    }
    if (!has_cublaslt(api, reason, reason_bytes)) {
        gk_cudnn_api_close(api);
        return false;
    }
    snprintf(reason, reason_bytes, "cuDNN %zu.%zu.%zu", version / 10000, version / 100 % 100,
             version % 100);
    return true;
}

void gk_cudnn_api_close(GkCudnnApi *api)
{
    if (api->library != NULL)
        dlclose(api->library);
    api->library = NULL;
}

// A graph under construction: the first failure ends it, later steps do nothing.
typedef struct {
    const GkCudnnApi *api;
    GkCudnnGraph *graph;
    cudnnStatus_t status;
} Builder;

static cudnnBackendDescriptor_t add(Builder *b, cudnnBackendDescriptorType_t type)
{
    cudnnBackendDescriptor_t made = NULL;
    if (b->status != CUDNN_STATUS_SUCCESS)
        return NULL;
    if (b->graph->n_parts == GK_CUDNN_MAX_PARTS) {
        b->status = CUDNN_STATUS_NOT_SUPPORTED;
        return NULL;
    }
    b->status = b->api->descriptor_create(type, &made);
    if (b->status == CUDNN_STATUS_SUCCESS)
        b->graph->parts[b->graph->n_parts++] = made;
    return made;
}

static void set(Builder *b, cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name,
                cudnnBackendAttributeType_t type, int64_t n, const void *values)
{
    if (b->status == CUDNN_STATUS_SUCCESS)
        b->status = b->api->set(d, name, type, n, values);
}

static void set_part(Builder *b, cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name,
                     cudnnBackendDescriptor_t part)
{
    set(b, d, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &part);
}

static void finalize(Builder *b, cudnnBackendDescriptor_t d)
{
    if (b->status == CUDNN_STATUS_SUCCESS)
        b->status = b->api->finalize(d);
}

static cudnnDataType_t data_type(int64_t dtype)
{
    return dtype == GK_F16    ? CUDNN_DATA_HALF
           : dtype == GK_BF16 ? CUDNN_DATA_BFLOAT16
                              : CUDNN_DATA_FLOAT;
}

// A tensor with dimensions and strides in cuDNN's order N C H W.
static cudnnBackendDescriptor_t tensor(Builder *b, int64_t uid, cudnnDataType_t type,
                                       const int64_t *size, const int64_t *strides, bool is_virtual)
{
    const int64_t alignment = 16;
    const cudnnBackendDescriptor_t t = add(b, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    set(b, t, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &uid);
    set(b, t, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    set(b, t, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, size);
    set(b, t, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
    set(b, t, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
    set(b, t, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual);
    finalize(b, t);
    return t;
}

static cudnnBackendDescriptor_t picture(Builder *b, int64_t uid, cudnnDataType_t type, int64_t n,
                                        int64_t c, int64_t h, int64_t w, const int64_t *strides)
{
    const int64_t size[] = {n, c, h, w}, order[] = {strides[0], 1, strides[1], strides[2]};
    return tensor(b, uid, type, size, order, false);
}

// A value for each output channel, in float32.
static cudnnBackendDescriptor_t vector(Builder *b, int64_t uid, int64_t length)
{
    const int64_t size[] = {1, length, 1, 1}, strides[] = {length, 1, length, length};
    return tensor(b, uid, CUDNN_DATA_FLOAT, size, strides, false);
}

// A value between two operations, which no memory holds.
static cudnnBackendDescriptor_t between(Builder *b, const GkCudnnShape *s)
{
    const int64_t size[] = {s->n, s->o, s->oh, s->ow};
    const int64_t strides[] = {s->oh * s->ow * s->o, 1, s->ow * s->o, s->o};
    return tensor(b, 100 + (int64_t)b->graph->n_parts, CUDNN_DATA_FLOAT, size, strides, true);
}

// out = mode(in [, other]).
static cudnnBackendDescriptor_t pointwise(Builder *b, cudnnPointwiseMode_t mode,
                                          cudnnBackendDescriptor_t in,
                                          cudnnBackendDescriptor_t other,
                                          cudnnBackendDescriptor_t out, double slope)
{
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const cudnnBackendDescriptor_t p = add(b, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    set(b, p, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
    set(b, p, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &type);
    if (mode == CUDNN_POINTWISE_RELU_FWD)
        set(b, p, CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, 1, &slope);
    finalize(b, p);
    const cudnnBackendDescriptor_t op = add(b, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    set_part(b, op, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, p);
    set_part(b, op, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, in);
    if (other != NULL)
        set_part(b, op, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, other);
    set_part(b, op, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, out);
    finalize(b, op);
    return op;
}

// The operations of GkCudnnKind, and what cuDNN calls their parts.
static const struct {
    cudnnBackendDescriptorType_t type;
    cudnnBackendAttributeName_t x, w, y, shape, alpha, beta;
} kinds[] = {
    [GK_CUDNN_FORWARD] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA},
    [GK_CUDNN_INPUT_GRADIENT] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                                 CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
                                 CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                                 CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
                                 CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                                 CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                                 CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA},
    [GK_CUDNN_WEIGHT_GRADIENT] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA},
};

static cudnnBackendDescriptor_t convolution(Builder *b, const GkCudnnShape *s,
                                            cudnnBackendDescriptor_t x, cudnnBackendDescriptor_t w,
                                            cudnnBackendDescriptor_t y)
{
    // What is read behind the picture: as much as makes the output as large as it is.
    const int64_t bottom =
        (s->oh - 1) * s->stride + (s->kernel_h - 1) * s->dilation + 1 - s->h - s->pad_top;
    const int64_t right =
        (s->ow - 1) * s->stride + (s->kernel_w - 1) * s->dilation + 1 - s->w - s->pad_left;
    const int64_t n_dimensions = 2, before[] = {s->pad_top, s->pad_left};
    const int64_t after[] = {bottom > 0 ? bottom : 0, right > 0 ? right : 0};
    const int64_t strides[] = {s->stride, s->stride}, dilations[] = {s->dilation, s->dilation};
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    const float alpha = 1, beta = 0;
    // A picture of which a part is never read would give a larger output than is wanted.
    if (-bottom >= s->stride || -right >= s->stride)
        b->status = CUDNN_STATUS_NOT_SUPPORTED;
    const cudnnBackendDescriptor_t c = add(b, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    set(b, c, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &n_dimensions);
    set(b, c, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    set(b, c, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
    set(b, c, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, before);
    set(b, c, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, after);
    set(b, c, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, dilations);
    set(b, c, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, strides);
    finalize(b, c);
    const cudnnBackendDescriptor_t op = add(b, kinds[s->kind].type);
    set_part(b, op, kinds[s->kind].x, x);
    set_part(b, op, kinds[s->kind].w, w);
    set_part(b, op, kinds[s->kind].y, y);
    set_part(b, op, kinds[s->kind].shape, c);
    set(b, op, kinds[s->kind].alpha, CUDNN_TYPE_FLOAT, 1, &alpha);
    set(b, op, kinds[s->kind].beta, CUDNN_TYPE_FLOAT, 1, &beta);
    finalize(b, op);
    return op;
}

// One operation that follows the sums.
typedef struct {
    cudnnPointwiseMode_t mode;
    cudnnBackendDescriptor_t other; // NULL: it has one input
    bool with_start;                // its second input is what the step before it began with
    double slope;
} Step;

// Bias, two for the activation, two for each residual.
enum { MAX_STEPS = 3 + 2 * GK_MAX_RESIDUALS };

bool gk_cudnn_has_activation(GkActivationKind kind)
{
    switch (kind) {
    case GK_ACT_NONE:
    case GK_ACT_LEAKY:
    case GK_ACT_PRELU:
    case GK_ACT_SILU:
    case GK_ACT_SIGMOID:
    case GK_ACT_TANH:
        return true;
    default:
        return false;
    }
}

static size_t list_steps(Builder *b, const GkCudnnShape *s, Step *steps)
{
    size_t n = 0;
    if (s->bare)
        return 0;
    if (s->has_bias)
        steps[n++] = (Step){CUDNN_POINTWISE_ADD, vector(b, GK_CUDNN_BIAS, s->o), false, 0};
    switch ((GkActivationKind)s->activation) {
    case GK_ACT_NONE:
        break;
    case GK_ACT_LEAKY:
        steps[n++] = (Step){CUDNN_POINTWISE_RELU_FWD, NULL, false, s->slope};
        break;
    case GK_ACT_PRELU: // max(v, slopes v), as slopes are in 0..1
        steps[n++] = (Step){CUDNN_POINTWISE_MUL, vector(b, GK_CUDNN_SLOPES, s->o), false, 0};
        steps[n++] = (Step){CUDNN_POINTWISE_MAX, NULL, true, 0};
        break;
    case GK_ACT_SILU:
        steps[n++] = (Step){CUDNN_POINTWISE_SWISH_FWD, NULL, false, 0};
        break;
    case GK_ACT_SIGMOID:
        steps[n++] = (Step){CUDNN_POINTWISE_SIGMOID_FWD, NULL, false, 0};
        break;
    case GK_ACT_TANH:
        steps[n++] = (Step){CUDNN_POINTWISE_TANH_FWD, NULL, false, 0};
        break;
    case GK_ACT_ELU:
    case GK_ACT_SOFTPLUS:
    case GK_ACT_MISH:
    case GK_ACT_GELU:
    case GK_ACT_GELU_TANH:
    case GK_ACT_HARD_SIGMOID:
    case GK_ACT_HARD_SWISH:
        assert(!"gk_cudnn_has_activation() was not asked");
    }
    for (int64_t i = 0; i < s->n_residuals; i++) {
        const cudnnBackendDescriptor_t r = picture(b, GK_CUDNN_R + i, data_type(s->dtype), s->n,
                                                   s->o, s->oh, s->ow, s->r_strides[i]);
        // cuDNN fuses no factors into a sum: they are a product of their own.
        if (s->r_scale[i] != 1)
            steps[n++] = (Step){CUDNN_POINTWISE_MUL, vector(b, GK_CUDNN_SCALE + i, s->o), false, 0};
        steps[n++] = (Step){CUDNN_POINTWISE_ADD, r, false, 0};
    }
    return n;
}

cudnnStatus_t gk_cudnn_graph_build(const GkCudnnApi *api, cudnnHandle_t handle,
                                   const GkCudnnShape *s, GkCudnnGraph *graph)
{
    *graph = (GkCudnnGraph){0};
    Builder b = {api, graph, CUDNN_STATUS_SUCCESS};
    const cudnnDataType_t type = data_type(s->dtype);
    const int64_t in_c = s->c / s->groups;
    const int64_t w_size[] = {s->o, in_c, s->kernel_h, s->kernel_w};
    const int64_t w_strides[] = {s->kernel_h * s->kernel_w * in_c, 1, s->kernel_w * in_c, in_c};
    const cudnnBackendDescriptor_t x =
        picture(&b, GK_CUDNN_X, type, s->n, s->c, s->h, s->w, s->x_strides);
    const cudnnBackendDescriptor_t w = tensor(&b, GK_CUDNN_WEIGHT, type, w_size, w_strides, false);
    const cudnnBackendDescriptor_t y =
        picture(&b, GK_CUDNN_Y, type, s->n, s->o, s->oh, s->ow, s->y_strides);
    Step steps[MAX_STEPS];
    const size_t n_steps = list_steps(&b, s, steps);
    cudnnBackendDescriptor_t operations[1 + MAX_STEPS];
    cudnnBackendDescriptor_t value = n_steps > 0 ? between(&b, s) : y, start = value;
    operations[0] = convolution(&b, s, x, w, value);
    for (size_t i = 0; i < n_steps; i++) {
        const cudnnBackendDescriptor_t out = i + 1 < n_steps ? between(&b, s) : y;
        // The larger of what a step made and what it began with.
        const cudnnBackendDescriptor_t other = steps[i].with_start ? start : steps[i].other;
        operations[1 + i] = pointwise(&b, steps[i].mode, value, other, out, steps[i].slope);
        start = value;
        value = out;
    }
    graph->graph = add(&b, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    set(&b, graph->graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
        (int64_t)n_steps + 1, operations);
    if (handle != NULL)
        set(&b, graph->graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
    finalize(&b, graph->graph);
    if (b.status != CUDNN_STATUS_SUCCESS)
        gk_cudnn_graph_free(api, graph);
    return b.status;
}

void gk_cudnn_graph_free(const GkCudnnApi *api, GkCudnnGraph *graph)
{
    while (graph->n_parts > 0)
        api->descriptor_destroy(graph->parts[--graph->n_parts]);
    graph->graph = NULL;
}

int64_t gk_cudnn_engine(const GkCudnnApi *api, cudnnBackendDescriptor_t config, bool *rounds,
                        bool *varies)
{
    cudnnBackendDescriptor_t engine = NULL;
    int64_t index = -1, n = 0;
    cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    *rounds = *varies = false;
    if (api->descriptor_create(CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine) != CUDNN_STATUS_SUCCESS)
        return -1;
    if (api->get(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &n,
                 &engine) != CUDNN_STATUS_SUCCESS ||
        api->get(engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &n, &index) !=
            CUDNN_STATUS_SUCCESS)
        index = -1;
    if (api->get(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                 CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &n, notes) == CUDNN_STATUS_SUCCESS)
        for (int64_t i = 0; i < n && i < CUDNN_NUMERICAL_NOTE_TYPE_COUNT; i++) {
            *rounds = *rounds || notes[i] == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS ||
                      notes[i] == CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
            *varies = *varies || notes[i] == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
        }
    api->descriptor_destroy(engine);
    return index;
}

enum { MAX_CONFIGS = 64 };

// Visits what one kind of heuristic answers.
static bool visit_mode(const GkCudnnApi *api, const GkCudnnGraph *graph,
                       cudnnBackendDescriptor_t device, cudnnBackendHeurMode_t mode,
                       GkCudnnVisit visit, void *data)
{
    cudnnBackendDescriptor_t heuristic = NULL, configs[MAX_CONFIGS];
    if (api->descriptor_create(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, &heuristic) !=
        CUDNN_STATUS_SUCCESS)
        return false;
    cudnnStatus_t status = api->set(heuristic, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH,
                                    CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph->graph);
    if (status == CUDNN_STATUS_SUCCESS)
        status = api->set(heuristic, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    if (status == CUDNN_STATUS_SUCCESS && device != NULL)
        status = api->set(heuristic, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP,
                          CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &device);
    if (status == CUDNN_STATUS_SUCCESS)
        status = api->finalize(heuristic);
    int64_t n = 0, n_made = 0;
    if (status == CUDNN_STATUS_SUCCESS)
        status = api->get(heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                          0, &n, NULL);
    if (status != CUDNN_STATUS_SUCCESS)
        n = 0;
    n = n < MAX_CONFIGS ? n : MAX_CONFIGS;
    while (n_made < n && api->descriptor_create(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
                                                &configs[n_made]) == CUDNN_STATUS_SUCCESS)
        n_made++;
    int64_t n_filled = 0;
    if (n_made > 0)
        api->get(heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, n_made,
                 &n_filled, configs);
    bool found = false;
    for (int64_t i = 0; i < n_filled && i < n_made && !found; i++)
        found = visit(api, configs[i], data);
    while (n_made > 0)
        api->descriptor_destroy(configs[--n_made]);
    api->descriptor_destroy(heuristic);
    return found;
}

bool gk_cudnn_graph_visit(const GkCudnnApi *api, const GkCudnnGraph *graph,
                          cudnnBackendDescriptor_t device, GkCudnnVisit visit, void *data)
{
    return visit_mode(api, graph, device, CUDNN_HEUR_MODE_A, visit, data) ||
           visit_mode(api, graph, device, CUDNN_HEUR_MODE_FALLBACK, visit, data);
}
