// SPDX-License-Identifier: LGPL-3.0-or-later
#include "awake.h"

#include <glib.h>

struct Awake {
    gint over;
    GThread *thread;
};

// Tells the core that it waits, which leaves more of it to a thread that shares it.
static void pause_core(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static gpointer run(gpointer data)
{
    Awake *awake = data;
    while (!g_atomic_int_get(&awake->over))
        pause_core();
    return NULL;
}

Awake *awake_begin(void)
{
    if (g_get_num_processors() < 2)
        return NULL;
    Awake *awake = g_new0(Awake, 1);
    awake->thread = g_thread_new("awake", run, awake);
    return awake;
}

void awake_end(Awake *awake)
{
    if (!awake)
        return;
    g_atomic_int_set(&awake->over, TRUE);
    g_thread_join(awake->thread);
    g_free(awake);
}
