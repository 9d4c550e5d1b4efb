// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads and writes GeglBuffers as floats in the networks' space: the only place where
// pixels are converted.
#include "pixels.h"

#include "holes.h"
#include "spaces.h"
#include <gan/image.h>
#include <math.h>
#include <string.h>

// Bytes that a worker takes at a time: from one step to the next they stay in its cache.
#define BAND_BYTES ((gsize)256 << 10)

// Pixels that take as long to convert as another thread to wake.
#define THREAD_COST 4096

// Coordinates of primaries that are closer are one.
#define SAME_PRIMARY 1e-5

// Whether two formats' colours have the same primaries. Grey, ink and what is no light has none.
static gboolean same_primaries(const Babl *a, const Babl *b)
{
    const Babl *formats[] = {a, b};
    double xy[2][8]; // white, red, green, blue
    if (babl_format_get_space(a) == babl_format_get_space(b))
        return TRUE;
    for (guint i = 0; i < 2; i++) {
        const Babl *space = babl_format_get_space(formats[i]);
        const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(formats[i]));
        if (flags & BABL_MODEL_FLAG_GRAY || babl_space_is_gray(space) || babl_space_is_cmyk(space))
            return TRUE;
        babl_space_get(space, &xy[i][0], &xy[i][1], &xy[i][2], &xy[i][3], &xy[i][4], &xy[i][5],
                       &xy[i][6], &xy[i][7], NULL, NULL, NULL);
    }
    for (guint k = 0; k < 8; k++)
        if (!(fabs(xy[0][k] - xy[1][k]) < SAME_PRIMARY))
            return FALSE;
    return TRUE;
}

// The kind of model that networks' numbers are made of without a matrix; NULL for others.
static const char *model_of(const Babl *format, gboolean grey, gboolean alpha)
{
    static const char *const names[3][4] = {{"RGB", "RGBA", "Y", "YA"},
                                            {"R'G'B'", "R'G'B'A", "Y'", "Y'A"},
                                            {"R~G~B~", "R~G~B~A", "Y~", "Y~A"}};
    const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(format));
    const guint column = (grey ? 2 : 0) + (alpha ? 1 : 0);
    if (babl_space_is_cmyk(babl_format_get_space(format)) ||
        !(flags & (BABL_MODEL_FLAG_GRAY | BABL_MODEL_FLAG_RGB)) ||
        flags & (BABL_MODEL_FLAG_CMYK | BABL_MODEL_FLAG_CIE))
        return NULL;
    return flags & BABL_MODEL_FLAG_LINEAR       ? names[0][column]
           : flags & BABL_MODEL_FLAG_PERCEPTUAL ? names[2][column]
                                                : names[1][column];
}

static gboolean sees_own_curve(const Babl *format)
{
    return model_of(format, FALSE, FALSE) != NULL && gan_curve_kind(format) == GAN_CURVE_FOR_EYES;
}

// Whether the numbers that a network sees of two formats have the same curve.
static gboolean same_curve(const Babl *a, const Babl *b)
{
    const gboolean own = sees_own_curve(a);
    return own == sees_own_curve(b) &&
           (!own || babl_format_get_space(a) == babl_format_get_space(b));
}

void gan_pixels_init(GanPixels *pixels, const Babl *format, const Babl *seen)
{
    const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(format));
    const Babl *type = babl_format_get_type(format, 0);
    const gboolean grey = (flags & BABL_MODEL_FLAG_GRAY) != 0;
    *pixels = (GanPixels){.stored_colours = grey ? 1 : 3,
                          .stored_alpha = babl_format_has_alpha(format) != 0,
                          .type = GAN_PIXELS_FLOAT};
    const char *model = model_of(format, grey, pixels->stored_alpha);
    if (seen == NULL)
        seen = format;
    if (model != NULL && same_primaries(format, seen) && same_curve(format, seen)) {
        // The numbers themselves, where they lie as they are wanted.
        const Babl *space = babl_format_get_space(format);
        const gboolean plain =
            !babl_format_is_palette(format) && !(flags & BABL_MODEL_FLAG_ASSOCIATED);
        g_autofree char *name = g_strconcat(model, " float", NULL);
        pixels->type = plain && type == babl_type("u8")    ? GAN_PIXELS_U8
                       : plain && type == babl_type("u16") ? GAN_PIXELS_U16
                                                           : GAN_PIXELS_FLOAT;
        pixels->transport =
            pixels->type == GAN_PIXELS_FLOAT ? babl_format_with_space(name, space) : format;
        pixels->curves = gan_curves_new(pixels->transport);
    } else {
        static const char *const names[2][4] = {
            {"R~G~B~ float", "R~G~B~A float", "Y~ float", "Y~A float"},
            {"R'G'B' float", "R'G'B'A float", "Y' float", "Y'A float"}};
        const Babl *space = babl_format_get_space(seen);
        const char *name =
            names[sees_own_curve(seen) ? 1 : 0][(grey ? 2 : 0) + (pixels->stored_alpha ? 1 : 0)];
        pixels->transport = babl_format_with_space(name, babl_space_is_cmyk(space) ? NULL : space);
    }
    gan_pixels_set_layout(pixels, pixels->stored_colours, pixels->stored_alpha);
}

