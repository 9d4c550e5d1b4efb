// SPDX-License-Identifier: LGPL-3.0-or-later
// TIFF files of all kinds: the numbers that lie in them are the numbers that are read, in a format
// of their depth, turned once; of several directories the picture is taken, never the thumbnail.
#include "folder.h"

#include <gan/image.h>

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <tags.h>
#include <tiffio.h>
#include <unistd.h>

#define WIDTH 40
#define HEIGHT 23

// The number of a sample, 0..255; no two rows or columns are equal.
static guint value(guint x, guint y, guint s)
{
    return (5 * x + 3 * y + 70 * s + (x * y) % 7) % 256;
}

typedef struct {
    guint16 bits, format, n, photometric, coding, planar, orientation;
    guint16 extra; // what the last sample is, when there is one more than colours; 0xffff: not said
    gboolean tiled;
    guint32 kind;
} Kind;

static guint n_colours(const Kind *kind)
{
    return kind->n - (kind->extra != 0xffff);
}

static gboolean is_subsampled(const Kind *kind)
{
    return kind->photometric == PHOTOMETRIC_YCBCR && kind->coding != COMPRESSION_JPEG;
}

static void describe(TIFF *tiff, const Kind *kind, guint width, guint height)
{
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, kind->format);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind->n);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind->coding);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind->planar);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind->orientation);
    TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, kind->kind);
    if (kind->coding == COMPRESSION_JPEG)
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (is_subsampled(kind))
        TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
    if (kind->extra != 0xffff)
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind->extra);
    if (kind->photometric == PHOTOMETRIC_PALETTE) {
        guint16 map[3][256];
        for (guint i = 0; i < 256; i++) {
            map[0][i] = (guint16)(257 * i);
            map[1][i] = (guint16)(257 * (255 - i));
            map[2][i] = (guint16)(257 * (i * 7 % 256));
        }
        TIFFSetField(tiff, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
    }
    if (kind->tiled) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 16);
    }
}

// Sample i of a row, from 0..255.
static void put(const Kind *kind, guint8 *row, guint i, guint x)
{
    const double unit = x / 255.0;
    if (kind->bits == 64)
        ((double *)(void *)row)[i] = unit;
    else if (kind->bits == 32 && kind->format == SAMPLEFORMAT_IEEEFP)
        ((float *)(void *)row)[i] = (float)unit;
    else if (kind->bits == 32)
        ((guint32 *)(void *)row)[i] = x * 0x01010101u;
    else if (kind->bits == 16)
        ((guint16 *)(void *)row)[i] = (guint16)(x * 257);
    else if (kind->bits == 8)
        row[i] = (guint8)x;
    else {
        const guint most = (1u << kind->bits) - 1, level = (x * most + 127) / 255;
        for (guint b = 0; b < kind->bits; b++) {
            const guint at = i * kind->bits + b;
            if (level >> (kind->bits - 1 - b) & 1)
                row[at / 8] |= (guint8)(0x80 >> at % 8);
        }
    }
}

static void write_piece(TIFF *tiff, const Kind *kind, guint x0, guint y0, guint s)
{
    guint8 piece[16 * 16 * 4 * 8] = {0};
    const gboolean apart = kind->planar == PLANARCONFIG_SEPARATE;
    const guint step = apart ? 1 : kind->n;
    for (guint y = 0; y < 16; y++)
        for (guint x = 0; x < 16; x++)
            for (guint c = 0; c < step; c++)
                put(kind, piece, (y * 16 + x) * step + c, value(x0 + x, y0 + y, apart ? s : c));
    g_assert_cmpint(TIFFWriteTile(tiff, piece, x0, y0, 0, (guint16)s), >=, 0);
}

static void write_directory(TIFF *tiff, const Kind *kind, guint width, guint height)
{
    const guint n_planes = kind->planar == PLANARCONFIG_SEPARATE ? kind->n : 1;
    describe(tiff, kind, width, height);
    for (guint s = 0; s < n_planes; s++) {
        for (guint y = 0; kind->tiled && y < height; y += 16)
            for (guint x = 0; x < width; x += 16)
                write_piece(tiff, kind, x, y, s);
        for (guint y = 0; !kind->tiled && y < height; y++) {
            guint8 row[WIDTH * 4 * 8] = {0};
            const guint step = n_planes > 1 ? 1 : kind->n;
            for (guint x = 0; x < width; x++)
                for (guint c = 0; c < step; c++)
                    put(kind, row, x * step + c, value(x, y, n_planes > 1 ? s : c));
            g_assert_cmpint(TIFFWriteScanline(tiff, row, y, (guint16)s), ==, 1);
        }
    }
    g_assert_cmpint(TIFFWriteDirectory(tiff), ==, 1);
}

