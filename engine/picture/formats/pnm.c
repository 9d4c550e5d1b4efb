// SPDX-License-Identifier: LGPL-3.0-or-later
// Netpbm's formats of any maximum, PAM and PFM: GEGL's loader knows two maxima, fills what is
// missing with black and reads neither black and white nor floats.
// Source:  pbm(5), pgm(5), ppm(5), pam(5); Debevec's PFM.
#include "reader.h"

#include <math.h>
#include <string.h>

typedef struct {
    const guint8 *at, *end;
} Text;

typedef struct {
    char kind; // the second letter
    guint width, height, channels;
    guint maximum; // 1 for black and white
    gboolean little_endian;
    gboolean is_ink; // of a PAM
} Header;

static gboolean recognise(const guint8 *data, gsize length)
{
    return length > 3 && data[0] == 'P' && strchr("1234567fF", data[1]) && g_ascii_isspace(data[2]);
}

static void skip_space(Text *text)
{
    while (text->at < text->end && (g_ascii_isspace(*text->at) || *text->at == '#')) {
        if (*text->at == '#')
            while (text->at < text->end && *text->at != '\n' && *text->at != '\r')
                text->at++;
        else
            text->at++;
    }
}

// The next number in decimals; FALSE when there is none.
static gboolean next_number(Text *text, guint *number)
{
    guint64 x = 0;
    skip_space(text);
    if (text->at >= text->end || !g_ascii_isdigit(*text->at))
        return FALSE;
    while (text->at < text->end && g_ascii_isdigit(*text->at) && x <= G_MAXINT)
        x = 10 * x + *text->at++ - '0';
    *number = (guint)x;
    return x <= G_MAXINT;
}

// The next word, of at most 31 letters.
static const char *next_word(Text *text, char word[32])
{
    gsize n = 0;
    skip_space(text);
    while (text->at < text->end && !g_ascii_isspace(*text->at) && n < 31)
        word[n++] = (char)*text->at++;
    word[n] = '\0';
    return word;
}

static gboolean read_pam_header(Text *text, Header *header)
{
    char word[32];
    while (*next_word(text, word)) {
        if (strcmp(word, "ENDHDR") == 0)
            return TRUE;
        guint *to = strcmp(word, "WIDTH") == 0    ? &header->width
                    : strcmp(word, "HEIGHT") == 0 ? &header->height
                    : strcmp(word, "DEPTH") == 0  ? &header->channels
                    : strcmp(word, "MAXVAL") == 0 ? &header->maximum
                                                  : NULL;
        if (to && !next_number(text, to))
            return FALSE;
        if (strcmp(word, "TUPLTYPE") == 0)
            header->is_ink = text->end - text->at > 5 && memcmp(text->at + 1, "CMYK", 4) == 0;
        while (!to && text->at < text->end && *text->at != '\n')
            text->at++; // of kinds of tuples their number tells
    }
    return FALSE;
}

static gsize row_bytes(const Header *header)
{
    const gsize n = (gsize)header->width * header->channels;
    if (header->kind == '4')
        return (n + 7) / 8;
    if (strchr("fF", header->kind))
        return n * 4;
    return header->maximum > 255 ? n * 2 : n;
}

static gboolean is_text(const Header *header)
{
    return strchr("123", header->kind) != NULL;
}

// Reads what stands before the pixels and the one white space behind it.
static gboolean read_header(Text *text, Header *header)
{
    char word[32];
    *header = (Header){.maximum = 1, .channels = 1};
    if (!recognise(text->at, (gsize)(text->end - text->at)))
        return FALSE;
    header->kind = (char)text->at[1];
    text->at += 2;
    if (header->kind == '7') {
        if (!read_pam_header(text, header))
            return FALSE;
    } else {
        if (!next_number(text, &header->width) || !next_number(text, &header->height))
            return FALSE;
        if (strchr("36F", header->kind))
            header->channels = 3;
        if (strchr("2356", header->kind) && !next_number(text, &header->maximum))
            return FALSE;
        if (strchr("fF", header->kind))
            header->little_endian = g_ascii_strtod(next_word(text, word), NULL) < 0.0;
    }
    const gboolean two = text->end - text->at >= 2 && text->at[0] == '\r' && text->at[1] == '\n';
    text->at++;
    // One byte ends the header, or a line's end of two where pixels do not need the second.
    if (two &&
        (is_text(header) || (gsize)(text->end - text->at) != row_bytes(header) * header->height))
        text->at++;
    return header->width > 0 && header->height > 0 && header->maximum > 0 &&
           header->maximum <= 65535 && header->channels >= 1 && header->channels <= 65535;
}

