// SPDX-License-Identifier: LGPL-3.0-or-later
// The values of a task's arguments: initial ones, checks, and as text and back.
#include <arguments/values.h>
#include <gan/error.h>
#include <math.h>
#include <string.h>

static const ArgumentChoice CHOICES[] = {
    {"image", "The image"}, {"layer", "The layer"}, {NULL, NULL}};

static const Argument ARGUMENTS[] = {
    {.name = "model", .kind = ARGUMENT_MODEL},
    {.name = "device", .kind = ARGUMENT_DEVICE, .initial_text = "auto"},
    {.name = "factor", .kind = ARGUMENT_NUMBER, .minimum = 0.5, .maximum = 16, .initial = 4},
    {.name = "width", .kind = ARGUMENT_INTEGER, .maximum = 1000},
    {.name = "keep", .kind = ARGUMENT_BOOLEAN, .maximum = 1, .initial = 1},
    {.name = "paper", .kind = ARGUMENT_FILE},
    {.name = "ink", .kind = ARGUMENT_COLOUR, .initial_text = "#ff8000"},
    {.name = "seed", .kind = ARGUMENT_SEED, .minimum = -1, .maximum = G_MAXINT32, .initial = -1},
    {.name = "mask", .kind = ARGUMENT_DRAWABLE},
    {.name = "scope", .kind = ARGUMENT_CHOICE, .maximum = 1, .initial = 1, .choices = CHOICES},
};

static Values *make(void)
{
    return values_new(ARGUMENTS, G_N_ELEMENTS(ARGUMENTS));
}

static void assert_initial(const Values *values)
{
    g_assert_cmpstr(values_text(values, "model"), ==, "");
    g_assert_cmpstr(values_text(values, "device"), ==, "auto");
    g_assert_cmpfloat(values_number(values, "factor"), ==, 4.0);
    g_assert_cmpint(values_integer(values, "width"), ==, 0);
    g_assert_cmpint(values_integer(values, "keep"), ==, 1);
    g_assert_cmpint(values_integer(values, "scope"), ==, 1);
    g_assert_cmpstr(values_text(values, "scope"), ==, "layer");
}

static void test_kinds(void)
{
    g_autoptr(Values) values = make();
    g_autoptr(Values) read = make();
    double rgb[3];
    g_assert_true(values_has(values, "ink"));
    g_assert_false(values_has(values, "pen"));
    values_colour(values, "ink", rgb);
    g_assert_cmpfloat(rgb[0], ==, 1.0);
    g_assert_cmpfloat_with_epsilon(rgb[1], 128.0 / 255.0, 1e-12);
    g_assert_cmpfloat(rgb[2], ==, 0.0);
    values_set_colour(values, "ink", (double[]){-1.0, 0.2, 7.0});
    g_assert_cmpstr(values_text(values, "ink"), ==, "#0033ff");
    values_set_text(values, "paper", "/tmp/a b.png");
    values_set_number(values, "seed", 7);
    values_set_number(values, "mask", 12);
    g_autofree char *text = values_to_text(values);
    values_from_text(read, text);
    g_assert_cmpstr(values_text(read, "ink"), ==, "#0033ff");
    g_assert_cmpstr(values_text(read, "paper"), ==, "/tmp/a b.png");
    g_assert_cmpint(values_integer(read, "seed"), ==, 7);
    // GIMP gives another item that number the next time.
    g_assert_null(strstr(text, "mask"));
    g_assert_cmpint(values_integer(read, "mask"), ==, 0);
    values_take(read, values, "mask");
    g_assert_cmpint(values_integer(read, "mask"), ==, 12);
}

static void test_initial(void)
{
    g_autoptr(Values) values = make();
    g_autoptr(GError) error = NULL;
    assert_initial(values);
    g_assert_true(values_check(values, &error));
    g_assert_no_error(error);
}

static void test_choices(void)
{
    g_autoptr(Values) values = make();
    values_set_text(values, "scope", "image");
    g_assert_cmpint(values_integer(values, "scope"), ==, 0);
    values_set_number(values, "scope", 1);
    g_assert_cmpstr(values_text(values, "scope"), ==, "layer");
}

static void test_copy(void)
{
    g_autoptr(Values) values = make();
    values_set_text(values, "model", "a");
    values_set_number(values, "factor", 2.5);
    g_autoptr(Values) copy = values_copy(values);
    values_set_text(values, "model", "b");
    values_set_number(values, "factor", 3);
    g_assert_cmpstr(values_text(copy, "model"), ==, "a");
    g_assert_cmpfloat(values_number(copy, "factor"), ==, 2.5);
}

