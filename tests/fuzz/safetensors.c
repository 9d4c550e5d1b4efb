// SPDX-License-Identifier: LGPL-3.0-or-later
// Fuzz target: a safetensors file. Input that does not begin with a header's length is taken as the
// header itself, so that mutations need not keep the length right.
#include "target.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length)
{
    if (length == 0 || data[0] != '{') {
        fuzz_read(data, length, "a.safetensors");
        return 0;
    }
    static const guint8 NUMBERS[64] = {0};
    const guint64 header = GUINT64_TO_LE((guint64)length);
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)&header, sizeof header);
    g_byte_array_append(file, data, (guint)length);
    g_byte_array_append(file, NUMBERS, sizeof NUMBERS);
    fuzz_read(file->data, file->len, "a.safetensors");
    return 0;
}
