// SPDX-License-Identifier: LGPL-3.0-or-later
// GIF files by GEGL's loader, frame by frame, which says neither that a file is cut nor that it has
// more frames, leaves frames on the canvas that are to go, and gives an alpha to opaque pictures.
// Source:  GIF89a (CompuServe 1990).
#include "reader.h"

#include "film.h"
#include "notes.h"
#include "operations.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

// Where a frame stands in the file. An `extension` of 0 bytes at 0: it has none.
typedef struct {
    gsize extension, image, end;
} Place;

// What the blocks of a file tell.
typedef struct {
    const guint8 *data;
    gsize length;
    GanFilm film;     // of the frames that are whole
    GArray *places;   // of Place, for each frame
    gboolean is_cut;  // within a frame
    gboolean has_end; // the end marker is there
} Blocks;

static void blocks_clear(Blocks *blocks)
{
    gan_film_clear(&blocks->film);
    g_clear_pointer(&blocks->places, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Blocks, blocks_clear)

static gboolean recognise(const guint8 *data, gsize length)
{
    return length > 6 && memcmp(data, "GIF8", 4) == 0;
}

// Goes on behind sub-blocks; 0 when the file ends before.
static gsize behind_parts(const guint8 *data, gsize length, gsize at)
{
    while (at < length && data[at] != 0)
        at += (gsize)data[at] + 1;
    return at < length ? at + 1 : 0;
}

static gsize table_bytes(guint8 packed)
{
    return packed & 0x80 ? (gsize)3 << ((packed & 7) + 1) : 0;
}

static guint little16(const guint8 *p)
{
    return (guint)p[1] << 8 | p[0];
}

// Whether `n` bytes are there.
static gboolean has(const Blocks *blocks, gsize at, gsize n)
{
    return at <= blocks->length && n <= blocks->length - at;
}

// Adds the frame of the image descriptor.
static void add_frame(Blocks *blocks, const Place *place)
{
    const guint8 *image = blocks->data + place->image;
    const guint8 *control = place->extension > 0 ? blocks->data + place->extension + 3 : NULL;
    const guint8 after = control ? control[0] >> 2 & 7 : 0;
    const GanFilmFrame frame = {.area = {(gint)little16(image + 1), (gint)little16(image + 3),
                                         (gint)little16(image + 5), (gint)little16(image + 7)},
                                .after = after == 2   ? GAN_FILM_CLEAR
                                         : after == 3 ? GAN_FILM_RESTORE
                                                      : GAN_FILM_KEEP,
                                .over = TRUE,
                                .delay = control ? little16(control + 1) : 0,
                                .per_second = 100};
    if (frame.area.width == 0 || frame.area.height == 0)
        return;
    // Other programs enlarge the canvas, too, where a frame does not lie within it.
    blocks->film.width = MAX(blocks->film.width, (guint)(frame.area.x + frame.area.width));
    blocks->film.height = MAX(blocks->film.height, (guint)(frame.area.y + frame.area.height));
    g_array_append_val(blocks->film.frames, frame);
    g_array_append_val(blocks->places, *place);
}

// Takes what extensions say of frames and of how often they are shown.
static void look_at_extension(Blocks *blocks, gsize at, Place *place)
{
    const guint8 *p = blocks->data + at;
    if (p[1] == 0xf9 && has(blocks, at, 8) && p[2] == 4)
        place->extension = at;
    else if (p[1] == 0xff && has(blocks, at, 19) && p[2] == 11 && p[14] == 3 && p[15] == 1 &&
             memcmp(p + 3, "NETSCAPE2.0", 11) == 0)
        // So many times again.
        blocks->film.n_plays = little16(p + 16) > 0 ? little16(p + 16) + 1 : 0;
}

static void look(const guint8 *data, gsize length, Blocks *blocks)
{
    *blocks = (Blocks){.data = data, .length = length};
    gan_film_init(&blocks->film);
    blocks->film.n_plays = 1;
    blocks->places = g_array_new(FALSE, FALSE, sizeof(Place));
    if (length < 13)
        return;
    blocks->film.width = little16(data + 6);
    blocks->film.height = little16(data + 8);
    gsize at = 13 + table_bytes(data[10]);
    Place place = {0};
    while (at < length) {
        const guint8 kind = data[at];
        gsize next = 0;
        if (kind == 0x3b) {
            blocks->has_end = TRUE;
            return;
        }
        if (kind == 0x21) {
            next = has(blocks, at, 3) ? behind_parts(data, length, at + 2) : 0;
            if (next > 0)
                look_at_extension(blocks, at, &place);
        } else if (kind == 0x2c && has(blocks, at, 11)) {
            next = behind_parts(data, length, at + 11 + table_bytes(data[at + 9]));
            place.image = at;
            place.end = next;
            if (next > 0)
                add_frame(blocks, &place);
            place = (Place){0};
        } else if (kind != 0x2c) {
            return; // what follows is no GIF
        }
        blocks->is_cut = next == 0;
        if (next == 0)
            return;
        at = next;
    }
}

// A code of 12 bits stands for 4096 pixels at most. Memory for a frame is asked for before its pixels
// are read, and a hundred bytes may name one of 65535 x 65535.
static gboolean may_be_whole(const GanFilmFrame *frame, const Place *place)
{
    return (gsize)frame->area.width * (gsize)frame->area.height / 4096 <= place->end - place->image;
}

// A frame as a file of its own: GEGL's loader does not go by what becomes of those before.
static GByteArray *as_file(const Blocks *blocks, guint number)
{
    static const guint8 end = 0x3b;
    const Place *place = &g_array_index(blocks->places, Place, number);
    GByteArray *file = g_byte_array_new();
    g_byte_array_append(file, blocks->data, (guint)(13 + table_bytes(blocks->data[10])));
    memcpy(file->data + 4, "9", 1); // GIF89a
    memcpy(file->data + 6, blocks->data + place->image + 5, 4);
    if (place->extension > 0) {
        g_byte_array_append(file, blocks->data + place->extension, 8);
        file->data[file->len - 5] &= 1; // that a colour is transparent
    }
    const guint at = file->len;
    g_byte_array_append(file, blocks->data + place->image, (guint)(place->end - place->image));
    memset(file->data + at + 1, 0, 4);
    g_byte_array_append(file, &end, 1);
    return file;
}

static GeglBuffer *draw(gpointer data, guint number, GError **error)
{
    const Blocks *blocks = data;
    const GanFilmFrame *frame = gan_film_frame(&blocks->film, number);
    if (!may_be_whole(frame, &g_array_index(blocks->places, Place, number)))
        return gan_reading_refuse(error, "it ends too early: a frame has %d x %d pixels",
                                  frame->area.width, frame->area.height);
    g_autoptr(GByteArray) bytes = as_file(blocks, number);
    g_autoptr(GString) messages = g_string_new(NULL);
    g_autofree char *path = NULL;
    const gint fd = g_file_open_tmp("gimp-gan-XXXXXX.gif", &path, error);
    if (fd < 0)
        return NULL;
    close(fd);
    g_autoptr(GeglBuffer) buffer = NULL;
    const gboolean written =
        g_file_set_contents(path, (const char *)bytes->data, (gssize)bytes->len, error);
    if (written)
        buffer = gan_operation_load("gegl:gif-load", "gif-load", path, messages);
    g_unlink(path);
    if (!written)
        return NULL;
    if (!buffer || gegl_buffer_get_width(buffer) != frame->area.width ||
        gegl_buffer_get_height(buffer) != frame->area.height || messages->len > 0)
        return gan_reading_refuse(error, "it is damaged%s%s", messages->len > 0 ? ": " : "",
                                  messages->str);
    return g_steal_pointer(&buffer);
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    g_auto(Blocks) blocks = {0};
    look(reading->data, reading->length, &blocks);
    const guint n = blocks.film.frames->len;
    gan_reading_film(reading, &blocks.film);
    if (reading->only_list)
        return NULL;
    if (n == 0)
        return gan_reading_refuse(error, "it ends too early");
    if (reading->page > n)
        return gan_reading_refuse(error, "it has no frame %u, but %u", reading->page, n);
    if (blocks.is_cut)
        gan_note(reading->notes, "it ends too early, within a later frame");
    else if (!blocks.has_end)
        gan_note(reading->notes, "its end marker is missing");
    GeglBuffer *buffer = gan_film_compose(&blocks.film, MAX(reading->page, 1) - 1,
                                          babl_format("R'G'B'A u8"), draw, &blocks, error);
    return buffer ? gan_reading_opaque(buffer) : NULL;
}

const GanFormat gan_format_gif = {"GIF", recognise, read_picture, FALSE, TRUE, NULL, TRUE};