// What comes of the samples at a place, as the buffer has it: red, green, blue or grey, then alpha.
static void expected(const Kind *kind, guint x, guint y, double out[4])
{
    const guint colours = n_colours(kind), first = value(x, y, 0);
    for (guint c = 0; c < kind->n; c++) {
        const double most = kind->bits < 8 ? (1 << kind->bits) - 1 : 255.0;
        out[c] = floor(value(x, y, c) * most / 255.0 + (kind->bits < 8 ? 0.4999 : 0.0)) / most;
        if (kind->photometric == PHOTOMETRIC_MINISWHITE && c < colours)
            out[c] = 1.0 - out[c];
    }
    if (kind->photometric == PHOTOMETRIC_PALETTE) {
        out[3] = out[1];
        out[0] = first / 255.0;
        out[1] = (255 - first) / 255.0;
        out[2] = first * 7 % 256 / 255.0;
    }
    if (kind->photometric == PHOTOMETRIC_YCBCR && kind->coding != COMPRESSION_JPEG) {
        const double luma = value(x, y, 0), cb = value(x, y, 1) - 128.0,
                     cr = value(x, y, 2) - 128.0;
        out[0] = CLAMP(luma + 1.402 * cr, 0, 255) / 255.0;
        out[1] = CLAMP(luma - 0.344136 * cb - 0.714136 * cr, 0, 255) / 255.0;
        out[2] = CLAMP(luma + 1.772 * cb, 0, 255) / 255.0;
    }
}

