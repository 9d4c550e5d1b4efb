// SPDX-License-Identifier: LGPL-3.0-or-later
// Fuzz target: animated PNG files, all frames of them. Sums of chunks are put right, so that mutations
// reach what they guard.
#include "target.h"

#include "apng.h"
#include "container.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// A canvas that a few bytes may stand for is made in tiles; more would only take time.
#define MOST_SIDE 4096u
#define MOST_FRAMES 64u

static void mend(guint8 *data, gsize length)
{
    gsize at = 8;
    GanChunk chunk;
    while (gan_png_next(data, length, &at, &chunk)) {
        const guint32 sum = GUINT32_TO_BE((guint32)crc32(0, chunk.name, (guint)chunk.length + 4));
        memcpy(data + at - 4, &sum, 4);
    }
}

// GEGL's threads have to be gone before LeakSanitizer looks around: it crashes over sleeping ones.
static void start_gegl(void)
{
    static gsize started;
    if (!g_once_init_enter(&started))
        return;
    gegl_init(NULL, NULL);
    atexit(gegl_exit);
    g_once_init_leave(&started, 1);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length)
{
    g_autofree guint8 *copy = g_memdup2(data, length);
    mend(copy, length);
    start_gegl();
    g_auto(GanApng) apng = {0};
    if (!gan_apng_open(copy, length, &apng))
        return 0;
    if (apng.film.frames->len == 0)
        abort();
    if (apng.film.width > MOST_SIDE || apng.film.height > MOST_SIDE)
        return 0;
    for (guint i = 0; i < MIN(apng.film.frames->len, MOST_FRAMES); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) buffer = gan_apng_compose(&apng, i, NULL, &error);
        if ((buffer == NULL) != (error != NULL))
            abort();
    }
    return 0;
}
