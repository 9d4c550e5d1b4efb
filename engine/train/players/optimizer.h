// SPDX-License-Identifier: LGPL-3.0-or-later
// Steps along gradients, as torch.optim defines them.
#ifndef GAN_OPTIMIZER_H
#define GAN_OPTIMIZER_H

#include <gan/tensor.h>

typedef enum {
    GAN_OPTIMIZER_SGD,
    GAN_OPTIMIZER_RMSPROP,
    GAN_OPTIMIZER_ADAM,
    GAN_OPTIMIZER_ADAMW
} GanOptimizerKind;

// Returns TRUE and the kind for "sgd", "rmsprop", "adam", "adamw".
gboolean gan_optimizer_kind_parse(const char *name, GanOptimizerKind *kind);

typedef struct {
    GanOptimizerKind kind;
    double beta1, beta2; // Adam: default 0.9, 0.999
    double eps;          // Adam, RMSprop: default 1e-8
    double weight_decay; // default 0: added to the gradient, or with AdamW taken from the weight
    double momentum;     // SGD, RMSprop: default 0
    double alpha;        // RMSprop: default 0.99
} GanOptimizerOptions;

GanOptimizerOptions gan_optimizer_options_default(GanOptimizerKind kind);

typedef struct GanOptimizer GanOptimizer;

// Makes the state for `n` weights.
// Owner:   keeps references to the weights.
// Errors:  GAN_ERROR_MEMORY.
GanOptimizer *gan_optimizer_new(const GanOptimizerOptions *options, GanTensor *const *weights,
                                guint n, GError **error);
void gan_optimizer_free(GanOptimizer *optimizer); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanOptimizer, gan_optimizer_free)

// Changes the weights by one step; gradients in the order of the weights.
// Source:  Kingma, Ba 2014, arXiv:1412.6980; Loshchilov, Hutter 2017, arXiv:1711.05101.
void gan_optimizer_step(GanOptimizer *optimizer, double rate, GanTensor *const *gradients);

// Counts a step of Adam, and returns its numbers for whoever computes it elsewhere:
//   g += added * w;  m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g * g;
//   w = w - taken * w - step * m / (sqrt(v) / root + eps)
typedef struct {
    double beta1, beta2, eps, added, taken, step, root;
} GanAdamStep;
GanAdamStep gan_optimizer_begin_adam(GanOptimizer *optimizer, double rate);

// The state, to save and to put back: tensors like the weights, as many for each weight as the
// kind needs, weight by weight, and the number of steps taken.
guint gan_optimizer_n_states(const GanOptimizer *optimizer);
GanTensor *gan_optimizer_state(const GanOptimizer *optimizer, guint index);
guint64 gan_optimizer_steps(const GanOptimizer *optimizer);
void gan_optimizer_set_steps(GanOptimizer *optimizer, guint64 steps);

// Scales all gradients so that their common L2 norm is at most `largest`, as
// torch.nn.utils.clip_grad_norm_ does. Returns the norm before, NaN or infinity included; then
// nothing is scaled.
double gan_gradients_clip_norm(GanTensor *const *gradients, guint n, double largest);

// Cuts every element to -largest..largest: gradients, or the weights of a Wasserstein critic.
void gan_tensors_clamp(GanTensor *const *tensors, guint n, double largest);

#endif
