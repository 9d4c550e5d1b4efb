// SPDX-License-Identifier: LGPL-3.0-or-later
// A convolution and what follows it, or a gradient of one, as an operation graph of cuDNN's, and
// the engines that could run it: for the device at hand, or for one that is only described.
#ifndef GK_CUDA_CUDNN_GRAPH_H
#define GK_CUDA_CUDNN_GRAPH_H

#include "gk.h"
#include "ops/activation.h"
#include "ops/conv2d.h"

#include <cudnn.h>
#include <stdbool.h>
#include <stdint.h>

// The functions of libcudnn.
typedef struct {
    void *library;
    size_t (*version)(void);
    size_t (*cudart_version)(void);
    const char *(*error_string)(cudnnStatus_t);
    void (*last_error)(char *, size_t);
    cudnnStatus_t (*create)(cudnnHandle_t *);
    cudnnStatus_t (*destroy)(cudnnHandle_t);
    cudnnStatus_t (*set_stream)(cudnnHandle_t, cudaStream_t);
    cudnnStatus_t (*descriptor_create)(cudnnBackendDescriptorType_t, cudnnBackendDescriptor_t *);
    cudnnStatus_t (*descriptor_destroy)(cudnnBackendDescriptor_t);
    cudnnStatus_t (*finalize)(cudnnBackendDescriptor_t);
    cudnnStatus_t (*set)(cudnnBackendDescriptor_t, cudnnBackendAttributeName_t,
                         cudnnBackendAttributeType_t, int64_t, const void *);
    cudnnStatus_t (*get)(const cudnnBackendDescriptor_t, cudnnBackendAttributeName_t,
                         cudnnBackendAttributeType_t, int64_t, int64_t *, void *);
    cudnnStatus_t (*execute)(cudnnHandle_t, cudnnBackendDescriptor_t, cudnnBackendDescriptor_t);
} GkCudnnApi;

// Opens libcudnn. Returns false when it is not here or of another kind; `reason` holds its
// version, or why not.
bool gk_cudnn_api_open(GkCudnnApi *api, char *reason, size_t reason_bytes);
void gk_cudnn_api_close(GkCudnnApi *api);

// What a graph computes of x, weight and y: y; x, of y's gradient; the weight, of x
// and y's gradient.
typedef enum { GK_CUDNN_FORWARD, GK_CUDNN_INPUT_GRADIENT, GK_CUDNN_WEIGHT_GRADIENT } GkCudnnKind;

// The tensors of a graph, by their identifiers; residual i has R + i, and the factor before it,
// one for each output channel, SCALE + i where it is not 1.
enum {
    GK_CUDNN_X = 1,
    GK_CUDNN_WEIGHT,
    GK_CUDNN_BIAS,
    GK_CUDNN_SLOPES,
    GK_CUDNN_Y,
    GK_CUDNN_R,
    GK_CUDNN_SCALE = GK_CUDNN_R + GK_MAX_RESIDUALS
};

// Everything a graph depends on; zeroed where unused, so that equal graphs have equal bytes.
typedef struct {
    int64_t kind;  // GkCudnnKind; gradients are bare
    int64_t dtype; // GkDtype of x, weight, y and residuals
    int64_t n, c, h, w, o, oh, ow;
    int64_t kernel_h, kernel_w, stride, dilation, groups, pad_top, pad_left;
    int64_t x_strides[3], y_strides[3]; // from image to image, row to row, pixel to pixel
    int64_t bare;                       // the sums alone: nothing of what follows
    int64_t has_bias, activation;       // GkActivationKind; PReLU's slopes lie in 0..1
    double slope;
    int64_t n_residuals;
    int64_t r_strides[GK_MAX_RESIDUALS][3];
    double r_scale[GK_MAX_RESIDUALS];
} GkCudnnShape;

enum { GK_CUDNN_MAX_PARTS = 48 };

// A graph and the descriptors that it is made of.
typedef struct {
    cudnnBackendDescriptor_t parts[GK_CUDNN_MAX_PARTS];
    size_t n_parts;
    cudnnBackendDescriptor_t graph;
} GkCudnnGraph;

// Whether a graph can end in this activation; others need the backend's own epilogue.
bool gk_cudnn_has_activation(GkActivationKind kind);

// Builds the graph of `shape`. `handle` may be NULL for a graph that is only looked at.
cudnnStatus_t gk_cudnn_graph_build(const GkCudnnApi *api, cudnnHandle_t handle,
                                   const GkCudnnShape *shape, GkCudnnGraph *graph);
void gk_cudnn_graph_free(const GkCudnnApi *api, GkCudnnGraph *graph);

// Called for each configuration of an engine, cuDNN's favourite first; returns true to stop.
typedef bool (*GkCudnnVisit)(const GkCudnnApi *api, cudnnBackendDescriptor_t config, void *data);

// Asks cuDNN for configurations that could run the graph, of the device of the graph's handle or
// of the described `device`. Returns true if a visit did.
bool gk_cudnn_graph_visit(const GkCudnnApi *api, const GkCudnnGraph *graph,
                          cudnnBackendDescriptor_t device, GkCudnnVisit visit, void *data);

// Returns the engine's number, whether it rounds its inputs to fewer digits than they have, and
// whether equal inputs may give it other bits.
int64_t gk_cudnn_engine(const GkCudnnApi *api, cudnnBackendDescriptor_t config, bool *rounds,
                        bool *varies);

#endif
