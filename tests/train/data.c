// SPDX-License-Identifier: LGPL-3.0-or-later
// Data sets: folders, pairs, classes, IDX, CIFAR, packs and their preparation.
#include "pictures.h"

#include <dataset.h>
#include <gan/image.h>
#include <gan/prepare.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <pack.h>
#include <string.h>

static GanDataset *open_as(const char *path, GanDatasetKind kind, guint channels, GError **error)
{
    const GanDatasetOptions options = {kind, channels, 2, 1 << 20};
    return gan_dataset_open(path, &options, error);
}

static GanDataset *open_well(const char *path, GanDatasetKind kind, guint channels)
{
    GError *error = NULL;
    GanDataset *dataset = open_as(path, kind, channels, &error);
    g_assert_no_error(error);
    return dataset;
}

static void assert_refused(const char *path, GanDatasetKind kind, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanDataset) dataset = open_as(path, kind, 3, &error);
    g_assert_null(dataset);
    g_assert_nonnull(error);
    if (strstr(error->message, wanted) == NULL)
        g_error("'%s' does not say '%s'", error->message, wanted);
}

static void assert_equal(const GanPicture *a, const GanPicture *b)
{
    g_assert_cmpuint(a->width, ==, b->width);
    g_assert_cmpuint(a->height, ==, b->height);
    g_assert_true(g_bytes_equal(a->bytes, b->bytes));
}

static void test_folder_recursive(void)
{
    char *folder = test_folder();
    test_write_picture(folder, "b.png", 20, 10, 1);
    test_write_picture(folder, "a/x.jpg", 30, 10, 2);
    test_write_picture(folder, "a/deep/y.webp", 12, 14, 3);
    test_write_picture(folder, "c.tif", 9, 8, 4);
    test_write_picture(folder, ".hidden.png", 9, 8, 5);
    test_write_picture(folder, ".git/z.png", 9, 8, 5);
    test_write_bytes(folder, "note.txt", "x", 1);
    g_autoptr(GanDataset) dataset = open_well(folder, GAN_DATASET_PICTURES, 3);
    static const char *const names[] = {"a/deep/y.webp", "a/x.jpg", "b.png", "c.tif"};
    static const guint widths[] = {12, 30, 20, 9};
    g_assert_cmpuint(gan_dataset_n(dataset, 0), ==, G_N_ELEMENTS(names));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_cmpstr(gan_dataset_name(dataset, 0, i), ==, names[i]);
        // Twice: the second comes from the cache.
        g_auto(GanPicture) picture = {0};
        g_auto(GanPicture) again = {0};
        GError *error = NULL;
        gan_dataset_read(dataset, 0, i, &picture, &error);
        g_assert_no_error(error);
        g_assert_true(gan_dataset_read(dataset, 0, i, &again, NULL));
        g_assert_cmpuint(picture.width, ==, widths[i]);
        assert_equal(&picture, &again);
    }
    g_autofree char *hash = gan_dataset_hash(dataset, NULL);
    g_assert_cmpuint(strlen(hash), ==, 64);
    test_write_picture(folder, "c.tif", 9, 8, 6);
    g_autofree char *other = gan_dataset_hash(dataset, NULL);
    g_assert_cmpstr(hash, !=, other);
    test_remove(folder);
}

// More pictures than the cache holds: all stay right, whatever leaves it.
static void test_cache_bounded(void)
{
    char *folder = test_folder();
    for (guint i = 0; i < 12; i++) {
        g_autofree char *name = g_strdup_printf("%02u.png", i);
        test_write_picture(folder, name, 40 + i, 40, i);
    }
    const GanDatasetOptions options = {GAN_DATASET_PICTURES, 3, 1, 3 * 40 * 52 * 4};
    g_autoptr(GanDataset) dataset = gan_dataset_open(folder, &options, NULL);
    for (guint i = 0; i < 60; i++) {
        g_auto(GanPicture) picture = {0};
        const guint item = i * 7 % 12;
        g_assert_true(gan_dataset_read(dataset, 0, item, &picture, NULL));
        g_assert_cmpuint(picture.width, ==, 40 + item);
    }
    test_remove(folder);
}

