// SPDX-License-Identifier: LGPL-3.0-or-later
// What tasks need of a runner besides its public face.
#ifndef GAN_RUNNER_PRIVATE_H
#define GAN_RUNNER_PRIVATE_H

#include <gan/runner.h>

// Borrowed from the runner.
GanModel *gan_runner_model(const GanRunner *runner);

#endif
