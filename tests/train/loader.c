// SPDX-License-Identifier: LGPL-3.0-or-later
// Batches: what they hold depends on seed and step alone, and their small pictures are MATLAB's.
#include "pictures.h"

#include <gan/image.h>
#include <gan/resample.h>
#include <loader.h>
#include <math.h>
#include <string.h>

static GanDataset *open_folder(const char *folder, GanDatasetKind kind)
{
    const GanDatasetOptions options = {kind, 3, 2, 64 << 20};
    GError *error = NULL;
    GanDataset *dataset = gan_dataset_open(folder, &options, &error);
    g_assert_no_error(error);
    return dataset;
}

static GanLoaderOptions options_for(guint scale)
{
    return (GanLoaderOptions){.batch = 3,
                              .patch = 32,
                              .scale = scale,
                              .input = TRUE,
                              .margin = 8 * scale,
                              .low = 0,
                              .high = 1,
                              .seed = 5,
                              .n_threads = 1,
                              .queue = 2};
}

static void write_folder(const char *folder)
{
    for (guint i = 0; i < 5; i++) {
        g_autofree char *name = g_strdup_printf("%u.png", i);
        test_write_picture(folder, name, 70 + 3 * i, 61 + i, i + 1);
    }
}

static gboolean equal(const GanTensor *a, const GanTensor *b)
{
    return gan_tensor_length(a) == gan_tensor_length(b) &&
           memcmp(a->data, b->data, gan_tensor_length(a) * sizeof(float)) == 0;
}

// The number of each sample says how far its input is from its target.
static void test_damage_is_told(void)
{
    char *folder = test_folder();
    write_folder(folder);
    g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_PICTURES);
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    GanLoaderOptions options = options_for(1);
    options.margin = 0;
    options.degrade = (GanDegrade){.kind = GAN_DEGRADE_NOISE, .noise = {0, 50}, .gaussian = 1};
    for (guint step = 0; step < 10; step++) {
        g_auto(GanBatch) batch = {0};
        g_assert_true(gan_batch_make(dataset, &options, step, notices, &batch, NULL));
        const gsize n = gan_tensor_length(batch.input) / options.batch;
        for (guint i = 0; i < options.batch; i++) {
            double sum = 0;
            for (gsize k = i * n; k < (i + 1) * n; k++) {
                const double noise = (double)batch.input->data[k] - (double)batch.target->data[k];
                sum += noise * noise;
            }
            const double found = 255 * sqrt(sum / (double)n), told = (double)batch.numbers[i];
            g_test_message("told %g, found %g", told, found);
            g_assert_cmpfloat(told, >, 0);
            // What is cut off near black and white is missing.
            g_assert_cmpfloat(found, <, 1.05 * told);
            g_assert_cmpfloat(found, >, 0.7 * told);
        }
    }
    options.degrade.gaussian = 0.5;
    g_auto(GanBatch) batch = {0};
    g_assert_true(gan_batch_make(dataset, &options, 0, notices, &batch, NULL));
    g_assert_null(batch.numbers);
    test_remove(folder);
}

// One thread, three threads, and a loader that begins in the middle give the same bits.
static void test_same_bits(void)
{
    char *folder = test_folder();
    write_folder(folder);
    g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_PICTURES);
    GanLoaderOptions options = options_for(2);
    options.flip = options.rotate = TRUE;
    options.colour = 0.2;
    options.degrade = gan_degrade_real_default();
    g_autoptr(GanLoader) one = gan_loader_new(dataset, &options, 0);
    options.n_threads = 3;
    options.queue = 5;
    g_autoptr(GanLoader) three = gan_loader_new(dataset, &options, 0);
    g_autoptr(GanLoader) resumed = gan_loader_new(dataset, &options, 4);
    options.seed++;
    g_autoptr(GanLoader) other = gan_loader_new(dataset, &options, 0);
    for (guint step = 0; step < 9; step++) {
        g_auto(GanBatch) a = {0};
        g_auto(GanBatch) b = {0};
        g_auto(GanBatch) c = {0};
        g_auto(GanBatch) d = {0};
        GError *error = NULL;
        gan_loader_next(one, &a, &error);
        g_assert_no_error(error);
        g_assert_true(gan_loader_next(three, &b, NULL) && gan_loader_next(other, &d, NULL));
        g_assert_cmpuint(a.step, ==, step);
        g_assert_true(equal(a.target, b.target) && equal(a.input, b.input));
        g_assert_false(equal(a.target, d.target));
        if (step < 4)
            continue;
        g_assert_true(gan_loader_next(resumed, &c, NULL));
        g_assert_cmpuint(c.step, ==, step);
        g_assert_true(equal(a.target, c.target) && equal(a.input, c.input));
    }
    test_remove(folder);
}

