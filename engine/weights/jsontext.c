// SPDX-License-Identifier: LGPL-3.0-or-later
// Strict JSON text, piece by piece.
#include "jsontext.h"

static gboolean problem(GanJsonText *json, const char *what)
{
    if (json->problem == NULL)
        json->problem = what;
    return FALSE;
}

static void skip_space(GanJsonText *json)
{
    while (json->at < json->end &&
           (*json->at == ' ' || *json->at == '\n' || *json->at == '\r' || *json->at == '\t'))
        json->at++;
}

gboolean gan_json_accept(GanJsonText *json, char c)
{
    skip_space(json);
    if (json->at == json->end || *json->at != c)
        return FALSE;
    json->at++;
    return TRUE;
}

gboolean gan_json_expect(GanJsonText *json, char c)
{
    return gan_json_accept(json, c) || problem(json, "is not well-formed JSON");
}

gboolean gan_json_at_end(GanJsonText *json)
{
    skip_space(json);
    return json->at == json->end;
}

static gboolean take_unit(GanJsonText *json, gunichar *unit)
{
    if (json->end - json->at < 4)
        return problem(json, "has a cut-off escape");
    *unit = 0;
    for (guint i = 0; i < 4; i++) {
        const int digit = g_ascii_xdigit_value(*json->at++);
        if (digit < 0)
            return problem(json, "has a damaged escape");
        *unit = *unit << 4 | (gunichar)digit;
    }
    return TRUE;
}

// \uHHHH, or two of them for a character beyond U+FFFF.
static gboolean take_unicode(GanJsonText *json, GString *string)
{
    gunichar code, low;
    if (!take_unit(json, &code))
        return FALSE;
    if (code >= 0xd800 && code < 0xdc00) {
        if (json->end - json->at < 2 || json->at[0] != '\\' || json->at[1] != 'u')
            return problem(json, "has half a surrogate pair");
        json->at += 2;
        if (!take_unit(json, &low))
            return FALSE;
        if (low < 0xdc00 || low > 0xdfff)
            return problem(json, "has half a surrogate pair");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code <= 0xdfff)
        return problem(json, "has half a surrogate pair");
    if (code == 0)
        g_string_append_c(string, 0);
    else
        g_string_append_unichar(string, code);
    return TRUE;
}

static gboolean take_escape(GanJsonText *json, GString *string)
{
    static const char FROM[] = "\"\\/bfnrt", TO[] = "\"\\/\b\f\n\r\t";
    if (json->at == json->end)
        return problem(json, "has a cut-off escape");
    const char c = *json->at++;
    if (c == 'u')
        return take_unicode(json, string);
    for (guint i = 0; FROM[i] != 0; i++)
        if (c == FROM[i]) {
            g_string_append_c(string, TO[i]);
            return TRUE;
        }
    return problem(json, "has an unknown escape");
}

gboolean gan_json_string(GanJsonText *json, GString *string)
{
    g_string_truncate(string, 0);
    if (!gan_json_expect(json, '"'))
        return FALSE;
    for (;;) {
        const char *run = json->at;
        while (json->at < json->end && *json->at != '"' && *json->at != '\\' &&
               (guchar)*json->at >= 0x20)
            json->at++;
        g_string_append_len(string, run, json->at - run);
        if (json->at == json->end)
            return problem(json, "is cut off in a string");
        const char c = *json->at++;
        if (c == '"')
            return TRUE;
        if (c != '\\')
            return problem(json, "has a control character in a string");
        if (!take_escape(json, string))
            return FALSE;
    }
}

gboolean gan_json_count(GanJsonText *json, gsize *number)
{
    skip_space(json);
    const char *start = json->at;
    gsize n = 0;
    while (json->at < json->end && g_ascii_isdigit(*json->at)) {
        if (!g_size_checked_mul(&n, n, 10) || !g_size_checked_add(&n, n, (gsize)(*json->at - '0')))
            return problem(json, "has a number beyond 64 bits");
        json->at++;
    }
    if (json->at == start || (*start == '0' && json->at - start > 1))
        return problem(json, "has something else where a whole number is wanted");
    if (json->at < json->end && (*json->at == '.' || *json->at == 'e' || *json->at == 'E'))
        return problem(json, "has a fraction where a whole number is wanted");
    *number = n;
    return TRUE;
}
