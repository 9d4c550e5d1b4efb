// SPDX-License-Identifier: LGPL-3.0-or-later
// Steps along gradients, as torch.optim defines them; computed in double, kept in float. The arrays
// of a weight are `restrict`, so that the compiler takes several elements at a time.
#include "optimizer.h"

#include <math.h>
#include <string.h>

#define MAX_STATES 2

struct GanOptimizer {
    GanOptimizerOptions options;
    guint n, n_states; // weights, and states of each
    GanTensor **weights, **states;
    guint64 steps;
};

gboolean gan_optimizer_kind_parse(const char *name, GanOptimizerKind *kind)
{
    static const char *const names[] = {"sgd", "rmsprop", "adam", "adamw"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], name) == 0) {
            *kind = (GanOptimizerKind)i;
            return TRUE;
        }
    return FALSE;
}

GanOptimizerOptions gan_optimizer_options_default(GanOptimizerKind kind)
{
    return (GanOptimizerOptions){
        .kind = kind, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .alpha = 0.99};
}

static guint states_of(const GanOptimizerOptions *options)
{
    switch (options->kind) {
    case GAN_OPTIMIZER_SGD:
        return options->momentum != 0;
    case GAN_OPTIMIZER_RMSPROP:
        return 1 + (options->momentum != 0);
    case GAN_OPTIMIZER_ADAM:
    case GAN_OPTIMIZER_ADAMW:
        return 2;
    }
    g_assert_not_reached();
}

GanOptimizer *gan_optimizer_new(const GanOptimizerOptions *options, GanTensor *const *weights,
                                guint n, GError **error)
{
    g_autoptr(GanOptimizer) optimizer = g_new0(GanOptimizer, 1);
    optimizer->options = *options;
    optimizer->n_states = states_of(options);
    g_assert(optimizer->n_states <= MAX_STATES);
    optimizer->weights = g_new0(GanTensor *, MAX(n, 1));
    optimizer->states = g_new0(GanTensor *, MAX(n * optimizer->n_states, 1));
    for (guint i = 0; i < n; i++) {
        optimizer->weights[optimizer->n++] = gan_tensor_ref(weights[i]);
        for (guint k = 0; k < optimizer->n_states; k++) {
            GanTensor *state = gan_tensor_new(weights[i]->rank, weights[i]->shape, error);
            if (state == NULL)
                return NULL;
            memset(state->data, 0, gan_tensor_length(state) * sizeof(float));
            optimizer->states[i * optimizer->n_states + k] = state;
        }
    }
    return g_steal_pointer(&optimizer);
}

void gan_optimizer_free(GanOptimizer *optimizer)
{
    if (optimizer == NULL)
        return;
    for (guint i = 0; i < optimizer->n; i++)
        gan_tensor_unref(optimizer->weights[i]);
    for (guint i = 0; i < optimizer->n * optimizer->n_states; i++)
        gan_tensor_unref(optimizer->states[i]);
    g_free(optimizer->weights);
    g_free(optimizer->states);
    g_free(optimizer);
}

GanAdamStep gan_optimizer_begin_adam(GanOptimizer *optimizer, double rate)
{
    const GanOptimizerOptions *p = &optimizer->options;
    const gboolean decoupled = p->kind == GAN_OPTIMIZER_ADAMW;
    const double t = (double)++optimizer->steps;
    return (GanAdamStep){.beta1 = p->beta1,
                         .beta2 = p->beta2,
                         .eps = p->eps,
                         .added = decoupled ? 0 : p->weight_decay,
                         .taken = decoupled ? rate * p->weight_decay : 0,
                         .step = rate / (1 - pow(p->beta1, t)),
                         .root = sqrt(1 - pow(p->beta2, t))};
}

static void step_adam(const GanAdamStep *step, const GanTensor *weight, const float *restrict g,
                      float *restrict m, float *restrict v)
{
    g_assert(m != NULL && v != NULL);
    const GanAdamStep p = *step;
    float *restrict data = weight->data;
    for (gsize i = 0, n = gan_tensor_length(weight); i < n; i++) {
        const double w = data[i], gradient = g[i] + p.added * w;
        m[i] = (float)(p.beta1 * m[i] + (1 - p.beta1) * gradient);
        v[i] = (float)(p.beta2 * v[i] + (1 - p.beta2) * gradient * gradient);
        // eps comes after the correction of the bias.
        data[i] = (float)(w - p.taken * w - p.step * m[i] / (sqrt(v[i]) / p.root + p.eps));
    }
}

