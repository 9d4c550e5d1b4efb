// SPDX-License-Identifier: LGPL-3.0-or-later
// The weights of a network in training: named tensors that graphs read and their owner changes.
#ifndef GAN_PARAMETERS_H
#define GAN_PARAMETERS_H

#include <gan/weights.h>

typedef struct GanParameters GanParameters;

GanParameters *gan_parameters_new(void);
void gan_parameters_free(GanParameters *parameters); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanParameters, gan_parameters_free)

// A weight is trained; a buffer (running statistics, power iteration vectors) is state that runs
// change by themselves, and that is saved with the weights.
typedef enum { GAN_PARAMETER_WEIGHT, GAN_PARAMETER_BUFFER } GanParameterKind;

typedef struct {
    char *name;
    GanParameterKind kind;
    GanTensor *tensor;
} GanParameter;

guint gan_parameters_n(const GanParameters *parameters);
const GanParameter *gan_parameters_at(const GanParameters *parameters, guint index);

// Numbers of all weights, without buffers.
guint64 gan_parameters_n_weights(const GanParameters *parameters);

// Returns the parameter called `name`, or NULL.
const GanParameter *gan_parameters_find(const GanParameters *parameters, const char *name);

// Adds a tensor of its own memory, not cleared, under a new name, and returns it.
// Owner:   parameters.
// Errors:  GAN_ERROR_MEMORY.
GanTensor *gan_parameters_add(GanParameters *parameters, const char *name, GanParameterKind kind,
                              guint rank, const gsize *shape, GError **error);

// Adds all tensors of a weight file, or copies them into those that are there by name.
// Errors:  GAN_ERROR_SHAPE: a tensor that is there has another shape. GAN_ERROR_MEMORY, and
//          those of gan_weights_tensor().
gboolean gan_parameters_load(GanParameters *parameters, GanWeights *weights, GError **error);

// Copies the tensors of a weight file that is of exactly this network.
// Errors:  GAN_ERROR_SHAPE: a tensor is missing, too many, or has another shape.
gboolean gan_parameters_load_exactly(GanParameters *parameters, GanWeights *weights,
                                     GError **error);

// Copies those tensors of a weight file whose name and shape are those of a parameter, and returns
// the names of the parameters that keep their values.
// Owner:   the caller: strings that are freed with the array.
// Errors:  NULL; GAN_ERROR_SHAPE: not one tensor fits. Those of gan_weights_tensor().
GPtrArray *gan_parameters_load_fitting(GanParameters *parameters, GanWeights *weights,
                                       GError **error);

// Writes them as safetensors; see gan_weights_save().
gboolean gan_parameters_save(const GanParameters *parameters, const char *path,
                             const char *const *metadata, GError **error);

#endif
