// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP 3.2: vector layers and links to files, as long as they are not rasterized.
#include "content.h"

// Files that GIMP draws anew at each size.
static gboolean is_drawing(const char *type)
{
    static const char *const types[] = {"image/svg+xml",
                                        "image/svg+xml-compressed",
                                        "image/svg",
                                        "application/pdf",
                                        "application/postscript",
                                        "image/x-eps",
                                        "image/eps",
                                        "application/illustrator",
                                        "application/eps",
                                        "image/x-wmf",
                                        "image/wmf",
                                        NULL};
    return type != NULL && g_strv_contains(types, type);
}

HostContent content_of(GimpLayer *layer)
{
    const gboolean is_link = GIMP_IS_LINK_LAYER(layer);
    if ((!is_link && !GIMP_IS_VECTOR_LAYER(layer)) ||
        gimp_rasterizable_is_rasterized(GIMP_RASTERIZABLE(layer)))
        return HOST_PIXELS;
    g_autofree char *type = is_link ? gimp_link_layer_get_mime_type(GIMP_LINK_LAYER(layer)) : NULL;
    return is_link && !is_drawing(type) ? HOST_LINK : HOST_DRAWN;
}

gboolean content_make_own(GimpLayer *layer)
{
    return content_of(layer) != HOST_LINK || gimp_rasterizable_rasterize(GIMP_RASTERIZABLE(layer));
}