static void test_pairs(void)
{
    char *folder = test_folder();
    test_write_picture(folder, "HR/a.png", 40, 20, 1);
    test_write_picture(folder, "HR/b.png", 44, 24, 2);
    test_write_picture(folder, "LR_bicubic/X2/bx2.png", 22, 12, 4);
    test_write_picture(folder, "LR_bicubic/X2/a.png", 20, 10, 3);
    {
        g_autoptr(GanDataset) dataset = open_well(folder, GAN_DATASET_PAIRS, 3);
        g_assert_cmpuint(gan_dataset_n(dataset, 0), ==, 2);
        for (guint i = 0; i < 2; i++) {
            g_auto(GanPicture) small = {0};
            g_auto(GanPicture) large = {0};
            g_assert_true(gan_dataset_read(dataset, 0, i, &small, NULL));
            g_assert_true(gan_dataset_read(dataset, 1, i, &large, NULL));
            g_assert_cmpuint(2 * small.width, ==, large.width);
        }
    }
    // What has no partner is left out, and named.
    test_write_picture(folder, "HR/0.png", 44, 24, 2);
    test_write_picture(folder, "LR_bicubic/X2/d.png", 22, 12, 2);
    {
        g_autoptr(GanDataset) dataset = open_well(folder, GAN_DATASET_PAIRS, 3);
        const GPtrArray *notices = gan_dataset_notices(dataset);
        g_assert_cmpuint(gan_dataset_n(dataset, 0), ==, 2);
        g_assert_cmpstr(gan_dataset_name(dataset, 0, 1), ==, "bx2.png");
        g_assert_cmpstr(gan_dataset_name(dataset, 1, 1), ==, "b.png");
        g_assert_cmpuint(notices->len, ==, 2);
        g_assert_nonnull(strstr(notices->pdata[0], "HR/0.png: left out, it has no partner among "
                                                   "the inputs, '0' or '0x2'"));
        g_assert_nonnull(strstr(notices->pdata[1], "1 inputs are left out, they have no target"));
    }
    test_remove(folder);
    folder = test_folder();
    test_write_picture(folder, "HR/a.png", 40, 20, 1);
    test_write_picture(folder, "LR/b.png", 20, 10, 1);
    assert_refused(folder, GAN_DATASET_PAIRS, "none of the 1 targets has a partner");
    test_remove(folder);
}

static void test_classes(void)
{
    char *folder = test_folder();
    test_write_picture(folder, "dog/a.png", 8, 8, 1);
    test_write_picture(folder, "cat/z.png", 8, 8, 2);
    test_write_picture(folder, "cat/sub/b.png", 8, 8, 3);
    {
        g_autoptr(GanDataset) dataset = open_well(folder, GAN_DATASET_CLASSES, 3);
        g_assert_cmpuint(gan_dataset_n_classes(dataset), ==, 2);
        g_assert_cmpstr(gan_dataset_class_name(dataset, 0), ==, "cat");
        static const guint labels[] = {0, 0, 1};
        for (guint i = 0; i < 3; i++)
            g_assert_cmpuint(gan_dataset_label(dataset, i), ==, labels[i]);
    }
    test_write_picture(folder, "stray.png", 8, 8, 3);
    {
        g_autoptr(GanDataset) dataset = open_well(folder, GAN_DATASET_CLASSES, 3);
        g_assert_cmpuint(gan_dataset_n(dataset, 0), ==, 3);
        g_assert_cmpuint(gan_dataset_label(dataset, 2), ==, 1);
        g_assert_nonnull(
            strstr(gan_dataset_notices(dataset)->pdata[0],
                   "left out: 1 that lie in no sub-folder, which are the classes, such "
                   "as stray.png"));
    }
    test_remove(folder);
    folder = test_folder();
    test_write_picture(folder, "stray.png", 8, 8, 3);
    assert_refused(folder, GAN_DATASET_CLASSES, "no picture lies in a sub-folder");
    test_remove(folder);
}

static void test_unpaired(void)
{
    char *folder = test_folder();
    test_write_picture(folder, "trainA/a.png", 8, 8, 1);
    test_write_picture(folder, "trainB/b.png", 8, 8, 2);
    test_write_picture(folder, "trainB/c.png", 8, 8, 3);
    g_autoptr(GanDataset) dataset = open_well(folder, GAN_DATASET_UNPAIRED, 3);
    g_assert_cmpuint(gan_dataset_n(dataset, 0), ==, 1);
    g_assert_cmpuint(gan_dataset_n(dataset, 1), ==, 2);
    test_remove(folder);
}

