// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a fuzz target once over every file of the folders given, without libFuzzer. No input may
// take longer than SECONDS_MAX.
#include "target.h"
#include <unistd.h>

static const guint SECONDS_MAX = 20;

static guint replay_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    if (dir == NULL) {
        g_printerr("there is no folder %s\n", folder);
        return 0;
    }
    guint n = 0;
    const char *name;
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *content = NULL;
        gsize length = 0;
        if (!g_file_get_contents(path, &content, &length, NULL))
            continue;
        alarm(SECONDS_MAX);
        LLVMFuzzerTestOneInput((const guint8 *)content, length);
        n++;
    }
    return n;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const guint n = replay_folder(argv[i]);
        g_print("%s: %u inputs\n", argv[i], n);
        if (n == 0)
            return 1;
    }
    return 0;
}
