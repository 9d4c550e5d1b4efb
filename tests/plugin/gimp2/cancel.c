// SPDX-License-Identifier: LGPL-3.0-or-later
#include "support.h"

void test_add_cancel(void)
{
}
