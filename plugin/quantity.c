// SPDX-License-Identifier: LGPL-3.0-or-later
// Times and sizes in the user's words.
#include "quantity.h"

#include <glib/gi18n-lib.h>
#include <math.h>

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
        return g_strdup_printf(_("%.0f kB"), round(mega * 1e3));
    if (mega < 9.95)
        return g_strdup_printf(_("%.1f MB"), mega);
    if (mega < 999.5)
        return g_strdup_printf(_("%.0f MB"), mega);
    return g_strdup_printf(_("%.1f GB"), mega / 1e3);
}
