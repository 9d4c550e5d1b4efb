// SPDX-License-Identifier: LGPL-3.0-or-later
// The catalogue: where files are found, what is said of them, and its cache. Folders in a temporary
// one stand in place of the user's and the system's, and are emptied after each test. One file: all
// tests work in these folders.
#include <fcntl.h>
#include <gan/catalogue.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *golden(const char *file)
{
    return g_test_build_filename(G_TEST_DIST, "golden", file, NULL);
}

static void put(const char *folder, const char *name, const char *content, gsize length)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    g_file_set_contents(path, content, (gssize)length, &error);
    g_assert_no_error(error);
}

// Copies a golden file.
static void put_golden(const char *folder, const char *name, const char *file)
{
    g_autofree char *path = golden(file), *content = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &content, &length, NULL));
    put(folder, name, content, length);
}

// Writes a golden network with metadata.
static void put_with_metadata(const char *folder, const char *name, const char *const *metadata)
{
    g_autofree char *source = golden("models/srvgg-prelu-x4.safetensors");
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanWeights) weights = gan_weights_open(source, &error);
    g_assert_no_error(error);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GPtrArray) tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < gan_weights_n_entries(weights); i++) {
        const char *tensor = gan_weights_entry(weights, i)->name;
        g_ptr_array_add(names, (gpointer)(guintptr)tensor);
        g_ptr_array_add(tensors, gan_weights_tensor(weights, tensor, NULL));
    }
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    gan_weights_save(path, (const char *const *)names->pdata, (GanTensor *const *)tensors->pdata,
                     names->len, GAN_DTYPE_F32, metadata, &error);
    g_assert_no_error(error);
}

static char *system_folder(void)
{
    g_auto(GStrv) folders = gan_catalogue_system_folders();
    g_assert_nonnull(folders[0]);
    return g_strdup(folders[0]);
}

static char *extra_folder(void)
{
    return g_build_filename(g_get_user_data_dir(), "extra", NULL);
}

static char *cache_path(void)
{
    return g_build_filename(g_get_user_cache_dir(), "gimp-gan", "catalogue.json", NULL);
}

static GanCatalogue *open_with(const char *extra)
{
    const char *const extras[] = {extra, NULL};
    g_autoptr(GError) error = NULL;
    GanCatalogue *catalogue = gan_catalogue_open(extra != NULL ? extras : NULL, &error);
    g_assert_no_error(error);
    return catalogue;
}

static const GanCatalogueEntry *find_or_fail(const GanCatalogue *catalogue, const char *name)
{
    const GanCatalogueEntry *entry = gan_catalogue_find(catalogue, name);
    g_assert_nonnull(entry);
    return entry;
}

static void test_nothing(char **fixture, gconstpointer root)
{
    g_autoptr(GanCatalogue) catalogue = open_with(NULL);
    g_assert_cmpuint(gan_catalogue_n_entries(catalogue), ==, 0);
    g_assert_null(gan_catalogue_find(catalogue, "anything"));
}

// What people call their weight files; the content tells what it is.
static void test_every_extension(char **fixture, gconstpointer root)
{
    static const char *const FILES[] = {"a.pth", "b.pt", "c.ckpt", "d.bin", "e.BIN"};
    g_autofree char *folder = gan_catalogue_user_folder();
    for (guint i = 0; i < G_N_ELEMENTS(FILES); i++)
        put_golden(folder, FILES[i], "models/srvgg-prelu-x4.pth");
    put_golden(folder, "f.safetensors", "models/srvgg-prelu-x4.safetensors");
    put(folder, "g.txt", "text", 4);
    g_autoptr(GanCatalogue) catalogue = open_with(NULL);
    g_assert_cmpuint(gan_catalogue_n_entries(catalogue), ==, G_N_ELEMENTS(FILES) + 1);
    for (guint i = 0; i < gan_catalogue_n_entries(catalogue); i++)
        g_assert_cmpstr(gan_catalogue_entry(catalogue, i)->family, ==, "srvgg");
}