// The next number of a picture that is written in letters; black and white may stand close
// together.
static gboolean next_sample(Text *text, const Header *header, guint *sample)
{
    if (header->kind != '1')
        return next_number(text, sample);
    skip_space(text);
    if (text->at >= text->end || (*text->at != '0' && *text->at != '1'))
        return FALSE;
    *sample = *text->at++ == '0' ? 1 : 0;
    return TRUE;
}

static const Babl *format_of(const Header *header)
{
    static const char *const grey[] = {"", "Y'", "Y'A", "R'G'B'", "R'G'B'A"};
    if (strchr("fF", header->kind))
        return babl_format(header->channels == 1 ? "Y float" : "RGB float");
    g_autofree char *name =
        g_strdup_printf("%s %s", grey[header->channels], header->maximum > 255 ? "u16" : "u8");
    return babl_format(name);
}

// Makes one row; FALSE when the text has no number any more.
static gboolean make_row(Text *text, const Header *header, guint8 *to)
{
    const gsize n = (gsize)header->width * header->channels;
    const guint maximum = header->maximum, wanted = maximum > 255 ? 65535 : 255;
    for (gsize i = 0; i < n; i++) {
        guint x = 0;
        if (strchr("fF", header->kind)) {
            guint32 bits;
            memcpy(&bits, text->at + 4 * i, 4);
            bits = header->little_endian ? GUINT32_FROM_LE(bits) : GUINT32_FROM_BE(bits);
            memcpy(to + 4 * i, &bits, 4);
            continue;
        }
        if (is_text(header)) {
            if (!next_sample(text, header, &x))
                return FALSE;
        } else if (header->kind == '4') {
            x = text->at[i / 8] >> (7 - i % 8) & 1 ? 0 : 1;
        } else {
            x = maximum > 255 ? (guint)text->at[2 * i] << 8 | text->at[2 * i + 1] : text->at[i];
        }
        x = (guint)(((guint64)MIN(x, maximum) * wanted + maximum / 2) / maximum);
        if (maximum > 255)
            ((guint16 *)(void *)to)[i] = (guint16)x;
        else
            to[i] = (guint8)x;
    }
    if (!is_text(header))
        text->at += row_bytes(header);
    return TRUE;
}

static GeglBuffer *read_one(Text *text, const Header *header, GError **error)
{
    if (header->channels > 4 || header->is_ink)
        return gan_reading_refuse(error, "it has %u channels of %s, which are not read",
                                  header->channels, header->is_ink ? "ink (CMYK)" : "its own");
    const gsize needed = row_bytes(header), there = (gsize)(text->end - MIN(text->at, text->end));
    if (!is_text(header) && there / needed < header->height)
        return gan_reading_refuse(error, "it ends too early: %zu of %u rows are there",
                                  there / needed, header->height);
    // A number takes a letter at least.
    if (is_text(header) && there / header->width < header->height)
        return gan_reading_refuse(error, "it ends too early");
    const Babl *format = format_of(header);
    g_autoptr(GeglBuffer) buffer = gan_reading_buffer(header->width, header->height, format);
    g_autofree guint8 *row =
        g_malloc((gsize)header->width * (gsize)babl_format_get_bytes_per_pixel(format));
    for (guint y = 0; y < header->height; y++) {
        if (!make_row(text, header, row))
            return gan_reading_refuse(error, "it ends too early: %u of %u rows are there", y,
                                      header->height);
        // Floats begin at the bottom.
        gan_reading_put_row(buffer, strchr("fF", header->kind) ? header->height - 1 - y : y, row);
    }
    return g_steal_pointer(&buffer);
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    const guint8 *end = reading->data + reading->length;
    Text text = {reading->data, end};
    const guint wanted = MAX(reading->page, 1);
    g_autoptr(GeglBuffer) buffer = NULL;
    guint n = 0;
    do {
        Header header;
        if (!read_header(&text, &header)) {
            if (n > 0)
                break; // what follows is no picture
            return gan_reading_refuse(error, "it is damaged: its header");
        }
        n++;
        if (n == wanted) {
            buffer = read_one(&text, &header, error);
            if (!buffer)
                return NULL;
        } else if (is_text(&header) ||
                   header.height > (gsize)(end - MIN(text.at, end)) / row_bytes(&header)) {
            break;
        } else {
            text.at += row_bytes(&header) * header.height;
        }
        skip_space(&text);
    } while (text.at < end && recognise(text.at, (gsize)(end - text.at)));
    reading->n_pages = n;
    reading->unit = "picture";
    if (reading->only_list)
        return NULL;
    if (reading->only_list)
        return NULL;
    return buffer ? g_steal_pointer(&buffer)
                  : gan_reading_refuse(error, "it has no picture %u, but %u", wanted, n);
}

const GanFormat gan_format_pnm = {"Netpbm", recognise, read_picture, FALSE, TRUE, NULL, TRUE};