static void compare(const Kind *kind, GeglBuffer *buffer, guint width, guint height, double within)
{
    const Babl *format = gegl_buffer_get_format(buffer);
    const guint n = (guint)babl_format_get_n_components(format);
    const char *type = babl_get_name(babl_format_get_type(format, 0));
    g_assert_cmpint(gegl_buffer_get_width(buffer), ==, width);
    g_assert_cmpint(gegl_buffer_get_height(buffer), ==, height);
    const double unit = strcmp(type, "u8") == 0    ? 255.0
                        : strcmp(type, "u16") == 0 ? 65535.0
                        : strcmp(type, "u32") == 0 ? 4294967295.0
                                                   : 1.0;
    for (guint y = 0; y < height; y++) {
        for (guint x = 0; x < width; x++) {
            double wanted[4] = {0};
            guint64 pixel[4] = {0}; // of any type
            expected(kind, x, y, wanted);
            gegl_buffer_get(buffer, GEGL_RECTANGLE((gint)x, (gint)y, 1, 1), 1.0, format, pixel,
                            GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
            for (guint c = 0; c < n; c++) {
                const void *at = pixel;
                const double found = strcmp(type, "u8") == 0      ? ((const guint8 *)at)[c]
                                     : strcmp(type, "u16") == 0   ? ((const guint16 *)at)[c]
                                     : strcmp(type, "u32") == 0   ? ((const guint32 *)at)[c]
                                     : strcmp(type, "float") == 0 ? ((const float *)at)[c]
                                                                  : ((const double *)at)[c];
                g_assert_cmpfloat_with_epsilon(found / unit, wanted[c], within);
            }
        }
    }
}

static char *write_file(const char *name, const Kind *kinds, guint n, gboolean small_first)
{
    char *path = in_folder(name);
    TIFF *tiff = TIFFOpen(path, "w");
    for (guint i = 0; i < n; i++)
        write_directory(tiff, &kinds[i], small_first && i == 0 ? WIDTH / 4 : WIDTH,
                        small_first && i == 0 ? HEIGHT / 4 + 1 : HEIGHT);
    TIFFClose(tiff);
    return path;
}

#define RGB PHOTOMETRIC_RGB
#define GREY PHOTOMETRIC_MINISBLACK
#define WHITE PHOTOMETRIC_MINISWHITE
#define UINT SAMPLEFORMAT_UINT
#define FLOAT SAMPLEFORMAT_IEEEFP
#define NONE COMPRESSION_NONE
#define LZW COMPRESSION_LZW
#define TOGETHER PLANARCONFIG_CONTIG
#define APART PLANARCONFIG_SEPARATE

static const struct {
    const char *encoding;
    double within;
    Kind kind;
} rows[] = {
    {"Y' u8", 1e-9, {1, UINT, 1, WHITE, COMPRESSION_CCITTFAX4, TOGETHER, 1, 0xffff, 0, 0}},
    {"Y' u8", 1e-9, {1, UINT, 1, WHITE, COMPRESSION_CCITTFAX3, TOGETHER, 6, 0xffff, 0, 0}},
    {"Y' u8", 1e-9, {1, UINT, 1, GREY, NONE, TOGETHER, 3, 0xffff, 0, 0}},
    {"Y' u8", 1e-9, {1, UINT, 1, GREY, LZW, TOGETHER, 1, 0xffff, 1, 0}},
    {"Y' u8", 1e-9, {4, UINT, 1, WHITE, NONE, TOGETHER, 2, 0xffff, 0, 0}},
    {"Y' u8", 1e-9, {8, UINT, 1, WHITE, LZW, TOGETHER, 1, 0xffff, 0, 0}},
    {"Y' u16", 1e-9, {16, UINT, 1, WHITE, NONE, TOGETHER, 1, 0xffff, 1, 0}},
    {"Y' u16", 3e-3, {12, UINT, 1, GREY, NONE, TOGETHER, 1, 0xffff, 0, 0}},
    {"Y' float", 1e-6, {32, FLOAT, 1, GREY, NONE, TOGETHER, 1, 0xffff, 0, 0}},
    {"Y'A u8", 1e-9, {8, UINT, 2, GREY, NONE, APART, 1, EXTRASAMPLE_UNASSALPHA, 0, 0}},
    {"R'G'B' u8", 1e-9, {8, UINT, 1, PHOTOMETRIC_PALETTE, NONE, TOGETHER, 3, 0xffff, 0, 0}},
    {"R'G'B' u8", 1e-9, {8, UINT, 1, PHOTOMETRIC_PALETTE, LZW, TOGETHER, 6, 0xffff, 1, 0}},
    {"R'G'B' u8", 1e-9, {8, UINT, 3, RGB, NONE, TOGETHER, 1, 0xffff, 0, 0}},
    {"R'G'B' u8", 1e-9, {8, UINT, 3, RGB, LZW, APART, 8, 0xffff, 1, 0}},
    {"R'G'B' u16", 3e-3, {10, UINT, 3, RGB, NONE, TOGETHER, 1, 0xffff, 0, 0}},
    {"R'G'B' u16", 1e-9, {16, UINT, 3, RGB, NONE, APART, 1, 0xffff, 0, 0}},
    {"R'G'B' u32", 1e-9, {32, UINT, 3, RGB, NONE, TOGETHER, 1, 0xffff, 0, 0}},
    {"R'G'B' float", 1e-6, {32, FLOAT, 3, RGB, LZW, TOGETHER, 1, 0xffff, 1, 0}},
    {"R'G'B' double", 1e-9, {64, FLOAT, 3, RGB, NONE, TOGETHER, 1, 0xffff, 0, 0}},
    {"R'G'B'A u8", 1e-9, {8, UINT, 4, RGB, NONE, TOGETHER, 1, EXTRASAMPLE_UNASSALPHA, 1, 0}},
    {"R'aG'aB'aA u16", 1e-9, {16, UINT, 4, RGB, NONE, TOGETHER, 1, EXTRASAMPLE_ASSOCALPHA, 0, 0}},
    {"R'G'B' u8", 5e-3, {8, UINT, 3, PHOTOMETRIC_YCBCR, NONE, TOGETHER, 1, 0xffff, 0, 0}},
    {"R'G'B' u8", 5e-3, {8, UINT, 3, PHOTOMETRIC_YCBCR, LZW, TOGETHER, 7, 0xffff, 1, 0}},
};

// Returns the orientation that the metadata of a file tell, 1 where they tell none.
static gint orientation_of(const char *path)
{
    g_autoptr(GExiv2Metadata) metadata = gexiv2_metadata_new();
    g_assert_true(gexiv2_metadata_open_path(metadata, path, NULL));
    const gint found = (gint)gexiv2_metadata_try_get_orientation(metadata, NULL);
    return found == 0 ? 1 : found;
}

static void test_kinds(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Kind *kind = &rows[i].kind;
        g_autoptr(GError) error = NULL;
        g_autofree char *path = write_file("kind.tif", kind, 1, FALSE);
        g_autofree char *out = in_folder("out.tif");
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(buffer)), ==,
                        rows[i].encoding);
        compare(kind, buffer, WIDTH, HEIGHT, rows[i].within);
        // As they lie in the file, with its orientation: turned once by who shows them.
        const GanImageSaveOptions options = {.metadata = path};
        g_assert_true(gan_image_save(buffer, out, &options, &error));
        g_assert_no_error(error);
        g_assert_cmpint(orientation_of(out), ==, kind->orientation);
    }
}

