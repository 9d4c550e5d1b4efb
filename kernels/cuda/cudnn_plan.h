// SPDX-License-Identifier: LGPL-3.0-or-later
// cuDNN at work, as convolutions and their gradients share it: plans for graphs, running them, and
// what cuDNN can read.
#ifndef GK_CUDA_CUDNN_PLAN_H
#define GK_CUDA_CUDNN_PLAN_H

#include "cudnn_conv.h"
#include "cudnn_graph.h"

struct GkCudnn {
    GkCudnnApi api;
    cudnnHandle_t handle;
};

// A plan of cuDNN's for one graph.
typedef struct GkCudnnPlan GkCudnnPlan;
struct GkCudnnPlan {
    GkCudnnPlan *next;
    GkCudnnShape shape;
    cudnnBackendDescriptor_t plan; // NULL: no engine
    size_t workspace_bytes;
};

struct GkCudnnState {
    GkCudnnPlan *plans;
    void *weights; // packed
    size_t weight_bytes, in_c;
    float *scales;  // factors before the residuals, one for each output channel; NULL: none is used
    int slopes_fit; // 0 not looked at, 1 in 0..1, -1 not
};

// Returns the plan for a graph, chosen at the first call, or NULL where no engine runs it, which is
// remembered as well.
const GkCudnnPlan *gk_cudnn_find(GkContext *ctx, GkCudnnState *state, const GkCudnnShape *shape);

// Queues a plan with the memory of the tensors that `uids` name.
GkStatus gk_cudnn_execute(GkContext *ctx, const GkCudnnPlan *plan, int64_t n, const int64_t *uids,
                          const void *const *pointers, void *workspace);

// Returns the elements in 16 bytes: cuDNN's vectors.
size_t gk_cudnn_lanes(GkDtype dtype);
size_t gk_cudnn_round_up(size_t n, size_t unit);

// Returns whether a picture consists of whole vectors.
bool gk_cudnn_is_regular(const GkView *view);

// Fills in the strides from image to image, row to row and pixel to pixel.
void gk_cudnn_strides(const GkView *view, int64_t *strides);

// Returns where a view's first channel lies.
const void *gk_cudnn_data(const GkView *view);

#endif
