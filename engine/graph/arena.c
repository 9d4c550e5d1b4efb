// SPDX-License-Identifier: LGPL-3.0-or-later
// Places of values in one piece of memory.
#include "arena.h"

// Values begin at cache lines of their own.
#define ALIGNMENT 64

static int by_bytes(gconstpointer a, gconstpointer b)
{
    const GanSpan *sa = *(GanSpan *const *)a, *sb = *(GanSpan *const *)b;
    return sa->bytes != sb->bytes ? (sa->bytes > sb->bytes ? -1 : 1)
                                  : (sa->first < sb->first ? -1 : 1);
}

static int by_offset(gconstpointer a, gconstpointer b)
{
    const GanSpan *sa = *(GanSpan *const *)a, *sb = *(GanSpan *const *)b;
    return sa->offset != sb->offset ? (sa->offset < sb->offset ? -1 : 1) : 0;
}

// Largest first, each at the lowest offset that nothing alive at the same time covers.
gsize gan_arena_place(GanSpan *spans, guint n)
{
    gsize total = 0;
    g_autoptr(GPtrArray) todo = g_ptr_array_new();
    for (guint i = 0; i < n; i++) {
        spans[i].bytes = (spans[i].bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        g_ptr_array_add(todo, &spans[i]);
    }
    g_ptr_array_sort(todo, by_bytes);
    g_autoptr(GPtrArray) done = g_ptr_array_new();
    for (guint i = 0; i < todo->len; i++) {
        GanSpan *span = todo->pdata[i];
        gsize offset = 0;
        for (guint k = 0; k < done->len; k++) {
            const GanSpan *other = done->pdata[k];
            if (other->last < span->first || other->first > span->last)
                continue;
            if (offset + span->bytes <= other->offset)
                break;
            offset = MAX(offset, other->offset + other->bytes);
        }
        span->offset = offset;
        total = MAX(total, offset + span->bytes);
        g_ptr_array_add(done, span);
        g_ptr_array_sort(done, by_offset);
    }
    return total;
}
