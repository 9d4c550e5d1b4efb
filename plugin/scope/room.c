// SPDX-License-Identifier: LGPL-3.0-or-later
// Room for results: what does not fit into memory, GEGL puts into its swap folder.
#include "room.h"

#include "../quantity.h"
#include <gan/device.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>

// Of the memory that is free, results may take one part in so many, and this much at most.
#define MEMORY_PART 8
#define MOST_MEMORY ((guint64)1 << 30)

// Tiles at the borders of a picture are larger than what they hold.
#define TILES 1.1

static guint64 free_on_disk(void)
{
    g_autofree char *path = NULL;
    g_object_get(gegl_config(), "swap", &path, NULL);
    // GEGL's other word for it is "ram": no swap.
    if (path == NULL || !g_path_is_absolute(path))
        return 0;
    g_autoptr(GFile) folder = g_file_new_for_path(path);
    // GEGL makes the folder when it is needed.
    while (!g_file_query_exists(folder, NULL)) {
        GFile *parent = g_file_get_parent(folder);
        if (parent == NULL)
            return 0;
        g_object_unref(folder);
        folder = parent;
    }
    g_autoptr(GFileInfo) info =
        g_file_query_filesystem_info(folder, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL);
    return info != NULL ? g_file_info_get_attribute_uint64(info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE)
                        : 0;
}

static guint64 free_in_memory(void)
{
    g_autoptr(GanDevice) device = gan_device_open("reference", 1, NULL);
    return device != NULL ? gan_device_free_bytes(device) : 0;
}

guint64 room_free(void)
{
    return free_in_memory() + free_on_disk();
}

double room_needed(guint64 network_bytes, double source_bytes, double result_bytes)
{
    // The result once in the plug-in, once in GIMP.
    return (double)network_bytes + source_bytes + 2.0 * result_bytes;
}

gboolean room_check(double needed_bytes, GError **error)
{
    const guint64 there = room_free();
    if (needed_bytes <= (double)there)
        return TRUE;
    g_autofree char *wanted = quantity_bytes((guint64)MIN(needed_bytes, 1e18));
    g_autofree char *found = quantity_bytes(there);
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                _("This takes %s, but memory and GIMP's swap folder have only %s free. "
                  "Choose a smaller size, or make room on the disk (Edit > Preferences > Folders "
                  "says where the swap folder is)."),
                wanted, found);
    return FALSE;
}

gboolean room_take(guint64 network_bytes, double source_bytes, double result_bytes, GError **error)
{
    if (!room_check(room_needed(network_bytes, source_bytes, result_bytes), error))
        return FALSE;
    const guint64 most = MIN(free_in_memory() / MEMORY_PART, MOST_MEMORY);
    const guint64 wanted = (guint64)MIN(TILES * result_bytes, (double)most);
    guint64 now = 0;
    g_object_get(gegl_config(), "tile-cache-size", &now, NULL);
    if (wanted > now)
        g_object_set(gegl_config(), "tile-cache-size", wanted, NULL);
    return TRUE;
}
