// SPDX-License-Identifier: LGPL-3.0-or-later
// What the colours of a drawable mean: buffers labelled with the image's profile.
#include "colour.h"

#include <gan/image.h>
#include <glib/gi18n-lib.h>
#include <libgimp/gimp.h>

#define BAND_ROWS 64

// In the space next to a profile that is a table; NULL: there is none, or the format is grey.
static const Babl *nearest(GimpColorProfile *profile, const Babl *format)
{
    gsize n = 0;
    const guint8 *icc = gimp_color_profile_get_icc_profile(profile, &n);
    const Babl *space =
        icc && gimp_color_profile_is_rgb(profile) ? gan_image_nearest_space(icc, n) : NULL;
    return space ? babl_format_with_space(babl_format_get_encoding(format), space) : NULL;
}

const Babl *colour_format(gint image, const Babl *format, char **warning)
{
    g_autoptr(GError) reason = NULL;
    GimpColorProfile *profile = gimp_image_get_effective_color_profile(image);
    if (!profile)
        return format;
    const Babl *labelled = gimp_color_profile_get_format(
        profile, format, GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC, &reason);
    if (!labelled)
        labelled = nearest(profile, format);
    if (!labelled && warning) {
        *warning = g_strdup_printf(
            _("The colour profile '%s' cannot be used (%s): the numbers are taken as sRGB. The "
              "image keeps its profile."),
            gimp_color_profile_get_label(profile), reason ? reason->message : "");
    }
    g_object_unref(profile);
    return labelled ? labelled : format;
}

static gboolean is_mask(gint drawable)
{
    return gimp_item_is_channel(drawable) || gimp_item_is_layer_mask(drawable);
}

GeglBuffer *colour_drawable_buffer(gint drawable, char **warning)
{
    gan_image_init(0);
    GeglBuffer *buffer = gimp_drawable_get_buffer(drawable);
    // A mask's numbers are coverage, which no profile concerns.
    if (!buffer || gimp_drawable_is_indexed(drawable) || is_mask(drawable))
        return buffer;
    const Babl *format = gegl_buffer_get_format(buffer);
    const Babl *labelled = colour_format(gimp_item_get_image(drawable), format, warning);
    if (labelled != format)
        gegl_buffer_set_format(buffer, labelled);
    return buffer;
}

const Babl *colour_indexed_format(gint drawable, char **warning)
{
    return colour_format(
        gimp_item_get_image(drawable),
        babl_format(gimp_drawable_has_alpha(drawable) ? "R'G'B'A u8" : "R'G'B' u8"), warning);
}

GeglBuffer *colour_read_indexed(gint drawable, char **warning)
{
    gan_image_init(0);
    g_autoptr(GeglBuffer) buffer = gimp_drawable_get_buffer(drawable);
    if (!buffer)
        return NULL;
    const Babl *format = colour_indexed_format(drawable, warning);
    GeglBuffer *colours = gegl_buffer_new(gegl_buffer_get_extent(buffer),
                                          babl_format(babl_format_get_encoding(format)));
    gegl_buffer_copy(buffer, NULL, GEGL_ABYSS_NONE, colours, NULL);
    gegl_buffer_set_format(colours, format);
    return colours;
}

void colour_write_indexed(gint drawable, GeglBuffer *pixels, GeglBuffer *to)
{
    const Babl *format = colour_indexed_format(drawable, NULL);
    const Babl *plain = babl_format(babl_format_get_encoding(format));
    const GeglRectangle *from = gegl_buffer_get_extent(pixels);
    g_autofree guchar *band =
        g_malloc_n((gsize)from->width * BAND_ROWS, (gsize)babl_format_get_bytes_per_pixel(format));
    for (gint y = 0; y < from->height; y += BAND_ROWS) {
        const gint rows = MIN(BAND_ROWS, from->height - y);
        gegl_buffer_get(pixels, GEGL_RECTANGLE(from->x, from->y + y, from->width, rows), 1.0,
                        format, band, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        gegl_buffer_set(to, GEGL_RECTANGLE(0, y, from->width, rows), 0, plain, band,
                        GEGL_AUTO_ROWSTRIDE);
    }
}
