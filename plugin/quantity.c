// SPDX-License-Identifier: LGPL-3.0-or-later
// Times and sizes in the user's words.
#include "quantity.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

char *quantity_time(double seconds)
{
    const guint64 whole = (guint64)CLAMP(ceil(seconds), 1.0, 1e9);
    if (whole < 60)
        return g_strdup_printf(_("%u s"), (guint)whole);
    if (whole < 3600)
        return g_strdup_printf(_("%u min %u s"), (guint)(whole / 60), (guint)(whole % 60));
    return g_strdup_printf(_("%u h %u min"), (guint)(whole / 3600), (guint)(whole % 3600 / 60));
}

char *quantity_bytes(guint64 bytes)
{
    const double mega = (double)bytes / 1e6;
    if (mega < 0.9995)
        return g_strdup_printf(_("%.0f kB"), bytes > 0 ? MAX(round(mega * 1e3), 1.0) : 0.0);
    if (mega < 9.95)
        return g_strdup_printf(_("%.1f MB"), mega);
    if (mega < 999.5)
        return g_strdup_printf(_("%.0f MB"), mega);
    return g_strdup_printf(_("%.1f GB"), mega / 1e3);
}

// Moves *text on. Digits with one point or comma.
static gboolean read_number(const char **text, double *number)
{
    const char *from = *text + strspn(*text, " ");
    const gsize length = strspn(from, "0123456789.,");
    g_autofree char *digits = g_strndup(from, length);
    char *end = NULL;
    g_strdelimit(digits, ",", '.');
    *number = g_ascii_strtod(digits, &end);
    *text = from + length;
    *text += strspn(*text, " ");
    return length > 0 && *end == 0;
}

gboolean quantity_parse_factor(const char *text, double *factor)
{
    double above = 0.0, below = 1.0;
    text += strspn(text, " ");
    if (g_str_has_prefix(text, "×"))
        text += strlen("×");
    else if (*text == 'x' || *text == 'X')
        text++;
    if (!read_number(&text, &above))
        return FALSE;
    if (*text == '/' || *text == ':') {
        text++;
        if (!read_number(&text, &below))
            return FALSE;
    }
    if (*text == '%') {
        below *= 100.0;
        text++;
    }
    text += strspn(text, " ");
    if (*text != 0 || below <= 0.0)
        return FALSE;
    *factor = above / below;
    return TRUE;
}