static void test_dropped_in(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    put_golden(folder, "Anime v3.pth", "models/srvgg-prelu-x4.pth");
    g_autoptr(GanCatalogue) catalogue = open_with(NULL);
    g_assert_cmpuint(gan_catalogue_n_entries(catalogue), ==, 1);
    const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, 0);
    g_assert_cmpstr(entry->name, ==, "Anime v3");
    g_assert_cmpstr(entry->family, ==, "srvgg");
    g_assert_nonnull(entry->title);
    g_assert_cmpfloat(entry->scale, ==, 4);
    g_assert_cmpint(entry->task, ==, GAN_TASK_UPSCALE);
    g_assert_cmpuint(entry->bytes, ==, 26347);
    g_assert_cmpstr(entry->sha256, ==,
                    "b0163833762a3304c28fa4c6d044b57c2e35c27d641a4ccd235417029e7aef7d");
    g_assert_null(entry->licence);
    g_assert_false(entry->non_commercial);
    g_assert_null(entry->problem);
    g_assert_true(gan_catalogue_find(catalogue, "Anime v3") == entry);
    g_assert_true(gan_catalogue_find(catalogue, "Anime v3.pth") == entry);
    g_assert_null(gan_catalogue_find(catalogue, "Anime v3.safetensors"));
    g_assert_null(gan_catalogue_find(catalogue, "anime"));
}

// Of files of one name the first counts: extra folders, the user's, the system's;
// converted ones first.
static void test_order(char **fixture, gconstpointer root)
{
    g_autofree char *user = gan_catalogue_user_folder(), *system = system_folder();
    g_autofree char *extra = extra_folder();
    put_golden(system, "a.pth", "models/msrresnet-x2.pth");
    put_golden(system, "only-system.pth", "models/msrresnet-x2.pth");
    put_golden(user, "a.pth", "models/msrresnet-x3.pth");
    put_golden(user, "b.pth", "models/msrresnet-x3.pth");
    put_golden(user, "b.safetensors", "models/msrresnet-x4.safetensors");
    put_golden(extra, "deep/er/a.PTH", "models/msrresnet-x4.pth");
    g_autoptr(GanCatalogue) with = open_with(extra);
    g_assert_cmpuint(gan_catalogue_n_entries(with), ==, 3);
    g_assert_cmpuint(find_or_fail(with, "a")->scale, ==, 4);
    g_assert_cmpuint(find_or_fail(with, "b")->scale, ==, 4);
    g_assert_cmpuint(find_or_fail(with, "only-system")->scale, ==, 2);
    g_autoptr(GanCatalogue) without = open_with(NULL);
    g_assert_cmpuint(find_or_fail(without, "a")->scale, ==, 3);
}

