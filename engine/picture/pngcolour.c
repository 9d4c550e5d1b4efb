// SPDX-License-Identifier: LGPL-3.0-or-later
// What a PNG file says of its colours beside an ICC profile.
// Source:  PNG third edition (W3C 2025), 4.3 and 11.3.2: cICP goes before iCCP, that before sRGB,
//          and that before gAMA and cHRM.
#include "pngcolour.h"

#include "container.h"
#include "notes.h"
#include "spaces.h"
#include <math.h>
#include <string.h>

// Finds a chunk before the pixels.
static gboolean find(const guint8 *data, gsize length, const char *name, gsize least,
                     GanChunk *chunk)
{
    gsize at = 8;
    while (gan_png_next(data, length, &at, chunk) && memcmp(chunk->name, "IDAT", 4) != 0) {
        if (memcmp(chunk->name, name, 4) == 0 && chunk->length >= least)
            return TRUE;
    }
    return FALSE;
}

gboolean gan_png_cicp(const guint8 *data, gsize length, GanCicp *cicp)
{
    GanChunk chunk;
    if (!find(data, length, "cICP", 4, &chunk))
        return FALSE;
    *cicp = (GanCicp){chunk.data[0], chunk.data[1], chunk.data[2], chunk.data[3]};
    return TRUE;
}

static double fixed(const guint8 *p)
{
    return ((guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3]) / 100000.0;
}

// The space that gamma and chromaticities give. Nearly all files that state gamma 1/2.2 hold sRGB
// numbers; as such they are read, as other programs do, and those that state none.
static const Babl *measured_space(const guint8 *data, gsize length, GPtrArray *notes)
{
    static const double srgb[8] = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
    double p[8], off = 0;
    GanChunk chunk;
    const double gamma = find(data, length, "gAMA", 4, &chunk) ? fixed(chunk.data) : 0;
    const gboolean common = gamma <= 0 || fabs(gamma * 2.2 - 1.0) < 0.02;
    memcpy(p, srgb, sizeof p);
    if (find(data, length, "cHRM", 32, &chunk)) {
        for (guint i = 0; i < 8; i++)
            p[i] = fixed(chunk.data + 4 * (gsize)i);
    }
    for (guint i = 0; i < 8; i++)
        off += fabs(p[i] - srgb[i]);
    // Three corners and a white that are none make no space.
    const double area = (p[4] - p[2]) * (p[7] - p[3]) - (p[6] - p[2]) * (p[5] - p[3]);
    const gboolean broken = fabs(area) < 1e-4 || p[1] <= 0 || p[3] <= 0 || p[5] <= 0 || p[7] <= 0;
    if (broken)
        memcpy(p, srgb, sizeof p);
    if (common && (broken || off < 0.005))
        return babl_space("sRGB");
    const Babl *space = gan_space_from_primaries(p, common ? 0 : 1.0 / gamma, 0);
    if (!space)
        gan_note(notes, GAN_NO_ROOM);
    return space ? space : babl_space("sRGB");
}

const Babl *gan_png_space(const guint8 *data, gsize length, GPtrArray *notes)
{
    GanCicp cicp;
    GanChunk chunk;
    if (gan_png_cicp(data, length, &cicp)) {
        if (cicp.matrix != 0)
            gan_note(
                notes,
                "its chunk cICP states a matrix (%u), which PNG has not: it is taken as R'G'B'",
                cicp.matrix);
        return gan_cicp_reading_space(&cicp, notes);
    }
    if (find(data, length, "iCCP", 1, &chunk)) {
        g_autoptr(GBytes) profile = gan_container_profile(GAN_CONTAINER_PNG, data, length);
        if (!profile)
            gan_note(notes, "its colour profile is damaged: numbers are taken as sRGB");
        return NULL;
    }
    return find(data, length, "sRGB", 1, &chunk) ? babl_space("sRGB")
                                                 : measured_space(data, length, notes);
}

gboolean gan_png_is_narrow(const guint8 *data, gsize length)
{
    GanCicp cicp;
    return gan_png_cicp(data, length, &cicp) && !cicp.full_range &&
           gan_cicp_kind(&cicp) != GAN_CICP_UNKNOWN;
}

GBytes *gan_png_cicp_chunk(const GanCicp *cicp)
{
    const guint8 chunk[] = {'c', 'I', 'C', 'P', cicp->primaries, cicp->transfer, 0, 1};
    return g_bytes_new(chunk, sizeof chunk);
}

GPtrArray *gan_png_colour_chunks(const guint8 *data, gsize length)
{
    // In the order that the standard asks for; drafts wrote two of them otherwise.
    static const char *const names[] = {"cICP", "iCCP", "sRGB", "gAMA", "cHRM",
                                        "mDCV", "cLLI", "mDCv", "cLLi"};
    GPtrArray *chunks = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        GanChunk chunk;
        GanCicp cicp;
        if (i == 0 && gan_png_is_narrow(data, length) && gan_png_cicp(data, length, &cicp))
            g_ptr_array_add(chunks, gan_png_cicp_chunk(&cicp)); // stretched by now
        else if (find(data, length, names[i], 1, &chunk))
            g_ptr_array_add(chunks, g_bytes_new(chunk.name, chunk.length + 4));
    }
    return chunks;
}

GBytes *gan_png_background(const guint8 *data, gsize length, gboolean grey, gboolean deep)
{
    GanChunk chunk, palette;
    guint samples[3] = {0};
    if (length < 26 || gan_png_is_narrow(data, length) || !find(data, length, "bKGD", 1, &chunk))
        return NULL;
    const gboolean indexed = data[25] == 3;
    const guint depth = indexed ? 8 : data[24], n = indexed || (data[25] & 2) ? 3 : 1;
    if (depth < 1 || depth > 16 || (grey && n == 3) || (!indexed && chunk.length < n * 2))
        return NULL;
    if (indexed && !(find(data, length, "PLTE", 3, &palette) && chunk.data[0] < palette.length / 3))
        return NULL;
    for (guint c = 0; c < 3; c++) {
        const guint8 *at = chunk.data + (n == 3 ? 2 * c : 0);
        samples[c] = indexed ? palette.data[3 * chunk.data[0] + c] : (guint)at[0] << 8 | at[1];
    }
    const guint most = (1u << depth) - 1, wanted = deep ? 65535 : 255;
    guint8 bytes[10] = {'b', 'K', 'G', 'D'};
    for (guint c = 0; c < 3; c++) {
        const guint x = (MIN(samples[c], most) * wanted + most / 2) / most;
        bytes[4 + 2 * c] = (guint8)(x >> 8);
        bytes[5 + 2 * c] = (guint8)x;
    }
    return g_bytes_new(bytes, grey ? 6 : 10);
}
