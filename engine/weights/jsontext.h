// SPDX-License-Identifier: LGPL-3.0-or-later
// A strict reader of JSON text, piece by piece: the caller says what must come next.
// json-glib accepts comments, trailing commas and repeated members, which a weight file's
// header must not have.
// Source:  RFC 8259.
#ifndef GAN_JSONTEXT_H
#define GAN_JSONTEXT_H

#include <gan/error.h>

typedef struct {
    const char *at, *end;
    const char *problem; // the first, or NULL
} GanJsonText;

// Each returns FALSE and sets `problem` when something else comes.
gboolean gan_json_expect(GanJsonText *json, char c);
gboolean gan_json_string(GanJsonText *json, GString *string); // UTF-8, may hold NULs
gboolean gan_json_count(GanJsonText *json, gsize *number);    // 0, 1, 2, … in decimal digits

// Appends the text of one value of any kind, as it stands.
gboolean gan_json_value(GanJsonText *json, GString *text);

// TRUE if `c` comes next; takes it.
gboolean gan_json_accept(GanJsonText *json, char c);

// TRUE if only white space is left.
gboolean gan_json_at_end(GanJsonText *json);

#endif