static void test_no_folder(char **fixture, gconstpointer root)
{
    const char *const extras[] = {"/nonexistent/models", NULL};
    g_autoptr(GError) error = NULL;
    g_assert_null(gan_catalogue_open(extras, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FILE);
    g_assert_nonnull(strstr(error->message, "/nonexistent/models"));
}

// What cannot be used is listed with the reason; what is no weight file is not listed.
static void test_problems(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    put_golden(folder, "cut.pth", "hostile/trunc-half.pth");
    put_golden(folder, "code.pth", "hostile/exec-os-system.pth");
    put_golden(folder, "stranger.pth", "hostile/ok-plain.pth");
    put_golden(folder, ".hidden.pth", "hostile/ok-plain.pth");
    put(folder, "notes.txt", "hello", 5);
    put(folder, ".pth", "hello", 5);
    g_autofree char *pipe = g_build_filename(folder, "pipe.pth", NULL);
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_autofree char *loop = g_build_filename(folder, "loop", NULL);
    g_assert_cmpint(symlink(folder, loop), ==, 0);
    for (guint again = 0; again < 2; again++) {
        g_autoptr(GanCatalogue) catalogue = open_with(NULL);
        g_assert_cmpuint(gan_catalogue_n_entries(catalogue), ==, 3);
        const GanCatalogueEntry *cut = find_or_fail(catalogue, "cut");
        g_assert_null(cut->family);
        g_assert_nonnull(cut->sha256);
        g_assert_nonnull(strstr(cut->problem, "damaged"));
        g_assert_nonnull(strstr(find_or_fail(catalogue, "code")->problem, "posix.system"));
        g_assert_nonnull(
            strstr(find_or_fail(catalogue, "stranger")->problem, "no supported network"));
    }
}

static void test_licences(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    const char *const free_one[] = {"license", "CC0-1.0", NULL};
    const char *const british[] = {"licence", "CC-BY-NC-4.0", NULL};
    const char *const converted[] = {
        "source_sha256", "a5812231fc936b42af08a5edba784195495d303d5b3248c24489ef0c4021fe01", NULL};
    put_with_metadata(folder, "free.safetensors", free_one);
    put_with_metadata(folder, "british.safetensors", british);
    put_with_metadata(folder, "converted.safetensors", converted);
    put_golden(folder, "card.pth", "models/srvgg-relu-x2.pth");
    put(folder, "card.json", "{\"licence\": \"PolyForm-Noncommercial-1.0.0\"}", 43);
    put_golden(folder, "bad-card.pth", "models/srvgg-relu-x2.pth");
    put(folder, "bad-card.json", "{\"licence\": [1,", 15);
    put_golden(folder, "number-card.pth", "models/srvgg-relu-x2.pth");
    put(folder, "number-card.json", "{\"licence\": 7}", 14);
    g_autoptr(GanCatalogue) catalogue = open_with(NULL);
    g_assert_cmpstr(find_or_fail(catalogue, "free")->licence, ==, "CC0-1.0");
    g_assert_false(find_or_fail(catalogue, "free")->non_commercial);
    g_assert_cmpstr(find_or_fail(catalogue, "british")->licence, ==, "CC-BY-NC-4.0");
    g_assert_true(find_or_fail(catalogue, "british")->non_commercial);
    g_assert_cmpstr(find_or_fail(catalogue, "converted")->licence, ==, "CC-BY-NC-SA-4.0");
    g_assert_true(find_or_fail(catalogue, "converted")->non_commercial);
    g_assert_cmpstr(find_or_fail(catalogue, "card")->licence, ==, "PolyForm-Noncommercial-1.0.0");
    g_assert_true(find_or_fail(catalogue, "card")->non_commercial);
    g_assert_null(find_or_fail(catalogue, "bad-card")->licence);
    g_assert_null(find_or_fail(catalogue, "number-card")->licence);
    // A card that changes is read anew, cache or not.
    put(folder, "card.json", "{\"license\": \"MIT\"}", 18);
    g_autoptr(GanCatalogue) again = open_with(NULL);
    g_assert_cmpstr(find_or_fail(again, "card")->licence, ==, "MIT");
    g_assert_false(find_or_fail(again, "card")->non_commercial);
    g_assert_cmpstr(find_or_fail(again, "free")->licence, ==, "CC0-1.0");
    g_assert_cmpstr(find_or_fail(again, "converted")->licence, ==, "CC-BY-NC-SA-4.0");
}

static const char *good_for(const GanCatalogue *catalogue, const char *name)
{
    return find_or_fail(catalogue, name)->good_for;
}

// A file, its card, a page of words, a list of known sums, and the number a model takes.
static void test_good_for(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    const char *const stated[] = {"good_for", "drawings, JPEG", NULL};
    const char *const converted[] = {
        "source_sha256", "F872D837D3C90ED2E05227BED711AF5671A6FD1C9F7D7E91C911A61F155E99DA", NULL};
    put_with_metadata(folder, "stated.safetensors", stated);
    put_with_metadata(folder, "converted.safetensors", converted);
    put_golden(folder, "card.pth", "models/srvgg-relu-x2.pth");
    put(folder, "card.json", "{\"good_for\": [\"photographs\", \"noise\"]}", 38);
    put_golden(folder, "page.pth", "models/srvgg-relu-x2.pth");
    put(folder, "page.md", "# page\n\n- Licence: MIT\n- Good for: faces.\n", 42);
    put_golden(folder, "silent.pth", "models/srvgg-relu-x2.pth");
    put_golden(folder, "number.safetensors", "models/fbcnn-grey.safetensors");
    // The second look is the cache's.
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GanCatalogue) catalogue = open_with(NULL);
        g_assert_cmpstr(good_for(catalogue, "stated"), ==, "drawings, JPEG");
        g_assert_cmpstr(good_for(catalogue, "converted"), ==, "drawings, JPEG");
        g_assert_cmpstr(good_for(catalogue, "card"), ==, "photographs, noise");
        g_assert_cmpstr(good_for(catalogue, "page"), ==, "faces");
        g_assert_cmpstr(good_for(catalogue, "number"), ==, "JPEG");
        g_assert_null(good_for(catalogue, "silent"));
    }
    put(folder, "stated.json", "{\"good_for\": \"textures\"}", 24);
    g_autoptr(GanCatalogue) again = open_with(NULL);
    g_assert_cmpstr(good_for(again, "stated"), ==, "textures");
}

