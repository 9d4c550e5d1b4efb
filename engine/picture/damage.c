// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether a picture is all there, for programs that read it by other means.
#include <gan/image.h>

#include <string.h>

char *gan_image_damage(const char *path)
{
    // What readers say of a file that is cut or spoilt, and not of one that is of another kind.
    static const char *const words[] = {"ends too early", "is damaged"};
    g_return_val_if_fail(path, NULL);
    // Camera raw and drawings take long, and other programs read more of them.
    if (gan_image_name(path) == GAN_IMAGE_NAME_ALONE)
        return NULL;
    g_autoptr(GError) error = NULL;
    GeglBuffer *buffer = gan_image_load(path, NULL, &error);
    g_clear_object(&buffer);
    for (guint i = 0; error && i < G_N_ELEMENTS(words); i++) {
        if (error->code == GAN_ERROR_FORMAT && strstr(error->message, words[i]))
            return g_strdup(error->message);
    }
    return NULL;
}
