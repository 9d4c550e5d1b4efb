// SPDX-License-Identifier: LGPL-3.0-or-later
// Memory that is fetched while matrix products are computed.
#ifndef GK_CPU_AHEAD_H
#define GK_CPU_AHEAD_H

#include "cpu.h"
#include "simd.h"

// Stretches of memory that are wanted in the second-level cache soon.
#define LINE_BYTES 64
#define AHEAD_LINES 8
#define MAX_AHEAD 1024

typedef struct {
    size_t n, next;
    const char *at[MAX_AHEAD];
} Ahead;

// Adds `pixels` pixels of a block of channels.
V_INLINE void ahead_add(Ahead *ahead, const float *first, size_t pixels)
{
    const char *p = (const char *)first, *end = p + pixels * GK_BLOCK * sizeof(float);
    for (; p < end && ahead->n < MAX_AHEAD; p += AHEAD_LINES * LINE_BYTES)
        ahead->at[ahead->n++] = p;
}

#endif
