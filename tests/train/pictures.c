// SPDX-License-Identifier: LGPL-3.0-or-later
#include "pictures.h"

#include <gan/image.h>
#include <glib/gstdio.h>
#include <math.h>

char *test_folder(void)
{
    GError *error = NULL;
    char *folder = g_dir_make_tmp("gan-train-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

static void remove_below(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            remove_below(path);
        else
            g_unlink(path);
    }
    g_rmdir(folder);
}

void test_remove(char *folder)
{
    remove_below(folder);
    g_free(folder);
}

static char *place_for(const char *folder, const char *name)
{
    char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0777), ==, 0);
    return path;
}

void test_write_picture(const char *folder, const char *name, guint width, guint height,
                        guint32 seed)
{
    const GeglRectangle extent = {0, 0, (int)width, (int)height};
    g_autofree guint8 *pixels = g_malloc((gsize)width * height * 3);
    guint32 state = seed * 2654435761u + 1;
    const double fx = 0.05 + seed % 7 * 0.021, fy = 0.04 + seed % 5 * 0.027;
    for (guint y = 0; y < height; y++)
        for (guint x = 0; x < width; x++)
            for (guint c = 0; c < 3; c++) {
                state = state * 1664525u + 1013904223u;
                const double wave = sin(x * fx + c + seed) * cos(y * fy + seed * 0.7);
                pixels[((gsize)y * width + x) * 3 + c] =
                    (guint8)(118 + 100 * wave + (double)(state >> 28));
            }
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, babl_format("R'G'B' u8"));
    gegl_buffer_set(buffer, &extent, 0, babl_format("R'G'B' u8"), pixels, GEGL_AUTO_ROWSTRIDE);
    g_autofree char *path = place_for(folder, name);
    GError *error = NULL;
    gan_image_save(buffer, path, NULL, &error);
    g_assert_no_error(error);
}

void test_write_bytes(const char *folder, const char *name, const void *data, gsize length)
{
    g_autofree char *path = place_for(folder, name);
    GError *error = NULL;
    g_file_set_contents(path, data, (gssize)length, &error);
    g_assert_no_error(error);
}