void gan_pixels_clear(GanPixels *pixels)
{
    g_clear_pointer(&pixels->curves, gan_curves_free);
}

void gan_pixels_set_layout(GanPixels *pixels, guint n_colours, gboolean alpha)
{
    g_assert(n_colours == 1 || n_colours == 3);
    pixels->n_colours = n_colours;
    pixels->alpha = alpha;
}

guint gan_pixels_n_channels(const GanPixels *pixels)
{
    return pixels->n_colours + (pixels->alpha ? 1 : 0);
}

// One pixel after the other from the stored channels to the wanted ones, or back; the same
// code for both.
static void convert_layout(const float *from, guint from_colours, gboolean from_alpha, float *to,
                           guint to_colours, gboolean to_alpha, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        if (from_colours == to_colours) {
            for (guint c = 0; c < to_colours; c++)
                to[c] = from[c];
        } else if (from_colours == 1) {
            to[0] = to[1] = to[2] = from[0];
        } else {
            to[0] = 0.2126f * from[0] + 0.7152f * from[1] + 0.0722f * from[2];
        }
        if (to_alpha)
            to[to_colours] = from_alpha ? from[from_colours] : 1.0f;
        from += from_colours + (from_alpha ? 1 : 0);
        to += to_colours + (to_alpha ? 1 : 0);
    }
}

static gboolean same_layout(const GanPixels *pixels)
{
    return pixels->n_colours == pixels->stored_colours && pixels->alpha == pixels->stored_alpha;
}

static gboolean inside(GeglBuffer *buffer, const GeglRectangle *area)
{
    return area->width > 0 && area->height > 0 &&
           gegl_rectangle_contains(gegl_buffer_get_extent(buffer), area);
}

guint gan_pixels_n_workers(void)
{
    gint n = 1;
    g_object_get(gegl_config(), "threads", &n, NULL);
    return (guint)MAX(n, 1);
}

// As many threads as are of use. Babl searches a palette with notes that threads would share.
static guint workers_for(GeglBuffer *buffer, const GeglRectangle *area)
{
    const gsize useful = (gsize)area->width * (gsize)area->height / THREAD_COST;
    return babl_format_is_palette(gegl_buffer_get_format(buffer))
               ? 1
               : (guint)CLAMP(useful, 1, gan_pixels_n_workers());
}

// The rows [begin, end) of `height` that a worker takes of n workers' shares.
static void share_of(gint height, gint worker, gint n, gint *begin, gint *end)
{
    *begin = (gint)((gint64)height * worker / n);
    *end = (gint)((gint64)height * (worker + 1) / n);
}

// Rows on their way from a buffer.
typedef struct {
    const GanPixels *pixels;
    GeglBuffer *buffer;
    const GeglRectangle *area; // of it
    float *to;
    gint band;         // rows that a worker reads at a time
    gsize band_bytes;  // of `stored`, for each worker
    gsize band_floats; // of `floats`
    guint8 *stored;    // a band as GEGL gives it; NULL where that is what is wanted
    float *floats;     // and as floats, in the stored layout
} Reading;

static void reading_clear(Reading *reading)
{
    g_free(reading->stored);
    g_free(reading->floats);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

static gboolean reading_init(Reading *reading, guint n_workers, GError **error)
{
    const GanPixels *pixels = reading->pixels;
    const gsize width = (gsize)reading->area->width;
    const gsize row = width * (gsize)babl_format_get_bytes_per_pixel(pixels->transport);
    reading->band = (gint)CLAMP(BAND_BYTES / row, 1, (gsize)reading->area->height);
    if (pixels->type == GAN_PIXELS_FLOAT && same_layout(pixels))
        return TRUE;
    reading->band_bytes = (gsize)reading->band * row;
    reading->band_floats =
        (gsize)reading->band * width * (pixels->stored_colours + (pixels->stored_alpha ? 1 : 0));
    reading->stored = g_try_malloc_n(n_workers, reading->band_bytes);
    reading->floats = g_try_malloc_n(n_workers * reading->band_floats, sizeof(float));
    if (reading->stored && reading->floats)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory to convert rows of %d pixels",
                reading->area->width);
    return FALSE;
}

