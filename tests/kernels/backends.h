// SPDX-License-Identifier: LGPL-3.0-or-later
// The backends that are checked.
#ifndef BACKENDS_H
#define BACKENDS_H

#include "check.h"

// Targets that are not open yet; the last has no name.
extern const CheckTarget check_backends[];

#endif