static void test_idx(void)
{
    static const guint8 pictures[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,  0,  0,
                                      0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const guint8 labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 1, 0};
    char *folder = test_folder();
    test_write_bytes(folder, "t10k-images-idx3-ubyte", pictures, sizeof pictures);
    assert_refused(folder, GAN_DATASET_CLASSES,
                   "the labels, 't10k-labels-idx1-ubyte', are missing");
    test_write_bytes(folder, "t10k-labels-idx1-ubyte", labels, sizeof labels);
    {
        g_autoptr(GanDataset) dataset = open_well(folder, GAN_DATASET_CLASSES, 1);
        g_auto(GanPicture) picture = {0};
        g_assert_cmpuint(gan_dataset_n(dataset, 0), ==, 2);
        g_assert_cmpuint(gan_dataset_n_classes(dataset), ==, 2);
        g_assert_cmpuint(gan_dataset_label(dataset, 0), ==, 1);
        g_assert_true(gan_dataset_read(dataset, 0, 1, &picture, NULL));
        g_assert_cmpuint(picture.width, ==, 3);
        g_assert_cmpuint(picture.height, ==, 2);
        g_assert_cmpmem(gan_picture_pixels(&picture), 6, pictures + 22, 6);
        g_autoptr(GanDataset) colour = open_well(folder, GAN_DATASET_PICTURES, 3);
        g_auto(GanPicture) wide = {0};
        g_assert_true(gan_dataset_read(colour, 0, 0, &wide, NULL));
        g_assert_cmpmem(gan_picture_pixels(&wide), 4, "\1\1\1\2", 4);
    }
    test_write_bytes(folder, "t10k-labels-idx1-ubyte", labels, sizeof labels - 1);
    assert_refused(folder, GAN_DATASET_CLASSES, "promises 2 items, but 1 bytes follow");
    test_write_bytes(folder, "t10k-images-idx3-ubyte", pictures, sizeof pictures - 1);
    assert_refused(folder, GAN_DATASET_PICTURES, "promises 2 items");
    test_write_bytes(folder, "t10k-images-idx3-ubyte", labels, sizeof labels);
    assert_refused(folder, GAN_DATASET_PICTURES, "not an IDX file of bytes with 3 dimensions");
    test_write_bytes(folder, "t10k-images-idx3-ubyte", "", 0);
    assert_refused(folder, GAN_DATASET_PICTURES, "not an IDX file");
    test_remove(folder);
}

static void test_cifar(void)
{
    g_autofree guint8 *records = g_malloc(2 * 3073);
    for (guint i = 0; i < 2 * 3073; i++)
        records[i] = (guint8)(i * 31);
    records[0] = 9;
    records[3073] = 4;
    char *folder = test_folder();
    test_write_bytes(folder, "data_batch_1.bin", records, (gsize)2 * 3073);
    test_write_bytes(folder, "test_batch.bin", records, 3073);
    test_write_bytes(folder, "batches.meta.txt", "airplane\nautomobile\nbird\n", 25);
    {
        g_autoptr(GanDataset) dataset = open_well(folder, GAN_DATASET_CLASSES, 3);
        g_auto(GanPicture) picture = {0};
        g_assert_cmpuint(gan_dataset_n(dataset, 0), ==, 2);
        g_assert_cmpuint(gan_dataset_n_classes(dataset), ==, 10);
        g_assert_cmpstr(gan_dataset_class_name(dataset, 2), ==, "bird");
        g_assert_cmpstr(gan_dataset_class_name(dataset, 9), ==, "9");
        g_assert_cmpuint(gan_dataset_label(dataset, 1), ==, 4);
        g_assert_true(gan_dataset_read(dataset, 0, 1, &picture, NULL));
        const guint8 *p = gan_picture_pixels(&picture), *planes = records + 3074;
        for (guint i = 0; i < 1024; i++)
            for (guint c = 0; c < 3; c++)
                g_assert_cmpuint(p[3 * i + c], ==, planes[c * 1024 + i]);
    }
    records[0] = 10;
    test_write_bytes(folder, "data_batch_1.bin", records, (gsize)2 * 3073);
    assert_refused(folder, GAN_DATASET_CLASSES, "class 10; there are only 10");
    test_write_bytes(folder, "data_batch_1.bin", records, 3000);
    assert_refused(folder, GAN_DATASET_CLASSES, "no whole number of records of 3073");
    test_remove(folder);
}

