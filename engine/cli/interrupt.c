// SPDX-License-Identifier: LGPL-3.0-or-later
// A thread waits for the signals, so that no handler and no global variable is needed: every other
// thread has them blocked. SIGINT is honoured even where a shell started the program in the
// background with SIGINT ignored.
#include "interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

struct CliInterrupt {
    gint seen;
    sigset_t signals;
};

static gpointer wait_for_signal(gpointer data)
{
    CliInterrupt *interrupt = data;
    int signal_number = 0;
    while (sigwait(&interrupt->signals, &signal_number) != 0)
        continue;
    g_atomic_int_set(&interrupt->seen, 1);
    if (isatty(STDERR_FILENO)) {
        const char text[] = "\nStopping; press Ctrl-C again to end at once.\n";
        const gssize written = write(STDERR_FILENO, text, sizeof text - 1);
        (void)written; // nothing to be done about a terminal that is gone
    }
    // From here on the signals do what they do by default, and this thread is the one that
    // they can reach.
    const struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &interrupt->signals, NULL);
    for (;;)
        pause();
    return NULL;
}

CliInterrupt *cli_interrupt_new(void)
{
    CliInterrupt *interrupt = g_new0(CliInterrupt, 1);
    sigemptyset(&interrupt->signals);
    sigaddset(&interrupt->signals, SIGINT);
    sigaddset(&interrupt->signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &interrupt->signals, NULL);
    g_thread_unref(g_thread_new("signals", wait_for_signal, interrupt));
    return interrupt;
}

gboolean cli_interrupt_seen(const CliInterrupt *interrupt)
{
    return g_atomic_int_get(&interrupt->seen) != 0;
}
