// SPDX-License-Identifier: LGPL-3.0-or-later
// Values of recipes: read from texts and written as texts, by the type of their key.
#include "keys.h"

#include <string.h>

static char *joined(const char *choices)
{
    g_auto(GStrv) words = g_strsplit(choices, "|", -1);
    return g_strjoinv(", ", words);
}

char *gan_key_takes(const GanKey *key)
{
    switch (key->type) {
    case GAN_KEY_TEXT:
        return g_strdup("a text");
    case GAN_KEY_FILE:
        return g_strdup("a file or folder");
    case GAN_KEY_INTEGER:
    case GAN_KEY_LARGE:
        return g_strdup_printf("a whole number from %.0f to %.0f", key->low, key->high);
    case GAN_KEY_NUMBER:
        return g_strdup_printf("a number from %g to %g", key->low, key->high);
    case GAN_KEY_FLAG:
        return g_strdup("yes or no");
    case GAN_KEY_CHOICE: {
        g_autofree char *words = joined(key->choices);
        return g_strdup_printf("one of %s", words);
    }
    case GAN_KEY_RANGE:
        return g_strdup_printf("two numbers from %g to %g, the lower first", key->low, key->high);
    case GAN_KEY_THREE:
        return g_strdup("three numbers of which one at least is above 0");
    case GAN_KEY_SIX:
        return g_strdup("six numbers of which one at least is above 0");
    case GAN_KEY_STEPS:
        return g_strdup("whole numbers that rise, with spaces between");
    }
    g_assert_not_reached();
}

// Reads `n` numbers in the key's bounds, and nothing else.
static gboolean read_numbers(const GanKey *key, const char *text, double *values, guint n)
{
    const char *at = text;
    for (guint i = 0; i < n; i++) {
        char *end = NULL;
        values[i] = g_ascii_strtod(at, &end);
        // The comparison also refuses what is not a number.
        if (end == at || !(values[i] >= key->low && values[i] <= key->high))
            return FALSE;
        at = end;
    }
    return at[strspn(at, " \t")] == '\0';
}

static gboolean read_steps(const GanKey *key, const char *text, GanSteps *steps)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t,", -1);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint64));
    guint64 last = 0;
    for (guint i = 0; words[i] != NULL; i++) {
        guint64 value;
        if (words[i][0] == '\0')
            continue;
        if (!g_ascii_string_to_unsigned(words[i], 10, (guint64)key->low, (guint64)key->high, &value,
                                        NULL) ||
            value <= last)
            return FALSE;
        last = value;
        g_array_append_val(found, value);
    }
    g_free(steps->values);
    steps->n = found->len;
    steps->values = (guint64 *)(gpointer)g_array_free(g_steal_pointer(&found), FALSE);
    return TRUE;
}

static gboolean read_choice(const GanKey *key, const char *text, guint *choice)
{
    g_auto(GStrv) words = g_strsplit(key->choices, "|", -1);
    for (guint i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0) {
            *choice = i;
            return TRUE;
        }
    return FALSE;
}

gboolean gan_key_read(const GanKey *key, const char *text, gpointer settings)
{
    gpointer member = (char *)settings + key->offset;
    double numbers[6];
    guint64 whole;
    switch (key->type) {
    case GAN_KEY_TEXT:
    case GAN_KEY_FILE:
        g_free(*(char **)member);
        *(char **)member = g_strdup(text);
        return key->fallback != NULL || text[0] != '\0';
    case GAN_KEY_INTEGER:
    case GAN_KEY_LARGE:
        if (!g_ascii_string_to_unsigned(text, 10, (guint64)key->low, (guint64)key->high, &whole,
                                        NULL))
            return FALSE;
        if (key->type == GAN_KEY_INTEGER)
            *(guint *)member = (guint)whole;
        else
            *(guint64 *)member = whole;
        return TRUE;
    case GAN_KEY_NUMBER:
        return read_numbers(key, text, member, 1);
    case GAN_KEY_FLAG:
        *(gboolean *)member = strcmp(text, "yes") == 0;
        return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
    case GAN_KEY_CHOICE:
        return read_choice(key, text, member);
    case GAN_KEY_RANGE:
        if (!read_numbers(key, text, numbers, 2) || numbers[0] > numbers[1])
            return FALSE;
        *(GanRange *)member = (GanRange){numbers[0], numbers[1]};
        return TRUE;
    case GAN_KEY_THREE:
    case GAN_KEY_SIX: {
        const guint n = key->type == GAN_KEY_THREE ? 3 : 6;
        double sum = 0;
        if (!read_numbers(key, text, numbers, n))
            return FALSE;
        for (guint i = 0; i < n; i++)
            sum += numbers[i];
        memcpy(member, numbers, n * sizeof *numbers);
        return sum > 0;
    }
    case GAN_KEY_STEPS:
        return read_steps(key, text, member);
    }
    g_assert_not_reached();
}

char *gan_key_text(const GanKey *key, gconstpointer settings)
{
    const gconstpointer member = (const char *)settings + key->offset;
    const double *numbers = member;
    switch (key->type) {
    case GAN_KEY_TEXT:
    case GAN_KEY_FILE:
        return g_strdup(*(char *const *)member);
    case GAN_KEY_INTEGER:
        return g_strdup_printf("%u", *(const guint *)member);
    case GAN_KEY_LARGE:
        return g_strdup_printf("%" G_GUINT64_FORMAT, *(const guint64 *)member);
    case GAN_KEY_FLAG:
        return g_strdup(*(const gboolean *)member ? "yes" : "no");
    case GAN_KEY_CHOICE: {
        g_auto(GStrv) words = g_strsplit(key->choices, "|", -1);
        return g_strdup(words[*(const guint *)member]);
    }
    case GAN_KEY_STEPS: {
        const GanSteps *steps = member;
        GString *text = g_string_new(NULL);
        for (guint i = 0; i < steps->n; i++)
            g_string_append_printf(text, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "",
                                   steps->values[i]);
        return g_string_free(text, FALSE);
    }
    case GAN_KEY_NUMBER:
    case GAN_KEY_RANGE:
    case GAN_KEY_THREE:
    case GAN_KEY_SIX:
        break;
    }
    const guint n = key->type == GAN_KEY_NUMBER  ? 1
                    : key->type == GAN_KEY_RANGE ? 2
                    : key->type == GAN_KEY_THREE ? 3
                                                 : 6;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
                               g_ascii_formatd(number, sizeof number, "%.12g", numbers[i]));
    }
    return g_string_free(text, FALSE);
}

void gan_key_clear(const GanKey *key, gpointer settings)
{
    gpointer member = (char *)settings + key->offset;
    if (key->type == GAN_KEY_TEXT || key->type == GAN_KEY_FILE)
        g_free(*(char **)member);
    if (key->type == GAN_KEY_STEPS)
        g_free(((GanSteps *)member)->values);
}