// --- packs ---

static void count_notice(const char *text, gpointer data)
{
    g_ptr_array_add(data, g_strdup(text));
}

static GanPrepareReport prepare(const char *folder, const char *path, GanPrepareOptions options,
                                GPtrArray *notices)
{
    const char *const folders[] = {folder, NULL};
    GanPrepareReport report;
    GError *error = NULL;
    options.folders = folders;
    gan_prepare(path, &options, NULL, count_notice, notices, &report, &error);
    g_assert_no_error(error);
    return report;
}

static guint n_files(const char *folder)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir) != NULL)
        n++;
    return n;
}

static void test_prepare(void)
{
    char *folder = test_folder(), *to = test_folder();
    g_autofree char *path = g_build_filename(to, "data.ganpack", NULL);
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    test_write_picture(folder, "a.png", 100, 70, 1);
    test_write_picture(folder, "copy.png", 100, 70, 1);
    test_write_picture(folder, "near.jpg", 100, 70, 1); // the same through JPEG
    test_write_picture(folder, "other.png", 64, 64, 3);
    test_write_picture(folder, "tiny.png", 10, 70, 5);
    test_write_bytes(folder, "broken.jpg", "\xff\xd8\xff nonsense", 12);
    const GanPrepareReport report = prepare(
        folder, path, (GanPrepareOptions){.tile = 64, .least = 32, .near_bits = 8}, notices);
    g_assert_cmpuint(report.n_pictures, ==, 6);
    g_assert_cmpuint(report.n_damaged, ==, 1);
    g_assert_cmpuint(report.n_duplicates, ==, 1);
    g_assert_cmpuint(report.n_near, ==, 1);
    g_assert_cmpuint(report.n_small, ==, 1);
    g_assert_cmpuint(report.n_tiles, ==, 5);
    g_assert_cmpuint(notices->len, ==, 4);
    g_assert_cmpuint(n_files(to), ==, 1);

    // The tiles are the parts of the picture that their names tell, and cover it.
    g_autoptr(GanDataset) whole = open_well(folder, GAN_DATASET_PICTURES, 3);
    g_autoptr(GanDataset) pack = open_well(path, GAN_DATASET_PICTURES, 3);
    g_auto(GanPicture) picture = {0};
    g_assert_true(gan_dataset_read(whole, 0, 0, &picture, NULL));
    guint8 covered[70][100] = {{0}};
    for (guint i = 0; i < 4; i++) {
        g_auto(GanPicture) tile = {0};
        g_auto(GanPicture) cut = {0};
        guint x, y;
        g_assert_cmpint(sscanf(gan_dataset_name(pack, 0, i), "a.png (%u, %u)", &x, &y), ==, 2);
        g_assert_true(gan_dataset_read(pack, 0, i, &tile, NULL));
        g_assert_true(gan_picture_cut(&picture, x, y, 64, 64, &cut, NULL));
        assert_equal(&tile, &cut);
        for (guint v = y; v < y + 64; v++)
            memset(&covered[v][x], 1, 64);
    }
    g_assert_null(memchr(covered, 0, sizeof covered));
    g_autofree char *hash = gan_dataset_hash(pack, NULL);
    g_assert_cmpstr(hash, ==, report.hash);
    test_remove(folder);
    test_remove(to);
}

