// SPDX-License-Identifier: LGPL-3.0-or-later
// The program's logic that needs no network: values of options, names of results, lists of
// inputs, the bar.
#include "batch.h"
#include "naming.h"
#include "options.h"
#include "progress.h"
#include "report.h"

#include <glib/gstdio.h>
#include <unistd.h>

// --- values of options ---

static void test_bytes(void)
{
    static const struct {
        const char *text;
        guint64 bytes; // 0: refused
    } rows[] = {{"1", 1},
                {"2048", 2048},
                {"1K", 1024},
                {"512M", (guint64)512 << 20},
                {"2G", (guint64)2 << 30},
                {"1.5g", (guint64)3 << 29},
                {"1.5GiB", (guint64)3 << 29},
                {"1GB", (guint64)1 << 30},
                {"1T", (guint64)1 << 40},
                {"", 0},
                {"G", 0},
                {"0", 0},
                {"-1M", 0},
                {"1Q", 0},
                {"1Mx", 0},
                {"1MiBx", 0},
                {"nan", 0},
                {"inf", 0},
                {"9999999999T", 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        guint64 bytes = 0;
        const gboolean fine = cli_options_bytes("--memory", rows[i].text, &bytes, &error);
        g_test_message("'%s'", rows[i].text);
        g_assert_cmpint(fine, ==, rows[i].bytes != 0);
        g_assert_cmpuint(bytes, ==, rows[i].bytes);
        g_assert_cmpint(error != NULL, ==, !fine);
    }
}

static void test_size(void)
{
    static const struct {
        const char *text;
        gboolean whole, partial; // what is taken
        guint width, height;
    } rows[] = {{"800x600", TRUE, TRUE, 800, 600},
                {"1X1", TRUE, TRUE, 1, 1},
                {"800x", FALSE, TRUE, 800, 0},
                {"x600", FALSE, TRUE, 0, 600},
                {"x", FALSE, FALSE, 0, 0},
                {"", FALSE, FALSE, 0, 0},
                {"0x5", FALSE, TRUE, 0, 5},
                {"0x0", FALSE, FALSE, 0, 0},
                {"-1x5", FALSE, FALSE, 0, 0},
                {"8x6x4", FALSE, FALSE, 0, 0},
                {" 8x6", FALSE, FALSE, 0, 0},
                {"8x6 ", FALSE, FALSE, 0, 0},
                {"1000001x1", FALSE, FALSE, 0, 0},
                {"99999999999999999999x1", FALSE, FALSE, 0, 0},
                {"1000000x1", TRUE, TRUE, 1000000, 1}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int partial = 0; partial < 2; partial++) {
            const gboolean wanted = partial ? rows[i].partial : rows[i].whole;
            guint width = 0, height = 0;
            g_test_message("'%s'", rows[i].text);
            g_assert_cmpint(cli_options_size("--to", rows[i].text, partial, &width, &height, NULL),
                            ==, wanted);
            g_assert_cmpuint(width, ==, wanted ? rows[i].width : 0);
            g_assert_cmpuint(height, ==, wanted ? rows[i].height : 0);
        }
}

static void test_blend(void)
{
    g_autofree char *a = NULL;
    g_autofree char *b = NULL;
    double t = 0;
    g_assert_true(cli_options_blend("x:y:0.25", 0, &a, &b, &t, NULL));
    g_assert_cmpstr(a, ==, "x");
    g_assert_cmpstr(b, ==, "y");
    g_assert_cmpfloat(t, ==, 0.25);
    g_clear_pointer(&a, g_free);
    g_clear_pointer(&b, g_free);
    // Colons in the names: every place for the one between them is tried.
    g_assert_true(cli_options_blend("c:/x:y:1", 1, &a, &b, &t, NULL));
    g_assert_cmpstr(a, ==, "c:/x");
    g_assert_cmpstr(b, ==, "y");
    g_autoptr(GError) error = NULL;
    g_assert_false(cli_options_blend("c:/x:y:1", 2, &a, &b, &t, &error));
    g_assert_no_error(error);
    static const char *const wrong[] = {"",         "x",      "x:y",    "x:y:", "x:y:2",
                                        "x:y:-0.1", ":y:0.5", "x::0.5", "::0.5"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) problem = NULL;
        g_test_message("'%s'", wrong[i]);
        g_assert_false(cli_options_blend(wrong[i], 0, &a, &b, &t, &problem));
        g_assert_error(problem, GAN_ERROR, GAN_ERROR_ARGUMENT);
    }
}

