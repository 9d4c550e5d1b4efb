// SPDX-License-Identifier: LGPL-3.0-or-later
// First values of weights, by PyTorch's names and definitions (torch.nn.init).
#ifndef GAN_INITIALISE_H
#define GAN_INITIALISE_H

#include <gan/tensor.h>

// Fills a weight as `rule` says: a name, and arguments in brackets that differ from the default.
//   zeros, ones, constant(value=0)
//   uniform(low=0,high=1), normal(mean=0,std=1), trunc_normal(mean=0,std=1,low=-2,high=2)
//   xavier_uniform(gain=1), xavier_normal(gain=1), orthogonal(gain=1)
//   kaiming_uniform(a=0,mode=fan_in,scale=1), kaiming_normal(a=0,mode=fan_in,scale=1): a is the
//     leaky slope that follows, mode fan_in or fan_out, scale multiplies the result
//   default: what PyTorch's convolutions and linear layers start with, kaiming_uniform(a=sqrt 5)
// Fans are PyTorch's: axis 0 counts outputs, axis 1 inputs.
// Errors:  GAN_ERROR_ARGUMENT: no such rule or argument; the message lists those that there are.
gboolean gan_initialise(GanTensor *tensor, const char *rule, GRand *random, GError **error);

// Fills a bias as PyTorch's layers do: uniform in +-1/sqrt(fan_in of the weight).
void gan_initialise_bias(GanTensor *bias, const GanTensor *weight, GRand *random);

#endif
