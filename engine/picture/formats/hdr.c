// SPDX-License-Identifier: LGPL-3.0-or-later
// Radiance's pictures: GEGL's loader leaves what is missing of a cut one black, gives all of them an
// alpha, and passes over their primaries and the way that their rows go.
// Source:  Radiance's file formats (Ward 1994), "Radiance Picture Format".
#include "reader.h"

#include "notes.h"
#include "spaces.h"
#include "upright.h"
#include <math.h>
#include <string.h>

// Widths that rows with each channel packed by itself may have.
#define PACKED_LEAST 8
#define PACKED_MOST 32767

typedef struct {
    const guint8 *at, *end;
} Bytes;

typedef struct {
    guint n_rows, n_pixels; // as they lie in the file
    guint orientation;      // EXIF's word for it
    double primaries[8];    // of red, green, blue and white; all 0: not told
} Header;

static gboolean recognise(const guint8 *data, gsize length)
{
    return (length > 10 && memcmp(data, "#?RADIANCE", 10) == 0) ||
           (length > 6 && memcmp(data, "#?RGBE", 6) == 0);
}

// The next line without its end, or NULL.
static char *next_line(Bytes *bytes)
{
    const guint8 *end = memchr(bytes->at, '\n', (gsize)(bytes->end - bytes->at));
    if (!end)
        return NULL;
    char *line = g_strndup((const char *)bytes->at, (gsize)(end - bytes->at));
    bytes->at = end + 1;
    return g_strchomp(line);
}

static void read_primaries(const char *text, double primaries[8])
{
    char *end = NULL;
    for (guint i = 0; i < 8; i++, text = end)
        primaries[i] = g_ascii_strtod(text, &end);
}

// Reads one half of "-Y 20 +X 30"; `back`: whether it goes to where numbers of pixels are smaller.
static gboolean read_axis(const char **text, char *axis, gboolean *back, guint *n)
{
    const char sign = **text;
    if (sign != '+' && sign != '-')
        return FALSE;
    *axis = (*text)[1];
    if (*axis != 'X' && *axis != 'Y')
        return FALSE;
    char *end = NULL;
    const guint64 number = g_ascii_strtoull(*text + 2, &end, 10);
    *text = end + strspn(end, " ");
    *back = *axis == 'Y' ? sign == '+' : sign == '-'; // its Y goes up
    *n = (guint)number;
    return number > 0 && number <= G_MAXINT;
}

// First what the rows are and where they go, then their pixels.
static gboolean read_resolution(const char *line, Header *header)
{
    // By whether rows are columns, where they go, and where their pixels do.
    static const guint orientations[2][2][2] = {{{1, 2}, {4, 3}}, {{5, 8}, {6, 7}}};
    gboolean rows_back, pixels_back;
    char rows, pixels;
    if (!read_axis(&line, &rows, &rows_back, &header->n_rows) ||
        !read_axis(&line, &pixels, &pixels_back, &header->n_pixels) || rows == pixels)
        return FALSE;
    header->orientation = orientations[rows == 'X'][rows_back][pixels_back];
    return TRUE;
}

static gboolean read_header(Bytes *bytes, Header *header, GPtrArray *notes, GError **error)
{
    g_autoptr(GString) left = g_string_new(NULL);
    *header = (Header){0};
    g_free(next_line(bytes));
    for (;;) {
        g_autofree char *line = next_line(bytes);
        if (!line) {
            gan_reading_refuse(error, "it ends too early: within its header");
            return FALSE;
        }
        if (*line == '\0')
            break;
        if (g_str_has_prefix(line, "FORMAT=") && !g_str_has_suffix(line, "_rgbe")) {
            gan_reading_refuse(error, "its colours are CIE's XYZ, which are not read");
            return FALSE;
        }
        if (g_str_has_prefix(line, "PRIMARIES="))
            read_primaries(line + strlen("PRIMARIES="), header->primaries);
        else if (*line != '#' && !g_str_has_prefix(line, "FORMAT=") &&
                 !g_str_has_prefix(line, "PIXASPECT="))
            g_string_append_printf(left, "%s%.40s", left->len > 0 ? ", " : "", line);
    }
    if (left->len > 0) {
        g_autofree char *text = g_utf8_make_valid(left->str, -1);
        gan_note(notes, "lines of its header are left out: %s", text);
    }
    g_autofree char *line = next_line(bytes);
    if (line && read_resolution(line, header))
        return TRUE;
    gan_reading_refuse(error, "it is damaged: its header");
    return FALSE;
}

