// SPDX-License-Identifier: LGPL-3.0-or-later
// Functions of a library that stands where another would.
#ifndef STUB_H
#define STUB_H

// A function that is there and answers the same to everything.
#define STUB(name, answer)                                                                         \
    int name(void);                                                                                \
    int name(void)                                                                                 \
    {                                                                                              \
        return answer;                                                                             \
    }

#endif