// Every picture comes once an epoch.
static void test_epochs(void)
{
    char *folder = test_folder();
    for (guint i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("%u/%u.png", i, i);
        test_write_picture(folder, name, 32, 32, i + 1);
    }
    g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_CLASSES);
    GanLoaderOptions options = options_for(1);
    options.input = FALSE;
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    guint orders[3] = {0};
    for (guint epoch = 0; epoch < 3; epoch++) {
        guint seen = 0;
        for (guint k = 0; k < 2; k++) {
            g_auto(GanBatch) batch = {0};
            g_assert_true(gan_batch_make(dataset, &options, 2 * epoch + k, notices, &batch, NULL));
            g_assert_null(batch.input);
            for (guint i = 0; i < 3; i++) {
                seen |= 1u << batch.labels[i];
                orders[epoch] = orders[epoch] * 6 + batch.labels[i];
            }
        }
        g_assert_cmpuint(seen, ==, 63);
    }
    g_assert_true(orders[0] != orders[1] || orders[1] != orders[2]);
    test_remove(folder);
}

// The input of each sample is found, bit for bit, in MATLAB's copy of a whole picture, at the place
// where the target is in the picture.
static void test_exact_bicubic(void)
{
    for (guint scale = 2; scale <= 4; scale++) {
        char *folder = test_folder();
        write_folder(folder);
        g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_PICTURES);
        GanLoaderOptions options = options_for(scale);
        options.patch = 12 * scale;
        options.margin = 4 * scale;
        g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
        guint n_found = 0;
        for (guint step = 0; step < 4; step++) {
            g_auto(GanBatch) batch = {0};
            g_assert_true(gan_batch_make(dataset, &options, step, notices, &batch, NULL));
            for (guint item = 0; item < 5; item++) {
                g_auto(GanPicture) picture = {0};
                g_assert_true(gan_dataset_read(dataset, 0, item, &picture, NULL));
                const gsize w = picture.width / scale * scale, h = picture.height / scale * scale;
                const gsize shape[] = {1, h, w, 3};
                g_autoptr(GanTensor) large = gan_tensor_new(4, shape, NULL);
                for (gsize y = 0; y < h; y++)
                    for (gsize x = 0; x < 3 * w; x++)
                        large->data[y * 3 * w + x] =
                            gan_picture_pixels(&picture)[y * 3 * picture.width + x];
                g_autoptr(GanTensor) small =
                    gan_resample_bicubic(large, w / scale, h / scale, TRUE, NULL);
                for (guint i = 0; i < 3; i++)
                    for (gsize y = 0; y + 12 <= h / scale; y++)
                        for (gsize x = 0; x + 12 <= w / scale; x++) {
                            gboolean same = TRUE;
                            for (gsize k = 0; k < 12 * scale * 12 * scale * 3 && same; k++) {
                                const gsize row = k / (36 * scale), at = k % (36 * scale);
                                same =
                                    roundf(batch.target->data[i * 432 * scale * scale + k] * 255) ==
                                    large->data[(y * scale + row) * 3 * w + x * scale * 3 + at];
                            }
                            for (gsize k = 0; k < 432 && same; k++)
                                g_assert_cmpfloat(
                                    batch.input->data[i * 432 + k], ==,
                                    small->data[(y + k / 36) * 3 * (w / scale) + x * 3 + k % 36] /
                                        255);
                            n_found += same ? 1 : 0;
                        }
            }
        }
        g_assert_cmpuint(n_found, ==, 12);
        test_remove(folder);
    }
}