// Sets the string to itself: what is read from the values may be given back to them.
static void test_set_own(void)
{
    g_autoptr(Values) values = make();
    values_set_text(values, "device", values_text(values, "device"));
    g_assert_cmpstr(values_text(values, "device"), ==, "auto");
    values_set_text(values, "device", NULL);
    g_assert_cmpstr(values_text(values, "device"), ==, "");
}

static void assert_refused(const Values *values, const char *name, const char *found,
                           const char *allowed)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(values_check(values, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    g_assert_nonnull(strstr(error->message, name));
    g_assert_nonnull(strstr(error->message, found));
    g_assert_nonnull(strstr(error->message, allowed));
}

static void test_check(void)
{
    static const struct {
        const char *name;
        double number;
        const char *found, *allowed;
    } BAD[] = {
        {"factor", 0.25, "0.25", "from 0.5 to 16"},
        {"factor", 17, "17", "from 0.5 to 16"},
        {"factor", NAN, "nan", "from 0.5 to 16"},
        {"factor", INFINITY, "inf", "from 0.5 to 16"},
        {"width", -1, "-1", "from 0 to 1000"},
        {"width", 2.5, "2.5", "whole number"},
        {"keep", 2, "2", "from 0 to 1"},
        {"seed", -2, "-2", "from -1 to"},
        {"scope", 2, "2", "0 image, 1 layer"},
        {"scope", 0.5, "0.5", "0 image, 1 layer"},
        {"scope", -1, "-1", "0 image, 1 layer"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(Values) values = make();
        values_set_number(values, BAD[i].name, BAD[i].number);
        assert_refused(values, BAD[i].name, BAD[i].found, BAD[i].allowed);
    }
    g_autoptr(Values) values = make();
    values_set_text(values, "scope", "universe");
    assert_refused(values, "scope", "universe", "0 image, 1 layer");
    static const char *const NO_COLOURS[] = {"", "red", "#", "#12345", "#1234567", "#12345g"};
    for (guint i = 0; i < G_N_ELEMENTS(NO_COLOURS); i++) {
        g_autoptr(Values) coloured = make();
        values_set_text(coloured, "ink", NO_COLOURS[i]);
        assert_refused(coloured, "ink", NO_COLOURS[i], "such as #ff8000");
    }
}

static void test_text(void)
{
    g_autoptr(Values) values = make();
    g_autoptr(Values) read = make();
    values_set_text(values, "model", "  a [b] = c;\\n\n\"é\" ");
    values_set_text(values, "device", "");
    values_set_number(values, "factor", 1.0 / 3.0 + 1.0);
    values_set_number(values, "width", 999);
    values_set_number(values, "keep", 0);
    values_set_text(values, "scope", "image");
    g_autofree char *text = values_to_text(values);
    values_from_text(read, text);
    g_assert_cmpstr(values_text(read, "model"), ==, values_text(values, "model"));
    g_assert_cmpstr(values_text(read, "device"), ==, "");
    g_assert_cmpfloat(values_number(read, "factor"), ==, values_number(values, "factor"));
    g_assert_cmpint(values_integer(read, "width"), ==, 999);
    g_assert_cmpint(values_integer(read, "keep"), ==, 0);
    g_assert_cmpint(values_integer(read, "scope"), ==, 0);
}

// What another version wrote, or what somebody broke.
static void test_bad_text(void)
{
    static const char *const BAD[] = {
        NULL,
        "",
        "rubbish",
        "[values]\nfactor=abc\nwidth=\nkeep=yes\nscope=universe\nunknown=1\n",
        "[values]\nfactor=99\nwidth=-1\nkeep=7\nscope=\n",
        "[other]\nfactor=2\n",
        "[values]\nfactor=nan\nwidth=1e99\n",
    };
    for (guint i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(Values) values = make();
        values_from_text(values, BAD[i]);
        assert_initial(values);
    }
    g_autoptr(Values) values = make();
    values_from_text(values, "[values]\nfactor=99\nwidth=12\n");
    g_assert_cmpfloat(values_number(values, "factor"), ==, 4.0);
    g_assert_cmpint(values_integer(values, "width"), ==, 12);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/values/begin-as-declared", test_initial);
    g_test_add_func("/values/files-colours-seeds-and-drawables-are-held", test_kinds);
    g_test_add_func("/values/choices-go-by-name-and-index", test_choices);
    g_test_add_func("/values/a-copy-is-independent", test_copy);
    g_test_add_func("/values/a-text-may-be-set-to-itself", test_set_own);
    g_test_add_func("/values/out-of-range-is-refused", test_check);
    g_test_add_func("/values/survive-as-text", test_text);
    g_test_add_func("/values/bad-text-changes-nothing", test_bad_text);
    return g_test_run();
}
