// SPDX-License-Identifier: LGPL-3.0-or-later
// What the system tells about this machine, read from /proc and /sys.
#include "machine.h"

#include <string.h>

char *cli_machine_instruction_sets(void)
{
    static const char *const sets[][2] = {{"avx2", "AVX2"},         {"fma", "FMA"},
                                          {"avx512f", "AVX-512"},   {"avx512_bf16", "AVX-512 BF16"},
                                          {"amx_bf16", "AMX BF16"}, {"asimd", "NEON"}};
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL))
        return NULL;
    const char *line = strstr(text, "\nflags");
    if (line == NULL)
        line = strstr(text, "\nFeatures"); // as ARM calls it
    const char *colon = line != NULL ? strchr(line, ':') : NULL;
    if (colon == NULL)
        return NULL;
    g_autofree char *flags = g_strndup(colon + 1, strcspn(colon, "\n") - 1);
    g_auto(GStrv) words = g_strsplit(flags, " ", -1);
    g_autoptr(GString) found = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(sets); i++)
        if (g_strv_contains((const char *const *)words, sets[i][0]))
            g_string_append_printf(found, "%s%s", found->len > 0 ? ", " : "", sets[i][1]);
    return found->len > 0 ? g_string_free(g_steal_pointer(&found), FALSE) : NULL;
}

double cli_machine_cpu_quota(void)
{
    g_autofree char *text = NULL;
    // "max 100000" or "150000 100000": microseconds of processor time in each period.
    if (!g_file_get_contents("/sys/fs/cgroup/cpu.max", &text, NULL, NULL))
        return 0;
    char *end = NULL;
    const double quota = g_ascii_strtod(text, &end);
    if (end == text)
        return 0;
    const double period = g_ascii_strtod(end, NULL);
    return period > 0 ? quota / period : 0;
}

// Reads "Name:   123 kB" of /proc/meminfo.
static guint64 meminfo(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line != NULL ? g_ascii_strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

gboolean cli_machine_memory(guint64 *total_bytes, guint64 *free_bytes, guint64 *limit_bytes)
{
    g_autofree char *text = NULL;
    g_autofree char *limit = NULL;
    if (!g_file_get_contents("/proc/meminfo", &text, NULL, NULL))
        return FALSE;
    *total_bytes = meminfo(text, "MemTotal:");
    *free_bytes = meminfo(text, "MemAvailable:");
    // "max" is read as 0.
    *limit_bytes = g_file_get_contents("/sys/fs/cgroup/memory.max", &limit, NULL, NULL)
                       ? g_ascii_strtoull(limit, NULL, 10)
                       : 0;
    return *total_bytes > 0;
}
