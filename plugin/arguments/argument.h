// SPDX-License-Identifier: LGPL-3.0-or-later
// What a menu item asks for, declared once: the hosts make the procedure's arguments, their
// documentation and the last-used values from it, the dialog its rows. What is to be known of a
// kind stands in one row of kinds.c; its widget is one file in dialog/rows.
#ifndef PLUGIN_ARGUMENT_H
#define PLUGIN_ARGUMENT_H

#include <gan/task.h>

G_BEGIN_DECLS

typedef enum {
    // String: name in the catalogue or path of a weight file; "": the first that fits.
    ARGUMENT_MODEL,
    ARGUMENT_DEVICE, // string: "auto", "cpu", "cuda", …
    ARGUMENT_STRING,
    ARGUMENT_FILE,   // string: a path; "": none
    ARGUMENT_COLOUR, // string: "#rrggbb", numbers as sRGB has them
    ARGUMENT_CHOICE, // index into `choices`; GIMP 2.10 passes the index, GIMP 3 the name
    ARGUMENT_BOOLEAN,
    ARGUMENT_INTEGER,
    ARGUMENT_SEED, // integer from which random numbers begin; -1: another one at each run
    ARGUMENT_NUMBER,
    ARGUMENT_DRAWABLE, // integer: GIMP's id; 0: none
    ARGUMENT_N_KINDS,
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
    ARGUMENT_LEVEL,  // a number whose name and range the model tells; below 0 the model's own
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
    const char *blurb; // N_(…): one sentence for the procedure browser, whose readers write scripts
    const char *tip;   // N_(…): what who looks at the dialog wants to know; NULL: the blurb
    ArgumentKind kind;
    ArgumentLook look;
    ArgumentSection section;
    GanTask task; // of a model: what it must be for; GAN_TASK_ANY: what its menu item is for
    double minimum, maximum, initial; // of integers, numbers, choices (index), booleans (0, 1)
    guint digits;                     // shown of a number
    const char *initial_text;         // of the kinds that are strings; NULL: ""
    const ArgumentChoice *choices;    // NULL-terminated by name
} Argument;

G_END_DECLS
#endif
