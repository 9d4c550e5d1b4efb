// SPDX-License-Identifier: LGPL-3.0-or-later
// What a kind of argument is, one row a kind: how its values are held and checked, and as what the
// procedures of both versions of GIMP take them.
#ifndef PLUGIN_ARGUMENT_KINDS_H
#define PLUGIN_ARGUMENT_KINDS_H

#include "argument.h"

G_BEGIN_DECLS

// Types of GIMP 2.10's procedures.
typedef enum {
    ARGUMENT_2_INT,
    ARGUMENT_2_FLOAT,
    ARGUMENT_2_STRING,
    ARGUMENT_2_COLOUR,
    ARGUMENT_2_DRAWABLE,
} ArgumentIn2;

// Types of GIMP 3's procedures.
typedef enum {
    ARGUMENT_3_BOOLEAN,
    ARGUMENT_3_INT,
    ARGUMENT_3_DOUBLE,
    ARGUMENT_3_STRING,
    ARGUMENT_3_CHOICE,
    ARGUMENT_3_FILE,
    ARGUMENT_3_COLOUR,
    ARGUMENT_3_DRAWABLE,
} ArgumentIn3;

typedef struct {
    gboolean is_text;  // the value is a string; else a number
    gboolean is_brief; // for this run only: what GIMP numbers anew is no last-used value
    ArgumentIn2 in_2;
    ArgumentIn3 in_3;

    // Checks a value; NULL: all are good.
    // Errors:  GAN_ERROR_ARGUMENT: names the argument, what was found and what is allowed.
    gboolean (*check)(const Argument *argument, const char *text, double number, GError **error);

    // What the value may be, as the descriptions of GIMP's own procedures have it, beginning with a
    // space; NULL: the sentence says all.
    char *(*allowed)(const Argument *argument);
} ArgumentKindInfo;

const ArgumentKindInfo *argument_kind(const Argument *argument);

// The tooltip of an argument, to be translated.
const char *argument_tip(const Argument *argument);

G_END_DECLS
#endif