static void set_time(const char *path, gint64 ns)
{
    const struct timespec times[2] = {{ns / 1000000000, ns % 1000000000},
                                      {ns / 1000000000, ns % 1000000000}};
    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

// The file is replaced by damaged bytes of the same size and time: only the cache can still know
// it. One nanosecond later it is another file.
static void test_cache(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    g_autofree char *path = g_build_filename(folder, "a.pth", NULL);
    const gint64 ns = G_GINT64_CONSTANT(1500000000123456789);
    put_golden(folder, "a.pth", "models/srvgg-prelu-x4.pth");
    set_time(path, ns);
    g_autoptr(GanCatalogue) first = open_with(NULL);
    g_autofree char *damage = g_malloc0(26347);
    put(folder, "a.pth", damage, 26347);
    set_time(path, ns);
    g_autoptr(GanCatalogue) second = open_with(NULL);
    const GanCatalogueEntry *a = find_or_fail(first, "a"), *b = find_or_fail(second, "a");
    g_assert_cmpstr(b->family, ==, a->family);
    g_assert_cmpstr(b->title, ==, a->title);
    g_assert_cmpstr(b->sha256, ==, a->sha256);
    g_assert_cmpuint(b->scale, ==, a->scale);
    g_assert_null(b->problem);
    set_time(path, ns + 1);
    g_autoptr(GanCatalogue) third = open_with(NULL);
    g_assert_nonnull(find_or_fail(third, "a")->problem);
    g_assert_cmpstr(find_or_fail(third, "a")->sha256, !=, a->sha256);
}

// Whatever lies in the cache's place, the answer is right and the next look finds a good cache.
static void test_damaged_cache(char **fixture, gconstpointer root)
{
    static const char *const DAMAGE[] = {
        "",
        "\xff\xfe\x00rubbish",
        "[]",
        "null",
        "{\"version\": 7, \"files\": {}}",
        "{\"version\": \"0.0.0\", \"files\": {}}",
        "{\"version\": \"%s\", \"files\": []}",
        "{\"version\": \"%s\", \"files\": {\"%s\": 7}}",
        "{\"version\": \"%s\", \"files\": {\"%s\": {\"bytes\": \"26347\", \"changed_ns\": []}}}",
        "{\"version\": \"%s\", \"files\": {\"%s\": {\"bytes\": 26347, \"changed_ns\": "
        "1000000000}}}",
        "{\"version\": \"%s\", \"files\": {\"%s\": {\"bytes\": 26347, \"changed_ns\": 1000000000, "
        "\"sha256\": \"abc\", \"family\": \"srvgg\", \"scale\": -4}}}",
        "{\"version\": \"%s\", \"files\": {\"%s\": {\"bytes\": 26347, \"changed_ns\": 1000000000, "
        "\"sha256\": {\"a\": [[[[[[[",
    };
    g_autofree char *folder = gan_catalogue_user_folder(), *cache = cache_path();
    g_autofree char *cache_folder = g_path_get_dirname(cache);
    g_autofree char *path = g_build_filename(folder, "a.pth", NULL);
    put_golden(folder, "a.pth", "models/srvgg-prelu-x4.pth");
    set_time(path, 1000000000);
    for (guint i = 0; i < G_N_ELEMENTS(DAMAGE); i++) {
        g_auto(GStrv) parts = g_strsplit(DAMAGE[i], "%s", -1);
        const guint n = g_strv_length(parts);
        g_autofree char *text =
            n == 3   ? g_strconcat(parts[0], GAN_VERSION, parts[1], path, parts[2], NULL)
            : n == 2 ? g_strconcat(parts[0], GAN_VERSION, parts[1], NULL)
                     : g_strdup(DAMAGE[i]);
        put(cache_folder, "catalogue.json", text, strlen(text));
        g_autoptr(GanCatalogue) catalogue = open_with(NULL);
        g_assert_cmpstr(find_or_fail(catalogue, "a")->family, ==, "srvgg");
        g_assert_cmpuint(find_or_fail(catalogue, "a")->scale, ==, 4);
        g_autofree char *after = NULL;
        g_assert_true(g_file_get_contents(cache, &after, NULL, NULL));
        g_assert_nonnull(strstr(after, find_or_fail(catalogue, "a")->sha256));
    }
}

static void test_no_cache(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder(), *cache = cache_path();
    g_autofree char *cache_folder = g_path_get_dirname(cache);
    g_autofree char *parent = g_path_get_dirname(cache_folder);
    put_golden(folder, "a.pth", "models/srvgg-prelu-x4.pth");
    put(parent, "gimp-gan", "a file where the folder should be", 5);
    g_autoptr(GanCatalogue) catalogue = open_with(NULL);
    g_assert_cmpstr(find_or_fail(catalogue, "a")->family, ==, "srvgg");
}

// Files that are gone leave the cache when it is written next.
static void test_cache_forgets(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder(), *cache = cache_path();
    g_autofree char *path = g_build_filename(folder, "gone.pth", NULL);
    put_golden(folder, "gone.pth", "models/srvgg-prelu-x4.pth");
    gan_catalogue_free(open_with(NULL));
    g_assert_cmpint(g_remove(path), ==, 0);
    put_golden(folder, "new.pth", "models/srvgg-relu-x2.pth");
    gan_catalogue_free(open_with(NULL));
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(cache, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "new.pth"));
    g_assert_null(strstr(text, "gone.pth"));
}