// A channel after the other, each in runs.
static gboolean read_packed_row(Bytes *bytes, gsize n, guint8 *row)
{
    for (guint c = 0; c < 4; c++) {
        for (gsize x = 0; x < n;) {
            if (bytes->end - bytes->at < 2)
                return FALSE;
            const guint8 count = *bytes->at++;
            const gsize run = count > 128 ? count - 128u : count;
            const gsize needed = count > 128 ? 1 : run;
            if (run == 0 || run > n - x || needed > (gsize)(bytes->end - bytes->at))
                return FALSE;
            for (gsize i = 0; i < run; i++)
                row[4 * (x + i) + c] = bytes->at[count > 128 ? 0 : i];
            bytes->at += needed;
            x += run;
        }
    }
    return TRUE;
}

// Pixels, and runs of the last one in the way of older programs.
static gboolean read_row(Bytes *bytes, gsize n, guint8 *row)
{
    guint shift = 0;
    if (n >= PACKED_LEAST && n <= PACKED_MOST && bytes->end - bytes->at >= 4 && bytes->at[0] == 2 &&
        bytes->at[1] == 2 && ((guint)bytes->at[2] << 8 | bytes->at[3]) == n) {
        bytes->at += 4;
        return read_packed_row(bytes, n, row);
    }
    for (gsize x = 0; x < n; bytes->at += 4) {
        if (bytes->end - bytes->at < 4)
            return FALSE;
        if (x > 0 && bytes->at[0] == 1 && bytes->at[1] == 1 && bytes->at[2] == 1) {
            const gsize run = (gsize)bytes->at[3] << shift;
            if (shift > 16 || run > n - x)
                return FALSE;
            for (gsize i = 0; i < run; i++, x++)
                memcpy(row + 4 * x, row + 4 * (x - 1), 4);
            shift += 8;
        } else {
            memcpy(row + 4 * x++, bytes->at, 4);
            shift = 0;
        }
    }
    return TRUE;
}

static const Babl *format_of(const Header *header)
{
    const double *p = header->primaries;
    const double area = (p[2] - p[0]) * (p[5] - p[1]) - (p[4] - p[0]) * (p[3] - p[1]);
    // White has a y, and three corners an area.
    if (!(p[7] > 0 && fabs(area) > 1e-4))
        return babl_format("RGB float");
    const double xy[8] = {p[6], p[7], p[0], p[1], p[2], p[3], p[4], p[5]};
    const Babl *space = gan_space_from_primaries(xy, 1.0, 0);
    return space ? babl_format_with_space("RGB float", space) : NULL;
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    Bytes bytes = {reading->data, reading->data + reading->length};
    Header header;
    if (!read_header(&bytes, &header, reading->notes, error))
        return NULL;
    // A row takes four bytes at least, and a run of the older kind one pixel for many.
    const gsize n = header.n_pixels;
    if ((gsize)(bytes.end - bytes.at) / 4 < header.n_rows)
        return gan_reading_refuse(error, "it ends too early: it has %u rows", header.n_rows);
    g_autofree guint8 *row = g_try_malloc_n(n, 4);
    g_autofree float *light = g_try_new(float, 3 * n);
    if (!row || !light) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a row of %zu pixels", n);
        return NULL;
    }
    const Babl *format = format_of(&header);
    if (!format)
        return gan_reading_refuse(error, GAN_NO_ROOM_TO_READ);
    g_autoptr(GeglBuffer) buffer = gan_reading_buffer(header.n_pixels, header.n_rows, format);
    for (guint y = 0; y < header.n_rows; y++) {
        if (!read_row(&bytes, n, row))
            return gan_reading_refuse(error,
                                      "it is damaged or ends too early: %u of %u rows are "
                                      "there",
                                      y, header.n_rows);
        for (gsize x = 0; x < n; x++) {
            const double scale = row[4 * x + 3] > 0 ? ldexp(1, row[4 * x + 3] - 128 - 8) : 0;
            for (guint c = 0; c < 3; c++)
                light[3 * x + c] = (float)(row[4 * x + c] * scale);
        }
        gan_reading_put_row(buffer, y, light);
    }
    return header.orientation > 1 ? gan_turn_upright(buffer, header.orientation)
                                  : g_steal_pointer(&buffer);
}

const GanFormat gan_format_hdr = {"Radiance HDR", recognise, read_picture, TRUE, FALSE, NULL, TRUE};