// JPEG within TIFF loses a little, but not its colours.
static void test_jpeg(void)
{
    for (guint tiled = 0; tiled < 2; tiled++) {
        const Kind kind = {
            8, UINT, 3, PHOTOMETRIC_YCBCR, COMPRESSION_JPEG, TOGETHER, 5 + tiled, 0xffff, tiled, 0};
        g_autofree char *path = in_folder("jpeg.tif");
        TIFF *tiff = TIFFOpen(path, "w");
        describe(tiff, &kind, 64, 48);
        TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 100);
        guint8 piece[64 * 48 * 3];
        for (guint y = 0; y < 48; y++)
            for (guint x = 0; x < 64; x++)
                for (guint c = 0; c < 3; c++)
                    piece[(y * 64 + x) * 3 + c] = (guint8)(c == 0 ? 3 * x : c == 1 ? 4 * y : 100);
        for (guint y = 0; y < 48; y++)
            if (!tiled)
                g_assert_cmpint(TIFFWriteScanline(tiff, piece + y * 64 * 3, y, 0), ==, 1);
        for (guint y = 0; tiled && y < 48; y += 16)
            for (guint x = 0; x < 64; x += 16) {
                guint8 tile[16 * 16 * 3];
                for (guint k = 0; k < 16; k++)
                    memcpy(tile + k * 48, piece + ((y + k) * 64 + x) * 3, 48);
                g_assert_cmpint(TIFFWriteTile(tiff, tile, x, y, 0, 0), >, 0);
            }
        TIFFClose(tiff);
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
        g_assert_no_error(error);
        guint8 found[64 * 48 * 3];
        g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(buffer)), ==, "R'G'B' u8");
        gegl_buffer_get(buffer, GEGL_RECTANGLE(0, 0, 64, 48), 1.0, NULL, found, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
        for (gsize i = 0; i < sizeof found; i++)
            g_assert_cmpint(ABS(found[i] - piece[i]), <=, 8);
    }
}

// sRGB's red, green and blue, and a grey, as CIE Lab of D50 in each way that files tell it.
static void test_lab(void)
{
    static const double lab[4][3] = {
        {54.29, 80.81, 69.89}, {87.82, -79.29, 80.99}, {29.57, 68.30, -112.03}, {53.59, 0.0, 0.0}};
    static const double rgb[4][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0.502, 0.502, 0.502}};
    static const struct {
        guint16 photometric, bits;
        double within;
    } ways[] = {{PHOTOMETRIC_CIELAB, 8, 0.05},
                {PHOTOMETRIC_ICCLAB, 8, 0.05},
                {PHOTOMETRIC_CIELAB, 16, 0.003},
                {PHOTOMETRIC_ICCLAB, 16, 0.003}};
    guint8 icc_head[132] = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++) {
        const gboolean icc = ways[i].photometric == PHOTOMETRIC_ICCLAB, deep = ways[i].bits == 16;
        const Kind kind = {ways[i].bits, UINT,  3, ways[i].photometric, NONE, TOGETHER, 4,
                           0xffff,       FALSE, 0};
        g_autofree char *path = in_folder("lab.tif");
        TIFF *tiff = TIFFOpen(path, "w");
        describe(tiff, &kind, 4, 1);
        // Photoshop's profile tells no more; any other would make other colours of the result.
        memcpy(icc_head + 16, i == 1 ? "Lab " : "RGB ", 4);
        if (i > 0)
            TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (guint32)sizeof icc_head, icc_head);
        guint16 row[12];
        for (guint k = 0; k < 12; k++) {
            const double x = lab[k / 3][k % 3], whole = icc ? 652.8 : 655.35;
            const double wide = k % 3 == 0 ? x * (deep ? whole : 2.55)
                                           : (x + (icc ? 128.0 : 0.0)) * (deep ? 256.0 : 1.0);
            row[k] = (guint16)(gint)floor(wide + 0.5);
            if (!deep)
                ((guint8 *)row)[k] = (guint8)(gint)floor(wide + 0.5);
        }
        g_assert_cmpint(TIFFWriteScanline(tiff, row, 0, 0), ==, 1);
        TIFFClose(tiff);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(notes->len, ==, i < 2 ? 1 : 2);
        float found[12];
        gegl_buffer_get(buffer, GEGL_RECTANGLE(0, 0, 4, 1), 1.0, babl_format("R'G'B' float"), found,
                        GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (guint k = 0; k < 12; k++)
            g_assert_cmpfloat_with_epsilon(found[k], rgb[k / 3][k % 3], ways[i].within);
    }
}