static void test_odd_names(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    put_golden(folder, "\xc3\xa4\xc3\xb6 \"x\".pth", "models/srvgg-prelu-x4.pth");
    put_golden(folder, "latin-\xe4.pth", "models/srvgg-relu-x2.pth");
    put_golden(folder, "v1.2.pth", "models/srvgg-relu-x2.pth");
    for (guint again = 0; again < 2; again++) {
        g_autoptr(GanCatalogue) catalogue = open_with(NULL);
        g_assert_cmpuint(gan_catalogue_n_entries(catalogue), ==, 3);
        g_assert_cmpuint(find_or_fail(catalogue, "\xc3\xa4\xc3\xb6 \"x\"")->scale, ==, 4);
        g_assert_cmpuint(find_or_fail(catalogue, "latin-\xe4")->scale, ==, 2);
        g_assert_cmpuint(find_or_fail(catalogue, "v1.2")->scale, ==, 2);
        for (guint i = 0; i < 3; i++)
            g_assert_true(g_utf8_validate(gan_catalogue_entry(catalogue, i)->name, -1, NULL));
    }
}

static void assert_partner(const GanCatalogue *catalogue, const char *name, const char *wanted,
                           GanPartner wanted_kind)
{
    GanPartner kind = 77;
    const GanCatalogueEntry *entry = find_or_fail(catalogue, name);
    const GanCatalogueEntry *partner = gan_catalogue_partner(catalogue, entry, &kind);
    g_assert_cmpstr(partner != NULL ? partner->name : NULL, ==, wanted);
    g_assert_cmpint(kind, ==, wanted != NULL ? wanted_kind : 77);
    g_assert_true(gan_catalogue_partner(catalogue, entry, NULL) == partner);
    if (partner == NULL)
        return;
    // What is found can be blended.
    g_autoptr(GError) error = NULL;
    g_autoptr(GanWeights) a = gan_weights_open(entry->path, NULL);
    g_autoptr(GanWeights) b = gan_weights_open(partner->path, NULL);
    g_autoptr(GanModel) model = gan_model_blend(a, b, 0.5, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(model);
}

static void test_partners_by_name(char **fixture, gconstpointer root)
{
    static const struct {
        const char *name, *partner;
        GanPartner kind;
    } PAIRS[] = {
        {"realesr-general-x4v3", "realesr-general-wdn-x4v3", GAN_PARTNER_DENOISE},
        {"other_x4", "other_wdn_x4", GAN_PARTNER_DENOISE},
        {"RealESRGAN_x4plus", "RealESRNet_x4plus", GAN_PARTNER_DETAIL},
        {"RRDB_ESRGAN_x4", "RRDB_PSNR_x4", GAN_PARTNER_DETAIL},
        {"BSRGAN", "BSRNet", GAN_PARTNER_DETAIL},
        {"MSRGANx4", "MSRResNetx4", GAN_PARTNER_DETAIL},
        {"photo-x4-detail", "photo-x4-faithful", GAN_PARTNER_DETAIL},
        {"gan-x4-gan", "gan-x4-psnr", GAN_PARTNER_DETAIL},
    };
    g_autofree char *folder = gan_catalogue_user_folder();
    for (guint i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
        g_autofree char *one = g_strconcat(PAIRS[i].name, ".pth", NULL);
        g_autofree char *other = g_strconcat(PAIRS[i].partner, ".safetensors", NULL);
        put_golden(folder, one, "models/srvgg-prelu-x4.pth");
        put_golden(folder, other, "models/srvgg-prelu-x4.safetensors");
    }
    g_autoptr(GanCatalogue) catalogue = open_with(NULL);
    g_assert_cmpuint(gan_catalogue_n_entries(catalogue), ==, 2 * G_N_ELEMENTS(PAIRS));
    for (guint i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
        assert_partner(catalogue, PAIRS[i].name, PAIRS[i].partner, PAIRS[i].kind);
        assert_partner(catalogue, PAIRS[i].partner, NULL, 0);
    }
}

// The one that invents nothing, of the scale if there is one.
static void test_default(char **fixture, gconstpointer root)
{
    static const char *const FILES[][2] = {
        {"a-digits.pth", "models/dcgan-g.pth"},
        {"b-damaged.pth", "hostile/trunc-half.pth"},
        {"photo-x2-detail.pth", "models/srvgg-relu-x2.pth"},
        {"photo-x2-faithful.pth", "models/srvgg-relu-x2.pth"},
        {"photo-x4-detail.pth", "models/srvgg-prelu-x4.pth"},
        {"photo-x4-wdn.pth", "models/srvgg-prelu-x4.pth"},
        {"photo-x4.pth", "models/srvgg-prelu-x4.pth"},
    };
    static const struct {
        double scale;
        const char *name;
    } WANTED[] = {{0, "photo-x2-faithful"}, {4, "photo-x4-detail"}, {3, "photo-x2-faithful"}};
    g_autofree char *folder = gan_catalogue_user_folder();
    for (guint i = 0; i < 2; i++)
        put_golden(folder, FILES[i][0], FILES[i][1]);
    g_autoptr(GanCatalogue) none = open_with(NULL);
    g_assert_null(gan_catalogue_default(none, GAN_TASK_UPSCALE, 0));
    for (guint i = 2; i < G_N_ELEMENTS(FILES); i++)
        put_golden(folder, FILES[i][0], FILES[i][1]);
    g_autoptr(GanCatalogue) catalogue = open_with(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(WANTED); i++)
        g_assert_cmpstr(gan_catalogue_default(catalogue, GAN_TASK_UPSCALE, WANTED[i].scale)->name,
                        ==, WANTED[i].name);
}

static void test_no_partner(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    put_golden(folder, "Real-GAN.pth", "models/srvgg-prelu-x4.pth"); // another architecture
    put_golden(folder, "Real-Net.pth", "models/srvgg-relu-x2.pth");
    put_golden(folder, "a-detail.pth", "models/srvgg-prelu-x4.pth"); // a damaged one
    put_golden(folder, "a-faithful.pth", "hostile/trunc-half.pth");
    put_golden(folder, "b.pth", "models/srvgg-prelu-x4.pth"); // two differences
    put_golden(folder, "c-wdn.pth", "models/srvgg-prelu-x4.pth");
    put_golden(folder, "gangan.pth", "models/srvgg-prelu-x4.pth");
    put_golden(folder, "netnet.pth", "models/srvgg-prelu-x4.pth");
    g_autoptr(GanCatalogue) catalogue = open_with(NULL);
    g_assert_cmpuint(gan_catalogue_n_entries(catalogue), ==, 8);
    for (guint i = 0; i < gan_catalogue_n_entries(catalogue); i++)
        assert_partner(catalogue, gan_catalogue_entry(catalogue, i)->name, NULL, 0);
}

// What a file says of itself goes before its name.
static void test_partners_by_metadata(char **fixture, gconstpointer root)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    const char *const detail[] = {"detail_of", "plain", NULL};
    const char *const denoise[] = {"denoise_of", "plain", NULL};
    const char *const nobody[] = {"detail_of", "nobody", NULL};
    const char *const itself[] = {"detail_of", "itself", NULL};
    put_with_metadata(folder, "sharp.safetensors", detail);
    put_with_metadata(folder, "plain-gan.safetensors", denoise);
    put_with_metadata(folder, "lone.safetensors", nobody);
    put_with_metadata(folder, "itself.safetensors", itself);
    put_golden(folder, "plain-net.pth", "models/srvgg-prelu-x4.pth");
    put_golden(folder, "plain.pth", "models/srvgg-prelu-x4.pth");
    g_autoptr(GanCatalogue) catalogue = open_with(NULL);
    assert_partner(catalogue, "sharp", "plain", GAN_PARTNER_DETAIL);
    assert_partner(catalogue, "plain-gan", "plain", GAN_PARTNER_DENOISE);
    assert_partner(catalogue, "lone", NULL, 0);
    assert_partner(catalogue, "itself", NULL, 0);
    assert_partner(catalogue, "plain", NULL, 0);
}

