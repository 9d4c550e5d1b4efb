// SPDX-License-Identifier: LGPL-3.0-or-later
// How large a picture is on paper, and the shape of its pixels.
// Source:  PNG third edition 11.3.4.3; JFIF 1.02; TIFF 6.0, tags 282, 283, 296; OpenEXR's file
//          layout; GIF89a, 18; Radiance's file formats; Windows' BITMAPINFOHEADER; JPEG 2000 part 1,
//          annex I.5.3.7.
#include "density.h"

#include "exif.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { X_RESOLUTION = 282, Y_RESOLUTION = 283, RESOLUTION_UNIT = 296 };

static guint32 big32(const guint8 *p)
{
    return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static guint32 little32(const guint8 *p)
{
    return (guint32)p[3] << 24 | (guint32)p[2] << 16 | (guint32)p[1] << 8 | p[0];
}

static GanDensity density_of(double x, double y, GanDensityUnit unit)
{
    const gboolean makes_sense =
        x > 0 && y > 0 && x < 1e9 && y < 1e9 && !(unit == GAN_DENSITY_SHAPE && x == y);
    return makes_sense ? (GanDensity){x, y, unit} : (GanDensity){0};
}

static GanDensity read_png(const guint8 *data, gsize length)
{
    gsize at = 8;
    GanChunk chunk;
    while (gan_png_next(data, length, &at, &chunk) && memcmp(chunk.name, "IDAT", 4) != 0) {
        if (memcmp(chunk.name, "pHYs", 4) == 0 && chunk.length >= 9)
            return density_of(big32(chunk.data), big32(chunk.data + 4),
                              chunk.data[8] == 1 ? GAN_DENSITY_METRE : GAN_DENSITY_SHAPE);
    }
    return (GanDensity){0};
}

// Of a TIFF structure: a file, or EXIF in one of another kind.
static GanDensity read_tiff(const guint8 *data, gsize length)
{
    double x = 0, y = 0, unit = 2;
    gan_exif_number(data, length, X_RESOLUTION, &x);
    gan_exif_number(data, length, Y_RESOLUTION, &y);
    gan_exif_number(data, length, RESOLUTION_UNIT, &unit);
    return density_of(x, y,
                      unit == 3   ? GAN_DENSITY_CENTIMETRE
                      : unit == 2 ? GAN_DENSITY_INCH
                                  : GAN_DENSITY_SHAPE);
}

static GanDensity read_jpeg(const guint8 *data, gsize length)
{
    gsize n;
    const guint8 *jfif = gan_jpeg_segment(data, length, 0xe0, "JFIF", 5, &n);
    if (jfif && n >= 12) {
        const GanDensity found = density_of(jfif[8] << 8 | jfif[9], jfif[10] << 8 | jfif[11],
                                            jfif[7] == 1   ? GAN_DENSITY_INCH
                                            : jfif[7] == 2 ? GAN_DENSITY_CENTIMETRE
                                                           : GAN_DENSITY_SHAPE);
        if (found.unit != GAN_DENSITY_NONE)
            return found;
    }
    const guint8 *exif = gan_exif_find(GAN_CONTAINER_JPEG, data, length, &n);
    return exif ? read_tiff(exif, n) : (GanDensity){0};
}

// Finds an attribute of a number in an EXR header: name, type, size, value.
static gsize exr_float(const guint8 *data, gsize length, const char *wanted)
{
    gsize at = 8;
    while (at < length && data[at] != 0) {
        const guint8 *name = data + at, *end = data + length;
        const guint8 *type = memchr(name, 0, (gsize)(end - name));
        const guint8 *size = type ? memchr(type + 1, 0, (gsize)(end - type - 1)) : NULL;
        if (!size || end - size < 5)
            return 0;
        const gsize value = (gsize)(size + 5 - data), n = little32(size + 1);
        if (n > length - value)
            return 0;
        if (strcmp((const char *)name, wanted) == 0)
            return n == 4 && strcmp((const char *)type + 1, "float") == 0 ? value : 0;
        at = value + n;
    }
    return 0;
}

static float float_of(const guint8 *p)
{
    const guint32 bits = little32(p);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static GanDensity read_exr(const guint8 *data, gsize length)
{
    const gsize shape = exr_float(data, length, "pixelAspectRatio"),
                inches = exr_float(data, length, "xDensity");
    const double ratio = shape > 0 ? (double)float_of(data + shape) : 1;
    if (inches > 0 && float_of(data + inches) > 0)
        return density_of((double)float_of(data + inches), (double)float_of(data + inches) * ratio,
                          GAN_DENSITY_INCH);
    return density_of(1, ratio, GAN_DENSITY_SHAPE);
}

// Radiance tells the height of pixels by their width, a line for each program that stretched them.
static GanDensity read_hdr(const guint8 *data, gsize length)
{
    static const char key[] = "PIXASPECT=";
    const char *text = (const char *)data, *end = text + length;
    double height = 1;
    while (text < end && *text != '\n') {
        const char *next = memchr(text, '\n', (gsize)(end - text));
        if (!next)
            break;
        if ((gsize)(next - text) > strlen(key) && memcmp(text, key, strlen(key)) == 0) {
            g_autofree char *number =
                g_strndup(text + strlen(key), (gsize)(next - text) - strlen(key));
            height *= g_ascii_strtod(number, NULL);
        }
        text = next + 1;
    }
    return density_of(height, 1, GAN_DENSITY_SHAPE);
}

static GanDensity read_bmp(const guint8 *data, gsize length)
{
    return length >= 54 && little32(data + 14) >= 40
               ? density_of(little32(data + 38), little32(data + 42), GAN_DENSITY_METRE)
               : (GanDensity){0};
}

// Finds a box of this name among those of a JPEG 2000 file, or of a box in it.
static const guint8 *box(const guint8 *data, gsize length, const char *name, gsize *n)
{
    for (gsize at = 0; at <= length && length - at >= 8;) {
        const gsize size = big32(data + at) == 0 ? length - at : big32(data + at);
        if (size < 8 || size > length - at)
            return NULL; // or a very long one, which holds pixels
        if (memcmp(data + at + 4, name, 4) == 0) {
            *n = size - 8;
            return data + at + 8;
        }
        at += size;
    }
    return NULL;
}

static guint big16(const guint8 *p)
{
    return (guint)p[0] << 8 | p[1];
}

// How densely it is to be shown, else how densely it was scanned: fractions with powers of ten.
static GanDensity read_jp2(const guint8 *data, gsize length)
{
    gsize n = 0;
    const guint8 *head = box(data, length, "jp2h", &n);
    const guint8 *both = head ? box(head, n, "res ", &n) : NULL;
    const gsize inside = n;
    const guint8 *p = both ? box(both, inside, "resd", &n) : NULL;
    if (both && !p)
        p = box(both, inside, "resc", &n);
    if (!p || n < 10 || big16(p + 2) == 0 || big16(p + 6) == 0)
        return (GanDensity){0};
    const double down = (double)big16(p) / big16(p + 2) * pow(10, (gint8)p[8]),
                 across = (double)big16(p + 4) / big16(p + 6) * pow(10, (gint8)p[9]);
    return density_of(across, down, GAN_DENSITY_METRE);
}

GanDensity gan_density_read(GanContainer kind, const guint8 *data, gsize length)
{
    gsize n;
    const guint8 *exif;
    switch (kind) {
    case GAN_CONTAINER_PNG:
        return read_png(data, length);
    case GAN_CONTAINER_JPEG:
        return read_jpeg(data, length);
    case GAN_CONTAINER_TIFF:
        return read_tiff(data, length);
    case GAN_CONTAINER_WEBP:
        exif = gan_exif_find(kind, data, length, &n);
        return exif ? read_tiff(exif, n) : (GanDensity){0};
    case GAN_CONTAINER_EXR:
        return read_exr(data, length);
    case GAN_CONTAINER_GIF:
        return length > 12 && data[12] > 0 ? density_of(64, data[12] + 15, GAN_DENSITY_SHAPE)
                                           : (GanDensity){0};
    case GAN_CONTAINER_HDR:
        return read_hdr(data, length);
    default:
        return length > 2 && memcmp(data, "BM", 2) == 0 ? read_bmp(data, length)
                                                        : read_jp2(data, length);
    }
}

static double tidy(double x)
{
    return fabs(x - rint(x)) < 0.02 ? rint(x) : x;
}

GanDensity gan_density_in_inches(const GanDensity *density)
{
    const double factor = density->unit == GAN_DENSITY_CENTIMETRE ? 2.54
                          : density->unit == GAN_DENSITY_METRE    ? 0.0254
                                                                  : 1;
    if (density->unit <= GAN_DENSITY_INCH)
        return *density;
    return (GanDensity){tidy(density->x * factor), tidy(density->y * factor), GAN_DENSITY_INCH};
}

double gan_density_pixel_shape(const GanDensity *density)
{
    return density->unit == GAN_DENSITY_NONE ? 1 : density->y / density->x;
}

// Whole numbers for a shape: those of the least error.
static void whole_shape(const GanDensity *density, guint most, guint *x, guint *y)
{
    const double shape = density->y / density->x;
    double best = INFINITY;
    for (guint d = 1; d <= 1000; d++) {
        const double n = rint(d * shape), off = fabs(n / d - shape);
        if (n < 1 || n > most || !(off < best - 1e-9))
            continue;
        best = off;
        *x = d;
        *y = (guint)n;
    }
}

static void put32(guint8 *p, guint32 x)
{
    for (guint i = 0; i < 4; i++)
        p[i] = (guint8)(x >> (24 - 8 * i));
}

GBytes *gan_density_png(const GanDensity *density)
{
    if (density->unit == GAN_DENSITY_NONE)
        return NULL;
    const gboolean shape = density->unit == GAN_DENSITY_SHAPE;
    const double factor = density->unit == GAN_DENSITY_INCH         ? 1 / 0.0254
                          : density->unit == GAN_DENSITY_CENTIMETRE ? 100
                                                                    : 1;
    guint x = (guint)rint(CLAMP(density->x * factor, 1, G_MAXINT32)),
          y = (guint)rint(CLAMP(density->y * factor, 1, G_MAXINT32));
    if (shape)
        whole_shape(density, G_MAXINT32, &x, &y);
    guint8 chunk[13] = {'p', 'H', 'Y', 's'};
    put32(chunk + 4, x);
    put32(chunk + 8, y);
    chunk[12] = shape ? 0 : 1;
    return g_bytes_new(chunk, sizeof chunk);
}

gboolean gan_density_jpeg(const GanDensity *density, guint *x, guint *y, guint *unit)
{
    if (density->unit == GAN_DENSITY_NONE)
        return FALSE;
    const GanDensity inches = gan_density_in_inches(density);
    *unit = density->unit == GAN_DENSITY_SHAPE ? 0 : 1;
    *x = (guint)rint(CLAMP(inches.x, 1, 65535));
    *y = (guint)rint(CLAMP(inches.y, 1, 65535));
    if (*unit == 0)
        whole_shape(density, 65535, x, y);
    return TRUE;
}

void gan_density_embed_exr(const char *path, double shape)
{
    FILE *file = g_fopen(path, "r+b");
    guint8 head[65536];
    const gsize n = file ? fread(head, 1, sizeof head, file) : 0;
    const gsize at = n > 8 ? exr_float(head, n, "pixelAspectRatio") : 0;
    if (at > 0 && fseek(file, (long)at, SEEK_SET) == 0) {
        const float x = (float)shape;
        guint32 bits;
        memcpy(&bits, &x, sizeof bits);
        const guint8 bytes[4] = {(guint8)bits, (guint8)(bits >> 8), (guint8)(bits >> 16),
                                 (guint8)(bits >> 24)};
        fwrite(bytes, 1, sizeof bytes, file);
    }
    if (file)
        fclose(file);
}
