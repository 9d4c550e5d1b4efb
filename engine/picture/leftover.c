// SPDX-License-Identifier: LGPL-3.0-or-later
// What a picture file holds beside its pixels and its metadata.
// Source:  JPEG (ITU-T T.81, annex B); the WebP container specification; GIF89a, 23 to 26; Adobe's
//          Photoshop file formats (image resources); C2PA 2.1, A.3 (where content credentials stand).
#include "leftover.h"

#include "boxes.h"
#include "exif.h"
#include "notes.h"
#include "pngtext.h"
#include "tiffdirectory.h"
#include <string.h>

#define PHOTOSHOP "Photoshop 3.0" // with the zero that ends it, before JPEG's resources

static gboolean begins(const guint8 *data, gsize n, const char *head)
{
    return n >= strlen(head) && memcmp(data, head, strlen(head)) == 0;
}

static void add_name(GString *names, const char *name)
{
    if (!strstr(names->str, name))
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", name);
}

void gan_leftover_add_name(GString *names, const guint8 *name, gsize n)
{
    g_autofree char *text = g_strndup((const char *)name, n);
    for (char *letter = text; *letter; letter++)
        *letter = g_ascii_isprint(*letter) ? *letter : '?';
    add_name(names, g_strstrip(text));
}

// Whether a segment of an application is carried over, spoken of elsewhere, or only tells how the
// old file was made.
static gboolean is_known(guint number, const guint8 *payload, gsize n)
{
    static const struct {
        guint number;
        const char *head;
    } known[] = {{0, "JFIF"},
                 {0, "JFXX"}, // a thumbnail
                 {1, "Exif"},
                 {1, "http://ns.adobe.com/xap/1.0/"},
                 {1, "http://ns.adobe.com/xmp/extension/"}, // see pixeltags.c
                 {2, "ICC_PROFILE"},
                 {2, "MPF"},
                 {2, "urn:iso:std:iso:ts:21496:"},
                 {11, "JP"},
                 {12, "Ducky"},
                 {13, PHOTOSHOP},
                 {14, "Adobe"},
                 {15, "gimp-gan"}}; // see provenancefile.c
    for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
        if (known[i].number == number && begins(payload, n, known[i].head))
            return TRUE;
    }
    return FALSE;
}

// "APP1 (FLIR)", with the word that it begins with, where there is one.
static void add_segment(GString *names, guint number, const guint8 *payload, gsize n)
{
    g_autoptr(GString) name = g_string_new(NULL);
    g_string_append_printf(name, "APP%u", number);
    gsize letters = 0;
    while (letters < MIN(n, 24) &&
           (g_ascii_isalnum(payload[letters]) ||
            (letters > 0 && strchr(" _-.", payload[letters]) && payload[letters] != '\0')))
        letters++;
    if (letters >= 3)
        g_string_append_printf(name, " (%.*s)", (int)letters, (const char *)payload);
    add_name(names, name->str);
}

// Photoshop's resources of these numbers are paths, the first of which often cuts the picture out.
static gboolean has_paths(const guint8 *payload, gsize n)
{
    gsize at = 0;
    while (at + 12 <= n && memcmp(payload + at, "8BIM", 4) == 0) {
        const guint id = (guint)payload[at + 4] << 8 | payload[at + 5];
        const gsize name = ((gsize)payload[at + 6] + 2) & ~(gsize)1, size_at = at + 6 + name;
        if (id >= 2000 && id <= 2997)
            return TRUE;
        if (size_at + 4 > n)
            return FALSE;
        const gsize size = (gsize)payload[size_at] << 24 | (gsize)payload[size_at + 1] << 16 |
                           (gsize)payload[size_at + 2] << 8 | payload[size_at + 3];
        if (size > n - size_at - 4)
            return FALSE;
        at = size_at + 4 + size + (size & 1);
    }
    return FALSE;
}

// Where the picture ends, by its end marker; `length` when there is none.
static gsize jpeg_end(const guint8 *data, gsize length)
{
    gsize at = 2;
    while (at + 4 <= length) {
        if (data[at] != 0xff) { // within a scan
            const guint8 *next = memchr(data + at, 0xff, length - at);
            at = next ? (gsize)(next - data) : length;
            continue;
        }
        const guint8 marker = data[at + 1];
        if (marker == 0xd9)
            return at + 2;
        if (marker == 0xff)
            at++;
        else if (marker <= 1 || (marker >= 0xd0 && marker <= 0xd8))
            at += 2;
        else
            at += 2 + ((gsize)data[at + 2] << 8 | data[at + 3]);
    }
    return length;
}