static void step_rmsprop(const GanOptimizer *o, double rate, GanTensor *weight, const float *g,
                         float *square, float *momentum)
{
    g_assert(square != NULL);
    const GanOptimizerOptions *p = &o->options;
    for (gsize i = 0; i < gan_tensor_length(weight); i++) {
        const double gradient = g[i] + p->weight_decay * weight->data[i];
        square[i] = (float)(p->alpha * square[i] + (1 - p->alpha) * gradient * gradient);
        double step = gradient / (sqrt(square[i]) + p->eps);
        if (momentum != NULL)
            step = momentum[i] = (float)(p->momentum * momentum[i] + step);
        weight->data[i] = (float)(weight->data[i] - rate * step);
    }
}

static void step_sgd(const GanOptimizer *o, double rate, GanTensor *weight, const float *g,
                     float *momentum)
{
    const GanOptimizerOptions *p = &o->options;
    for (gsize i = 0; i < gan_tensor_length(weight); i++) {
        double step = g[i] + p->weight_decay * weight->data[i];
        if (momentum != NULL)
            step = momentum[i] = (float)(p->momentum * momentum[i] + step);
        weight->data[i] = (float)(weight->data[i] - rate * step);
    }
}

void gan_optimizer_step(GanOptimizer *optimizer, double rate, GanTensor *const *gradients)
{
    const GanOptimizerKind kind = optimizer->options.kind;
    GanAdamStep adam = {0};
    if (kind == GAN_OPTIMIZER_ADAM || kind == GAN_OPTIMIZER_ADAMW)
        adam = gan_optimizer_begin_adam(optimizer, rate);
    else
        optimizer->steps++;
    for (guint i = 0; i < optimizer->n; i++) {
        GanTensor *weight = optimizer->weights[i];
        const float *g = gradients[i]->data;
        float *state[MAX_STATES] = {NULL};
        g_return_if_fail(gan_tensor_length(gradients[i]) == gan_tensor_length(weight));
        for (guint k = 0; k < optimizer->n_states; k++)
            state[k] = optimizer->states[i * optimizer->n_states + k]->data;
        switch (kind) {
        case GAN_OPTIMIZER_SGD:
            step_sgd(optimizer, rate, weight, g, state[0]);
            break;
        case GAN_OPTIMIZER_RMSPROP:
            step_rmsprop(optimizer, rate, weight, g, state[0], state[1]);
            break;
        case GAN_OPTIMIZER_ADAM:
        case GAN_OPTIMIZER_ADAMW:
            step_adam(&adam, weight, g, state[0], state[1]);
            break;
        }
    }
}

guint gan_optimizer_n_states(const GanOptimizer *optimizer)
{
    return optimizer->n * optimizer->n_states;
}

GanTensor *gan_optimizer_state(const GanOptimizer *optimizer, guint index)
{
    g_return_val_if_fail(index < gan_optimizer_n_states(optimizer), NULL);
    return optimizer->states[index];
}

guint64 gan_optimizer_steps(const GanOptimizer *optimizer)
{
    return optimizer->steps;
}

void gan_optimizer_set_steps(GanOptimizer *optimizer, guint64 steps)
{
    optimizer->steps = steps;
}

double gan_gradients_clip_norm(GanTensor *const *gradients, guint n, double largest)
{
    double sum = 0;
    for (guint i = 0; i < n; i++)
        for (gsize k = 0; k < gan_tensor_length(gradients[i]); k++)
            sum += (double)gradients[i]->data[k] * gradients[i]->data[k];
    const double norm = sqrt(sum), factor = largest / (norm + 1e-6);
    if (!isfinite(norm) || factor >= 1)
        return norm;
    for (guint i = 0; i < n; i++)
        for (gsize k = 0; k < gan_tensor_length(gradients[i]); k++)
            gradients[i]->data[k] = (float)(gradients[i]->data[k] * factor);
    return norm;
}

void gan_tensors_clamp(GanTensor *const *tensors, guint n, double largest)
{
    for (guint i = 0; i < n; i++)
        for (gsize k = 0; k < gan_tensor_length(tensors[i]); k++)
            tensors[i]->data[k] = CLAMP(tensors[i]->data[k], (float)-largest, (float)largest);
}
