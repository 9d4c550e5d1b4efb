// SPDX-License-Identifier: LGPL-3.0-or-later
// How a picture was made is noted in its file, or in the record, and nothing else changes.
#include <gan/image.h>
#include <glib/gstdio.h>
#include <provenance.h>
#include <string.h>

typedef struct {
    char *folder;
    GeglBuffer *buffer;
} Place;

static const GanProvenance provenance = {.settings =
                                             (char *)"gimp-gan upscale; x4; model Größe (1-2)",
                                         .source = (char *)"a\tb.png",
                                         .source_print = (char *)"12-34"};

static void set_up(Place *place, gconstpointer data)
{
    const GeglRectangle extent = {0, 0, 13, 7};
    place->folder = g_dir_make_tmp("gan-provenance-XXXXXX", NULL);
    place->buffer = gegl_buffer_new(&extent, babl_format("R'G'B' u8"));
    for (int x = 0; x < extent.width; x++) {
        const GeglRectangle column = {x, 0, 1, extent.height};
        const guint8 colour[] = {(guint8)(20 * x), 100, (guint8)(255 - 3 * x)};
        gegl_buffer_set_color_from_pixel(place->buffer, &column, colour, babl_format("R'G'B' u8"));
    }
}

static void tear_down(Place *place, gconstpointer data)
{
    g_autoptr(GDir) dir = g_dir_open(place->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(place->folder, name, NULL);
        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(place->folder), ==, 0);
    g_free(place->folder);
    g_object_unref(place->buffer);
}

static char *save(const Place *place, const char *name, const GanProvenance *noted)
{
    char *path = g_build_filename(place->folder, name, NULL);
    const GanImageSaveOptions options = {.provenance = noted};
    g_autoptr(GError) error = NULL;
    gan_image_save(place->buffer, path, &options, &error);
    g_assert_no_error(error);
    return path;
}

static void assert_noted(const char *path)
{
    g_auto(GanProvenance) found = {0};
    g_assert_true(gan_provenance_read(path, &found));
    g_assert_cmpstr(found.settings, ==, provenance.settings);
    g_assert_cmpstr(found.source, ==, "a b.png");
    g_assert_cmpstr(found.source_print, ==, provenance.source_print);
}

static GBytes *pixels_of(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
    g_assert_no_error(error);
    const gsize n = 13 * 7 * 4;
    guint8 *pixels = g_malloc(n);
    gegl_buffer_get(buffer, NULL, 1, babl_format("R'G'B'A u8"), pixels, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    return g_bytes_new_take(pixels, n);
}

// What is in the plain file is in the noted one, in this order; only bytes between are new, but for
// the sizes in the first bytes of a WebP file.
static void assert_only_added(const char *plain, const char *noted)
{
    g_autofree char *a = NULL;
    g_autofree char *b = NULL;
    gsize n_a, n_b, same = 0;
    g_assert_true(g_file_get_contents(plain, &a, &n_a, NULL));
    g_assert_true(g_file_get_contents(noted, &b, &n_b, NULL));
    if (g_str_has_suffix(plain, ".webp"))
        memcpy(b + 4, a + 4, 4);
    while (same < n_a && a[same] == b[same])
        same++;
    g_assert_cmpuint(n_b, >, n_a);
    g_assert_cmpmem(a + same, n_a - same, b + n_b - (n_a - same), n_a - same);
}

static void test_formats(Place *place, gconstpointer data)
{
    static const char *const endings[] = {"png", "jpg", "tif", "webp", "exr"};
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *plain_name = g_strconcat("plain.", endings[i], NULL);
        g_autofree char *noted_name = g_strconcat("noted.", endings[i], NULL);
        g_autofree char *plain = save(place, plain_name, NULL);
        g_autofree char *noted = save(place, noted_name, &provenance);
        g_auto(GanProvenance) none = {0};
        g_test_message("%s", endings[i]);
        g_assert_false(gan_provenance_read(plain, &none));
        assert_noted(noted);
        assert_only_added(plain, noted);
        g_autoptr(GBytes) a = pixels_of(plain);
        g_autoptr(GBytes) b = pixels_of(noted);
        g_assert_true(g_bytes_equal(a, b));
        // The note lies in the file, not in the record.
        g_autofree char *moved = g_build_filename(place->folder, "moved", NULL);
        g_assert_cmpint(g_rename(noted, moved), ==, 0);
        g_assert_null(gan_record_find(moved));
        assert_noted(moved);
    }
}

