// SPDX-License-Identifier: LGPL-3.0-or-later
// Where no CPU backend is built: the float reference in both layouts.
#include "backends.h"

const CheckTarget check_backends[] = {
    {"ref-f32", &gk_backend_ref_f32, NULL, 0, NULL},
    {"ref-f32:blocked", &gk_backend_ref_f32, NULL, GK_BLOCK, NULL},
    {NULL, NULL, NULL, 0, NULL},
};