// Reads a band of rows, `part` of the buffer.
static void read_band(const Reading *reading, const GeglRectangle *part, gint worker, float *to)
{
    const GanPixels *pixels = reading->pixels;
    const gsize n_pixels = (gsize)part->width * (gsize)part->height;
    const gsize n = n_pixels * (pixels->stored_colours + (pixels->stored_alpha ? 1 : 0));
    guint8 *stored = reading->stored != NULL ? reading->stored + (gsize)worker * reading->band_bytes
                                             : (guint8 *)to;
    gan_numbers_get(reading->buffer, part, pixels->transport, stored);
    const guint16 *u16 = (const guint16 *)(const void *)stored;
    const float *f32 = (const float *)(const void *)stored;
    float *floats =
        reading->floats != NULL ? reading->floats + (gsize)worker * reading->band_floats : to;
    const guint colours = pixels->stored_colours;
    const gboolean alpha = pixels->stored_alpha;
    if (pixels->type == GAN_PIXELS_U8 && pixels->curves != NULL) {
        gan_curves_see_bytes(pixels->curves, stored, floats, n_pixels, colours, alpha);
    } else {
        if (pixels->type != GAN_PIXELS_FLOAT || floats != f32)
            for (gsize i = 0; i < n; i++)
                floats[i] = pixels->type == GAN_PIXELS_U8    ? (float)stored[i] / 255.0f
                            : pixels->type == GAN_PIXELS_U16 ? (float)u16[i] / 65535.0f
                                                             : f32[i];
        if (pixels->curves != NULL)
            gan_curves_see(pixels->curves, floats, floats, n_pixels, colours, alpha);
    }
    if (floats != to)
        convert_layout(floats, pixels->stored_colours, pixels->stored_alpha, to, pixels->n_colours,
                       pixels->alpha, n_pixels);
}

// Reads one of n shares of the rows. Any thread calls it.
static void read_share(gint worker, gint n, gpointer data)
{
    const Reading *reading = data;
    const GeglRectangle *area = reading->area;
    const gsize row = (gsize)area->width * gan_pixels_n_channels(reading->pixels);
    gint begin, end;
    share_of(area->height, worker, n, &begin, &end);
    for (gint y = begin; y < end; y += reading->band) {
        const GeglRectangle part = {area->x, area->y + y, area->width, MIN(reading->band, end - y)};
        read_band(reading, &part, worker, reading->to + (gsize)y * row);
    }
}

gboolean gan_pixels_read(const GanPixels *pixels, GeglBuffer *buffer, const GeglRectangle *area,
                         float *to, GError **error)
{
    g_return_val_if_fail(inside(buffer, area), FALSE);
    const guint n_workers = workers_for(buffer, area);
    g_auto(Reading) reading = {.pixels = pixels, .buffer = buffer, .area = area, .to = to};
    if (!reading_init(&reading, n_workers, error))
        return FALSE;
    gegl_parallel_distribute((gint)n_workers, read_share, &reading);
    return pixels->type != GAN_PIXELS_FLOAT ||
           gan_holes_fill(to, (gsize)area->width, (gsize)area->height, pixels->n_colours,
                          pixels->alpha, error);
}

gboolean gan_image_see(GeglBuffer *buffer, const GeglRectangle *area, float *to, GError **error)
{
    g_return_val_if_fail(GEGL_IS_BUFFER(buffer) && area && to, FALSE);
    g_auto(GanPixels) pixels = {0};
    gan_pixels_init(&pixels, gegl_buffer_get_format(buffer), NULL);
    gan_pixels_set_layout(&pixels, 3, FALSE);
    return gan_pixels_read(&pixels, buffer, area, to, error);
}