// --- names of results ---

static void test_template(void)
{
    const CliPlaceholders values = {"photo", "png", "x4plus", "2.5", "holidays", 7};
    static const struct {
        const char *template, *result; // NULL: refused
    } rows[] = {{"{name}-x{scale}.{ext}", "photo-x2.5.png"},
                {"{folder}/{index}_{model}.png", "holidays/7_x4plus.png"},
                {"{{{name}}}", "{photo}"},
                {"plain.png", "plain.png"},
                {"{nam}", NULL},
                {"{}", NULL},
                {"{name", NULL},
                {"name}", NULL},
                {"", NULL},
                {"{name}/", NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *result = cli_naming_fill(rows[i].template, &values, &error);
        g_assert_cmpstr(result, ==, rows[i].result);
        if (rows[i].result == NULL)
            g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    }
}

static void test_limits(void)
{
    static const struct {
        const char *path;
        guint width, height;
        gboolean fits;
    } rows[] = {{"a.jpg", 65500, 1, TRUE},      {"a.JPEG", 65501, 1, FALSE},
                {"a.webp", 16383, 16383, TRUE}, {"a.webp", 1, 16384, FALSE},
                {"a.png", 70000, 1, TRUE},      {"a.tif", 900000, 1, TRUE},
                {"a.png", 1, 1000001, FALSE},   {"a.exr", 70000, 1, TRUE}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *problem =
            cli_naming_size_problem(rows[i].path, rows[i].width, rows[i].height);
        g_assert_cmpint(problem == NULL, ==, rows[i].fits);
    }
}

// A folder with files of the given names, made for one test.
static char *make_folder(const char *const *names)
{
    char *folder = g_dir_make_tmp("gimp-gan-test-XXXXXX", NULL);
    g_assert_nonnull(folder);
    for (; *names != NULL; names++) {
        g_autofree char *path = g_build_filename(folder, *names, NULL);
        g_autofree char *parent = g_path_get_dirname(path);
        g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
        g_assert_true(g_file_set_contents(path, "x", 1, NULL));
    }
    return folder;
}

static void remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            remove_folder(path);
        else
            g_unlink(path);
    }
    g_rmdir(folder);
}

static char *inputs_of(const GPtrArray *items, const char *folder)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < items->len; i++) {
        const CliItem *item = items->pdata[i];
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", item->input + strlen(folder) + 1);
    }
    return g_string_free(text, FALSE);
}

static void test_expand(void)
{
    static const char *const names[] = {"b.png",   "a.jpg",     "c.txt", ".d.png",
                                        "s/e.png", "out/f.png", NULL};
    g_autofree char *folder = make_folder(names);
    g_autofree char *loop = g_build_filename(folder, "s", "loop", NULL);
    g_assert_cmpint(symlink(folder, loop), ==, 0);
    g_autofree char *out = g_build_filename(folder, "out", NULL);
    g_autofree char *pattern = g_build_filename(folder, "*.?[pn]g", NULL);
    g_autofree char *again = g_build_filename(folder, "s", "..", "b.png", NULL);
    g_autofree char *missing = g_build_filename(folder, "nope.png", NULL);

    char *whole[] = {folder, NULL};
    g_autoptr(GPtrArray) flat = cli_batch_expand(whole, FALSE, NULL, NULL);
    g_autofree char *flat_text = inputs_of(flat, folder);
    g_assert_cmpstr(flat_text, ==, "a.jpg b.png");
    g_autoptr(GPtrArray) deep = cli_batch_expand(whole, TRUE, out, NULL);
    g_autofree char *deep_text = inputs_of(deep, folder);
    g_assert_cmpstr(deep_text, ==, "a.jpg b.png s/e.png");
    g_assert_cmpstr(((CliItem *)deep->pdata[2])->folder, ==, "s");
    g_assert_false(((CliItem *)deep->pdata[0])->named);

    char *mixed[] = {pattern, again, missing, NULL};
    g_autoptr(GPtrArray) some = cli_batch_expand(mixed, FALSE, NULL, NULL);
    g_autofree char *some_text = inputs_of(some, folder);
    g_assert_cmpstr(some_text, ==, "a.jpg b.png nope.png");
    g_assert_null(((CliItem *)some->pdata[1])->problem);
    g_assert_nonnull(((CliItem *)some->pdata[2])->problem);
    remove_folder(folder);
}

