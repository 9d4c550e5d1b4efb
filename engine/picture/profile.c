// SPDX-License-Identifier: LGPL-3.0-or-later
// What an ICC profile says of itself.
// Source:  ICC.1:2022, 7.2 (header), 7.3 (table of tags), 8.4 (which tags go before others), 9.2.17.
#include "profile.h"

#include <string.h>

#define HEADER 128u
#define ENTRY 12u
#define MOST_TAGS 200u

static guint32 big32(const guint8 *p)
{
    return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static const guint8 *find(GBytes *profile, const char *tag, gsize *length)
{
    gsize n;
    const guint8 *data = g_bytes_get_data(profile, &n);
    const guint32 n_tags = n >= HEADER + 4 ? MIN(big32(data + HEADER), MOST_TAGS) : 0;
    for (guint32 i = 0; i < n_tags && HEADER + 4 + (i + 1) * ENTRY <= n; i++) {
        const guint8 *entry = data + HEADER + 4 + (gsize)i * ENTRY;
        const gsize at = big32(entry + 4), size = big32(entry + 8);
        if (memcmp(entry, tag, 4) != 0 || at > n || size > n - at)
            continue;
        *length = size;
        return data + at;
    }
    return NULL;
}

static gboolean header_says(GBytes *profile, gsize at, const char *word)
{
    gsize n;
    const char *data = g_bytes_get_data(profile, &n);
    return n >= HEADER && memcmp(data + at, word, 4) == 0;
}

gboolean gan_profile_is_for(GBytes *profile, const char *colours)
{
    return header_says(profile, 16, colours);
}

gboolean gan_profile_is_table(GBytes *profile)
{
    static const char *const tables[] = {"A2B0", "A2B1", "A2B2", "D2B0", "D2B1"};
    const gboolean grey = gan_profile_is_for(profile, "GRAY");
    gsize n;
    if (!grey && !gan_profile_is_for(profile, "RGB "))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        if (find(profile, tables[i], &n))
            return TRUE;
    }
    return grey && header_says(profile, 20, "Lab ");
}

gboolean gan_profile_hdr(GBytes *profile, GanCicp *cicp)
{
    gsize n;
    const guint8 *tag = find(profile, "cicp", &n);
    if (!tag || n < 12 || memcmp(tag, "cicp", 4) != 0)
        return FALSE;
    const GanCicp found = {tag[8], tag[9], tag[10], tag[11]};
    const GanCicpKind kind = gan_cicp_kind(&found);
    if (kind != GAN_CICP_PQ && kind != GAN_CICP_HLG)
        return FALSE;
    *cicp = found;
    return TRUE;
}
