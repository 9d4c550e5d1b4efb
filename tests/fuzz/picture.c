// SPDX-License-Identifier: LGPL-3.0-or-later
// Fuzz target: picture files of the kinds that readers of ours take apart, what is found in them beside
// pixels, and their colour profiles. Kinds that a library reads as a whole are the library's to fuzz.
#define _GNU_SOURCE // memfd_create
#include "target.h"

#include <curve.h>
#include <gan/image.h>
#include <leftover.h>
#include <origin.h>
#include <profile.h>
#include <reader.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Larger pictures are not written; it would only take time.
#define MOST_SIDE 64

static char *folder;

static void finish(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        unlink(path);
    }
    rmdir(folder);
    g_free(folder);
    gegl_exit();
}

// GEGL's threads have to be gone before LeakSanitizer looks around: it crashes over sleeping ones.
static void start(void)
{
    static gsize started;
    if (!g_once_init_enter(&started))
        return;
    gan_image_init(1);
    folder = g_dir_make_tmp("fuzz-picture-XXXXXX", NULL);
    atexit(finish);
    g_once_init_leave(&started, 1);
}

static void look_at_profile(GBytes *profile)
{
    static const char *const kinds[] = {"RGB ", "GRAY", "CMYK"};
    GanCicp cicp;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        gan_profile_is_for(profile, kinds[i]);
    gan_profile_is_table(profile);
    gan_profile_hdr(profile, &cicp);
    if (gan_profile_n_curves(profile) != 1 && gan_profile_n_curves(profile) != 3)
        abort();
    for (guint c = 0; c < 3; c++)
        for (guint i = 0; i <= 8; i++)
            gan_profile_light(profile, c, i / 8.0);
}

static void save(GeglBuffer *buffer, const char *source, GPtrArray *notes)
{
    static const char *const names[] = {"a.png", "a.jpg", "a.tif", "a.webp"};
    static guint turn;
    g_autofree char *path = g_build_filename(folder, names[turn++ % G_N_ELEMENTS(names)], NULL);
    const GanImageSaveOptions options = {.metadata = source, .notes = notes};
    g_autoptr(GError) error = NULL;
    if (gan_image_save(buffer, path, &options, &error) != (error == NULL))
        abort();
}

static void load(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
    if ((buffer == NULL) != (error != NULL))
        abort();
    if (error != NULL && !g_utf8_validate(error->message, -1, NULL))
        abort();
    if (buffer != NULL && gegl_buffer_get_width(buffer) <= MOST_SIDE &&
        gegl_buffer_get_height(buffer) <= MOST_SIDE)
        save(buffer, path, notes);
    for (guint i = 0; i < notes->len; i++)
        if (!g_utf8_validate(notes->pdata[i], -1, NULL))
            abort();
    if (buffer != NULL)
        gan_curve_kind(gegl_buffer_get_format(buffer));
}

static gboolean is_ours(GanContainer kind)
{
    return kind == GAN_CONTAINER_GIF || kind == GAN_CONTAINER_PNM || kind == GAN_CONTAINER_HDR ||
           kind == GAN_CONTAINER_TIFF || kind == GAN_CONTAINER_PNG || kind == GAN_CONTAINER_JPEG;
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize length)
{
    if (length >= 40 && memcmp(data + 36, "acsp", 4) == 0) {
        g_autoptr(GBytes) profile = g_bytes_new(data, length);
        look_at_profile(profile);
        return 0;
    }
    start();
    const int fd = memfd_create("picture", 0);
    if (fd < 0 || write(fd, data, length) != (ssize_t)length)
        abort();
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autoptr(GanOrigin) origin = gan_origin_open(path, 0);
    if (origin != NULL && origin->profile != NULL)
        look_at_profile(origin->profile);
    if (origin != NULL && is_ours(origin->kind)) {
        g_autoptr(GanImagePages) pages = gan_image_pages(path, NULL);
        if (pages != NULL && pages->n == 0)
            abort();
        load(path);
    }
    if (origin != NULL && !is_ours(origin->kind)) {
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        gan_leftover_note(origin, GAN_CONTAINER_PNG, notes);
    }
    close(fd);
    return 0;
}