// What stands behind the picture: a video, further pictures, or what a camera adds.
static void note_tail(const guint8 *tail, gsize n, GPtrArray *notes)
{
    while (n > 0 && (*tail == 0 || *tail == 0xff) && !begins(tail, n, "\377\330\377") &&
           !(n > 8 && memcmp(tail + 4, "ftyp", 4) == 0)) {
        tail++; // padding
        n--;
    }
    for (guint i = 0; notes && i < notes->len; i++) {
        if (strstr(notes->pdata[i], "motion photo") || strstr(notes->pdata[i], "(MPF)") ||
            strstr(notes->pdata[i], "gain map"))
            return; // said already
    }
    if (n > 16)
        gan_note(notes, "%s behind the picture's end (%zu bytes) is not carried over",
                 memcmp(tail + 4, "ftyp", 4) == 0  ? "a video"
                 : begins(tail, n, "\377\330\377") ? "a further picture"
                                                   : "data",
                 n);
}

static void note_jpeg(const GanOrigin *origin, GPtrArray *notes)
{
    gsize n, at = 2;
    guint8 marker;
    const guint8 *payload;
    guint n_comments = 0;
    gboolean paths = FALSE;
    g_autoptr(GString) names = g_string_new(NULL);
    if (gan_jpeg_segment(origin->data, origin->length, 0xe2, "urn:iso:std:iso:ts:21496:", 25, &n))
        gan_note(notes, "the gain map (HDR) is not carried over");
    else if (gan_jpeg_segment(origin->data, origin->length, 0xe2, "MPF", 4, &n))
        gan_note(notes, "further pictures in the file (MPF) are not carried over");
    if (gan_jpeg_segment(origin->data, origin->length, 0xeb, "JP", 2, &n))
        gan_note(notes, GAN_LEFTOVER_CREDENTIALS);
    while (gan_jpeg_next(origin->data, origin->length, &at, &marker, &payload, &n)) {
        n_comments += marker == 0xfe;
        if (marker < 0xe0 || marker > 0xef)
            continue;
        if (marker == 0xed && n > sizeof PHOTOSHOP && begins(payload, n, PHOTOSHOP))
            paths = paths || has_paths(payload + sizeof PHOTOSHOP, n - sizeof PHOTOSHOP);
        if (!is_known(marker - 0xe0u, payload, n))
            add_segment(names, marker - 0xe0u, payload, n);
    }
    if (names->len > 0)
        gan_note(notes, "segments of other programs are not carried over: %s", names->str);
    if (paths)
        gan_note(notes, "Photoshop's paths are not carried over");
    if (n_comments > 1)
        gan_note(notes, "of %u comments the first alone is carried over", n_comments);
    const gsize end = jpeg_end(origin->data, origin->length);
    if (end < origin->length)
        note_tail(origin->data + end, origin->length - end, notes);
}

static void note_webp(const GanOrigin *origin, GPtrArray *notes)
{
    static const char known[] = "VP8 VP8L VP8X ALPH ANIM ANMF ICCP EXIF XMP  GGAN ";
    gsize at = 12;
    GanChunk chunk;
    g_autoptr(GString) names = g_string_new(NULL);
    while (gan_webp_next(origin->data, origin->length, &at, &chunk)) {
        char name[5] = {0};
        gboolean is_word = TRUE;
        for (guint i = 0; i < 4; i++) {
            name[i] = (char)chunk.name[i];
            is_word = is_word && (g_ascii_isprint(name[i]));
        }
        if (memcmp(name, "C2PA", 4) == 0)
            gan_note(notes, GAN_LEFTOVER_CREDENTIALS);
        else if (is_word && !strstr(known, name))
            add_name(names, name);
    }
    if (names->len > 0)
        gan_note(notes, "WebP chunks that are not carried over: %s", names->str);
}

