// SPDX-License-Identifier: LGPL-3.0-or-later
// Ctrl-C: the first asks the work to stop, the second kills the process.
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <glib.h>

typedef struct CliInterrupt CliInterrupt;

// Takes SIGINT and SIGTERM over for the rest of the process. To be called before other threads
// begin, because they inherit which signals reach them.
// Owner:   the process; it is never freed.
CliInterrupt *cli_interrupt_new(void);

// Returns TRUE once a signal has come.
gboolean cli_interrupt_seen(const CliInterrupt *interrupt);

#endif
