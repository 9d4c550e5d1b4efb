// SPDX-License-Identifier: LGPL-3.0-or-later
// Fuzz target: PyTorch's containers. Input that begins as neither is taken as the pickled object of
// a legacy file, with what follows it, so that mutations reach the pickle machine.
#include "target.h"
#include <string.h>

// Magic number, protocol 1001, {'little_endian': True}.
static const char PREAMBLE[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
                               "\x80\x02M\xe9\x03."
                               "\x80\x02}X\x0d\x00\x00\x00little_endian\x88s.";

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length)
{
    const gboolean is_zip = length >= 2 && memcmp(data, "PK", 2) == 0;
    const gboolean is_legacy = length >= 15 && memcmp(data, PREAMBLE, 15) == 0;
    if (is_zip || is_legacy) {
        fuzz_read(data, length, "a.pth");
        return 0;
    }
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)PREAMBLE, sizeof PREAMBLE - 1);
    if (length > 0)
        g_byte_array_append(file, data, (guint)length);
    fuzz_read(file->data, file->len, "a.pth");
    return 0;
}
