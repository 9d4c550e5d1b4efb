// SPDX-License-Identifier: LGPL-3.0-or-later
// Protocol 0 of pickles: integers and strings as lines of text.
#include "pickle-private.h"

gboolean gan_pickle_text_int(GanPickle *pickle, const char *text, gsize length, gint64 *number,
                             gboolean *truth)
{
    if (truth != NULL)
        *truth = length == 2 && text[0] == '0' && (text[1] == '0' || text[1] == '1');
    if (length > 0 && text[length - 1] == 'L')
        length--;
    g_autofree char *copy = g_strndup(text, MIN(length, 32));
    if (g_ascii_string_to_signed(copy, 10, G_MININT64, G_MAXINT64, number, NULL))
        return TRUE;
    gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "'%s' is not an integer of 64 bits", copy);
    return FALSE;
}

static guint take_hex(const char **at, const char *end, guint n)
{
    guint code = 0;
    for (; n > 0 && *at < end && g_ascii_isxdigit(**at); n--, (*at)++)
        code = code << 4 | (guint)g_ascii_xdigit_value(**at);
    return n == 0 ? code : 0xfffd;
}

// What follows a backslash. repr() writes \n \t \r \\ \' \" \xHH; raw-unicode-escape only
// \uHHHH and \UHHHHHHHH.
static void append_escape(GString *out, const char **at, const char *end, gboolean unicode)
{
    const char c = **at;
    if (unicode && c != 'u' && c != 'U') {
        g_string_append_c(out, '\\');
        return;
    }
    (*at)++;
    if (unicode) {
        const guint code = take_hex(at, end, c == 'u' ? 4 : 8);
        g_string_append_unichar(out, g_unichar_validate(code) ? code : 0xfffd);
    } else if (c == 'x')
        g_string_append_c(out, (char)take_hex(at, end, 2));
    else
        g_string_append_c(out, c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
}

gboolean gan_pickle_text_string(GanPickle *pickle, const char **text, gsize *length,
                                gboolean unicode)
{
    const char *at = *text, *end = at + *length;
    if (!gan_pickle_spend(pickle, 2 * *length + 1))
        return FALSE;
    if (!unicode) {
        if (end - at < 2 || (*at != '\'' && *at != '"') || end[-1] != *at) {
            gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "a string stands without quotes");
            return FALSE;
        }
        at++;
        end--;
    }
    g_autoptr(GString) out = g_string_sized_new((gsize)(end - at));
    while (at < end) {
        const char c = *at++;
        if (c == '\\' && at < end)
            append_escape(out, &at, end, unicode);
        else if (unicode && (guchar)c >= 0x80) // raw-unicode-escape is Latin-1
            g_string_append_unichar(out, (guchar)c);
        else
            g_string_append_c(out, c);
    }
    *text = g_string_chunk_insert_len(pickle->strings, out->str, (gssize)out->len);
    *length = out->len;
    return TRUE;
}