// A later note counts, as where the text of a source came along.
static void test_later(Place *place, gconstpointer data)
{
    static const char *const endings[] = {"png", "tif", "webp", "exr"};
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *name = g_strconcat("a.", endings[i], NULL);
        g_autofree char *path = save(place, name, &provenance);
        g_assert_true(gan_provenance_embed(path, "other\t1-1\tc.png"));
        g_auto(GanProvenance) found = {0};
        g_assert_true(gan_provenance_read(path, &found));
        g_assert_cmpstr(found.settings, ==, "other");
        g_bytes_unref(pixels_of(path)); // it is still read
    }
}

// Cut anywhere, files are read within their ends; what is found lies inside them.
static void test_cut(Place *place, gconstpointer data)
{
    static const char *const endings[] = {"png", "jpg", "tif", "webp", "exr"};
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *name = g_strconcat("a.", endings[i], NULL);
        g_autofree char *path = save(place, name, &provenance);
        g_autofree char *whole = NULL;
        gsize n;
        g_assert_true(g_file_get_contents(path, &whole, &n, NULL));
        for (gsize length = 0; length <= n; length++) {
            g_autofree guint8 *part = g_memdup2(whole, length);
            gsize text_length = 0;
            const char *text = gan_provenance_find(part, length, &text_length);
            if (text != NULL)
                g_assert_cmpuint((gsize)(text - (char *)part) + text_length, <=, length);
        }
    }
}

// A file that takes no note is known by its content, wherever it lies, until that changes.
static void test_record(Place *place, gconstpointer data)
{
    static const char gif[] = "GIF89a and what follows";
    g_autofree char *path = g_build_filename(place->folder, "a.gif", NULL);
    g_autofree char *moved = g_build_filename(place->folder, "b.gif", NULL);
    g_autofree char *text = gan_provenance_to_text(&provenance);
    g_auto(GanProvenance) none = {0};
    g_assert_true(g_file_set_contents(path, gif, sizeof gif, NULL));
    g_assert_false(gan_provenance_embed(path, text));
    g_assert_false(gan_provenance_read(path, &none));
    gan_record_add(path, "earlier\t1-1\tc.png");
    gan_record_add(path, text);
    assert_noted(path);
    g_assert_cmpint(g_rename(path, moved), ==, 0);
    assert_noted(moved);
    g_assert_true(g_file_set_contents(moved, gif, sizeof gif - 1, NULL));
    g_assert_false(gan_provenance_read(moved, &none));
}

// Files that differ have prints that do, also large ones in one byte near either end.
static void test_print(Place *place, gconstpointer data)
{
    g_autofree char *path = g_build_filename(place->folder, "large", NULL);
    const gsize n = ((gsize)3 << 20) + 17;
    g_autofree char *content = g_malloc0(n);
    g_autoptr(GHashTable) prints = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const gsize places[] = {0, 1, 65535, n - 1, n - 65536, 1000, 1001};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        content[places[i]] = 1;
        g_assert_true(g_file_set_contents(path, content, (gssize)n, NULL));
        g_assert_true(g_hash_table_add(prints, gan_provenance_print(path)));
    }
    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    g_assert_true(g_hash_table_add(prints, gan_provenance_print(path)));
    g_unlink(path);
    g_assert_null(gan_provenance_print(path));
}

static void remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_tree(inner);
    }
    g_remove(path);
}

int main(int argc, char **argv)
{
    // The records go into a folder of their own; GLib's folders for each test are never freed.
    g_autofree char *records = g_dir_make_tmp("gan-records-XXXXXX", NULL);
    g_setenv("XDG_DATA_HOME", records, TRUE);
    g_test_init(&argc, &argv, NULL);
    gan_image_init(1);
    g_test_add("/provenance/noted-in-each-format", Place, NULL, set_up, test_formats, tear_down);
    g_test_add("/provenance/later-note-counts", Place, NULL, set_up, test_later, tear_down);
    g_test_add("/provenance/cut-files-are-read-within", Place, NULL, set_up, test_cut, tear_down);
    g_test_add("/provenance/record-knows-the-content", Place, NULL, set_up, test_record, tear_down);
    g_test_add("/provenance/prints-differ", Place, NULL, set_up, test_print, tear_down);
    const int status = g_test_run();
    gan_image_exit();
    remove_tree(records);
    return status;
}
