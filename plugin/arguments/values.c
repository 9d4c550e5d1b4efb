// SPDX-License-Identifier: LGPL-3.0-or-later
// The values of one task's arguments.
#include "values.h"

#include "kinds.h"

#include <math.h>
#include <string.h>

#define GROUP "values"

struct Values {
    const Argument *arguments;
    guint n;
    double *numbers; // of a choice: its index, or -1 where the text is none of its names
    guint jpeg_quality;
    char **texts; // of the kinds that are strings, and of choices; never NULL for these
};

static gboolean is_text(const Argument *argument)
{
    return argument_kind(argument)->is_text;
}

static const char *choice_name(const Argument *argument, double index)
{
    for (guint i = 0; argument->choices[i].name != NULL; i++)
        if ((double)i == index)
            return argument->choices[i].name;
    return NULL;
}

static double choice_index(const Argument *argument, const char *name)
{
    for (guint i = 0; argument->choices[i].name != NULL; i++)
        if (strcmp(argument->choices[i].name, name) == 0)
            return i;
    return -1.0;
}

gboolean values_has(const Values *values, const char *name)
{
    for (guint i = 0; i < values->n; i++)
        if (strcmp(values->arguments[i].name, name) == 0)
            return TRUE;
    return FALSE;
}

// An unknown name is an error of the program, not of its user.
static guint find(const Values *values, const char *name)
{
    for (guint i = 0; i < values->n; i++)
        if (strcmp(values->arguments[i].name, name) == 0)
            return i;
    g_error("there is no argument called '%s'", name);
}

static void set_number(Values *values, guint i, double number)
{
    values->numbers[i] = number;
    if (values->arguments[i].kind != ARGUMENT_CHOICE)
        return;
    const char *name = choice_name(&values->arguments[i], number);
    g_free(values->texts[i]);
    values->texts[i] = name != NULL ? g_strdup(name) : g_strdup_printf("%g", number);
}

static void set_text(Values *values, guint i, const char *text)
{
    char *copy = g_strdup(text != NULL ? text : "");
    g_free(values->texts[i]);
    values->texts[i] = copy;
    if (values->arguments[i].kind == ARGUMENT_CHOICE)
        values->numbers[i] = choice_index(&values->arguments[i], copy);
}

Values *values_new(const Argument *arguments, guint n_arguments)
{
    Values *values = g_new0(Values, 1);
    values->arguments = arguments;
    values->n = n_arguments;
    values->numbers = g_new0(double, n_arguments + 1);
    values->texts = g_new0(char *, n_arguments + 1);
    for (guint i = 0; i < n_arguments; i++) {
        if (is_text(&arguments[i]))
            set_text(values, i, arguments[i].initial_text);
        else
            set_number(values, i, arguments[i].initial);
    }
    return values;
}

static void take(Values *values, const Values *from, guint i)
{
    char *text = g_strdup(from->texts[i]);
    g_free(values->texts[i]);
    values->texts[i] = text;
    values->numbers[i] = from->numbers[i];
}

Values *values_copy(const Values *values)
{
    Values *copy = values_new(values->arguments, values->n);
    for (guint i = 0; i < values->n; i++)
        take(copy, values, i);
    copy->jpeg_quality = values->jpeg_quality;
    return copy;
}

void values_free(Values *values)
{
    if (values == NULL)
        return;
    for (guint i = 0; i < values->n; i++)
        g_free(values->texts[i]);
    g_free(values->texts);
    g_free(values->numbers);
    g_free(values);
}

guint values_jpeg_quality(const Values *values)
{
    return values->jpeg_quality;
}

void values_set_jpeg_quality(Values *values, guint quality)
{
    values->jpeg_quality = quality;
}

double values_number(const Values *values, const char *name)
{
    const guint i = find(values, name);
    g_return_val_if_fail(!is_text(&values->arguments[i]), 0.0);
    return values->numbers[i];
}

gint values_integer(const Values *values, const char *name)
{
    const double number = values_number(values, name);
    return number >= G_MININT && number <= G_MAXINT ? (gint)lround(number) : -1;
}

const char *values_text(const Values *values, const char *name)
{
    const guint i = find(values, name);
    g_return_val_if_fail(values->texts[i] != NULL, "");
    return values->texts[i];
}

void values_set_number(Values *values, const char *name, double number)
{
    const guint i = find(values, name);
    g_return_if_fail(!is_text(&values->arguments[i]));
    set_number(values, i, number);
}

void values_set_text(Values *values, const char *name, const char *text)
{
    const guint i = find(values, name);
    g_return_if_fail(values->texts[i] != NULL);
    set_text(values, i, text);
}

void values_take(Values *values, const Values *from, const char *name)
{
    take(values, from, find(values, name));
}

void values_colour(const Values *values, const char *name, double rgb[3])
{
    const char *text = values_text(values, name);
    const guint64 bits = text[0] == '#' ? g_ascii_strtoull(text + 1, NULL, 16) : 0;
    for (guint c = 0; c < 3; c++)
        rgb[c] = (double)(bits >> (16 - 8 * c) & 255) / 255.0;
}

void values_set_colour(Values *values, const char *name, const double rgb[3])
{
    guint bytes[3];
    for (guint c = 0; c < 3; c++)
        bytes[c] = (guint)lround(CLAMP(rgb[c], 0.0, 1.0) * 255.0);
    g_autofree char *text = g_strdup_printf("#%02x%02x%02x", bytes[0], bytes[1], bytes[2]);
    values_set_text(values, name, text);
}

static gboolean check_one(const Values *values, guint i, GError **error)
{
    const Argument *argument = &values->arguments[i];
    const ArgumentKindInfo *kind = argument_kind(argument);
    return kind->check == NULL ||
           kind->check(argument, values->texts[i], values->numbers[i], error);
}

gboolean values_check(const Values *values, GError **error)
{
    for (guint i = 0; i < values->n; i++)
        if (!check_one(values, i, error))
            return FALSE;
    return TRUE;
}

char *values_to_text(const Values *values)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    for (guint i = 0; i < values->n; i++) {
        const char *name = values->arguments[i].name;
        if (argument_kind(&values->arguments[i])->is_brief)
            continue;
        if (values->texts[i] != NULL)
            g_key_file_set_string(file, GROUP, name, values->texts[i]);
        else
            g_key_file_set_double(file, GROUP, name, values->numbers[i]);
    }
    return g_key_file_to_data(file, NULL, NULL);
}

void values_from_text(Values *values, const char *text)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (text == NULL || !g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL))
        return;
    for (guint i = 0; i < values->n; i++) {
        const char *name = values->arguments[i].name;
        const double number = values->numbers[i];
        if (argument_kind(&values->arguments[i])->is_brief)
            continue;
        g_autofree char *former = g_strdup(values->texts[i]);
        g_autoptr(GError) error = NULL;
        if (values->texts[i] != NULL) {
            g_autofree char *found = g_key_file_get_string(file, GROUP, name, &error);
            if (found != NULL)
                set_text(values, i, found);
        } else {
            const double found = g_key_file_get_double(file, GROUP, name, &error);
            if (error == NULL)
                set_number(values, i, found);
        }
        if (!check_one(values, i, NULL)) {
            values->numbers[i] = number;
            g_free(values->texts[i]);
            values->texts[i] = g_steal_pointer(&former);
        }
    }
}
