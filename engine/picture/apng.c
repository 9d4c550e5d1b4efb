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

enum { DISPOSE_NONE, DISPOSE_CLEAR, DISPOSE_PREVIOUS };
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

static void frame_free(gpointer data)
{
    GanApngFrame *frame = data;
    g_array_unref(frame->parts);
    g_free(frame);
}

// NULL: the chunk makes no sense.
static GanApngFrame *frame_new(const GanApng *apng, const GanChunk *chunk)
{
    if (chunk->length < CONTROL_BYTES || !is_sound(chunk))
        return NULL;
    const guint8 *p = chunk->data;
    const GanApngFrame frame = {.width = big32(p + 4),
                                .height = big32(p + 8),
                                .x = big32(p + 12),
                                .y = big32(p + 16),
                                .delay = big16(p + 20),
                                .per_second = big16(p + 22) > 0 ? big16(p + 22) : 100,
                                .dispose = p[24],
                                .blend = p[25]};
    if (frame.width == 0 || frame.height == 0 || frame.x > apng->width || frame.y > apng->height ||
        frame.width > apng->width - frame.x || frame.height > apng->height - frame.y ||
        frame.dispose > DISPOSE_PREVIOUS || frame.blend > BLEND_OVER)
        return NULL;
    GanApngFrame *made = g_memdup2(&frame, sizeof frame);
    made->parts = g_array_new(FALSE, FALSE, sizeof(Part));
    return made;
}

// How far the walk over the chunks has come.
typedef struct {
    GanApng *apng;
    GanApngFrame *frame; // that pieces are added to; NULL: none
    guint32 n_promised;  // frames
    guint32 next;        // number of an fcTL or fdAT
    guint64 n_packed;    // bytes of the picture that every PNG file has
    gboolean ends;       // nothing behind it is to be trusted
} Walk;

static void end_frame(Walk *walk)
{
    if (!walk->frame)
        return;
    if (walk->frame->parts->len > 0)
        g_ptr_array_add(walk->apng->frames, walk->frame);
    else
        frame_free(walk->frame);
    walk->frame = NULL;
}

static void add_part(Walk *walk, const guint8 *data, gsize length)
{
    const Part part = {data, length};
    if (walk->frame)
        g_array_append_val(walk->frame->parts, part);
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
        apng->n_plays = big32(chunk->data + 4);
    } else if (is_called(chunk, "IDAT")) {
        apng->has_cover = apng->has_cover || !walk->frame;
        walk->n_packed += chunk->length;
        add_part(walk, chunk->data, chunk->length);
    } else if (is_called(chunk, "fcTL")) {
        end_frame(walk);
        walk->frame = frame_new(apng, chunk);
        walk->ends = !walk->frame;
    } else if (is_called(chunk, "fdAT")) {
        walk->ends = !walk->frame || !is_sound(chunk);
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
    const guint64 row = ((guint64)apng->width * depth * samples[kind] + 7) / 8 + 1;
    return row <= G_MAXUINT64 / apng->height &&
           row * apng->height / DEFLATE_MOST <= n_packed + DEFLATE_MOST;
}

gboolean gan_apng_open(const guint8 *data, gsize length, GanApng *apng)
{
    gsize at = SIGNATURE_BYTES;
    GanChunk chunk;
    *apng = (GanApng){.data = data, .length = length};
    if (!gan_png_next(data, length, &at, &chunk) || !is_called(&chunk, "IHDR") ||
        chunk.length != HEADER_BYTES)
        return FALSE;
    apng->header = chunk.whole;
    apng->width = big32(chunk.data);
    apng->height = big32(chunk.data + 4);
    apng->frames = g_ptr_array_new_with_free_func(frame_free);
    Walk walk = {.apng = apng};
    while (!walk.ends && gan_png_next(data, length, &at, &chunk) && !is_called(&chunk, "IEND"))
        look_at(&walk, &chunk);
    // What is cut within a frame's data is not one.
    const gboolean is_cut = !gan_png_has_end(data, length);
    if (!walk.ends && (!is_cut || at == length))
        end_frame(&walk);
    else if (walk.frame)
        frame_free(walk.frame);
    if (apng->frames->len > walk.n_promised)
        g_ptr_array_set_size(apng->frames, (gint)MIN(walk.n_promised, G_MAXINT));
    apng->is_whole = apng->frames->len == walk.n_promised;
    if (walk.n_promised > 0 && apng->frames->len > 0 && apng->width > 0 && apng->height > 0 &&
        apng->width <= G_MAXINT && apng->height <= G_MAXINT && is_plausible(apng, walk.n_packed))
        return TRUE;
    gan_apng_clear(apng);
    return FALSE;
}

