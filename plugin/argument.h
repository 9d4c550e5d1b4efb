// SPDX-License-Identifier: LGPL-3.0-or-later
// What a menu item asks for, declared once: the hosts make the procedure's arguments, their
// documentation and the last-used values from it, the dialog its rows.
#ifndef PLUGIN_ARGUMENT_H
#define PLUGIN_ARGUMENT_H

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    // String: name in the catalogue or path of a weight file; "": the first that fits.
    ARGUMENT_MODEL,
    ARGUMENT_DEVICE, // string: "auto", "cpu", "cuda", …
    ARGUMENT_STRING,
    ARGUMENT_CHOICE, // index into `choices`; GIMP 2.10 passes the index, GIMP 3 the name
    ARGUMENT_BOOLEAN,
    ARGUMENT_INTEGER,
    ARGUMENT_NUMBER,
} ArgumentKind;

// How a dialog shows an argument where the kind does not say it.
typedef enum {
    ARGUMENT_PLAIN,
    ARGUMENT_SLIDER, // a number with a slider
    // An integer in pixels, 0: "from the factor"; in one size entry, with chain and units, with the
    // height that follows it.
    ARGUMENT_WIDTH,
    ARGUMENT_HEIGHT,
    ARGUMENT_FACTOR, // the number that width and height follow
    ARGUMENT_HIDDEN, // for procedures only
} ArgumentLook;

// In which part of a dialog an argument stands, from the top down.
typedef enum {
    ARGUMENT_BY_KIND, // a model in the first, a device in the last, all else among the controls
    ARGUMENT_IN_MODEL,
    ARGUMENT_IN_CONTROLS,
    ARGUMENT_IN_SCOPE,
    ARGUMENT_IN_ADVANCED, // hidden until asked for
} ArgumentSection;

typedef struct {
    const char *name;  // "flip": argument of an option as Script-Fu names it
    const char *label; // N_("_Flip")
} ArgumentChoice;

typedef struct {
    const char *name;  // "keep-print-size", unique in its task
    const char *label; // N_("_Keep the print size"), with a mnemonic
    const char *blurb; // N_(…): one sentence for the tooltip and the procedure browser
    ArgumentKind kind;
    ArgumentLook look;
    ArgumentSection section;
    double minimum, maximum, initial; // of integers, numbers, choices (index), booleans (0, 1)
    guint digits;                     // shown of a number
    const char *initial_text;         // of the kinds that are strings; NULL: ""
    const ArgumentChoice *choices;    // NULL-terminated by name
} Argument;

// The values of one task's arguments.
typedef struct Values Values;

Values *values_new(const Argument *arguments, guint n_arguments); // initial values
Values *values_copy(const Values *values);
void values_free(Values *values); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Values, values_free)

// By the argument's name, which must be one of the task's; strings are borrowed until the next set.
double values_number(const Values *values, const char *name);
gint values_integer(const Values *values, const char *name); // also choices and booleans
const char *values_text(const Values *values, const char *name);
void values_set_number(Values *values, const char *name, double number);
void values_set_text(Values *values, const char *name, const char *text);

// Checks every value against its declaration.
// Errors:  GAN_ERROR_ARGUMENT: names the argument, what was found and what is allowed.
gboolean values_check(const Values *values, GError **error);

// As a key file's text and back, for last-used values; unknown keys and values out of
// range are left out.
char *values_to_text(const Values *values);
void values_from_text(Values *values, const char *text);

G_END_DECLS
#endif
