// SPDX-License-Identifier: LGPL-3.0-or-later
// The tests of what only GIMP 3 has.
#ifndef TEST_GIMP3_OWN_H
#define TEST_GIMP3_OWN_H

void test_add_effects(void);
void test_add_thumbnail(void);
void test_add_drawn(void);

#endif