// Names the folder's pictures and returns "input>output" with paths below the folder, or NULL.
static char *name_all(char **arguments, const char *folder, const CliNaming *naming, GError **error)
{
    g_autoptr(GPtrArray) items = cli_batch_expand(arguments, FALSE, NULL, NULL);
    if (!cli_naming_apply(items, naming, error))
        return NULL;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < items->len; i++) {
        const CliItem *item = items->pdata[i];
        g_string_append_printf(text, "%s%s>%s", i > 0 ? " " : "", item->input + strlen(folder) + 1,
                               item->problem != NULL ? "nothing"
                                                     : item->output + strlen(folder) + 1);
    }
    return g_string_free(text, FALSE);
}

static void test_apply(void)
{
    static const char *const names[] = {"a.jpg", "a-x4.jpg", "b.gif", NULL};
    g_autofree char *folder = make_folder(names);
    g_autofree char *a = g_build_filename(folder, "a.jpg", NULL);
    g_autofree char *a4 = g_build_filename(folder, "a-x4.jpg", NULL);
    char *whole[] = {folder, NULL}, *both[] = {a, a4, NULL}, *one[] = {a, NULL};
    g_autoptr(GError) error = NULL;

    // What would replace a picture that was found is not made; what GEGL cannot write becomes PNG.
    CliNaming naming = {.usual = CLI_TEMPLATE_FACTOR, .model = "m", .scale = "4"};
    g_autofree char *found = name_all(whole, folder, &naming, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(found, ==, "a-x4.jpg>a-x4-x4.jpg a.jpg>nothing b.gif>b-x4.png");
    // Named, the same two files are a mistake.
    g_assert_null(name_all(both, folder, &naming, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    g_clear_error(&error);
    // Two inputs, one result.
    naming.template = "x.png";
    g_assert_null(name_all(whole, folder, &naming, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    g_clear_error(&error);
    // A picture becomes itself only when that was asked for twice.
    naming.template = "{name}.{ext}";
    g_assert_null(name_all(one, folder, &naming, &error));
    g_clear_error(&error);
    naming.overwrite = TRUE;
    g_autofree char *itself = name_all(one, folder, &naming, &error);
    g_assert_cmpstr(itself, ==, "a.jpg>a.jpg");
    remove_folder(folder);
}

// --- the bar ---

static void test_bar(void)
{
    g_autofree char *half = cli_progress_bar("photo.png", 0.5, 61, 80);
    g_assert_nonnull(strstr(half, "photo.png ["));
    g_assert_nonnull(strstr(half, "  50 % 1 min 1 s left"));
    for (guint width = 0; width < 200; width++)
        for (int quarter = -2; quarter < 6; quarter++) {
            const double part = quarter / 4.0;
            g_autofree char *bar = cli_progress_bar("a/very/long/path/to/Ümläut/図.png", part,
                                                    part > 0 ? 1e5 : -1, width);
            g_assert_true(g_utf8_validate(bar, -1, NULL));
            if (width > 40)
                g_assert_cmpint(g_utf8_strlen(bar, -1), <, width);
        }
    // The bar's end does not move while the time left changes its length.
    g_autofree char *early = cli_progress_bar("a", 0.01, -1, 80);
    g_autofree char *late = cli_progress_bar("a", 0.99, 59, 80);
    g_assert_cmpint(strchr(early, ']') - early, ==, strchr(late, ']') - late);
}

// The step is never cut off, and no number is cut in two.
static void test_figures(void)
{
    const char *figures =
        "123456/200000  12.3 images/s  pixel 0.03121  generator 0.6931  critic 1.2";
    g_autofree char *wide = cli_progress_count(figures, 0.617, 3599, 200);
    g_autofree char *usual = cli_progress_count(figures, 0.617, 3599, 80);
    g_autofree char *narrow = cli_progress_count(figures, 0.617, -1, 42);
    g_assert_cmpstr(
        wide, ==,
        "123456/200000  12.3 images/s  pixel 0.03121  generator 0.6931  critic 1.2  61 % 59 min "
        "59 s left");
    g_assert_cmpstr(usual, ==,
                    "123456/200000  12.3 images/s  pixel 0.03121 …  61 % 59 min 59 s left");
    g_assert_cmpstr(narrow, ==, "123456/200000 …  61 %");
    for (guint width = 40; width < 120; width++) {
        g_autofree char *line = cli_progress_count(figures, 1, 86399, width);
        g_assert_cmpint(g_utf8_strlen(line, -1), <, width);
        g_assert_true(g_str_has_prefix(line, "123456/200000 "));
    }
}

static void test_left(void)
{
    g_assert_cmpfloat(cli_progress_left(0, 0, 10), <, 0);
    g_assert_cmpfloat(cli_progress_left(0, 0.5, 0.1), <, 0);
    g_assert_cmpfloat_with_epsilon(cli_progress_left(0, 0.25, 10), 30, 1e-9);
    g_assert_cmpfloat(cli_progress_left(0, 1, 10), ==, 0);
    // A run that goes on from the middle: half of what was left took these ten seconds.
    g_assert_cmpfloat_with_epsilon(cli_progress_left(0.5, 0.75, 10), 10, 1e-9);
    g_assert_cmpfloat(cli_progress_left(0.5, 0.501, 10), <, 0);
}

static void test_texts(void)
{
    static const struct {
        double seconds;
        const char *text;
    } times[] = {{0.0123, "12 ms"}, {0.5, "0.5 s"},        {9.99, "10 s"},     {59.4, "59 s"},
                 {60, "1 min 0 s"}, {3599.6, "1 h 0 min"}, {7500, "2 h 5 min"}};
    for (gsize i = 0; i < G_N_ELEMENTS(times); i++) {
        g_autofree char *text = cli_report_seconds(times[i].seconds);
        g_assert_cmpstr(text, ==, times[i].text);
    }
    static const struct {
        guint64 bytes;
        const char *text;
    } sizes[] = {{0, "0 bytes"},     {999, "999 bytes"}, {1000, "1.0 kB"},
                 {613272, "613 kB"}, {999600, "1.0 MB"}, {850000000, "850 MB"}};
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *text = cli_report_bytes(sizes[i].bytes);
        g_assert_cmpstr(text, ==, sizes[i].text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/options/bytes-take-units-and-refuse-the-rest", test_bytes);
    g_test_add_func("/options/sizes-are-whole-or-partial", test_size);
    g_test_add_func("/options/blend-finds-the-colon-between-the-models", test_blend);
    g_test_add_func("/naming/template-fills-placeholders-and-refuses-others", test_template);
    g_test_add_func("/naming/formats-have-limits", test_limits);
    g_test_add_func("/naming/no-input-is-lost-or-replaced", test_apply);
    g_test_add_func("/batch/expands-files-folders-patterns-once", test_expand);
    g_test_add_func("/progress/bar-fits-the-terminal", test_bar);
    g_test_add_func("/progress/figures-fit-whole", test_figures);
    g_test_add_func("/progress/time-left-is-proportional", test_left);
    g_test_add_func("/report/times-and-sizes-are-readable", test_texts);
    return g_test_run();
}