// Goes through the extensions of a GIF: XMP among those of applications, and comments, of which the
// first is returned.
static char *look_at_gif(const GanOrigin *origin, GPtrArray *notes)
{
    const guint8 *data = origin->data;
    const gsize length = origin->length;
    GString *comment = NULL;
    g_autoptr(GString) names = g_string_new(NULL);
    if (length < 13)
        return NULL;
    gsize at = 13 + (data[10] & 0x80 ? (gsize)3 << ((data[10] & 7) + 1) : 0);
    while (at + 10 < length && (data[at] == 0x21 || data[at] == 0x2c)) {
        const gboolean extension = data[at] == 0x21;
        const guint8 kind = data[at + 1];
        if (extension && kind == 0xff && data[at + 2] == 11 && at + 14 < length &&
            !begins(data + at + 3, 11, "NETSCAPE2.0") &&
            !begins(data + at + 3, 11, "ANIMEXTS1.0")) {
            g_autofree char *name = g_strndup((const char *)data + at + 3, 8);
            g_autofree char *word = g_utf8_make_valid(g_strchomp(name), -1);
            if (strcmp(word, "C2PA_GIF") == 0)
                gan_note(notes, GAN_LEFTOVER_CREDENTIALS);
            else
                add_name(names, strcmp(word, "XMP Data") == 0 ? "XMP" : word);
        }
        const gboolean take = extension && kind == 0xfe && !comment;
        if (take)
            comment = g_string_new(NULL);
        at += extension ? 2 : 11 + (data[at + 9] & 0x80 ? (gsize)3 << ((data[at + 9] & 7) + 1) : 0);
        while (at < length && data[at] != 0) {
            if (take)
                g_string_append_len(comment, (const char *)data + at + 1,
                                    (gssize)MIN(data[at], length - at - 1));
            at += (gsize)data[at] + 1;
        }
        at++;
    }
    if (names->len > 0)
        gan_note(notes, "extensions of the GIF are not carried over: %s", names->str);
    return comment ? g_string_free(comment, FALSE) : NULL;
}

// Tags of other programs that hold for the old pixels, which metadata.c leaves out.
static void note_tiff(const GanOrigin *origin, GPtrArray *notes)
{
    enum { GREY_CURVE = 291, RESOURCES = 34377, LAYERS = 37724, CREDENTIALS = 52545 };
    GanTiffDirectory tiff;
    if (!gan_tiff_directory_open(origin->data, origin->length, &tiff))
        return;
    if (gan_tiff_directory_entry(&tiff, CREDENTIALS) != 0)
        gan_note(notes, GAN_LEFTOVER_CREDENTIALS);
    if (gan_tiff_directory_entry(&tiff, LAYERS) != 0)
        gan_note(notes, "Photoshop's layers are not carried over");
    if (gan_tiff_directory_entry(&tiff, GREY_CURVE) != 0)
        gan_note(notes, "its curve of greys (GrayResponseCurve) is neither used nor carried over");
    const guint64 at = gan_tiff_directory_entry(&tiff, RESOURCES);
    const guint64 n = gan_tiff_directory_number(&tiff, at + 4, tiff.word);
    const guint64 place = gan_tiff_directory_number(&tiff, at + 4 + tiff.word, tiff.word);
    if (at != 0 && place < origin->length &&
        has_paths(origin->data + place, (gsize)MIN(n, origin->length - place)))
        gan_note(notes, "Photoshop's paths are not carried over");
}

void gan_leftover_note(const GanOrigin *origin, GanContainer to, GPtrArray *notes)
{
    switch (origin->kind) {
    case GAN_CONTAINER_PNG: {
        g_autofree char *names =
            gan_png_other_chunks(origin->data, origin->length, to == GAN_CONTAINER_PNG);
        if (gan_png_has_chunk(origin->data, origin->length, "caBX"))
            gan_note(notes, GAN_LEFTOVER_CREDENTIALS);
        if (names)
            gan_note(notes, "PNG chunks that are not carried over: %s", names);
        break;
    }
    case GAN_CONTAINER_JPEG:
        note_jpeg(origin, notes);
        break;
    case GAN_CONTAINER_WEBP:
        note_webp(origin, notes);
        break;
    case GAN_CONTAINER_GIF:
        g_free(look_at_gif(origin, notes));
        break;
    case GAN_CONTAINER_TIFF:
        note_tiff(origin, notes);
        break;
    case GAN_CONTAINER_UNKNOWN:
        gan_boxes_note(origin->data, origin->length, notes);
        break;
    default:
        break;
    }
}

char *gan_leftover_comment(const GanOrigin *origin)
{
    gsize n = 0;
    g_autofree char *text = NULL;
    if (origin->kind == GAN_CONTAINER_GIF) {
        text = look_at_gif(origin, NULL);
    } else if (origin->kind == GAN_CONTAINER_JPEG) {
        const guint8 *found = gan_jpeg_segment(origin->data, origin->length, 0xfe, "", 0, &n);
        text = found ? g_strndup((const char *)found, n) : NULL;
    }
    if (!text || !*text)
        return NULL;
    // No standard says what letters it is of; what is no UTF-8 is most likely of western Europe.
    return g_utf8_validate(text, -1, NULL)
               ? g_steal_pointer(&text)
               : g_convert(text, -1, "UTF-8", "WINDOWS-1252", NULL, NULL, NULL);
}
