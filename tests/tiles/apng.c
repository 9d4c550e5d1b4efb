// SPDX-License-Identifier: LGPL-3.0-or-later
// Animated PNG files: each frame is what a plain definition of the canvas says, and no damage ends
// the process.
// Source:  PNG specification, third edition, 11.3.6.
#include "folder.h"

#include <gan/image.h>

#include <math.h>
#include <string.h>
#include <zlib.h>

#define WIDTH 11
#define HEIGHT 9
#define MOST_FRAMES 9u

typedef struct {
    guint x, y, width, height;
    guint8 dispose, blend;
    guint16 pixels[HEIGHT * WIDTH * 4];
} Frame;

// How the numbers of a file are told.
typedef struct {
    guint8 colour_type, depth;
    guint n_channels;
    const char *with_alpha, *opaque;
} Kind;

static const Kind kinds[] = {{6, 8, 4, "R'G'B'A u8", "R'G'B' u8"},
                             {6, 16, 4, "R'G'B'A u16", "R'G'B' u16"},
                             {4, 8, 2, "Y'A u8", "Y' u8"},
                             {2, 8, 3, "R'G'B'A u8", "R'G'B' u8"},
                             {0, 16, 1, "Y'A u16", "Y' u16"}};

static void append_big(GByteArray *to, guint32 x, guint n)
{
    for (guint i = 0; i < n; i++) {
        const guint8 byte = (guint8)(x >> 8 * (n - 1 - i));
        g_byte_array_append(to, &byte, 1);
    }
}

static void append_chunk(GByteArray *to, const char *name, const guint8 *data, guint n)
{
    append_big(to, n, 4);
    const guint at = to->len;
    g_byte_array_append(to, (const guint8 *)name, 4);
    if (n > 0)
        g_byte_array_append(to, data, n);
    append_big(to, (guint32)crc32(0, to->data + at, n + 4), 4);
}

// The rows of a frame as a PNG file has them. `number`: of the chunk, -1 for IDAT. In two pieces.
static void append_pixels(GByteArray *to, const Kind *kind, const Frame *frame, guint32 *number)
{
    g_autoptr(GByteArray) raw = g_byte_array_new();
    for (guint y = 0; y < frame->height; y++) {
        append_big(raw, 0, 1);
        for (guint i = 0; i < frame->width * kind->n_channels; i++)
            append_big(raw, frame->pixels[y * frame->width * kind->n_channels + i],
                       kind->depth / 8);
    }
    guint8 packed[4096];
    uLongf n = sizeof packed;
    g_assert_cmpint(compress(packed, &n, raw->data, raw->len), ==, Z_OK);
    for (guint piece = 0; piece < 2; piece++) {
        const guint from = piece * (guint)n / 2, end = (piece + 1) * (guint)n / 2;
        g_autoptr(GByteArray) part = g_byte_array_new();
        if (number)
            append_big(part, (*number)++, 4);
        g_byte_array_append(part, packed + from, end - from);
        append_chunk(to, number ? "fdAT" : "IDAT", part->data, part->len);
    }
}

// `cover`: NULL, or the picture that is no frame.
static GByteArray *animation(const Kind *kind, const Frame *frames, guint n, const Frame *cover)
{
    GByteArray *file = g_byte_array_new();
    g_autoptr(GByteArray) header = g_byte_array_new(), control = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)"\211PNG\r\n\032\n", 8);
    append_big(header, WIDTH, 4);
    append_big(header, HEIGHT, 4);
    append_big(header, (guint32)kind->depth << 8 | kind->colour_type, 2);
    append_big(header, 0, 3);
    append_chunk(file, "IHDR", header->data, header->len);
    append_big(control, n, 4);
    append_big(control, 3, 4);
    append_chunk(file, "acTL", control->data, control->len);
    if (cover)
        append_pixels(file, kind, cover, NULL);
    guint32 number = 0;
    for (guint i = 0; i < n; i++) {
        g_autoptr(GByteArray) of_frame = g_byte_array_new();
        append_big(of_frame, number++, 4);
        append_big(of_frame, frames[i].width, 4);
        append_big(of_frame, frames[i].height, 4);
        append_big(of_frame, frames[i].x, 4);
        append_big(of_frame, frames[i].y, 4);
        append_big(of_frame, 7 + i, 2);
        append_big(of_frame, 100, 2);
        append_big(of_frame, frames[i].dispose, 1);
        append_big(of_frame, frames[i].blend, 1);
        append_chunk(file, "fcTL", of_frame->data, of_frame->len);
        append_pixels(file, kind, &frames[i], i == 0 && !cover ? NULL : &number);
    }
    append_chunk(file, "IEND", NULL, 0);
    return file;
}

