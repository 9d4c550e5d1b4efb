// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tiffdirectory.h"

#include <string.h>

#define BIG_TIFF 43
#define MOST_ENTRIES 65535

gboolean gan_tiff_directory_open(const guint8 *data, gsize length, GanTiffDirectory *tiff)
{
    if (length < 8 || (memcmp(data, "II", 2) != 0 && memcmp(data, "MM", 2) != 0))
        return FALSE;
    *tiff = (GanTiffDirectory){data, length, data[0] == 'M', 4};
    if (gan_tiff_directory_number(tiff, 2, 2) == BIG_TIFF)
        tiff->word = 8;
    return TRUE;
}

guint64 gan_tiff_directory_number(const GanTiffDirectory *tiff, guint64 at, guint n)
{
    guint64 x = 0;
    if (at > tiff->length || n > tiff->length - at)
        return 0;
    for (guint i = 0; i < n; i++)
        x |= (guint64)tiff->data[at + i] << 8 * (tiff->big_endian ? n - 1 - i : i);
    return x;
}

guint64 gan_tiff_directory_entry(const GanTiffDirectory *tiff, guint16 tag)
{
    const guint word = tiff->word, head = word == 8 ? 8 : 2, entry = 4 + 2 * word;
    const guint64 directory = gan_tiff_directory_number(tiff, word, word);
    const guint64 n = MIN(gan_tiff_directory_number(tiff, directory, head), MOST_ENTRIES);
    for (guint64 i = 0; i < n; i++) {
        const guint64 at = directory + head + i * entry;
        if (gan_tiff_directory_number(tiff, at, 2) == tag)
            return at;
    }
    return 0;
}
