// SPDX-License-Identifier: LGPL-3.0-or-later
// The values of one task's arguments.
#ifndef PLUGIN_VALUES_H
#define PLUGIN_VALUES_H

#include "argument.h"

G_BEGIN_DECLS

typedef struct Values Values;

Values *values_new(const Argument *arguments, guint n_arguments); // initial values
Values *values_copy(const Values *values);
void values_free(Values *values); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Values, values_free)

// Whether the task has an argument of this name; the functions below are for those it has.
gboolean values_has(const Values *values, const char *name);

// By the argument's name; strings are borrowed until the next set.
double values_number(const Values *values, const char *name);
gint values_integer(const Values *values, const char *name); // choices, booleans, seeds, drawables
const char *values_text(const Values *values, const char *name);
void values_set_number(Values *values, const char *name, double number);
void values_set_text(Values *values, const char *name, const char *text);

// Sets one value to what it is in other values of the same task.
void values_take(Values *values, const Values *from, const char *name);

// The numbers of a colour, R'G'B' in 0..1.
void values_colour(const Values *values, const char *name, double rgb[3]);
void values_set_colour(Values *values, const char *name, const double rgb[3]);

// The quality of the JPEG file that the picture comes from, which is no argument but what "automatic" may
// mean; 0: there is none.
guint values_jpeg_quality(const Values *values);
void values_set_jpeg_quality(Values *values, guint quality);

// Checks every value against its declaration.
// Errors:  GAN_ERROR_ARGUMENT: names the argument, what was found and what is allowed.
gboolean values_check(const Values *values, GError **error);

// As a key file's text and back, for last-used values; unknown keys and values out of
// range are left out.
char *values_to_text(const Values *values);
void values_from_text(Values *values, const char *text);

G_END_DECLS
#endif
