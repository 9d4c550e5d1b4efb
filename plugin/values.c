// SPDX-License-Identifier: LGPL-3.0-or-later
// The values of one task's arguments.
#include "argument.h"

#include <gan/error.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define GROUP "values"

struct Values {
    const Argument *arguments;
    guint n;
    double *numbers; // of a choice: its index, or -1 where the text is none of its names
    char **texts;    // of the kinds that are strings, and of choices; never NULL for these
};

static gboolean is_text(const Argument *argument)
{
    return argument->kind == ARGUMENT_MODEL || argument->kind == ARGUMENT_DEVICE ||
           argument->kind == ARGUMENT_STRING;
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

Values *values_copy(const Values *values)
{
    Values *copy = values_new(values->arguments, values->n);
    for (guint i = 0; i < values->n; i++) {
        copy->numbers[i] = values->numbers[i];
        g_free(copy->texts[i]);
        copy->texts[i] = g_strdup(values->texts[i]);
    }
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

static gboolean check_choice(const Argument *argument, const char *text, double index,
                             GError **error)
{
    if (choice_name(argument, index) != NULL)
        return TRUE;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; argument->choices[i].name != NULL; i++)
        g_string_append_printf(names, "%s%u %s", i > 0 ? ", " : "", i, argument->choices[i].name);
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The argument '%s' is %s; it needs to be one of: %s."), argument->name, text,
                names->str);
    return FALSE;
}

static gboolean check_number(const Argument *argument, double number, GError **error)
{
    // The comparison also refuses what is not a number.
    const gboolean in_range = number >= argument->minimum && number <= argument->maximum;
    if (in_range && (argument->kind == ARGUMENT_NUMBER || number == rint(number)))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                argument->kind == ARGUMENT_NUMBER
                    ? _("The argument '%s' is %g; it needs to be from %g to %g.")
                    : _("The argument '%s' is %g; it needs to be a whole number from %g to %g."),
                argument->name, number, argument->minimum, argument->maximum);
    return FALSE;
}

static gboolean check_one(const Values *values, guint i, GError **error)
{
    const Argument *argument = &values->arguments[i];
    if (argument->kind == ARGUMENT_CHOICE)
        return check_choice(argument, values->texts[i], values->numbers[i], error);
    return is_text(argument) || check_number(argument, values->numbers[i], error);
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
