// SPDX-License-Identifier: LGPL-3.0-or-later
// The error domain.
#include <gan/error.h>

// clang-format off
G_DEFINE_QUARK(gan-error-quark, gan_error)