// Rows on their way to a buffer: workers make, convert and write them.
typedef struct {
    const GanPixels *pixels;
    GeglBuffer *buffer;
    const GeglRectangle *area; // of it
    const Babl *format;        // that it is given
    const Babl *fish;          // from floats to `format`; NULL where Babl is not needed
    GanPixelsRow make;
    gpointer data;
    gsize width, row_bytes; // of `format`
    gint band;              // rows that a worker writes at a time
    float *made, *laid;     // a row for each worker as it is made, and in the stored layout
    guint8 *stored;         // a band for each worker
} Writing;

static void writing_clear(Writing *writing)
{
    g_free(writing->made);
    g_free(writing->laid);
    g_free(writing->stored);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Writing, writing_clear)

static float unit(float x)
{
    const float low = x > 0.0f ? x : 0.0f; // NaN, too
    return low < 1.0f ? low : 1.0f;
}

// Converts a row in the stored layout; `other` is memory for one.
static void encode(const Writing *writing, const float *from, float *other, guint8 *to)
{
    const GanPixels *pixels = writing->pixels;
    const gsize n = writing->width * (pixels->stored_colours + (pixels->stored_alpha ? 1 : 0));
    const guint colours = pixels->stored_colours;
    const gboolean alpha = pixels->stored_alpha;
    if (pixels->type == GAN_PIXELS_U8 && pixels->curves != NULL) {
        gan_curves_store_bytes(pixels->curves, from, to, writing->width, colours, alpha);
        return;
    }
    const float *stored = from;
    if (pixels->curves != NULL) {
        gan_curves_store(pixels->curves, from, other, writing->width, colours, alpha);
        stored = other;
    }
    if (pixels->type == GAN_PIXELS_U8) {
        for (gsize i = 0; i < n; i++)
            to[i] = (guint8)(gint32)(unit(stored[i]) * 255.0f + 0.5f);
    } else if (pixels->type == GAN_PIXELS_U16) {
        for (gsize i = 0; i < n; i++)
            ((guint16 *)(void *)to)[i] = (guint16)(gint32)(unit(stored[i]) * 65535.0f + 0.5f);
    } else if (writing->fish != NULL) {
        babl_process(writing->fish, stored, to, (glong)writing->width);
    } else {
        memcpy(to, stored, n * sizeof(float));
    }
}

// Makes row y and converts it.
static void write_row(const Writing *writing, guint y, guint worker, guint8 *to)
{
    const GanPixels *pixels = writing->pixels;
    const gsize made = writing->width * gan_pixels_n_channels(pixels);
    const gsize laid = writing->width * (pixels->stored_colours + (pixels->stored_alpha ? 1 : 0));
    const float *row = writing->make(y, worker, writing->made + worker * made, writing->data);
    float *other = writing->laid + worker * laid;
    if (!same_layout(pixels)) {
        convert_layout(row, pixels->n_colours, pixels->alpha, other, pixels->stored_colours,
                       pixels->stored_alpha, writing->width);
        row = other;
    }
    encode(writing, row, other, to);
}

// Writes one of n shares of the rows. Any thread calls it.
static void write_share(gint worker, gint n, gpointer data)
{
    const Writing *writing = data;
    const GeglRectangle *area = writing->area;
    gint begin, end;
    share_of(area->height, worker, n, &begin, &end);
    guint8 *stored = writing->stored + (gsize)worker * (gsize)writing->band * writing->row_bytes;
    for (gint first = begin; first < end; first += writing->band) {
        const gint rows = MIN(writing->band, end - first);
        for (gint y = 0; y < rows; y++)
            write_row(writing, (guint)(first + y), (guint)worker,
                      stored + (gsize)y * writing->row_bytes);
        gan_numbers_set(writing->buffer,
                        GEGL_RECTANGLE(area->x, area->y + first, area->width, rows),
                        writing->format, stored);
    }
}

static gboolean has_integers(const Babl *format)
{
    const Babl *type = babl_format_get_type(format, 0);
    return type == babl_type("u8") || type == babl_type("u16") || type == babl_type("u32");
}