// Input and target are turned together: shrinking the target gives about the input.
static void test_turned_together(void)
{
    char *folder = test_folder();
    write_folder(folder);
    g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_PICTURES);
    GanLoaderOptions options = options_for(2);
    options.flip = options.rotate = TRUE;
    options.colour = 0.3;
    options.low = -1;
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    for (guint step = 0; step < 10; step++) {
        g_auto(GanBatch) batch = {0};
        g_assert_true(gan_batch_make(dataset, &options, step, notices, &batch, NULL));
        double sum = 0;
        for (gsize n = 0; n < 3; n++)
            for (gsize y = 1; y < 15; y++)
                for (gsize x = 1; x < 15; x++)
                    for (gsize c = 0; c < 3; c++) {
                        const float *t =
                            batch.target->data + ((n * 32 + 2 * y) * 32 + 2 * x) * 3 + c;
                        const double mean = (t[0] + t[3] + t[96] + t[99]) / 4;
                        sum += fabs(mean - batch.input->data[((n * 16 + y) * 16 + x) * 3 + c]);
                    }
        g_assert_cmpfloat(sum / (3. * 14 * 14 * 3), <, 0.03);
    }
    test_remove(folder);
}

// Which of a side's pictures an unturned patch of their size is.
static guint picture_of(GanDataset *dataset, guint side, const float *patch)
{
    for (guint item = 0; item < gan_dataset_n(dataset, side); item++) {
        g_auto(GanPicture) picture = {0};
        if (!gan_dataset_read(dataset, side, item, &picture, NULL))
            continue;
        guint k = 0;
        while (k < 32 * 32 * 3 && roundf(patch[k] * 255) == gan_picture_pixels(&picture)[k])
            k++;
        if (k == 32 * 32 * 3)
            return item;
    }
    g_assert_not_reached();
}

// Of two collections each goes through its own epochs, and a damaged picture of one costs the other
// nothing.
static void test_two_collections(void)
{
    char *folder = test_folder();
    for (guint i = 0; i < 6; i++) {
        g_autofree char *a = g_strdup_printf("trainA/%u.png", i);
        g_autofree char *b = g_strdup_printf("trainB/%u.png", i);
        test_write_picture(folder, a, 32, 32, i + 1);
        if (i < 3)
            test_write_picture(folder, b, 32, 32, i + 100);
    }
    GanLoaderOptions options = options_for(1);
    options.margin = 0;
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    for (guint damaged = 0; damaged < 2; damaged++) {
        g_autofree char *b = g_build_filename(folder, "trainB", NULL);
        if (damaged == 1)
            test_write_bytes(b, "1.png", "damaged", 7);
        g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_UNPAIRED);
        guint seen_a[6] = {0}, seen_b[3] = {0};
        for (guint step = 0; step < 4; step++) {
            g_auto(GanBatch) batch = {0};
            GError *error = NULL;
            gan_batch_make(dataset, &options, step, notices, &batch, &error);
            g_assert_no_error(error);
            for (guint i = 0; i < 3; i++) {
                seen_a[picture_of(dataset, 0, batch.target->data + i * 32 * 32 * 3)]++;
                seen_b[picture_of(dataset, 1, batch.input->data + i * 32 * 32 * 3)]++;
            }
        }
        for (guint i = 0; i < 6; i++)
            g_assert_cmpuint(seen_a[i], ==, 2);
        g_assert_cmpuint(seen_b[1], ==, damaged == 1 ? 0 : 4);
        g_assert_cmpuint(seen_b[0] + seen_b[1] + seen_b[2], ==, 12);
        g_assert_cmpuint(notices->len, ==, damaged); // it is read once
    }
    for (guint i = 0; i < notices->len; i++)
        g_assert_nonnull(strstr(notices->pdata[i], "trainB/1.png"));
    test_remove(folder);
}

