// SPDX-License-Identifier: LGPL-3.0-or-later
// Times and sizes in words.
#include <math.h>
#include <quantity.h>

static void test_time(void)
{
    static const struct {
        double seconds;
        const char *text;
    } TIMES[] = {
        {0.0, "1 s"},
        {0.2, "1 s"},
        {11.01, "12 s"},
        {59.5, "1 min 0 s"},
        {80, "1 min 20 s"},
        {3599, "59 min 59 s"},
        {3600, "1 h 0 min"},
        {7500, "2 h 5 min"},
        {1e30, "277777 h 46 min"},
        {INFINITY, "277777 h 46 min"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(TIMES); i++) {
        g_autofree char *text = quantity_time(TIMES[i].seconds);
        g_assert_cmpstr(text, ==, TIMES[i].text);
    }
}

static void test_bytes(void)
{
    static const struct {
        guint64 bytes;
        const char *text;
    } SIZES[] = {
        {0, "0 kB"},           {5, "1 kB"},           {11900, "12 kB"},       {999400, "999 kB"},
        {999600, "1.0 MB"},    {2340000, "2.3 MB"},   {9960000, "10 MB"},     {849600000, "850 MB"},
        {999400000, "999 MB"}, {999600000, "1.0 GB"}, {1540000000, "1.5 GB"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(SIZES); i++) {
        g_autofree char *text = quantity_bytes(SIZES[i].bytes);
        g_assert_cmpstr(text, ==, SIZES[i].text);
    }
}

static void test_factor(void)
{
    static const struct {
        const char *text;
        double factor; // below 0: it is none
    } FACTORS[] = {
        {"2", 2.0},       {" 2.5 ", 2.5}, {"2,5", 2.5},  {"3/2", 1.5},    {"3 / 2", 1.5},
        {"4:3", 4.0 / 3}, {"150 %", 1.5}, {"150%", 1.5}, {"×2", 2.0},     {"x 1.5", 1.5},
        {"", -1.0},       {"two", -1.0},  {"3/", -1.0},  {"3/0", -1.0},   {"1.2.3", -1.0},
        {"2 3", -1.0},    {"-2", -1.0},   {"1e3", -1.0}, {"1/2/3", -1.0}, {".", -1.0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(FACTORS); i++) {
        double factor = 0.0;
        g_test_message("'%s'", FACTORS[i].text);
        g_assert_true(quantity_parse_factor(FACTORS[i].text, &factor) ==
                      (FACTORS[i].factor >= 0.0));
        if (FACTORS[i].factor >= 0.0)
            g_assert_cmpfloat_with_epsilon(factor, FACTORS[i].factor, 1e-12);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quantity/times-in-words", test_time);
    g_test_add_func("/quantity/sizes-in-words", test_bytes);
    g_test_add_func("/quantity/factors-as-people-write-them", test_factor);
    return g_test_run();
}
