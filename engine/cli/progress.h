// SPDX-License-Identifier: LGPL-3.0-or-later
// What is said while work goes on: a bar on a terminal, plain lines elsewhere, JSON
// lines, or nothing.
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <json-glib/json-glib.h>

typedef enum {
    CLI_PROGRESS_AUTO,  // a bar when standard error is a terminal, else lines
    CLI_PROGRESS_QUIET, // errors and warnings only
    CLI_PROGRESS_JSON,  // one JSON object a line on standard output
} CliProgressMode;

typedef struct CliProgress CliProgress;

CliProgress *cli_progress_new(CliProgressMode mode, guint n_files);
void cli_progress_free(CliProgress *progress); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliProgress, cli_progress_free)

// Begins file number `index` (from 1), called `name`; `what` says what is done to it,
// for plain lines.
void cli_progress_begin(CliProgress *progress, guint index, const char *name, const char *what);

// Changes the name to figures of the work, two spaces apart, the first ones the most important.
void cli_progress_rename(CliProgress *progress, const char *figures);

// Says that this part, 0..1, was done before: it is shown as done, but says nothing of
// the time left.
void cli_progress_start_at(CliProgress *progress, double fraction);

// Says how far the file is, 0..1. Cheap: may be called thousands of times a second.
void cli_progress_update(CliProgress *progress, double fraction);

// Ends the file: the bar goes.
void cli_progress_end(CliProgress *progress);

// Prints a line on standard output (not when quiet, nor with JSON).
void cli_progress_say(CliProgress *progress, const char *format, ...) G_GNUC_PRINTF(2, 3);

// Prints a line on standard error, after the program's name; always.
void cli_progress_complain(CliProgress *progress, const char *format, ...) G_GNUC_PRINTF(2, 3);

// Begins a JSON line {"event": event, …; NULL in the other modes.
// cli_progress_event_end() prints it.
JsonBuilder *cli_progress_event(CliProgress *progress, const char *event);
void cli_progress_event_end(JsonBuilder *builder);

// Returns the bar of `width` columns: label, bar, percent, time left (none when negative).
// Pure, for tests.
// Owner:   the caller frees it.
char *cli_progress_bar(const char *label, double fraction, double left_s, guint width);

// Returns the line that stands in its place once work has figures: as many of them as fit, percent,
// time left.
// Owner:   the caller frees it.
char *cli_progress_count(const char *figures, double fraction, double left_s, guint width);

// Returns the seconds left after `elapsed_s` seconds that led from `first` to `fraction`, or -1
// when it is too early to say.
double cli_progress_left(double first, double fraction, double elapsed_s);

#endif
