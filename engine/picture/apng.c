// SPDX-License-Identifier: LGPL-3.0-or-later
// Animated PNG files: which frames there are, and what each of them leaves on the canvas.
// Source:  PNG specification, third edition, 4.9 (animated image), 11.3.6 (acTL, fcTL, fdAT).
#include "apng.h"

#include "container.h"
#include "pngfile.h"
#include <string.h>
#include <zlib.h>

#define SIGNATURE "\211PNG\r\n\032\n"
#define SIGNATURE_BYTES 8u
#define HEADER_BYTES 13u
#define CONTROL_BYTES 26u
#define NUMBER_BYTES 4u // in front of the data of an fdAT
// zlib makes at most so many bytes of one.
#define DEFLATE_MOST 1032u

// The format numbers what becomes of a frame as GanFilmAfter does.
enum { BLEND_SOURCE, BLEND_OVER };

// A piece of a frame's zlib data.
typedef struct {
    const guint8 *data;
    gsize length;
} Part;

static guint32 big32(const guint8 *p)
{
    return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static guint16 big16(const guint8 *p)
{
    return (guint16)(p[0] << 8 | p[1]);
}

static gboolean is_called(const GanChunk *chunk, const char *name)
{
    return memcmp(chunk->name, name, 4) == 0;
}

// libpng does not see these chunks, and so does not check them.
static gboolean is_sound(const GanChunk *chunk)
{
    return crc32(crc32(0, NULL, 0), chunk->name, (uInt)chunk->length + 4) ==
           big32(chunk->data + chunk->length);
}

// FALSE: the chunk makes no sense.
static gboolean read_frame(const GanApng *apng, const GanChunk *chunk, GanFilmFrame *frame)
{
    if (chunk->length < CONTROL_BYTES || !is_sound(chunk))
        return FALSE;
    const guint8 *p = chunk->data;
    const guint32 width = big32(p + 4), height = big32(p + 8), x = big32(p + 12), y = big32(p + 16);
    const GanFilm *film = &apng->film;
    if (width == 0 || height == 0 || x > film->width || y > film->height ||
        width > film->width - x || height > film->height - y || p[24] > GAN_FILM_RESTORE ||
        p[25] > BLEND_OVER)
        return FALSE;
    *frame = (GanFilmFrame){.area = {(gint)x, (gint)y, (gint)width, (gint)height},
                            .after = p[24],
                            .over = p[25] == BLEND_OVER,
                            .delay = big16(p + 20),
                            .per_second = big16(p + 22) > 0 ? big16(p + 22) : 100};
    return TRUE;
}

// How far the walk over the chunks has come.
typedef struct {
    GanApng *apng;
    GanFilmFrame frame;
    GArray *parts;      // of the frame; NULL: none has begun
    guint32 n_promised; // frames
    guint32 next;       // number of an fcTL or fdAT
    guint64 n_packed;   // bytes of the picture that every PNG file has
    gboolean ends;      // nothing behind it is to be trusted
} Walk;

static void end_frame(Walk *walk)
{
    if (walk->parts && walk->parts->len > 0) {
        g_array_append_val(walk->apng->film.frames, walk->frame);
        g_ptr_array_add(walk->apng->parts, g_steal_pointer(&walk->parts));
    }
    g_clear_pointer(&walk->parts, g_array_unref);
}

static void add_part(Walk *walk, const guint8 *data, gsize length)
{
    const Part part = {data, length};
    if (walk->parts)
        g_array_append_val(walk->parts, part);
}

static void look_at(Walk *walk, const GanChunk *chunk)
{
    GanApng *apng = walk->apng;
    const gboolean numbered = is_called(chunk, "fcTL") || is_called(chunk, "fdAT");
    if (numbered && (chunk->length < NUMBER_BYTES || big32(chunk->data) != walk->next)) {
        walk->ends = TRUE;
        return;
    }
    walk->next += numbered;
    if (is_called(chunk, "PLTE")) {
        apng->palette = chunk->whole;
    } else if (is_called(chunk, "tRNS")) {
        apng->transparency = chunk->whole;
    } else if (is_called(chunk, "acTL") && chunk->length >= 8) {
        walk->n_promised = big32(chunk->data);
        apng->film.n_plays = big32(chunk->data + 4);
    } else if (is_called(chunk, "IDAT")) {
        apng->has_cover = apng->has_cover || !walk->parts;
        walk->n_packed += chunk->length;
        add_part(walk, chunk->data, chunk->length);
    } else if (is_called(chunk, "fcTL")) {
        end_frame(walk);
        walk->ends = !read_frame(apng, chunk, &walk->frame);
        if (!walk->ends)
            walk->parts = g_array_new(FALSE, FALSE, sizeof(Part));
    } else if (is_called(chunk, "fdAT")) {
        walk->ends = !walk->parts || !is_sound(chunk);
        if (!walk->ends)
            add_part(walk, chunk->data + NUMBER_BYTES, chunk->length - NUMBER_BYTES);
    }
}

// Whether the picture that every PNG file has may be as large as the header says: a canvas that
// nothing stands for is made to keep us busy.
static gboolean is_plausible(const GanApng *apng, guint64 n_packed)
{
    static const guint8 samples[7] = {1, 0, 3, 1, 2, 0, 4};
    const guint8 depth = apng->header[16], kind = MIN(apng->header[17], 6);
    const guint64 row = ((guint64)apng->film.width * depth * samples[kind] + 7) / 8 + 1;
    return row <= G_MAXUINT64 / apng->film.height &&
           row * apng->film.height / DEFLATE_MOST <= n_packed + DEFLATE_MOST;
}

gboolean gan_apng_open(const guint8 *data, gsize length, GanApng *apng)
{
    gsize at = SIGNATURE_BYTES;
    GanChunk chunk;
    *apng = (GanApng){0};
    if (!gan_png_next(data, length, &at, &chunk) || !is_called(&chunk, "IHDR") ||
        chunk.length != HEADER_BYTES)
        return FALSE;
    apng->header = chunk.whole;
    gan_film_init(&apng->film);
    GanFilm *film = &apng->film;
    film->width = big32(chunk.data);
    film->height = big32(chunk.data + 4);
    apng->parts = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    Walk walk = {.apng = apng};
    while (!walk.ends && gan_png_next(data, length, &at, &chunk) && !is_called(&chunk, "IEND"))
        look_at(&walk, &chunk);
    // What is cut within a frame's data is not one.
    apng->has_end = gan_png_has_end(data, length);
    if (!walk.ends && (apng->has_end || at == length))
        end_frame(&walk);
    g_clear_pointer(&walk.parts, g_array_unref);
    if (film->frames->len > walk.n_promised)
        g_array_set_size(film->frames, walk.n_promised);
    apng->is_whole = film->frames->len == walk.n_promised;
    if (film->frames->len > 0 && film->width > 0 && film->height > 0 && film->width <= G_MAXINT &&
        film->height <= G_MAXINT && is_plausible(apng, walk.n_packed))
        return TRUE;
    gan_apng_clear(apng);
    return FALSE;
}

void gan_apng_clear(GanApng *apng)
{
    gan_film_clear(&apng->film);
    g_clear_pointer(&apng->parts, g_ptr_array_unref);
}

// --- one frame as a file of its own ---

// Ends the chunk whose length stands at `at`.
static void end_chunk(GByteArray *to, guint at)
{
    const guint32 n = to->len - at - 8;
    const guint8 bytes[4] = {(guint8)(n >> 24), (guint8)(n >> 16), (guint8)(n >> 8), (guint8)n};
    memcpy(to->data + at, bytes, 4);
    gan_append_big(to, (guint32)crc32(crc32(0, NULL, 0), to->data + at + 4, n + 4), 4);
}

static guint begin_chunk(GByteArray *to, const char *name)
{
    const guint at = to->len;
    gan_append_big(to, 0, 4);
    g_byte_array_append(to, (const guint8 *)name, 4);
    return at;
}

static void append_whole(GByteArray *to, const guint8 *chunk)
{
    if (chunk)
        g_byte_array_append(to, chunk, big32(chunk) + 12);
}

static GByteArray *as_file(const GanApng *apng, guint number)
{
    const GanFilmFrame *frame = gan_film_frame(&apng->film, number);
    const GArray *parts = apng->parts->pdata[number];
    GByteArray *file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)SIGNATURE, SIGNATURE_BYTES);
    guint at = begin_chunk(file, "IHDR");
    gan_append_big(file, (guint32)frame->area.width, 4);
    gan_append_big(file, (guint32)frame->area.height, 4);
    g_byte_array_append(file, apng->header + 16, HEADER_BYTES - 8);
    end_chunk(file, at);
    append_whole(file, apng->palette);
    append_whole(file, apng->transparency);
    at = begin_chunk(file, "IDAT");
    for (guint i = 0; i < parts->len; i++) {
        const Part *part = &g_array_index(parts, Part, i);
        g_byte_array_append(file, part->data, (guint)part->length);
    }
    end_chunk(file, at);
    end_chunk(file, begin_chunk(file, "IEND"));
    return file;
}

typedef struct {
    const GanApng *apng;
    const Babl *space;
} Drawing;

static GeglBuffer *draw(gpointer data, guint number, GError **error)
{
    const Drawing *drawing = data;
    g_autoptr(GByteArray) file = as_file(drawing->apng, number);
    return gan_png_decode(file->data, file->len, drawing->space, NULL, error);
}

GeglBuffer *gan_apng_compose(const GanApng *apng, guint number, const Babl *space, GError **error)
{
    static const char *const names[2][2] = {{"R'G'B'A u8", "R'G'B'A u16"}, {"Y'A u8", "Y'A u16"}};
    const gboolean grey = (apng->header[17] & 3) == 0, deep = apng->header[16] == 16;
    const gboolean fits = space && !babl_space_is_cmyk(space) &&
                          !(babl_space_is_gray(space) && !grey); // as gan_png_decode() takes it
    Drawing drawing = {apng, space};
    return gan_film_compose(
        &apng->film, number,
        babl_format_with_space(names[grey][deep], fits ? space : babl_space("sRGB")), draw,
        &drawing, error);
}
