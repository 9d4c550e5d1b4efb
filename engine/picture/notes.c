// SPDX-License-Identifier: LGPL-3.0-or-later
// Sentences on what was not carried over.
#include "notes.h"

void gan_note(GPtrArray *notes, const char *format, ...)
{
    if (!notes)
        return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (!g_ptr_array_find_with_equal_func(notes, text, g_str_equal, NULL))
        g_ptr_array_add(notes, g_steal_pointer(&text));
}
