// SPDX-License-Identifier: LGPL-3.0-or-later
// Babl's spaces of what files say of their colours, as many as there is room for.
#include "spaces.h"

#include "profile.h"

// Of spaces and of curves, and of spaces to convert in; the rest is for Babl's own, and for whoever else
// is in the process.
#define ROOM 48u
#define CONVERSIONS_ROOM 4u

static GMutex mutex;
static GHashTable *spaces; // by GBytes of what they are made from
static guint n_curves;
static const Babl *converting[CONVERSIONS_ROOM];

// Looks up what is made from `key`. Returns whether it may be made, if it is not there.
static gboolean has_room(GBytes *key, guint curves, const Babl **space)
{
    if (!spaces)
        spaces =
            g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    *space = g_hash_table_lookup(spaces, key);
    return !*space && g_hash_table_size(spaces) < ROOM && n_curves + curves <= ROOM;
}

static void keep(GBytes *key, guint curves, const Babl *space)
{
    n_curves += curves;
    g_hash_table_insert(spaces, g_bytes_ref(key), (gpointer)space);
}

const Babl *gan_space_from_icc(const void *icc, gsize n, gboolean *no_room)
{
    g_autoptr(GBytes) key = g_bytes_new(icc, n);
    const guint curves = gan_profile_n_curves(key);
    const Babl *space = NULL;
    g_mutex_lock(&mutex);
    const gboolean may = has_room(key, curves, &space);
    if (no_room)
        *no_room = !may && !space;
    if (may) {
        const char *problem = NULL;
        space = babl_space_from_icc(icc, (int)n, BABL_ICC_INTENT_RELATIVE_COLORIMETRIC, &problem);
        space = problem ? NULL : space;
        if (space)
            keep(key, curves, space);
    }
    g_mutex_unlock(&mutex);
    return space;
}

const Babl *gan_space_from_primaries(const double xy[8], double gamma, BablSpaceFlags flags)
{
    const double made[10] = {xy[0], xy[1], xy[2], xy[3], xy[4], xy[5], xy[6], xy[7], gamma, flags};
    g_autoptr(GBytes) key = g_bytes_new(made, sizeof(made));
    const Babl *space = NULL;
    g_mutex_lock(&mutex);
    if (has_room(key, 1, &space)) {
        const Babl *curve = gamma > 0 ? babl_trc_gamma(gamma) : babl_trc("sRGB");
        space = babl_space_from_chromaticities(NULL, xy[0], xy[1], xy[2], xy[3], xy[4], xy[5],
                                               xy[6], xy[7], curve, curve, curve, flags);
        if (space)
            keep(key, 1, space);
    }
    g_mutex_unlock(&mutex);
    return space;
}

gboolean gan_space_ask(const Babl *format, GError **error)
{
    const Babl *space = babl_format_get_space(format);
    if (space == babl_space("sRGB"))
        return TRUE;
    g_mutex_lock(&mutex);
    guint i = 0;
    while (i < CONVERSIONS_ROOM && converting[i] && converting[i] != space)
        i++;
    if (i < CONVERSIONS_ROOM)
        converting[i] = space;
    g_mutex_unlock(&mutex);
    if (i == CONVERSIONS_ROOM)
        g_set_error(
            error, GAN_ERROR, GAN_ERROR_FORMAT,
            "there is no room to convert the colours of more than %u kinds of pictures in one "
            "run; another run does the rest",
            CONVERSIONS_ROOM);
    return i < CONVERSIONS_ROOM;
}

// Whether numbers of two formats differ in depth, alpha and its product alone.
static gboolean are_alike(const Babl *a, const Babl *b)
{
    const BablModelFlag kind = BABL_MODEL_FLAG_LINEAR | BABL_MODEL_FLAG_NONLINEAR |
                               BABL_MODEL_FLAG_PERCEPTUAL | BABL_MODEL_FLAG_GRAY |
                               BABL_MODEL_FLAG_RGB | BABL_MODEL_FLAG_CMYK | BABL_MODEL_FLAG_CIE;
    return babl_format_get_space(a) == babl_format_get_space(b) && !babl_format_is_palette(a) &&
           !babl_format_is_palette(b) &&
           (babl_get_model_flags(babl_format_get_model(a)) & kind) ==
               (babl_get_model_flags(babl_format_get_model(b)) & kind);
}

static const Babl *named_srgb(const Babl *format)
{
    return babl_format_with_space(babl_format_get_encoding(format), NULL);
}

const Babl *gan_numbers_fish(const Babl *from, const Babl *to)
{
    return are_alike(from, to) && !babl_space_is_cmyk(babl_format_get_space(from))
               ? babl_fish(named_srgb(from), named_srgb(to))
               : babl_fish(from, to);
}

// Memory for `area` in the buffer's own format; NULL where GEGL converts as well.
static void *own_memory(GeglBuffer *buffer, const GeglRectangle *area, const Babl *format)
{
    const Babl *own = gegl_buffer_get_format(buffer), *space = babl_format_get_space(own);
    return own == format || space == babl_space("sRGB") || !are_alike(own, format)
               ? NULL
               : g_malloc_n((gsize)area->width * (gsize)area->height,
                            (gsize)babl_format_get_bytes_per_pixel(own));
}

void gan_numbers_get(GeglBuffer *buffer, const GeglRectangle *area, const Babl *format, void *to)
{
    const Babl *own = gegl_buffer_get_format(buffer);
    g_autofree void *numbers = own_memory(buffer, area, format);
    gegl_buffer_get(buffer, area, 1.0, numbers ? own : format, numbers ? numbers : to,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    if (numbers)
        babl_process(gan_numbers_fish(own, format), numbers, to, (glong)area->width * area->height);
}

void gan_numbers_set(GeglBuffer *buffer, const GeglRectangle *area, const Babl *format,
                     const void *from)
{
    const Babl *own = gegl_buffer_get_format(buffer);
    g_autofree void *numbers = own_memory(buffer, area, format);
    if (numbers)
        babl_process(gan_numbers_fish(format, own), from, numbers,
                     (glong)area->width * area->height);
    gegl_buffer_set(buffer, area, 0, numbers ? own : format, numbers ? numbers : from,
                    GEGL_AUTO_ROWSTRIDE);
}

void gan_numbers_copy(GeglBuffer *from, GeglBuffer *to)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(from);
    const Babl *format = gegl_buffer_get_format(to);
    g_autofree void *row =
        g_malloc_n((gsize)extent->width, (gsize)babl_format_get_bytes_per_pixel(format));
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        const GeglRectangle line = {extent->x, y, extent->width, 1};
        gan_numbers_get(from, &line, format, row);
        gegl_buffer_set(to, &line, 0, format, row, GEGL_AUTO_ROWSTRIDE);
    }
}