// Every way to dispose and blend comes, also on all of the canvas; alphas are nothing, all or
// between.
static void fill(Frame *frames, const Kind *kind, GRand *random)
{
    const gint most = (1 << kind->depth) - 1;
    const gboolean alpha = (kind->colour_type & 4) != 0;
    for (guint k = 0; k < MOST_FRAMES; k++) {
        Frame *frame = &frames[k];
        const gboolean whole = k == 0 || k == 3 || k == 6;
        frame->width = whole ? WIDTH : (guint)g_rand_int_range(random, 1, WIDTH + 1);
        frame->height = whole ? HEIGHT : (guint)g_rand_int_range(random, 1, HEIGHT + 1);
        frame->x = (guint)g_rand_int_range(random, 0, (gint)(WIDTH - frame->width) + 1);
        frame->y = (guint)g_rand_int_range(random, 0, (gint)(HEIGHT - frame->height) + 1);
        frame->dispose = (guint8)((k * 2 + 2) % 3);
        frame->blend = (guint8)(k / 2 % 2);
        for (guint i = 0; i < frame->width * frame->height * kind->n_channels; i++) {
            const gboolean is_alpha = alpha && i % kind->n_channels == kind->n_channels - 1;
            const gint any = g_rand_int_range(random, 0, most + 1);
            frame->pixels[i] = (guint16)(is_alpha && i % 3 < 2 ? (i % 3 ? most : 0) : any);
        }
    }
}

// The definition: R, G, B, A in 0..1.
static void compose(const Kind *kind, const Frame *frames, guint number,
                    double (*canvas)[WIDTH * 4])
{
    const guint n = kind->n_channels, n_colours = kind->colour_type & 4 ? n - 1 : n;
    const double most = (1 << kind->depth) - 1;
    memset(canvas, 0, HEIGHT * sizeof *canvas);
    for (guint k = 0; k <= number; k++) {
        const Frame *frame = &frames[k];
        double before[HEIGHT][WIDTH * 4];
        memcpy(before, canvas, sizeof before);
        for (guint i = 0; i < frame->width * frame->height; i++) {
            const guint16 *from = frame->pixels + (gsize)i * n;
            double *to = &canvas[frame->y + i / frame->width][4 * (frame->x + i % frame->width)];
            const double a = n_colours < n ? from[n_colours] / most : 1,
                         b = frame->blend ? (1 - a) * to[3] : 0;
            for (guint c = 0; c < 3 && (a > 0 || !frame->blend); c++)
                to[c] = (a + b > 0 ? (a * from[c % n_colours] / most + b * to[c]) / (a + b)
                                   : from[c % n_colours] / most);
            to[3] = a + b;
        }
        if (k == number || frame->dispose == 0)
            continue;
        for (guint i = 0; i < frame->width * frame->height; i++) {
            const guint y = frame->y + i / frame->width, x = 4 * (frame->x + i % frame->width);
            for (guint c = 0; c < 4; c++)
                canvas[y][x + c] = frame->dispose == 2 && k > 0 ? before[y][x + c] : 0;
        }
    }
}

