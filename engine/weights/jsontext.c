// SPDX-License-Identifier: LGPL-3.0-or-later
// Strict JSON text, piece by piece.
#include "jsontext.h"
#include <string.h>

// What is nested more deeply is no text of anybody.
enum { DEPTH_MAX = 64 };

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

// null, true, false or a number.
static gboolean take_word(GanJsonText *json)
{
    static const char *const WORDS[] = {"null", "true", "false"};
    const gsize rest = (gsize)(json->end - json->at);
    for (guint i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (rest >= strlen(WORDS[i]) && memcmp(json->at, WORDS[i], strlen(WORDS[i])) == 0) {
            json->at += strlen(WORDS[i]);
            return TRUE;
        }
    const char *start = json->at;
    while (json->at < json->end && *json->at != 0 && strchr("+-.0123456789Ee", *json->at) != NULL)
        json->at++;
    // The longest number that anybody writes has some thirty characters.
    char number[64];
    char *end = number;
    if (json->at > start && json->at - start < (int)sizeof number) {
        memcpy(number, start, (gsize)(json->at - start));
        number[json->at - start] = 0;
        g_ascii_strtod(number, &end);
    }
    return (end > number && *end == 0) || problem(json, "is not well-formed JSON");
}

// The value at hand up to its end, or up to what a container begins with.
static gboolean take_member(GanJsonText *json, GString *text, char *stack, guint *depth)
{
    const gboolean is_object = *depth > 0 && stack[*depth - 1] == '}';
    if (is_object && (!gan_json_string(json, text) || !gan_json_expect(json, ':')))
        return FALSE;
    skip_space(json);
    if (json->at == json->end)
        return problem(json, "is not well-formed JSON");
    const char first = *json->at;
    if (first != '{' && first != '[')
        return first == '"' ? gan_json_string(json, text) : take_word(json);
    if (*depth == DEPTH_MAX)
        return problem(json, "is nested too deeply");
    json->at++;
    stack[(*depth)++] = first == '{' ? '}' : ']';
    return TRUE;
}

gboolean gan_json_value(GanJsonText *json, GString *text)
{
    char stack[DEPTH_MAX]; // the brackets that are open
    guint depth = 0;
    skip_space(json);
    const char *start = json->at;
    g_autoptr(GString) scrap = g_string_new(NULL);
    gboolean opened;
    do {
        const guint before = depth;
        if (!take_member(json, scrap, stack, &depth))
            return FALSE;
        opened = depth > before;
        // An empty container has no member; behind a value come brackets, and a comma at the end.
        while (depth > 0 && gan_json_accept(json, stack[depth - 1])) {
            depth--;
            opened = FALSE;
        }
        if (depth > 0 && !opened && !gan_json_expect(json, ','))
            return FALSE;
    } while (depth > 0);
    g_string_append_len(text, start, json->at - start);
    return TRUE;
}
