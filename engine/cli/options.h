// SPDX-License-Identifier: LGPL-3.0-or-later
// Command-line values: parsing with messages that name the option, what was found and
// what was wanted.
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli.h"

#include <gan/weights.h>

// Parses argv with `entries` for the verb whose usage line goes on with `arguments` ("FILE…").
// `description`: text below the options, or NULL.
// Errors:  prints a message and how to get help, and returns FALSE; the exit
//          status is CLI_EXIT_USAGE.
gboolean cli_options_parse(int argc, char **argv, const GOptionEntry *entries,
                           const char *arguments, const char *summary, const char *description);

// Prints the message of a wrong command line and how to get help. Returns CLI_EXIT_USAGE.
// Owner:   takes `error` and frees it.
CliExit cli_options_complain(GError *error);

// Prints the message of work that failed. Returns CLI_EXIT_FAILED.
// Owner:   takes `error` and frees it.
CliExit cli_options_fail(GError *error);

// Each of the following reads `text`, the value of `option`.
// Errors:  GAN_ERROR_ARGUMENT: the message names the option and what it takes.

// Bytes: a number with K, M, G or T behind it (powers of 1024): "2G", "512M", "1.5GiB".
gboolean cli_options_bytes(const char *option, const char *text, guint64 *bytes, GError **error);

// Size: "WxH". `partial`: "Wx" and "xH" are allowed too and leave 0 for the other.
gboolean cli_options_size(const char *option, const char *text, gboolean partial, guint *width,
                          guint *height, GError **error);

// A number, or a quotient such as 3/2.
gboolean cli_options_number(const char *option, const char *text, double least, double most,
                            double *number, GError **error);
gboolean cli_options_integer(const char *option, gint64 value, gint64 least, gint64 most,
                             GError **error);

// Data type: "f32", "f16", "bf16".
gboolean cli_options_dtype(const char *option, const char *text, GanDtype *dtype, GError **error);
// Returns the name that cli_options_dtype() takes, "f64" or "other".
const char *cli_options_dtype_name(GanDtype dtype);

// Blend: "A:B:T" with T from 0 to 1. A and B may hold colons themselves: `split` counts the
// possible places of the colon between them, 0 the first; the function returns FALSE without an
// error when there are no more.
gboolean cli_options_blend(const char *text, guint split, char **a, char **b, double *t,
                           GError **error);

#endif
