// SPDX-License-Identifier: LGPL-3.0-or-later
#include "kinds.h"

#include <gan/error.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

// --- checks ---

static gboolean check_choice(const Argument *argument, const char *text, double number,
                             GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; argument->choices[i].name != NULL; i++) {
        if ((double)i == number)
            return TRUE;
        g_string_append_printf(names, "%s%u %s", i > 0 ? ", " : "", i, argument->choices[i].name);
    }
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The argument '%s' is %s; it needs to be one of: %s."), argument->name, text,
                names->str);
    return FALSE;
}

static gboolean check_number(const Argument *argument, const char *text, double number,
                             GError **error)
{
    // The comparison also refuses what is not a number.
    if (number >= argument->minimum && number <= argument->maximum)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The argument '%s' is %g; it needs to be from %g to %g."), argument->name, number,
                argument->minimum, argument->maximum);
    return FALSE;
}

static gboolean check_whole(const Argument *argument, const char *text, double number,
                            GError **error)
{
    if (number >= argument->minimum && number <= argument->maximum && number == rint(number))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The argument '%s' is %g; it needs to be a whole number from %g to %g."),
                argument->name, number, argument->minimum, argument->maximum);
    return FALSE;
}

static gboolean check_colour(const Argument *argument, const char *text, double number,
                             GError **error)
{
    enum { N_DIGITS = 6 };
    guint n = 0;
    while (text[0] == '#' && g_ascii_isxdigit(text[n + 1]))
        n++;
    if (n == N_DIGITS && text[n + 1] == 0)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The argument '%s' is '%s'; it needs to be a colour such as #ff8000."),
                argument->name, text);
    return FALSE;
}

// --- descriptions ---

static char *allowed_choices(const Argument *argument)
{
    GString *text = g_string_new(" { ");
    for (guint i = 0; argument->choices[i].name != NULL; i++)
        g_string_append_printf(text, "%s%s (%u)", i > 0 ? ", " : "", argument->choices[i].name, i);
    g_string_append(text, " }");
    return g_string_free(text, FALSE);
}

static char *allowed_flags(const Argument *argument)
{
    return g_strdup(" (TRUE or FALSE)");
}

static char *allowed_range(const Argument *argument)
{
    return g_strdup_printf(" (%.10g <= %s <= %.10g)", argument->minimum, argument->name,
                           argument->maximum);
}

// --- the table ---

static const ArgumentKindInfo KINDS[ARGUMENT_N_KINDS] = {
    [ARGUMENT_MODEL] = {TRUE, FALSE, ARGUMENT_2_STRING, ARGUMENT_3_STRING, NULL, NULL},
    [ARGUMENT_DEVICE] = {TRUE, FALSE, ARGUMENT_2_STRING, ARGUMENT_3_STRING, NULL, NULL},
    [ARGUMENT_STRING] = {TRUE, FALSE, ARGUMENT_2_STRING, ARGUMENT_3_STRING, NULL, NULL},
    [ARGUMENT_FILE] = {TRUE, FALSE, ARGUMENT_2_STRING, ARGUMENT_3_FILE, NULL, NULL},
    [ARGUMENT_COLOUR] = {TRUE, FALSE, ARGUMENT_2_COLOUR, ARGUMENT_3_COLOUR, check_colour, NULL},
    [ARGUMENT_CHOICE] = {FALSE, FALSE, ARGUMENT_2_INT, ARGUMENT_3_CHOICE, check_choice,
                         allowed_choices},
    [ARGUMENT_BOOLEAN] = {FALSE, FALSE, ARGUMENT_2_INT, ARGUMENT_3_BOOLEAN, check_whole,
                          allowed_flags},
    [ARGUMENT_INTEGER] = {FALSE, FALSE, ARGUMENT_2_INT, ARGUMENT_3_INT, check_whole, allowed_range},
    [ARGUMENT_SEED] = {FALSE, FALSE, ARGUMENT_2_INT, ARGUMENT_3_INT, check_whole, allowed_range},
    [ARGUMENT_NUMBER] = {FALSE, FALSE, ARGUMENT_2_FLOAT, ARGUMENT_3_DOUBLE, check_number,
                         allowed_range},
    [ARGUMENT_DRAWABLE] = {FALSE, TRUE, ARGUMENT_2_DRAWABLE, ARGUMENT_3_DRAWABLE, NULL, NULL},
};

const ArgumentKindInfo *argument_kind(const Argument *argument)
{
    return &KINDS[argument->kind];
}

const char *argument_tip(const Argument *argument)
{
    return argument->tip != NULL ? argument->tip : argument->blurb;
}