static void compare(const Kind *kind, GeglBuffer *buffer, double (*wanted)[WIDTH * 4])
{
    gboolean opaque = TRUE;
    double found[WIDTH * HEIGHT * 4];
    gegl_buffer_get(buffer, NULL, 1.0, babl_format("R'G'B'A double"), found, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    for (guint i = 0; i < WIDTH * HEIGHT; i++) {
        const double *pixel = &wanted[i / WIDTH][4 * (i % WIDTH)];
        opaque = opaque && pixel[3] == 1;
        for (guint c = 0; c < 4; c++)
            g_assert_cmpfloat_with_epsilon(c < 3 ? pixel[c] * pixel[3] : pixel[3],
                                           c < 3 ? found[4 * i + c] * pixel[3] : found[4 * i + 3],
                                           kind->depth == 8 ? 3e-3 : 3e-5);
    }
    g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(buffer)), ==,
                    opaque ? kind->opaque : kind->with_alpha);
}

static char *write_file(const char *name, const guint8 *data, gsize length)
{
    char *path = in_folder(name);
    g_assert_true(g_file_set_contents(path, (const char *)data, (gssize)length, NULL));
    return path;
}

static void test_frames(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    g_autofree Frame *frames = g_new0(Frame, MOST_FRAMES + 1);
    for (guint i = 0; i < 2 * G_N_ELEMENTS(kinds); i++) {
        const Kind *kind = &kinds[i / 2];
        fill(frames, kind, random);
        frames[MOST_FRAMES] = frames[3]; // all of the canvas
        g_autoptr(GByteArray) file =
            animation(kind, frames, MOST_FRAMES, i % 2 ? &frames[MOST_FRAMES] : NULL);
        g_autofree char *path = write_file("a.png", file->data, file->len);
        for (guint k = 0; k <= MOST_FRAMES; k++) {
            double wanted[HEIGHT][WIDTH * 4];
            g_autoptr(GError) error = NULL;
            g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
            g_autoptr(GeglBuffer) buffer = gan_image_load_page(path, k, notes, &error);
            g_assert_no_error(error);
            compose(kind, frames, MAX(k, 1) - 1, wanted);
            compare(kind, buffer, wanted);
            g_assert_cmpuint(notes->len, ==, 1 + i % 2);
        }
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_image_load_page(path, MOST_FRAMES + 1, NULL, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
        g_assert_nonnull(strstr(error->message, "it has no frame 10, but 9"));
    }
}

// What is whole before the damage is read, with a word.
static void test_damage(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(2);
    g_autofree Frame *frames = g_new0(Frame, MOST_FRAMES);
    fill(frames, &kinds[0], random);
    g_autoptr(GByteArray) file = animation(&kinds[0], frames, MOST_FRAMES, NULL);
    double wanted[HEIGHT][WIDTH * 4];
    compose(&kinds[0], frames, 2, wanted);
    g_autofree char *half = write_file("half.png", file->data, file->len / 2);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) third = gan_image_load_page(half, 3, notes, &error);
    g_assert_no_error(error);
    compare(&kinds[0], third, wanted);
    g_assert_true(g_ptr_array_find_with_equal_func(
        notes, "its animation is damaged or ends too early; frames are missing", g_str_equal,
        NULL));
    g_assert_null(gan_image_load_page(half, MOST_FRAMES, NULL, NULL));
    // Without its end marker it is whole.
    g_autofree char *endless = write_file("endless.png", file->data, file->len - 12);
    g_autoptr(GeglBuffer) last = gan_image_load_page(endless, MOST_FRAMES, NULL, &error);
    g_assert_no_error(error);
    compose(&kinds[0], frames, MOST_FRAMES - 1, wanted);
    compare(&kinds[0], last, wanted);
    for (guint k = 0; k < 400; k++) {
        g_autofree guint8 *copy = g_memdup2(file->data, file->len);
        for (guint i = 0; i < 1 + k % 3; i++)
            copy[g_rand_int_range(random, 8, (gint)file->len)] ^= (guint8)(1u << (k % 8));
        g_autofree char *bad = write_file("bad.png", copy, file->len - k % 50);
        g_autoptr(GError) reason = NULL;
        g_autoptr(GeglBuffer) buffer = gan_image_load_page(bad, k % 10, NULL, &reason);
        g_assert_true((buffer != NULL) != (reason != NULL));
    }
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, TRUE);
    g_test_add_func("/apng/every-frame-is-what-the-canvas-shows", test_frames);
    g_test_add_func("/apng/survives-damage", test_damage);
    return folder_run();
}
