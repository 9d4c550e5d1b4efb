// SPDX-License-Identifier: LGPL-3.0-or-later
// How figures are said to people (sizes, times, counts) and to programs (JSON).
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <json-glib/json-glib.h>

// "640 kB", "1.2 GB": powers of 1000, as GIMP and file managers say them.
char *cli_report_bytes(guint64 bytes);
// "850 MB of memory", "90 MB of memory and 1.2 GB of the GPU's".
char *cli_report_memory(guint64 bytes, guint64 gpu_bytes);
// "0.8 s", "1 min 20 s", "2 h 5 min".
char *cli_report_seconds(double seconds);
// "1 picture", "3 pictures".
char *cli_report_count(guint64 n, const char *one, const char *many);

// Members of the object that `builder` is in. A NULL string and a value that is not
// finite become null.
void cli_report_string(JsonBuilder *builder, const char *member, const char *value);
void cli_report_strings(JsonBuilder *builder, const char *member, const GPtrArray *values);
void cli_report_path(JsonBuilder *builder, const char *member, const char *path); // as UTF-8
void cli_report_integer(JsonBuilder *builder, const char *member, guint64 value);
void cli_report_number(JsonBuilder *builder, const char *member, double value);
// A scale: an integer where it is whole.
void cli_report_scale(JsonBuilder *builder, const char *member, double scale);
void cli_report_boolean(JsonBuilder *builder, const char *member, gboolean value);

// Prints what was built on standard output and ends the line. `pretty`: over several lines.
void cli_report_print(JsonBuilder *builder, gboolean pretty);

#endif