static gboolean writing_init(Writing *writing, const GanPixels *pixels, GeglBuffer *buffer,
                             const GeglRectangle *area, guint n_workers, GError **error)
{
    const Babl *stored = gegl_buffer_get_format(buffer);
    // GEGL copies floats, and finds a palette's entries.
    const gboolean direct = has_integers(stored) && !babl_format_is_palette(stored);
    writing->pixels = pixels;
    writing->buffer = buffer;
    writing->area = area;
    writing->format = direct ? stored : pixels->transport;
    if (direct && pixels->transport != stored)
        writing->fish = gan_numbers_fish(pixels->transport, stored);
    writing->width = (gsize)area->width;
    writing->row_bytes = writing->width * (gsize)babl_format_get_bytes_per_pixel(writing->format);
    writing->band = (gint)CLAMP(BAND_BYTES / writing->row_bytes, 1, (gsize)area->height);
    writing->stored = g_try_malloc_n(n_workers * (gsize)writing->band, writing->row_bytes);
    writing->made =
        g_try_malloc_n(n_workers * writing->width, gan_pixels_n_channels(pixels) * sizeof(float));
    writing->laid = g_try_malloc_n(n_workers * writing->width, 4 * sizeof(float));
    if (writing->stored && writing->made && writing->laid)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory to convert rows of %d pixels",
                area->width);
    return FALSE;
}

gboolean gan_pixels_write_rows(const GanPixels *pixels, GeglBuffer *buffer,
                               const GeglRectangle *area, GanPixelsRow make, gpointer data,
                               GError **error)
{
    g_return_val_if_fail(inside(buffer, area), FALSE);
    const guint n_workers = workers_for(buffer, area);
    g_auto(Writing) writing = {.make = make, .data = data};
    if (!writing_init(&writing, pixels, buffer, area, n_workers, error))
        return FALSE;
    gegl_parallel_distribute((gint)n_workers, write_share, &writing);
    return TRUE;
}

// Rows that lie in memory.
typedef struct {
    const float *from;
    gsize row_floats;
} Rows;

static const float *row_of(guint y, guint worker, float *row, gpointer data)
{
    const Rows *rows = data;
    return rows->from + y * rows->row_floats;
}

gboolean gan_pixels_write(const GanPixels *pixels, GeglBuffer *buffer, const GeglRectangle *area,
                          const float *from, GError **error)
{
    g_return_val_if_fail(inside(buffer, area), FALSE);
    Rows rows = {from, (gsize)area->width * gan_pixels_n_channels(pixels)};
    return gan_pixels_write_rows(pixels, buffer, area, row_of, &rows, error);
}

// The mean colour of the neighbours that rings before `ring` have reached; FALSE when
// there are none.
static gboolean bleed_pixel(const float *pixels, const guint8 *rings, gsize width, gsize height,
                            gsize x, gsize y, guint ring, guint n_colours, float *colour)
{
    guint n = 0;
    float sum[3] = {0.0f, 0.0f, 0.0f};
    for (gsize v = y > 0 ? y - 1 : 0; v <= MIN(y + 1, height - 1); v++) {
        for (gsize u = x > 0 ? x - 1 : 0; u <= MIN(x + 1, width - 1); u++) {
            if (rings[v * width + u] >= ring)
                continue;
            for (guint c = 0; c < n_colours; c++)
                sum[c] += pixels[(v * width + u) * (n_colours + 1) + c];
            n++;
        }
    }
    for (guint c = 0; c < n_colours && n > 0; c++)
        colour[c] = sum[c] / (float)n;
    return n > 0;
}

gboolean gan_pixels_bleed(float *pixels, gsize width, gsize height, guint n_colours, GError **error)
{
    const gsize n = width * height;
    const guint stride = n_colours + 1;
    const guint8 unreached = GAN_BLEED_REACH + 1;
    gsize n_transparent = 0;
    for (gsize i = 0; i < n; i++)
        n_transparent += pixels[i * stride + n_colours] <= 0.0f;
    if (n_transparent == 0)
        return TRUE;
    g_autofree guint8 *rings = g_try_malloc(n);
    if (!rings) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for a mask of %" G_GSIZE_FORMAT " pixels", n);
        return FALSE;
    }
    for (gsize i = 0; i < n; i++) {
        rings[i] = pixels[i * stride + n_colours] <= 0.0f ? unreached : 0;
        for (guint c = 0; c < n_colours && rings[i]; c++)
            pixels[i * stride + c] = 0.5f;
    }
    for (guint ring = 1; ring <= GAN_BLEED_REACH && n_transparent > 0 && n_transparent < n;
         ring++) {
        for (gsize y = 0; y < height; y++) {
            for (gsize x = 0; x < width; x++) {
                const gsize i = y * width + x;
                if (rings[i] == unreached && bleed_pixel(pixels, rings, width, height, x, y, ring,
                                                         n_colours, pixels + i * stride)) {
                    rings[i] = (guint8)ring;
                    n_transparent--;
                }
            }
        }
    }
    return TRUE;
}
