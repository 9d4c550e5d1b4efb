// SPDX-License-Identifier: LGPL-3.0-or-later
// In place of table.c where there is no LittleCMS.
#include "table.h"

gboolean gan_table_is_usable(GBytes *profile)
{
    return FALSE;
}

gboolean gan_table_goes_back(GBytes *profile)
{
    return FALSE;
}

const Babl *gan_table_space(GBytes *profile)
{
    return NULL;
}

GeglBuffer *gan_table_read(GBytes *profile, GeglBuffer *buffer)
{
    g_return_val_if_reached(NULL);
}

GeglBuffer *gan_table_write(GBytes *profile, GeglBuffer *buffer, gboolean bytes)
{
    g_return_val_if_reached(NULL);
}