static void test_blur_filter(void)
{
    char *folder = test_folder(), *to = test_folder();
    g_autofree char *path = g_build_filename(to, "data.ganpack", NULL);
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    // Left half flat, right half noisy: one of two tiles stays.
    const GeglRectangle extent = {0, 0, 128, 64};
    g_autofree guint8 *pixels = g_malloc0(128 * 64);
    for (guint i = 0; i < 128 * 64; i++)
        pixels[i] = i % 128 < 64 ? 90 : (guint8)(i * 2654435761u >> 24);
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, babl_format("Y' u8"));
    gegl_buffer_set(buffer, &extent, 0, babl_format("Y' u8"), pixels, GEGL_AUTO_ROWSTRIDE);
    g_autofree char *file = g_build_filename(folder, "half.png", NULL);
    g_assert_true(gan_image_save(buffer, file, NULL, NULL));
    const GanPrepareReport report =
        prepare(folder, path, (GanPrepareOptions){.tile = 64, .sharpness = 20}, notices);
    g_assert_cmpuint(report.n_blurred, ==, 1);
    g_assert_cmpuint(report.n_tiles, ==, 1);
    g_autoptr(GanDataset) pack = open_well(path, GAN_DATASET_PICTURES, 3);
    g_assert_cmpstr(gan_dataset_name(pack, 0, 0), ==, "half.png (64, 0)");
    test_remove(folder);
    test_remove(to);
}

static void test_pack_of_pairs(void)
{
    char *folder = test_folder(), *to = test_folder();
    g_autofree char *path = g_build_filename(to, "data.ganpack", NULL);
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    test_write_picture(folder, "HR/a.png", 101, 71, 1);
    test_write_picture(folder, "LR/a.png", 50, 35, 2);
    test_write_picture(folder, "HR/b.png", 101, 71, 3);
    test_write_picture(folder, "LR/b.png", 51, 35, 4);
    const GanPrepareReport report = prepare(
        folder, path, (GanPrepareOptions){.kind = "pairs", .scale = 2, .tile = 64}, notices);
    g_assert_cmpuint(report.n_tiles, ==, 4);
    g_assert_cmpuint(report.n_unmatched, ==, 1);
    g_assert_cmpuint(report.n_small, ==, 0);
    g_autoptr(GanDataset) pack = open_well(path, GAN_DATASET_PAIRS, 3);
    for (guint i = 0; i < 4; i++) {
        g_auto(GanPicture) small = {0};
        g_auto(GanPicture) large = {0};
        g_assert_cmpstr(gan_dataset_name(pack, 0, i), ==, gan_dataset_name(pack, 1, i));
        g_assert_true(gan_dataset_read(pack, 0, i, &small, NULL));
        g_assert_true(gan_dataset_read(pack, 1, i, &large, NULL));
        g_assert_cmpuint(small.width, ==, 32);
        g_assert_cmpuint(large.height, ==, 64);
    }
    assert_refused(path, GAN_DATASET_CLASSES, "the pack holds pairs; the recipe needs classes");
    test_remove(folder);
    test_remove(to);
}