static void refuse(const char *path, const char *word)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, NULL, &error);
    g_assert_null(buffer);
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    g_assert_nonnull(strstr(error->message, path));
    if (!strstr(error->message, word))
        g_error("'%s' does not say '%s'", error->message, word);
}

// A profile that lies outside the file is none, and that is said.
static void test_damaged_profile(void)
{
    static const guint8 named[] = {0x73, 0x87, 7, 0, 200, 0, 0, 0};
    const Kind kind = {8, UINT, 3, RGB, NONE, TOGETHER, 1, 0xffff, FALSE, 0};
    guint8 profile[200] = {0};
    g_autofree char *path = in_folder("profile.tif"), *data = NULL;
    gsize length;
    TIFF *tiff = TIFFOpen(path, "wl");
    describe(tiff, &kind, 1, 1);
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (guint32)sizeof profile, profile);
    g_assert_cmpint(TIFFWriteScanline(tiff, profile, 0, 0), ==, 1);
    TIFFClose(tiff);
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    gsize at = 0;
    while (at + 12 < length && memcmp(data + at, named, sizeof named) != 0)
        at++;
    g_assert_cmpuint(at + 12, <, length);
    memset(data + at + 8, 0x7f, 4);
    g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
    g_assert_no_error(error);
    g_assert_nonnull(buffer);
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_cmpstr(notes->pdata[0], ==, "its colour profile is damaged and is not used");
}

static void test_signed_numbers(void)
{
    const guint16 bits[] = {8, 16, 32};
    for (gsize i = 0; i < G_N_ELEMENTS(bits); i++) {
        const Kind kind = {bits[i],
                           SAMPLEFORMAT_INT,
                           i == 1 ? 3 : 1,
                           i == 1 ? RGB : GREY,
                           NONE,
                           TOGETHER,
                           1,
                           0xffff,
                           FALSE,
                           0};
        g_autofree char *path = write_file("signed.tif", &kind, 1, FALSE);
        refuse(path, "signed");
    }
    const Kind complex = {64, SAMPLEFORMAT_COMPLEXIEEEFP, 1, GREY, NONE, TOGETHER, 1, 0xffff, FALSE,
                          0};
    g_autofree char *path = write_file("complex.tif", &complex, 1, FALSE);
    refuse(path, "complex");
}

