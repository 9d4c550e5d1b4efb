// SPDX-License-Identifier: LGPL-3.0-or-later
// In place of webpfile.c where there is no libwebp: GEGL's saver, which knows lossy files only.
#include "webpfile.h"

#include "operations.h"
#include "spaces.h"

gboolean gan_webp_writes_lossless(void)
{
    return FALSE;
}

gboolean gan_webp_write(GeglBuffer *buffer, const char *path, guint quality, gboolean lossless,
                        GError **error)
{
    const Babl *own = gegl_buffer_get_format(buffer), *space = babl_format_get_space(own);
    const gboolean grey =
        (babl_get_model_flags(babl_format_get_model(own)) & BABL_MODEL_FLAG_GRAY) != 0;
    // It converts to sRGB, and is given the numbers of the buffer's own space under that name.
    g_autoptr(GeglBuffer) copy = gegl_buffer_new(
        gegl_buffer_get_extent(buffer), babl_format_with_space("R'G'B'A u8", grey ? NULL : space));
    gan_numbers_copy(buffer, copy);
    gegl_buffer_set_format(copy, babl_format("R'G'B'A u8"));
    g_autoptr(GString) messages = g_string_new(NULL);
    const char *property = "quality";
    const int value = lossless ? 100 : (int)quality;
    if (gan_operation_save("gegl:webp-save", "webp-save", copy, path, &property, &value, 1,
                           messages) &&
        messages->len == 0)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s",
                messages->len > 0 ? messages->str : "the picture cannot be written");
    return FALSE;
}