void gan_apng_clear(GanApng *apng)
{
    g_clear_pointer(&apng->frames, g_ptr_array_unref);
}

// --- one frame as a file of its own ---

static void append_big32(GByteArray *to, guint32 x)
{
    const guint8 bytes[4] = {(guint8)(x >> 24), (guint8)(x >> 16), (guint8)(x >> 8), (guint8)x};
    g_byte_array_append(to, bytes, 4);
}

// Ends the chunk whose length stands at `at`.
static void end_chunk(GByteArray *to, guint at)
{
    const guint32 n = to->len - at - 8;
    const guint8 bytes[4] = {(guint8)(n >> 24), (guint8)(n >> 16), (guint8)(n >> 8), (guint8)n};
    memcpy(to->data + at, bytes, 4);
    append_big32(to, (guint32)crc32(crc32(0, NULL, 0), to->data + at + 4, n + 4));
}

static guint begin_chunk(GByteArray *to, const char *name)
{
    const guint at = to->len;
    append_big32(to, 0);
    g_byte_array_append(to, (const guint8 *)name, 4);
    return at;
}

static void append_whole(GByteArray *to, const guint8 *chunk)
{
    if (chunk)
        g_byte_array_append(to, chunk, big32(chunk) + 12);
}

static GByteArray *as_file(const GanApng *apng, const GanApngFrame *frame)
{
    GByteArray *file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)SIGNATURE, SIGNATURE_BYTES);
    guint at = begin_chunk(file, "IHDR");
    append_big32(file, frame->width);
    append_big32(file, frame->height);
    g_byte_array_append(file, apng->header + 16, HEADER_BYTES - 8);
    end_chunk(file, at);
    append_whole(file, apng->palette);
    append_whole(file, apng->transparency);
    at = begin_chunk(file, "IDAT");
    for (guint i = 0; i < frame->parts->len; i++) {
        const Part *part = &g_array_index(frame->parts, Part, i);
        g_byte_array_append(file, part->data, (guint)part->length);
    }
    end_chunk(file, at);
    end_chunk(file, begin_chunk(file, "IEND"));
    return file;
}

// --- the canvas ---

typedef struct {
    GeglBuffer *pixels;
    const Babl *format; // with an alpha, which comes last
    guint n_channels, most;
} Canvas;

static guint32 sample(const Canvas *canvas, const void *row, gsize i)
{
    return canvas->most > 255 ? ((const guint16 *)row)[i] : ((const guint8 *)row)[i];
}

static void set_sample(const Canvas *canvas, void *row, gsize i, guint64 x)
{
    if (canvas->most > 255)
        ((guint16 *)row)[i] = (guint16)x;
    else
        ((guint8 *)row)[i] = (guint8)x;
}

// Lays a row of pixels over another.
static void lay_over(const Canvas *canvas, void *below, const void *above, gsize n)
{
    const guint64 most = canvas->most;
    const guint n_colours = canvas->n_channels - 1;
    for (gsize i = 0; i < n * canvas->n_channels; i += canvas->n_channels) {
        // Parts of the two in the sum, times `most`.
        const guint64 alpha = sample(canvas, above, i + n_colours), a = alpha * most,
                      b = (most - alpha) * sample(canvas, below, i + n_colours);
        if (a == 0)
            continue;
        for (guint c = 0; c < n_colours; c++)
            set_sample(canvas, below, i + c,
                       (a * sample(canvas, above, i + c) + b * sample(canvas, below, i + c) +
                        (a + b) / 2) /
                           (a + b));
        set_sample(canvas, below, i + n_colours, (a + b + most / 2) / most);
    }
}

static GeglRectangle area_of(const GanApngFrame *frame)
{
    return *GEGL_RECTANGLE((gint)frame->x, (gint)frame->y, (gint)frame->width, (gint)frame->height);
}