static void test_pages(void)
{
    const Kind page = {8, UINT, 3, RGB, NONE, TOGETHER, 1, 0xffff, FALSE, 0};
    Kind small = page, grey = {16, UINT, 1, GREY, NONE, TOGETHER, 1, 0xffff, FALSE, FILETYPE_PAGE};
    small.kind = FILETYPE_REDUCEDIMAGE;
    const Kind thumbnail_first[] = {small, page}, twice[] = {page, page, grey};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    // A reduced picture is no page, wherever it stands, and whether it says so or not.
    for (guint says = 0; says < 2; says++) {
        g_autofree char *path = write_file("first.tif", says ? thumbnail_first : twice, 2, TRUE);
        g_autoptr(GeglBuffer) buffer = gan_image_load(path, notes, &error);
        g_assert_no_error(error);
        compare(&page, buffer, WIDTH, HEIGHT, 1e-9);
        g_assert_cmpuint(notes->len, ==, says ? 0 : 1);
        g_ptr_array_set_size(notes, 0);
    }
    g_ptr_array_set_size(notes, 0);
    g_autofree char *path = write_file("pages.tif", twice, 3, FALSE);
    g_autoptr(GeglBuffer) first = gan_image_load(path, notes, &error);
    g_assert_no_error(error);
    compare(&page, first, WIDTH, HEIGHT, 1e-9);
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_cmpstr(notes->pdata[0], ==, "page 1 of 3 is read; the others are left out");
    g_autoptr(GeglBuffer) third = gan_image_load_page(path, 3, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(babl_format_get_encoding(gegl_buffer_get_format(third)), ==, "Y' u16");
    compare(&grey, third, WIDTH, HEIGHT, 1e-9);
    g_autoptr(GeglBuffer) fourth = gan_image_load_page(path, 4, NULL, &error);
    g_assert_null(fourth);
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
    g_autofree char *alone = write_file("alone.tif", &small, 1, FALSE);
    refuse(alone, "thumbnail");
    // What is transparent may stand beside the picture.
    grey.kind = FILETYPE_MASK;
    const Kind masked[] = {page, grey};
    g_autofree char *with_mask = write_file("masked.tif", masked, 2, FALSE);
    g_ptr_array_set_size(notes, 0);
    g_clear_error(&error);
    g_autoptr(GeglBuffer) picture = gan_image_load(with_mask, notes, &error);
    g_assert_no_error(error);
    compare(&page, picture, WIDTH, HEIGHT, 1e-9);
    g_assert_cmpuint(notes->len, ==, 1);
    g_assert_nonnull(strstr(notes->pdata[0], "mask"));
}

// No cut and no byte that is wrong may end the process or give a picture without its end.
static void test_damage(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = write_file("whole.tif", &rows[i].kind, 1, FALSE);
        g_autofree char *bad = in_folder("bad.tif"), *data = NULL;
        gsize length = 0;
        g_assert_true(g_file_get_contents(path, &data, &length, NULL));
        for (guint k = 0; k < 24; k++) {
            g_autoptr(GError) error = NULL;
            g_assert_true(g_file_set_contents(bad, data, (gssize)(length * k / 24), NULL));
            g_autoptr(GeglBuffer) cut = gan_image_load(bad, NULL, &error);
            if (cut)
                g_error("row %zu, cut at %zu of %zu", i, length * k / 24, length);
            g_assert_nonnull(error);
        }
        g_autoptr(GRand) random = g_rand_new_with_seed((guint32)i);
        for (guint k = 0; k < 20; k++) {
            g_autofree char *copy = g_memdup2(data, length);
            copy[g_rand_int_range(random, 0, (gint)length)] = (char)g_rand_int(random);
            copy[length - 1 - (gsize)g_rand_int_range(random, 0, 150)] = (char)g_rand_int(random);
            g_assert_true(g_file_set_contents(bad, copy, (gssize)length, NULL));
            g_autoptr(GError) error = NULL;
            g_autoptr(GeglBuffer) buffer = gan_image_load(bad, NULL, &error);
            g_assert_true((buffer != NULL) != (error != NULL));
        }
    }
}

int main(int argc, char **argv)
{
    folder_begin(&argc, &argv, FALSE);
    gexiv2_log_set_level(GEXIV2_LOG_LEVEL_MUTE);
    TIFFSetWarningHandler(NULL);
    g_test_add_func("/tiff/every-kind-is-read-as-it-lies", test_kinds);
    g_test_add_func("/tiff/jpeg-within", test_jpeg);
    g_test_add_func("/tiff/lab-becomes-light", test_lab);
    g_test_add_func("/tiff/damaged-profile-is-told", test_damaged_profile);
    g_test_add_func("/tiff/signed-numbers-are-refused", test_signed_numbers);
    g_test_add_func("/tiff/pages-and-no-thumbnails", test_pages);
    g_test_add_func("/tiff/survives-damage", test_damage);
    return folder_run();
}
