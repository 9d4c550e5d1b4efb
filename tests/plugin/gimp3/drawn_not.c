// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP 3.0 has neither links nor vector layers.
#include "own.h"

#include <glib.h>

static void test_none(void)
{
    g_test_skip("links and vector layers came with GIMP 3.2");
}

void test_add_drawn(void)
{
    g_test_add_func("/gimp3/drawn/none", test_none);
}