static void test_pairs_match(void)
{
    char *folder = test_folder();
    for (guint i = 0; i < 3; i++) {
        // Equal seeds, so both show one wave: the input's pixels are the target's at half the size.
        g_autofree char *hr = g_strdup_printf("HR/%u.png", i),
                        *lr = g_strdup_printf("LR/%u.png", i);
        test_write_picture(folder, hr, 80, 64, i);
        test_write_picture(folder, lr, 40, 32, i);
    }
    g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_PAIRS);
    const GanLoaderOptions options = options_for(2);
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    g_auto(GanBatch) batch = {0};
    GError *error = NULL;
    gan_batch_make(dataset, &options, 0, notices, &batch, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(batch.input->shape[1], ==, 16);
    g_assert_cmpuint(batch.target->shape[1], ==, 32);
    test_remove(folder);
}

static void test_bad_pictures_are_passed_over(void)
{
    char *folder = test_folder();
    write_folder(folder);
    test_write_bytes(folder, "broken.png", "\x89PNG\r\n\x1a\n damaged", 16);
    test_write_picture(folder, "small.png", 20, 90, 1);
    g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_PICTURES);
    const GanLoaderOptions options = options_for(2);
    g_autoptr(GanLoader) loader = gan_loader_new(dataset, &options, 0);
    for (guint step = 0; step < 14; step++) {
        g_auto(GanBatch) batch = {0};
        GError *error = NULL;
        gan_loader_next(loader, &batch, &error);
        g_assert_no_error(error);
    }
    guint n_broken = 0, n_small = 0;
    for (char *text = gan_loader_notice(loader); text != NULL; text = gan_loader_notice(loader)) {
        n_broken += strstr(text, "broken.png") != NULL ? 1 : 0;
        n_small +=
            strstr(text, "small.png: 20 x 90 pixels; the patch needs 32 x 32") != NULL ? 1 : 0;
        g_free(text);
    }
    g_assert_cmpuint(n_broken, ==, 1);
    g_assert_cmpuint(n_small, ==, 1);
    test_remove(folder);

    folder = test_folder();
    test_write_picture(folder, "small.png", 20, 90, 1);
    g_autoptr(GanDataset) useless = open_folder(folder, GAN_DATASET_PICTURES);
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    g_auto(GanBatch) batch = {0};
    g_autoptr(GError) error = NULL;
    g_assert_false(gan_batch_make(useless, &options, 0, notices, &batch, &error));
    g_assert_nonnull(strstr(error->message, "none of the 1 pictures can be used; last: "));
    g_assert_nonnull(strstr(error->message, "small.png: 20 x 90 pixels; the patch needs 32 x 32"));
    test_remove(folder);
}

// Half of the pictures are useless and lie in one piece, as the tiles of one picture do; their
// places go to all others alike.
static void test_useless_pictures_favour_none(void)
{
    enum { CLASSES = 20, USELESS = 10, STEPS = 400 };
    char *folder = test_folder();
    for (guint i = 0; i < CLASSES; i++) {
        g_autofree char *name = g_strdup_printf("%02u/a.png", i);
        test_write_picture(folder, name, i < USELESS ? 31 : 40, 40, i + 1);
    }
    g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_CLASSES);
    GanLoaderOptions options = options_for(1);
    options.input = FALSE;
    options.n_threads = 2;
    g_autoptr(GanLoader) loader = gan_loader_new(dataset, &options, 0);
    guint n_drawn[CLASSES] = {0}, n_notices = 0;
    for (guint step = 0; step < STEPS; step++) {
        g_auto(GanBatch) batch = {0};
        GError *error = NULL;
        gan_loader_next(loader, &batch, &error);
        g_assert_no_error(error);
        for (guint i = 0; i < options.batch; i++)
            n_drawn[batch.labels[i]]++;
    }
    // 120 each; six deviations of sqrt(120 * 0.9) are 62, and half of them are certain.
    for (guint i = 0; i < CLASSES; i++)
        if (i < USELESS)
            g_assert_cmpuint(n_drawn[i], ==, 0);
        else
            g_assert_cmpfloat_with_epsilon(n_drawn[i], 120, 62);
    for (char *text = gan_loader_notice(loader); text != NULL; text = gan_loader_notice(loader)) {
        n_notices++;
        g_free(text);
    }
    g_assert_cmpuint(n_notices, ==, USELESS);
    test_remove(folder);
}

