// SPDX-License-Identifier: LGPL-3.0-or-later
// ICC profiles: what Babl makes of them, and which one a new file gets.
#include "profile.h"

#include "container.h"
#include <string.h>

const Babl *gan_profile_space(GBytes *profile)
{
    const char *problem = NULL;
    gsize n;
    const char *data = g_bytes_get_data(profile, &n);
    if (n < 128 || n > G_MAXINT)
        return NULL;
    const Babl *space =
        babl_space_from_icc(data, (int)n, BABL_ICC_INTENT_RELATIVE_COLORIMETRIC, &problem);
    return problem ? NULL : space;
}

GBytes *gan_profile_for(GeglBuffer *buffer, const char *source)
{
    const Babl *space = babl_format_get_space(gegl_buffer_get_format(buffer));
    g_autoptr(GMappedFile) map = source ? g_mapped_file_new(source, FALSE, NULL) : NULL;
    if (map && g_mapped_file_get_length(map) > 0) {
        const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
        const gsize length = g_mapped_file_get_length(map);
        g_autoptr(GBytes) bytes =
            gan_container_profile(gan_container_kind(data, length), data, length);
        const Babl *meant = bytes ? gan_profile_space(bytes) : NULL;
        // The class of device in a profile's header tells grey from colour and ink.
        const char *colours = bytes && g_bytes_get_size(bytes) >= 128
                                  ? (const char *)g_bytes_get_data(bytes, NULL) + 16
                                  : "";
        const gboolean grey =
            (babl_get_model_flags(babl_format_get_model(gegl_buffer_get_format(buffer))) &
             BABL_MODEL_FLAG_GRAY) != 0;
        if (bytes && (meant ? meant == space
                            : space == babl_space("sRGB") &&
                                  strncmp(colours, grey ? "GRAY" : "RGB ", 4) == 0))
            return g_steal_pointer(&bytes);
    }
    if (space == babl_space("sRGB"))
        return NULL;
    int length = 0;
    const char *icc = babl_space_get_icc(space, &length);
    return icc && length > 0 ? g_bytes_new(icc, (gsize)length) : NULL;
}
