// SPDX-License-Identifier: LGPL-3.0-or-later
// Command-line values: parsing with messages that name the option, what was found and
// what was wanted.
#include "options.h"

#include <gan/error.h>
#include <gan/nearest.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// No picture side of this program is larger; GEGL counts pixels in int.
#define LARGEST_SIDE 1000000u

CliExit cli_options_complain(GError *error)
{
    g_printerr("%s: %s\n", g_get_prgname(), error->message);
    g_printerr("'%s --help' shows what it takes.\n", g_get_prgname());
    g_error_free(error);
    return CLI_EXIT_USAGE;
}

CliExit cli_options_fail(GError *error)
{
    g_printerr("%s: %s\n", g_get_prgname(), error->message);
    g_error_free(error);
    return CLI_EXIT_FAILED;
}

// Returns the option that was meant by the first argument that names none; NULL when none is near.
static char *nearest_option(char **argv, const GOptionEntry *entries)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (const GOptionEntry *entry = entries; entry->long_name != NULL; entry++)
        if (entry->long_name[0] != '\0')
            g_ptr_array_add(known, (gpointer)entry->long_name);
    g_ptr_array_add(known, (gpointer) "help");
    g_ptr_array_add(known, NULL);
    for (char **argument = argv + 1; *argument != NULL && strcmp(*argument, "--") != 0;
         argument++) {
        if (!g_str_has_prefix(*argument, "--"))
            continue;
        g_autofree char *name = g_strndup(*argument + 2, strcspn(*argument + 2, "="));
        if (!g_strv_contains((const char *const *)known->pdata, name))
            return g_strdup(gan_nearest(name, (const char *const *)known->pdata));
    }
    return NULL;
}

gboolean cli_options_parse(int argc, char **argv, const GOptionEntry *entries,
                           const char *arguments, const char *summary, const char *description)
{
    GOptionContext *context = g_option_context_new(arguments);
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);
    g_option_context_add_main_entries(context, entries, NULL);
    GError *error = NULL;
    g_auto(GStrv) given = g_strdupv(argv);
    const gboolean fine = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);
    g_autofree char *nearest = g_error_matches(error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION)
                                   ? nearest_option(given, entries)
                                   : NULL;
    if (nearest != NULL) {
        GError *asked = g_error_new(error->domain, error->code, "%s. Did you mean --%s?",
                                    error->message, nearest);
        g_error_free(error);
        error = asked;
    }
    if (!fine)
        cli_options_complain(error);
    return fine;
}

gboolean cli_options_number(const char *option, const char *text, double least, double most,
                            double *number, GError **error)
{
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);
    if (end != text && *end == '/' && g_ascii_isdigit(end[1]))
        value /= g_ascii_strtod(end + 1, &end);
    if (end == text || *end != '\0' || !isfinite(value)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "%s is '%s'; it takes a number from %g to %g.", option, text, least, most);
        return FALSE;
    }
    if (value < least || value > most) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "%s is %s; it goes from %g to %g.",
                    option, text, least, most);
        return FALSE;
    }
    *number = value;
    return TRUE;
}

gboolean cli_options_integer(const char *option, gint64 value, gint64 least, gint64 most,
                             GError **error)
{
    if (value >= least && value <= most)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                "%s is %" G_GINT64_FORMAT "; it goes from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                ".",
                option, value, least, most);
    return FALSE;
}

gboolean cli_options_bytes(const char *option, const char *text, guint64 *bytes, GError **error)
{
    static const char units[] = "KMGT";
    char *end = NULL;
    const double value = g_ascii_strtod(text, &end);
    double unit = 1;
    gboolean fine = end != text && isfinite(value) && value > 0;
    if (fine && *end != '\0') {
        const char *place = strchr(units, g_ascii_toupper(*end));
        fine = place != NULL;
        if (fine) {
            unit = ldexp(1, 10 * (int)(place - units + 1));
            end++;
            fine = *end == '\0' || g_ascii_strcasecmp(end, "B") == 0 ||
                   g_ascii_strcasecmp(end, "iB") == 0;
        }
    }
    if (!fine || value * unit < 1 || value * unit >= ldexp(1, 62)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "%s is '%s'; it takes a number of bytes with K, M, G or T behind it, such as "
                    "512M or 2G.",
                    option, text);
        return FALSE;
    }
    *bytes = (guint64)(value * unit);
    return TRUE;
}

// Reads digits at *text into *side, 0 when there are none.
static gboolean read_side(const char **text, guint *side)
{
    guint64 value = 0;
    while (g_ascii_isdigit(**text)) {
        value = value * 10 + (guint64)(**text - '0');
        if (value > LARGEST_SIDE)
            return FALSE;
        (*text)++;
    }
    *side = (guint)value;
    return TRUE;
}

gboolean cli_options_size(const char *option, const char *text, gboolean partial, guint *width,
                          guint *height, GError **error)
{
    const char *rest = text;
    guint w = 0, h = 0;
    gboolean fine = read_side(&rest, &w) && (*rest == 'x' || *rest == 'X');
    if (fine) {
        rest++;
        fine = read_side(&rest, &h) && *rest == '\0';
    }
    if (fine)
        fine = partial ? w > 0 || h > 0 : w > 0 && h > 0;
    if (!fine) {
        g_set_error(
            error, GAN_ERROR, GAN_ERROR_ARGUMENT,
            "%s is '%s'; it takes WIDTHxHEIGHT in pixels, such as 1920x1080%s, each at most %u.",
            option, text, partial ? ", or 1920x or x1080 to keep the proportions" : "",
            LARGEST_SIDE);
        return FALSE;
    }
    *width = w;
    *height = h;
    return TRUE;
}

gboolean cli_options_dtype(const char *option, const char *text, GanDtype *dtype, GError **error)
{
    for (GanDtype known = GAN_DTYPE_F32; known <= GAN_DTYPE_BF16; known++)
        if (g_ascii_strcasecmp(text, cli_options_dtype_name(known)) == 0) {
            *dtype = known;
            return TRUE;
        }
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "%s is '%s'; it takes f32, f16 or bf16.",
                option, text);
    return FALSE;
}

const char *cli_options_dtype_name(GanDtype dtype)
{
    switch (dtype) {
    case GAN_DTYPE_F32:
        return "f32";
    case GAN_DTYPE_F16:
        return "f16";
    case GAN_DTYPE_BF16:
        return "bf16";
    case GAN_DTYPE_F64:
        return "f64";
    case GAN_DTYPE_F8:
        return "f8";
    case GAN_DTYPE_OTHER:
        break;
    }
    return "other";
}

gboolean cli_options_blend(const char *text, guint split, char **a, char **b, double *t,
                           GError **error)
{
    const char *last = strrchr(text, ':');
    const char *middle = last != NULL ? memchr(text, ':', (gsize)(last - text)) : NULL;
    if (middle == NULL || middle == text || middle + 1 == last) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--blend is '%s'; it takes A:B:T, two models and the part of B from 0 to 1.",
                    text);
        return FALSE;
    }
    double part = 0;
    if (!cli_options_number("The part of the second model in --blend", last + 1, 0, 1, &part,
                            error))
        return FALSE;
    for (guint i = 0; i < split && middle != NULL; i++)
        middle = memchr(middle + 1, ':', (gsize)(last - middle - 1));
    if (middle == NULL || middle + 1 == last)
        return FALSE;
    *a = g_strndup(text, (gsize)(middle - text));
    *b = g_strndup(middle + 1, (gsize)(last - middle - 1));
    *t = part;
    return TRUE;
}
