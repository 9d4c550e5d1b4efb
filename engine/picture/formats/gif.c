// SPDX-License-Identifier: LGPL-3.0-or-later
// GIF files by GEGL's loader, which says neither that a file is cut nor that it has more frames, and
// gives an alpha to opaque pictures.
// Source:  GIF89a (CompuServe 1990).
#include "reader.h"

#include "notes.h"
#include "operations.h"
#include <string.h>

// What the blocks of a file tell.
typedef struct {
    guint n_frames;   // that are whole
    gboolean is_cut;  // within a frame
    gboolean has_end; // the end marker is there
} Blocks;

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

static void look(const guint8 *data, gsize length, Blocks *blocks)
{
    *blocks = (Blocks){0};
    if (length < 13)
        return;
    gsize at = 13 + table_bytes(data[10]);
    while (at < length) {
        const guint8 kind = data[at];
        gsize next = 0;
        if (kind == 0x3b) {
            blocks->has_end = TRUE;
            return;
        }
        if (kind == 0x21) {
            next = at + 2 <= length ? behind_parts(data, length, at + 2) : 0;
        } else if (kind == 0x2c && at + 10 < length) {
            next = behind_parts(data, length, at + 11 + table_bytes(data[at + 9]));
            blocks->n_frames += next > 0;
        } else if (kind != 0x2c) {
            return; // what follows is no GIF
        }
        blocks->is_cut = next == 0;
        if (next == 0)
            return;
        at = next;
    }
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    Blocks blocks;
    g_autoptr(GString) messages = g_string_new(NULL);
    look(reading->data, reading->length, &blocks);
    reading->n_pages = blocks.n_frames;
    reading->unit = "frame";
    if (blocks.n_frames == 0)
        return gan_reading_refuse(error, "it ends too early");
    if (reading->page > blocks.n_frames)
        return gan_reading_refuse(error, "it has no frame %u, but %u", reading->page,
                                  blocks.n_frames);
    if (blocks.is_cut)
        gan_note(reading->notes, "it ends too early, within a later frame");
    else if (!blocks.has_end)
        gan_note(reading->notes, "its end marker is missing");
    g_autoptr(GeglBuffer) buffer =
        gan_operation_load_frame("gegl:gif-load", "gif-load", reading->path,
                                 reading->page > 0 ? (gint)reading->page - 1 : 0, messages);
    if (!buffer || gegl_buffer_get_width(buffer) < 1 || gegl_buffer_get_height(buffer) < 1 ||
        messages->len > 0)
        return gan_reading_refuse(error, "it is damaged%s%s", messages->len > 0 ? ": " : "",
                                  messages->str);
    return gan_reading_opaque(g_steal_pointer(&buffer));
}

const GanFormat gan_format_gif = {"GIF", recognise, read_picture, FALSE};
