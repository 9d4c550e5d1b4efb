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
        {0, "0 kB"},           {11900, "12 kB"},       {999400, "999 kB"},    {999600, "1.0 MB"},
        {2340000, "2.3 MB"},   {9960000, "10 MB"},     {849600000, "850 MB"}, {999400000, "999 MB"},
        {999600000, "1.0 GB"}, {1540000000, "1.5 GB"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(SIZES); i++) {
        g_autofree char *text = quantity_bytes(SIZES[i].bytes);
        g_assert_cmpstr(text, ==, SIZES[i].text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quantity/times-in-words", test_time);
    g_test_add_func("/quantity/sizes-in-words", test_bytes);
    return g_test_run();
}
