// SPDX-License-Identifier: LGPL-3.0-or-later
// New images for pixels that come from no image.
#include "error.h"
#include "pdb.h"

#include <glib/gi18n-lib.h>

// GimpPrecision, which XCF files hold too, so that its numbers are the same in all versions.
static guint precision_of(const Babl *format, gboolean is_linear)
{
    static const struct {
        const char *type;
        guint linear;
    } rows[] = {{"u8", 100}, {"u16", 200}, {"u32", 300}, {"half", 500}, {"double", 700}};
    enum { FLOAT = 600, NON_LINEAR = 50 };
    guint precision = FLOAT;
    const char *type = babl_get_name(babl_format_get_type(format, 0));
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_str_equal(rows[i].type, type))
            precision = rows[i].linear;
    return is_linear ? precision : precision + NON_LINEAR;
}

gint host_image_new(const Babl *format, guint width, guint height, GError **error)
{
    const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(format));
    const gboolean is_linear = (flags & BABL_MODEL_FLAG_LINEAR) != 0;
    const gboolean is_grey = (flags & BABL_MODEL_FLAG_GRAY) != 0;
    const Babl *space = babl_format_get_space(format);
    const gint image = pdb_image_new(is_grey ? HOST_GREY : HOST_RGB,
                                     precision_of(format, is_linear), width, height);
    if (image <= 0) {
        error_set_gimp(error, _("The new image cannot be made"));
        return 0;
    }
    // GIMP takes no profile of colours for a grey image; its pixels are converted.
    if (is_grey || space == babl_space("sRGB"))
        return image;
    int length = 0;
    const char *icc = babl_space_get_icc(space, &length);
    if (icc != NULL && pdb_image_set_profile(image, icc, (gsize)length, is_linear))
        return image;
    error_set_gimp(error, _("The new image cannot get its colour profile"));
    host_image_delete(image);
    return 0;
}