static gboolean draw(const GanApng *apng, const Canvas *canvas, const GanApngFrame *frame,
                     const Babl *space, GError **error)
{
    g_autoptr(GByteArray) file = as_file(apng, frame);
    g_autoptr(GeglBuffer) picture = gan_png_decode(file->data, file->len, space, NULL, error);
    const gsize row_bytes = (gsize)frame->width * (canvas->most > 255 ? 2 : 1) * canvas->n_channels;
    g_autofree void *above = g_try_malloc(row_bytes), *below = g_try_malloc(row_bytes);
    if (picture && (!above || !below))
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a row of its canvas");
    if (!picture || !above || !below)
        return FALSE;
    const GeglRectangle area = area_of(frame);
    for (gint y = 0; y < area.height; y++) {
        const GeglRectangle line = {area.x, area.y + y, area.width, 1};
        gegl_buffer_get(picture, GEGL_RECTANGLE(0, y, area.width, 1), 1.0, canvas->format, above,
                        GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        if (frame->blend == BLEND_OVER) {
            gegl_buffer_get(canvas->pixels, &line, 1.0, canvas->format, below, GEGL_AUTO_ROWSTRIDE,
                            GEGL_ABYSS_NONE);
            lay_over(canvas, below, above, (gsize)area.width);
        }
        gegl_buffer_set(canvas->pixels, &line, 0, canvas->format,
                        frame->blend == BLEND_OVER ? below : above, GEGL_AUTO_ROWSTRIDE);
    }
    return TRUE;
}

static gboolean covers(const GanApng *apng, const GanApngFrame *frame)
{
    return frame->width == apng->width && frame->height == apng->height;
}

static guint8 dispose_of(const GanApng *apng, guint number)
{
    const GanApngFrame *frame = apng->frames->pdata[number];
    return number == 0 && frame->dispose == DISPOSE_PREVIOUS ? DISPOSE_CLEAR : frame->dispose;
}

// The first of the frames that `number` is made of: nothing is left of those before.
static guint begin_of(const GanApng *apng, guint number)
{
    for (guint k = number; k > 0; k--) {
        const GanApngFrame *frame = apng->frames->pdata[k];
        if (covers(apng, apng->frames->pdata[k - 1]) && dispose_of(apng, k - 1) == DISPOSE_CLEAR)
            return k;
        if (covers(apng, frame) && frame->blend == BLEND_SOURCE &&
            (k == number || frame->dispose != DISPOSE_PREVIOUS))
            return k;
    }
    return 0;
}

GeglBuffer *gan_apng_compose(const GanApng *apng, guint number, const Babl *space, GError **error)
{
    const gboolean grey = (apng->header[17] & 3) == 0, deep = apng->header[16] == 16;
    const gboolean fits = space && !babl_space_is_cmyk(space) &&
                          !(babl_space_is_gray(space) && !grey); // as gan_png_decode() takes it
    const char *const names[2][2] = {{"R'G'B'A u8", "R'G'B'A u16"}, {"Y'A u8", "Y'A u16"}};
    const Babl *format =
        babl_format_with_space(names[grey][deep], fits ? space : babl_space("sRGB"));
    g_autoptr(GeglBuffer) pixels =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)apng->width, (gint)apng->height), format);
    const Canvas canvas = {pixels, format, grey ? 2 : 4, deep ? 65535 : 255};
    for (guint k = begin_of(apng, number); k <= number; k++) {
        const GanApngFrame *frame = apng->frames->pdata[k];
        const GeglRectangle area = area_of(frame);
        const guint8 dispose = k < number ? dispose_of(apng, k) : DISPOSE_NONE;
        g_autoptr(GeglBuffer) before = NULL;
        if (dispose == DISPOSE_PREVIOUS) {
            before = gegl_buffer_new(&area, format);
            gegl_buffer_copy(pixels, &area, GEGL_ABYSS_NONE, before, &area);
        }
        if (!draw(apng, &canvas, frame, space, error))
            return NULL;
        if (before)
            gegl_buffer_copy(before, &area, GEGL_ABYSS_NONE, pixels, &area);
        else if (dispose == DISPOSE_CLEAR)
            gegl_buffer_clear(pixels, &area);
    }
    return g_steal_pointer(&pixels);
}