static void test_nothing_left(void)
{
    char *folder = test_folder(), *to = test_folder();
    g_autofree char *path = g_build_filename(to, "data.ganpack", NULL);
    const char *const folders[] = {folder, NULL};
    const GanPrepareOptions options = {.folders = folders, .least = 32};
    g_autoptr(GError) error = NULL;
    test_write_picture(folder, "tiny.png", 10, 70, 5);
    g_assert_false(gan_prepare(path, &options, NULL, NULL, NULL, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    g_assert_cmpuint(n_files(to), ==, 0);
    test_remove(folder);
    test_remove(to);
}

static gboolean stop_at_half(double fraction, gpointer data)
{
    return fraction < 0.5;
}

static void test_cancel_leaves_nothing(void)
{
    char *folder = test_folder(), *to = test_folder();
    g_autofree char *path = g_build_filename(to, "data.ganpack", NULL);
    const char *const folders[] = {folder, NULL};
    const GanPrepareOptions options = {.folders = folders};
    g_autoptr(GError) error = NULL;
    test_write_picture(folder, "a.png", 64, 64, 1);
    test_write_picture(folder, "b.png", 64, 64, 2);
    test_write_bytes(to, "data.ganpack", GAN_PACK_MAGIC "former", 14);
    g_assert_false(gan_prepare(path, &options, stop_at_half, NULL, NULL, NULL, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_autofree char *kept = NULL;
    g_assert_true(g_file_get_contents(path, &kept, NULL, NULL));
    g_assert_cmpstr(kept, ==, GAN_PACK_MAGIC "former");
    g_assert_cmpuint(n_files(to), ==, 1);
    test_remove(folder);
    test_remove(to);
}

// Every damage is refused at opening or at the reading of the picture that it hit.
static void test_damaged_pack(void)
{
    char *folder = test_folder(), *to = test_folder();
    g_autofree char *path = g_build_filename(to, "data.ganpack", NULL);
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    test_write_picture(folder, "x/a.png", 40, 33, 1);
    test_write_picture(folder, "y/b.png", 36, 34, 2);
    prepare(folder, path, (GanPrepareOptions){.kind = "classes"}, notices);
    g_autofree char *good = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &good, &length, NULL));
    for (gsize cut = 0; cut < length; cut += 997) {
        test_write_bytes(to, "cut.ganpack", good, cut);
        g_autofree char *file = g_build_filename(to, "cut.ganpack", NULL);
        g_autoptr(GError) error = NULL;
        g_assert_null(open_as(file, GAN_DATASET_CLASSES, 3, &error));
        g_assert_nonnull(error);
    }
    guint n_refused = 0, n_tried = 0;
    for (gsize at = 0; at < length; at += at < 128 || at + 400 > length ? 1 : 41, n_tried++) {
        g_autofree char *bad = g_memdup2(good, length);
        bad[at] = (char)(bad[at] ^ 0x55);
        test_write_bytes(to, "bad.ganpack", bad, length);
        g_autofree char *file = g_build_filename(to, "bad.ganpack", NULL);
        g_autoptr(GanDataset) dataset = open_as(file, GAN_DATASET_CLASSES, 3, NULL);
        gboolean refused = dataset == NULL;
        for (guint i = 0; dataset != NULL && i < 2; i++) {
            g_auto(GanPicture) picture = {0};
            refused |= !gan_dataset_read(dataset, 0, i, &picture, NULL);
        }
        n_refused += refused ? 1 : 0;
    }
    // Zeros that fill the header and the gaps between pictures carry nothing.
    const guint n_zeros = 32 + 2;
    g_assert_cmpuint(n_refused, >=, n_tried - n_zeros);
    test_remove(folder);
    test_remove(to);
}

// Tiles that a patch does not fit into are known before they are read.
static void test_what_fits(void)
{
    char *folder = test_folder(), *to = test_folder();
    g_autofree char *path = g_build_filename(to, "data.ganpack", NULL);
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    test_write_picture(folder, "a/wide.png", 200, 43, 1);
    test_write_picture(folder, "b/large.png", 128, 70, 2);
    test_write_picture(folder, "c/small.png", 50, 90, 3);
    test_write_bytes(folder, "notes.txt", "text", 4);
    const GanPrepareReport report =
        prepare(folder, path, (GanPrepareOptions){.tile = 64, .least = 32}, notices);
    g_assert_cmpuint(report.n_tiles, ==, 4 + 4 + 2);
    g_assert_cmpuint(report.n_narrow, ==, 4 + 2);
    g_assert_cmpuint(report.shortest, ==, 43);
    g_assert_cmpuint(notices->len, ==, 1);
    g_assert_nonnull(strstr(notices->pdata[0], "1 file is not read (.txt)"));

    g_autoptr(GanDataset) pack = open_well(path, GAN_DATASET_PICTURES, 3);
    GanDatasetFit fit;
    gan_dataset_fit(pack, 48, 4, &fit);
    g_assert_cmpuint(fit.n, ==, 10);
    g_assert_cmpuint(fit.n_small, ==, 4);
    g_assert_cmpuint(fit.most, ==, 40); // a multiple of the scale
    g_assert_cmpuint(gan_dataset_n(pack, 0), ==, 6);
    g_assert_cmpuint(gan_dataset_n_pictures(pack), ==, 6);
    for (guint i = 0; i < 6; i++) {
        g_auto(GanPicture) picture = {0};
        g_assert_true(gan_dataset_read(pack, 0, i, &picture, NULL));
        g_assert_cmpuint(MIN(picture.width, picture.height), >=, 48);
        g_assert_true(g_str_has_prefix(gan_dataset_name(pack, 0, i), i < 4 ? "b/" : "c/"));
    }
    gan_dataset_give_up(pack, 0, 5);
    g_assert_true(gan_dataset_is_given_up(pack, 0, 5) && !gan_dataset_is_given_up(pack, 0, 4));
    g_autoptr(GanDataset) all = open_well(path, GAN_DATASET_PICTURES, 3);
    gan_dataset_fit(all, 40, 4, &fit);
    g_assert_cmpuint(fit.n_small, ==, 0);
    g_assert_cmpuint(gan_dataset_n(all, 0), ==, 10);
    g_autoptr(GanDataset) none = open_well(path, GAN_DATASET_PICTURES, 3);
    gan_dataset_fit(none, 72, 4, &fit);
    g_assert_cmpuint(fit.n_small, ==, 10);
    g_assert_cmpuint(fit.most, ==, 64);
    g_assert_cmpuint(gan_dataset_n(none, 0), ==, 0);
    test_remove(folder);

    // Classes keep their labels; pairs fit a scale.
    folder = test_folder();
    test_write_picture(folder, "one/a.png", 40, 43, 1);
    test_write_picture(folder, "two/b.png", 64, 70, 2);
    prepare(folder, path, (GanPrepareOptions){.kind = "classes", .least = 32}, notices);
    g_autoptr(GanDataset) classes = open_well(path, GAN_DATASET_CLASSES, 3);
    gan_dataset_fit(classes, 48, 1, &fit);
    g_assert_cmpuint(gan_dataset_n(classes, 0), ==, 1);
    g_assert_cmpuint(gan_dataset_label(classes, 0), ==, 1);
    test_remove(folder);
    folder = test_folder();
    test_write_picture(folder, "HR/a.png", 64, 64, 1);
    test_write_picture(folder, "LR/a.png", 32, 32, 2);
    prepare(folder, path, (GanPrepareOptions){.kind = "pairs", .scale = 2}, notices);
    g_autoptr(GanDataset) pairs = open_well(path, GAN_DATASET_PAIRS, 3);
    gan_dataset_fit(pairs, 64, 2, &fit);
    g_assert_cmpuint(gan_dataset_n(pairs, 0), ==, 1);
    g_autoptr(GanDataset) others = open_well(path, GAN_DATASET_PAIRS, 3);
    gan_dataset_fit(others, 64, 4, &fit);
    g_assert_cmpuint(fit.n_unmatched, ==, 1);
    g_assert_cmpuint(gan_dataset_n(others, 0) + gan_dataset_n(others, 1), ==, 0);
    test_remove(folder);
    test_remove(to);
}

static void test_wrong_paths(void)
{
    char *folder = test_folder();
    assert_refused("/nowhere/at/all", GAN_DATASET_PICTURES, "there is no such file or folder");
    assert_refused(folder, GAN_DATASET_PICTURES, "no picture that is read in this folder");
    assert_refused(folder, GAN_DATASET_PAIRS,
                   "pairs of the scale 2 need the folders 'HR' and 'LR'");
    assert_refused(folder, GAN_DATASET_UNPAIRED, "'A' and 'B'");
    test_write_bytes(folder, "x", "text", 4);
    g_autofree char *file = g_build_filename(folder, "x", NULL);
    assert_refused(file, GAN_DATASET_PICTURES, "this is not IDX or CIFAR data, a folder or a pack");
    test_remove(folder);
}

int main(int argc, char **argv)
{
    gan_image_init(1);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/data/folders-are-read-recursively-and-sorted", test_folder_recursive);
    g_test_add_func("/data/a-small-cache-gives-the-same-pictures", test_cache_bounded);
    g_test_add_func("/data/pairs-find-their-partners", test_pairs);
    g_test_add_func("/data/sub-folders-are-classes", test_classes);
    g_test_add_func("/data/two-collections", test_unpaired);
    g_test_add_func("/data/idx", test_idx);
    g_test_add_func("/data/cifar", test_cifar);
    g_test_add_func("/data/what-a-patch-fits-into-is-known-before", test_what_fits);
    g_test_add_func("/data/wrong-paths-are-explained", test_wrong_paths);
    g_test_add_func("/prepare/leaves-out-what-is-damaged-double-or-small", test_prepare);
    g_test_add_func("/prepare/leaves-out-blurred-tiles", test_blur_filter);
    g_test_add_func("/prepare/pairs-are-cut-alike", test_pack_of_pairs);
    g_test_add_func("/prepare/says-when-nothing-is-left", test_nothing_left);
    g_test_add_func("/prepare/cancelling-keeps-the-former-file", test_cancel_leaves_nothing);
    g_test_add_func("/pack/damage-is-found", test_damaged_pack);
    const int status = g_test_run();
    gan_image_exit();
    return status;
}
