// SPDX-License-Identifier: LGPL-3.0-or-later
// What the system tells about this machine, read from /proc and /sys.
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <glib.h>

// Returns the instruction sets that kernels are written for, "AVX2, FMA, AVX-512"; NULL when
// there is none.
// Owner:   the caller frees it.
char *cli_machine_instruction_sets(void);

// Returns how many cores' time the control group grants, such as 1.5; 0 when there is no limit.
double cli_machine_cpu_quota(void);

// Reads the memory of the machine, what is free, and the control group's limit (0: none).
gboolean cli_machine_memory(guint64 *total_bytes, guint64 *free_bytes, guint64 *limit_bytes);

#endif