static void remove_tree(const char *path)
{
    if (!g_file_test(path, G_FILE_TEST_IS_SYMLINK) && g_file_test(path, G_FILE_TEST_IS_DIR)) {
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *name;
        while ((name = g_dir_read_name(dir)) != NULL) {
            g_autofree char *inner = g_build_filename(path, name, NULL);
            remove_tree(inner);
        }
    }
    g_assert_cmpint(g_remove(path), ==, 0);
}

static void tear_down(char **fixture, gconstpointer root)
{
    g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *inner = g_build_filename(root, name, NULL);
        remove_tree(inner);
    }
}

// --- import and cards ---

static void test_import(char **fixture, gconstpointer root)
{
    g_autofree char *file = golden("models/srvgg-prelu-x4.pth");
    g_autofree char *folder = gan_catalogue_user_folder();
    g_autofree char *expected = g_build_filename(folder, "srvgg-prelu-x4.safetensors", NULL);
    g_autoptr(GError) error = NULL;
    GanImport import = {.dtype = GAN_DTYPE_OTHER, .licence = "MIT"};
    GanDtype dtype = GAN_DTYPE_OTHER;
    g_autoptr(GanModel) model = gan_catalogue_import(file, &import, &dtype, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(gan_weights_path(gan_model_weights(model)), ==, expected);
    g_assert_cmpint(dtype, ==, GAN_DTYPE_F32);
    g_assert_cmpstr(gan_weights_metadata(gan_model_weights(model), "licence"), ==, "MIT");
    // The second time the name is taken, unless it may be replaced.
    g_autoptr(GanModel) again = gan_catalogue_import(file, &import, NULL, &error);
    g_assert_null(again);
    g_assert_error(error, GAN_ERROR, GAN_ERROR_EXISTS);
    g_clear_error(&error);
    import.overwrite = TRUE;
    import.licence = "BSD-3-Clause";
    g_autoptr(GanModel) replaced = gan_catalogue_import(file, &import, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(gan_weights_metadata(gan_model_weights(replaced), "licence"), ==,
                    "BSD-3-Clause");
}

static void test_import_refuses(char **fixture, gconstpointer root)
{
    g_autofree char *hostile = golden("hostile/exec-os-system.pth");
    g_autofree char *folder = gan_catalogue_user_folder();
    g_autofree char *unwanted = g_build_filename(folder, "exec-os-system.safetensors", NULL);
    g_autoptr(GError) error = NULL;
    const GanImport import = {.dtype = GAN_DTYPE_OTHER};
    g_autoptr(GanModel) model = gan_catalogue_import(hostile, &import, NULL, &error);
    g_assert_null(model);
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORBIDDEN);
    g_assert_false(g_file_test(unwanted, G_FILE_TEST_EXISTS));
}

static void test_cards(char **fixture, gconstpointer root)
{
    static const char *const metadata[] = {"trained_on", "pebbles", NULL};
    static const char card[] =
        "{\"author\": \"A. Uthor\", \"steps\": 500, \"tags\": [\"photo\", \"sharp\"]}";
    static const char page[] = "Good for photographs.";
    g_autofree char *folder = gan_catalogue_user_folder();
    put_with_metadata(folder, "told.safetensors", metadata);
    put(folder, "told.json", card, strlen(card));
    put(folder, "told.md", page, strlen(page));
    g_autofree char *path = g_build_filename(folder, "told.safetensors", NULL);
    g_autofree char *text = gan_catalogue_card(path);
    g_assert_cmpstr(text, ==,
                    "author: A. Uthor\nsteps: 500\ntags: photo, sharp\ntrained_on: pebbles\n\n"
                    "Good for photographs.\n");
    g_autofree char *missing = g_build_filename(folder, "missing.pth", NULL);
    g_autofree char *nothing = gan_catalogue_card(missing);
    g_assert_cmpstr(nothing, ==, "");
}

// GLib reads these variables once, so all tests share the folders.
static void point_to(const char *root)
{
    static const char *const VARIABLES[] = {"XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_CACHE_HOME"};
    for (guint i = 0; i < G_N_ELEMENTS(VARIABLES); i++) {
        g_autofree char *folder = g_build_filename(root, VARIABLES[i], NULL);
        g_assert_true(g_setenv(VARIABLES[i], folder, TRUE));
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(char **fixture, gconstpointer root);
    } TESTS[] = {
        {"/catalogue/no-folders-is-empty", test_nothing},
        {"/catalogue/dropped-in-file-appears", test_dropped_in},
        {"/catalogue/every-extension-is-listed", test_every_extension},
        {"/catalogue/first-of-a-name-counts", test_order},
        {"/catalogue/missing-folder-is-an-error", test_no_folder},
        {"/catalogue/unusable-files-have-a-problem", test_problems},
        {"/catalogue/licences-are-found", test_licences},
        {"/catalogue/what-a-file-is-good-for-is-found", test_good_for},
        {"/catalogue/cache/knows-unchanged-files", test_cache},
        {"/catalogue/cache/tolerates-damage", test_damaged_cache},
        {"/catalogue/cache/may-be-unwritable", test_no_cache},
        {"/catalogue/cache/forgets-deleted-files", test_cache_forgets},
        {"/catalogue/odd-names-work", test_odd_names},
        {"/catalogue/default-invents-nothing", test_default},
        {"/catalogue/partners/are-found-by-name", test_partners_by_name},
        {"/catalogue/partners/need-one-architecture-and-one-difference", test_no_partner},
        {"/catalogue/partners/are-stated-in-metadata", test_partners_by_metadata},
        {"/catalogue/import/replaces-only-when-told", test_import},
        {"/catalogue/import/refuses-code", test_import_refuses},
        {"/catalogue/card/tells-members-metadata-and-pages", test_cards},
    };
    g_autofree char *root = g_dir_make_tmp("gan-catalogue-XXXXXX", NULL);
    g_assert_nonnull(root);
    point_to(root);
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(TESTS); i++)
        g_test_add(TESTS[i].name, char *, root, NULL, TESTS[i].run, tear_down);
    const int result = g_test_run();
    remove_tree(root);
    return result;
}