// Of a picture that is flat but for its right fifth, 40 of 169 places see some of that; of eight
// places, one does in all but (129/169)^8 of the samples.
static void test_chosen_by_detail(void)
{
    enum { W = 200, H = 40, STEPS = 200 };
    char *folder = test_folder();
    static const char head[] = "P6 200 40 255\n";
    g_autofree guint8 *file = g_malloc(sizeof head - 1 + W * H * 3);
    memcpy(file, head, sizeof head - 1);
    for (gsize i = 0; i < W * H * 3; i++)
        file[sizeof head - 1 + i] = i / 3 % W >= 160 && i / 3 % 3 == 0 ? 200 : 100;
    test_write_bytes(folder, "a.ppm", file, sizeof head - 1 + W * H * 3);
    g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_PICTURES);
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    GanLoaderOptions options = options_for(2);
    options.degrade.kind = GAN_DEGRADE_BICUBIC;
    const double parts[] = {40 / 169., 40 / 169., 1 - pow(129 / 169., 8)};
    double found[3];
    for (guint k = 0; k < 3; k++) {
        guint n_seen = 0;
        options.choose = k < 2 ? k : 8;
        for (guint step = 0; step < STEPS; step++) {
            g_auto(GanBatch) batch = {0};
            g_assert_true(gan_batch_make(dataset, &options, step, notices, &batch, NULL));
            const gsize n = gan_tensor_length(batch.target) / options.batch;
            for (gsize i = 0; i < options.batch; i++) {
                gboolean seen = FALSE;
                for (gsize v = 0; v < n; v++)
                    seen |= batch.target->data[i * n + v] > 0.5f;
                n_seen += seen ? 1 : 0;
            }
        }
        found[k] = n_seen / (double)(STEPS * options.batch);
        g_assert_cmpfloat_with_epsilon(found[k], parts[k], 5 * sqrt(0.25 / 600));
    }
    g_assert_cmpfloat(found[0], ==, found[1]);
    test_remove(folder);
}

// A consumer slower than the loader never waits after the first batch.
static void test_ahead_of_a_slow_step(void)
{
    char *folder = test_folder();
    write_folder(folder);
    g_autoptr(GanDataset) dataset = open_folder(folder, GAN_DATASET_PICTURES);
    const GanLoaderOptions options = options_for(2);
    g_autoptr(GanLoader) loader = gan_loader_new(dataset, &options, 0);
    for (guint step = 0; step < 6; step++) {
        g_auto(GanBatch) batch = {0};
        g_assert_true(gan_loader_next(loader, &batch, NULL));
        g_usleep(200000);
    }
    const GanLoaderStats stats = gan_loader_stats(loader);
    g_assert_cmpuint(stats.n_batches, ==, 6);
    g_assert_cmpuint(stats.n_waited, <=, 1);
    g_assert_cmpint(stats.make_us, >, 0);
    test_remove(folder);
}

int main(int argc, char **argv)
{
    gan_image_init(1);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/loader/damage-is-told", test_damage_is_told);
    g_test_add_func("/loader/bits-depend-on-seed-and-step-alone", test_same_bits);
    g_test_add_func("/loader/every-picture-once-an-epoch", test_epochs);
    g_test_add_func("/loader/patches-of-matlabs-bicubic", test_exact_bicubic);
    g_test_add_func("/loader/input-and-target-turn-together", test_turned_together);
    g_test_add_func("/loader/two-collections-have-their-own-epochs", test_two_collections);
    g_test_add_func("/loader/pairs", test_pairs_match);
    g_test_add_func("/loader/bad-pictures-are-passed-over-and-named",
                    test_bad_pictures_are_passed_over);
    g_test_add_func("/loader/useless-pictures-favour-none-of-the-others",
                    test_useless_pictures_favour_none);
    g_test_add_func("/loader/chosen-by-detail", test_chosen_by_detail);
    g_test_add_func("/loader/ahead-of-a-slow-step", test_ahead_of_a_slow_step);
    const int status = g_test_run();
    gan_image_exit();
    return status;
}
