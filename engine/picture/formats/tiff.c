// SPDX-License-Identifier: LGPL-3.0-or-later
// TIFF files read row by row or tile by tile with libtiff itself: GEGL's loader makes 8-bit RGBA of
// palettes, black and white, YCbCr and CIELab and turns them, takes signed numbers for unsigned
// ones, thumbnails for pictures and white for black. Pixels stay where they lie: the orientation is
// the metadata's.
// Source:  TIFF 6.0 (Adobe 1992); Photoshop TIFF Technical Notes; libtiff's TIFFRGBAImage(3).
#include "reader.h"

#include "container.h"
#include "notes.h"
#include "profile.h"
#include "tiffcolours.h"
#include "tiffpages.h"
#include "tifftags.h"
#include <string.h>

// What the samples of one directory are, and what becomes of them.
typedef struct {
    guint32 width, height;
    guint16 bits, format, n_samples, photometric, coding;
    gboolean tiled, separate;
    guint n_colours;           // of the file's samples
    gint alpha;                // the sample, or -1
    gboolean premultiplied;    // alpha's
    const guint16 *palette[3]; // libtiff's
    guint out_bits;            // of a sample in the buffer: 8, 16, 32, 64
    const Babl *babl;          // the buffer's
} Layout;

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean refuse(GError **error, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);
    g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT, text);
    return FALSE;
}

static guint colours_of(guint16 photometric)
{
    switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
    case PHOTOMETRIC_LOGL:
        return 1;
    case PHOTOMETRIC_SEPARATED:
        return 4;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_YCBCR:
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_LOGLUV:
        return 3;
    default:
        return 0;
    }
}

static gboolean is_lab(const Layout *layout)
{
    return layout->photometric == PHOTOMETRIC_CIELAB || layout->photometric == PHOTOMETRIC_ICCLAB;
}

// libtiff decodes light from logarithms as floats: X Y Z, or Y.
static gboolean is_log(const Layout *layout)
{
    return layout->photometric == PHOTOMETRIC_LOGL || layout->photometric == PHOTOMETRIC_LOGLUV;
}

// Which of the further samples is alpha. One whose meaning is not told is, too, as other programs
// take it.
static void find_alpha(TIFF *tiff, Layout *layout, GPtrArray *notes)
{
    guint16 n = 0, *kinds = NULL;
    const guint n_further = layout->n_samples - layout->n_colours;
    layout->alpha = -1;
    if (n_further == 0)
        return;
    TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &n, &kinds);
    for (guint i = 0; i < MIN(n, n_further) && layout->alpha < 0; i++) {
        if (kinds[i] == EXTRASAMPLE_ASSOCALPHA || kinds[i] == EXTRASAMPLE_UNASSALPHA) {
            layout->alpha = (gint)(layout->n_colours + i);
            layout->premultiplied = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
        }
    }
    if (layout->alpha < 0) {
        layout->alpha = (gint)layout->n_colours;
        gan_note(notes,
                 "the file does not say what its %s channel is; it is taken for "
                 "transparency",
                 n_further > 1 ? "first further" : "further");
    }
    if (n_further > 1)
        gan_note(notes, "%u further %s beside colour and transparency %s left out", n_further - 1,
                 n_further > 2 ? "channels" : "channel", n_further > 2 ? "are" : "is");
}

static gboolean check_samples(const Layout *layout, GError **error)
{
    if (layout->n_colours == 0)
        return refuse(error,
                      "its colours are of a kind that is not read (photometric "
                      "interpretation %u)",
                      layout->photometric);
    if (layout->n_samples < layout->n_colours)
        return refuse(error, "it is damaged: %u samples for %u colours", layout->n_samples,
                      layout->n_colours);
    if (layout->format == SAMPLEFORMAT_INT && !is_lab(layout))
        return refuse(error,
                      "its numbers are signed %u-bit integers, which are not read; make them "
                      "unsigned, or floating point, first",
                      layout->bits);
    if (layout->format == SAMPLEFORMAT_COMPLEXINT || layout->format == SAMPLEFORMAT_COMPLEXIEEEFP)
        return refuse(error, "its numbers are complex, which are not read");
    const gboolean is_float = layout->format == SAMPLEFORMAT_IEEEFP;
    const gboolean fits = is_float ? layout->bits == 16 || layout->bits == 32 || layout->bits == 64
                                   : layout->bits >= 1 && layout->bits <= 32;
    const gboolean lab_fits =
        is_float ? layout->bits == 32 : layout->bits == 8 || layout->bits == 16;
    if (!fits || (is_lab(layout) && !lab_fits) ||
        (layout->photometric == PHOTOMETRIC_PALETTE && (is_float || layout->bits > 16)))
        return refuse(error, "its numbers of %u bits (%s) are not read", layout->bits,
                      is_float ? "floating point" : "integer");
    return TRUE;
}

// Fills in what the buffer is to be; colours of Lab and logarithms are `tiffcolours.h`'s.
static void choose_format(Layout *layout)
{
    static const char *const colours[] = {"", "Y'", "", "R'G'B'", "CMYK"};
    const gboolean is_palette = layout->photometric == PHOTOMETRIC_PALETTE;
    const gboolean is_float = layout->format == SAMPLEFORMAT_IEEEFP;
    layout->out_bits = is_palette ? gan_tiff_palette_bits(layout->palette, 1u << layout->bits)
                       : is_float ? layout->bits
                       : layout->bits <= 8  ? 8
                       : layout->bits <= 16 ? 16
                                            : 32;
    const char *type = layout->out_bits == 8    ? "u8"
                       : layout->out_bits == 64 ? "double"
                       : layout->out_bits == 16 ? (is_float ? "half" : "u16")
                                                : (is_float ? "float" : "u32");
    const guint n = is_palette ? 3 : layout->n_colours;
    if (is_lab(layout) || is_log(layout)) {
        layout->babl = gan_tiff_colours_format(layout->photometric, layout->alpha >= 0);
        layout->out_bits = 32;
        return;
    }
    const char *name = colours[n];
    if (layout->alpha >= 0 && layout->premultiplied)
        name = n == 1 ? "Y'aA" : n == 3 ? "R'aG'aB'aA" : "CaMaYaKaA";
    else if (layout->alpha >= 0)
        name = n == 1 ? "Y'A" : n == 3 ? "R'G'B'A" : "CMYKA";
    g_autofree char *whole = g_strdup_printf("%s %s", name, type);
    layout->babl = babl_format(whole);
}

static gboolean look(TIFF *tiff, Layout *layout, GPtrArray *notes, GError **error)
{
    guint16 planar = PLANARCONFIG_CONTIG;
    *layout = (Layout){.photometric = PHOTOMETRIC_MINISBLACK};
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout->width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout->height);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &layout->coding);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout->n_samples);
    if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout->photometric))
        layout->photometric =
            layout->n_samples > 2 ? PHOTOMETRIC_RGB
            : layout->coding >= COMPRESSION_CCITTRLE && layout->coding <= COMPRESSION_CCITTFAX4
                ? PHOTOMETRIC_MINISWHITE
                : PHOTOMETRIC_MINISBLACK;
    if (!TIFFIsCODECConfigured(layout->coding)) {
        const TIFFCodec *codec = TIFFFindCODEC(layout->coding);
        return refuse(error, "its compression (%u%s%s) is not read by the libtiff that is there",
                      layout->coding, codec ? ", " : "", codec ? codec->name : "");
    }
    if (layout->coding == COMPRESSION_JPEG && layout->photometric == PHOTOMETRIC_YCBCR) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        layout->photometric = PHOTOMETRIC_RGB;
    }
    if (is_log(layout))
        TIFFSetField(tiff, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout->bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout->format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout->n_samples);
    layout->tiled = TIFFIsTiled(tiff) != 0;
    layout->separate = planar == PLANARCONFIG_SEPARATE && layout->n_samples > 1;
    layout->n_colours = colours_of(layout->photometric);
    if (layout->width == 0 || layout->height == 0 || layout->width > G_MAXINT ||
        layout->height > G_MAXINT)
        return refuse(error, "it is damaged: %u x %u pixels", layout->width, layout->height);
    if (!check_samples(layout, error))
        return FALSE;
    guint16 inks = INKSET_CMYK;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_INKSET, &inks);
    if (layout->photometric == PHOTOMETRIC_SEPARATED && inks != INKSET_CMYK)
        return refuse(error, "its inks are not those of CMYK, which are not read");
    if (layout->photometric == PHOTOMETRIC_PALETTE &&
        !TIFFGetField(tiff, TIFFTAG_COLORMAP, &layout->palette[0], &layout->palette[1],
                      &layout->palette[2]))
        return refuse(error, "it is damaged: the palette is missing");
    find_alpha(tiff, layout, notes);
    choose_format(layout);
    return TRUE;
}

// Sample i of a row as libtiff gives it: whole bytes in the machine's order, else bits in turn.
static guint32 sample(const guint8 *row, gsize i, guint bits)
{
    switch (bits) {
    case 8:
        return row[i];
    case 16:
        return ((const guint16 *)(const void *)row)[i];
    case 24:
        row += 3 * i;
        return G_BYTE_ORDER == G_LITTLE_ENDIAN
                   ? (guint32)row[2] << 16 | (guint32)row[1] << 8 | row[0]
                   : (guint32)row[0] << 16 | (guint32)row[1] << 8 | row[2];
    case 32:
        return ((const guint32 *)(const void *)row)[i];
    default:
        break;
    }
    guint64 x = 0;
    const gsize first = i * bits, last = first + bits - 1;
    for (gsize byte = first / 8; byte <= last / 8; byte++)
        x = x << 8 | row[byte];
    return (guint32)(x >> (7 - last % 8) & ((1ull << bits) - 1));
}

// Puts sample x where the buffer's sample k is, of as many bits.
static void put(guint8 *to, gsize k, guint32 x, guint bits)
{
    if (bits == 8)
        to[k] = (guint8)x;
    else if (bits == 16)
        ((guint16 *)(void *)to)[k] = (guint16)x;
    else
        ((guint32 *)(void *)to)[k] = x;
}

// The number x, of `from` bits, in the range of `to` bits.
static guint32 stretched(guint32 x, guint from, guint to)
{
    const guint64 most = (1ull << from) - 1, wanted = (1ull << to) - 1;
    return from == to ? x : (guint32)((x * wanted + most / 2) / most);
}

// Makes n pixels of the buffer's format of a row of the file's, which begins `offset` bytes into each
// of `planes`: one of every sample when they lie apart, else one of all.
static void convert(const Layout *layout, guint8 *const *planes, gsize offset, gsize n, guint8 *to)
{
    const gsize step = layout->separate ? 1 : layout->n_samples;
    const guint n_colours = layout->n_colours, n_all = n_colours + (layout->alpha >= 0);
    const gboolean is_palette = layout->photometric == PHOTOMETRIC_PALETTE;
    const guint n_out = is_palette ? n_all + 2 : n_all, bits = layout->bits;
    const gboolean is_float = layout->format == SAMPLEFORMAT_IEEEFP;
    for (guint c = 0; c < n_all; c++) {
        const gboolean is_alpha = c == n_colours;
        const gboolean inverse =
            layout->photometric == PHOTOMETRIC_MINISWHITE && !is_alpha && !is_float;
        const gsize which = is_alpha ? (gsize)layout->alpha : c;
        const guint8 *row = planes[layout->separate ? which : 0] + offset;
        const gsize first = layout->separate ? 0 : which;
        for (gsize i = 0; i < n; i++) {
            const gsize at = first + i * step;
            if (bits == 64) {
                ((guint64 *)(void *)to)[i * n_out + c] = ((const guint64 *)(const void *)row)[at];
                continue;
            }
            const guint32 x = sample(row, at, bits);
            if (is_palette && !is_alpha) {
                for (guint k = 0; k < 3; k++)
                    put(to, i * n_out + k,
                        layout->out_bits == 8 ? layout->palette[k][x] >> 8 : layout->palette[k][x],
                        layout->out_bits);
                continue;
            }
            guint32 wide = is_float ? x : stretched(x, bits, layout->out_bits);
            if (inverse)
                wide = ~wide;
            put(to, i * n_out + c + (is_palette ? 2 : 0), wide, layout->out_bits);
        }
    }
}

// Puts a rectangle of the file's samples, which libtiff has decoded, into the buffer. `planes`: of
// samples that lie apart; else one. `row_bytes`: of each.
static gboolean put_rectangle(const Layout *layout, GeglBuffer *buffer, const GeglRectangle *area,
                              guint8 *const *planes, gsize row_bytes, GError **error)
{
    const gsize pixel = (gsize)babl_format_get_bytes_per_pixel(layout->babl);
    g_autofree guint8 *out = g_try_malloc_n((gsize)area->width * (gsize)area->height, pixel);
    if (!out) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for %d x %d pixels of it",
                    area->width, area->height);
        return FALSE;
    }
    for (gint y = 0; y < area->height; y++) {
        const gsize offset = (gsize)y * row_bytes;
        guint8 *to = out + (gsize)y * (gsize)area->width * pixel;
        if (is_lab(layout) || is_log(layout))
            gan_tiff_colours_convert(layout->photometric, layout->bits, planes, offset,
                                     layout->separate ? 0 : layout->n_samples, layout->alpha,
                                     (gsize)area->width, (float *)(void *)to);
        else
            convert(layout, planes, offset, (gsize)area->width, to);
    }
    gegl_buffer_set(buffer, area, 0, layout->babl, out, GEGL_AUTO_ROWSTRIDE);
    return TRUE;
}

// The tiles, or the strips that are taken for tiles of the whole width, one after the other.
static gboolean read_pieces(GanTiff *file, const Layout *layout, GeglBuffer *buffer, GError **error)
{
    TIFF *tiff = file->tiff;
    guint32 width = layout->width, height = layout->height;
    if (layout->tiled) {
        TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
        TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
    } else {
        TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &height);
        height = MIN(height, layout->height);
    }
    const guint64 n_bytes = layout->tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
    const guint64 row_bytes = layout->tiled ? TIFFTileRowSize64(tiff) : TIFFScanlineSize64(tiff);
    const guint n_planes = layout->separate ? layout->n_samples : 1;
    if (width == 0 || height == 0 || n_bytes == 0 || row_bytes == 0 || row_bytes > n_bytes / height)
        return refuse(error, "it is damaged: %s", layout->tiled ? "its tiles" : "its strips");
    g_autoptr(GPtrArray) planes = g_ptr_array_new_with_free_func(g_free);
    for (guint s = 0; s < n_planes; s++) {
        // Some decoders write whole words.
        guint8 *plane = n_bytes < G_MAXSSIZE - 16 ? g_try_malloc(n_bytes + 16) : NULL;
        if (!plane) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                        "no memory for a piece of %u x %u pixels of it", width, height);
            return FALSE;
        }
        g_ptr_array_add(planes, plane);
    }
    for (guint32 y = 0; y < layout->height; y += height) {
        for (guint32 x = 0; x < layout->width; x += width) {
            const GeglRectangle area = {(gint)x, (gint)y, (gint)MIN(width, layout->width - x),
                                        (gint)MIN(height, layout->height - y)};
            for (guint16 s = 0; s < n_planes; s++) {
                const tmsize_t wanted =
                    (tmsize_t)(layout->tiled ? n_bytes : row_bytes * (guint)area.height);
                const tmsize_t n =
                    layout->tiled ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, s),
                                                        planes->pdata[s], wanted)
                                  : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y, s),
                                                         planes->pdata[s], wanted);
                if (n < wanted)
                    return refuse(error, "it is damaged or ends too early: %s",
                                  *file->text ? file->text : "pixels are missing");
            }
            if (!put_rectangle(layout, buffer, &area, (guint8 *const *)planes->pdata, row_bytes,
                               error))
                return FALSE;
            if (width > layout->width - x)
                break;
        }
        if (height > layout->height - y)
            break;
    }
    return TRUE;
}

// Rows of samples that lie together, a few at a time: a strip may be the whole picture.
static gboolean read_rows(GanTiff *file, const Layout *layout, GeglBuffer *buffer, GError **error)
{
    const guint64 row_bytes = TIFFScanlineSize64(file->tiff);
    const guint64 n_bits = (guint64)layout->width * layout->n_samples * layout->bits;
    if (row_bytes == 0 || row_bytes < n_bits / 8 || row_bytes > G_MAXINT)
        return refuse(error, "it is damaged: its rows");
    const guint32 band = (guint32)CLAMP(((guint64)1 << 20) / row_bytes, 1, layout->height);
    g_autofree guint8 *rows = g_try_malloc(row_bytes * band + 16);
    if (!rows) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a row of %u pixels",
                    layout->width);
        return FALSE;
    }
    for (guint32 y = 0; y < layout->height; y += band) {
        const guint32 n = MIN(band, layout->height - y);
        for (guint32 i = 0; i < n; i++) {
            if (TIFFReadScanline(file->tiff, rows + i * row_bytes, y + i, 0) != 1)
                return refuse(error, "it is damaged or ends too early: %s",
                              *file->text ? file->text : "rows are missing");
        }
        const GeglRectangle area = {0, (gint)y, (gint)layout->width, (gint)n};
        if (!put_rectangle(layout, buffer, &area, &rows, row_bytes, error))
            return FALSE;
        if (n < band)
            break;
    }
    return TRUE;
}

// YCbCr that is not JPEG's, by libtiff's own conversion, which makes 8 bits of it.
static GeglBuffer *read_ycbcr(GanTiff *file, const Layout *layout, GError **error)
{
    TIFFRGBAImage image;
    char text[1024] = "";
    g_autofree guint32 *pixels = g_try_malloc_n((gsize)layout->width * layout->height, 4);
    if (!pixels) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for %u x %u pixels",
                    layout->width, layout->height);
        return NULL;
    }
    if (!TIFFRGBAImageBegin(&image, file->tiff, 1, text)) {
        refuse(error, "%s", *text ? text : file->text);
        return NULL;
    }
    image.req_orientation = image.orientation; // as it lies
    const gboolean done = TIFFRGBAImageGet(&image, pixels, layout->width, layout->height) != 0;
    TIFFRGBAImageEnd(&image);
    if (!done) {
        refuse(error, "it is damaged or ends too early: %s", file->text);
        return NULL;
    }
    GeglBuffer *buffer = gegl_buffer_new(
        GEGL_RECTANGLE(0, 0, (gint)layout->width, (gint)layout->height), babl_format("R'G'B' u8"));
    g_autofree guint8 *row = g_malloc((gsize)layout->width * 3);
    for (guint32 y = 0; y < layout->height; y++) {
        const guint32 *from = pixels + (gsize)y * layout->width;
        for (gsize x = 0; x < layout->width; x++) {
            row[3 * x] = TIFFGetR(from[x]);
            row[3 * x + 1] = TIFFGetG(from[x]);
            row[3 * x + 2] = TIFFGetB(from[x]);
        }
        gegl_buffer_set(buffer, GEGL_RECTANGLE(0, (gint)y, (gint)layout->width, 1), 0,
                        babl_format("R'G'B' u8"), row, GEGL_AUTO_ROWSTRIDE);
    }
    return buffer;
}

// Whether a file of that length may hold all pixels: what one byte stands for at most, by coding. libtiff
// makes white rows of what is missing of faxes, and some bytes may name a picture of gigabytes.
static gboolean may_be_whole(const Layout *layout, gsize length)
{
    const double most =
        layout->coding == COMPRESSION_NONE       ? 1
        : layout->coding == COMPRESSION_PACKBITS ? 64
        : layout->coding == COMPRESSION_LZW      ? 4096
        : layout->coding == COMPRESSION_DEFLATE || layout->coding == COMPRESSION_ADOBE_DEFLATE
            ? 1032
            : 0;
    const double pixels = (double)layout->width * layout->height;
    const double bytes = pixels * layout->n_samples * layout->bits / 8;
    if (layout->coding >= COMPRESSION_CCITTRLE && layout->coding <= COMPRESSION_CCITTFAX4)
        return layout->height / 8 <= length; // a bit a row
    // Of YCbCr two colours may have a sixteenth of the pixels.
    const guint thinned = layout->photometric == PHOTOMETRIC_YCBCR ? 3 : 1;
    return most == 0 || bytes / (most * thinned) <= (double)length;
}

static GeglBuffer *read_directory(GanTiff *file, GanReading *reading, GError **error)
{
    Layout layout;
    file->text[0] = '\0';
    if (!look(file->tiff, &layout, reading->notes, error))
        return NULL;
    if (!may_be_whole(&layout, file->length))
        return gan_reading_refuse(error, "it ends too early: it has %u x %u pixels", layout.width,
                                  layout.height);
    gan_tiff_tags_note_levels(file->tiff, layout.coding == COMPRESSION_JPEG, reading->notes);
    if (layout.photometric == PHOTOMETRIC_YCBCR)
        return read_ycbcr(file, &layout, error);
    g_autoptr(GeglBuffer) buffer =
        gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)layout.width, (gint)layout.height), layout.babl);
    if (!(layout.tiled || layout.separate ? read_pieces : read_rows)(file, &layout, buffer, error))
        return NULL;
    return is_lab(&layout) ? gan_tiff_colours_from_lab(buffer, layout.bits, reading->notes)
                           : g_steal_pointer(&buffer);
}

// Lab and logarithms of light are colours by themselves: Photoshop's profile for Lab says no more,
// and numbers of R'G'B' made of them are not those that another profile speaks of.
static void leave_profile(GanTiff *file, GanReading *reading)
{
    guint16 photometric = PHOTOMETRIC_MINISBLACK;
    TIFFGetField(file->tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    const Layout layout = {.photometric = photometric};
    if (!reading->profile || !(is_lab(&layout) || is_log(&layout)))
        return;
    if (!gan_profile_is_for(reading->profile, "Lab "))
        gan_note(reading->notes,
                 "the colour profile is for another kind of picture and is not used");
    g_clear_pointer(&reading->profile, g_bytes_unref);
}

// Goes to a page, 0: the file's main one; sets it then. `pages`: those of the file.
static gboolean go_to(GanTiff *file, const GanTiffPages *pages, guint *page)
{
    if (*page == 0)
        *page = pages->main + 1;
    file->text[0] = '\0';
    file->is_cut = FALSE;
    const GanTiffPage *wanted = &g_array_index(pages->pages, GanTiffPage, *page - 1);
    return TIFFSetSubDirectory(file->tiff, wanted->offset) && !file->is_cut;
}

// The page's own, or one of what its tags say.
static GBytes *profile_of(const GanTiff *file, GPtrArray *notes)
{
    guint32 n = 0;
    const guint8 *profile = NULL;
    if (TIFFGetField(file->tiff, TIFFTAG_ICCPROFILE, &n, &profile) && n > 0)
        return g_bytes_new(profile, n);
    if (gan_tiff_names(file, TIFFTAG_ICCPROFILE)) {
        gan_note(notes, "its colour profile is damaged and is not used");
        return NULL;
    }
    return gan_tiff_tags_profile(file, notes);
}

static GeglBuffer *read_tiff(GanReading *reading, GError **error)
{
    g_auto(GanTiff) file = {0};
    g_auto(GanTiffPages) pages = {0};
    if (!gan_tiff_open(&file, reading->data, reading->length)) {
        refuse(error, "it is damaged or ends too early: %s", file.text);
        return NULL;
    }
    gan_tiff_pages(&file, &pages);
    if (pages.pages->len == 0) {
        refuse(error, pages.n_reduced > 0 ? "it holds nothing but a thumbnail"
                                          : "there is no picture in it");
        return NULL;
    }
    reading->n_pages = pages.pages->len;
    reading->unit = "page";
    reading->reduced = g_array_ref(pages.reduced);
    if (reading->only_list)
        return NULL;
    if (!pages.is_whole)
        gan_note(reading->notes, "its list of pages is damaged; some may be missing");
    if (reading->page > pages.pages->len) {
        refuse(error, "it has no page %u, but %u", reading->page, pages.pages->len);
        return NULL;
    }
    if (!go_to(&file, &pages, &reading->page)) {
        refuse(error, "it is damaged or ends too early: %s", file.text);
        return NULL;
    }
    g_clear_pointer(&reading->profile, g_bytes_unref);
    reading->profile = profile_of(&file, reading->notes);
    leave_profile(&file, reading);
    if (pages.n_masks > 0)
        gan_note(reading->notes,
                 "the mask beside the picture, which tells what of it is transparent, is left out");
    return read_directory(&file, reading, error);
}

// EXIF and XMP are the first directory's, and read with the file; each page has an orientation and
// colours of its own.
static void look_at(const guint8 *data, gsize length, guint page, GanBeside *beside)
{
    g_auto(GanTiff) file = {0};
    g_auto(GanTiffPages) pages = {0};
    guint16 orientation = 1, bits = 1;
    if (!gan_tiff_open(&file, data, length))
        return;
    gan_tiff_pages(&file, &pages);
    if (pages.pages->len == 0 || page > pages.pages->len || !go_to(&file, &pages, &page))
        return;
    TIFFGetFieldDefaulted(file.tiff, TIFFTAG_ORIENTATION, &orientation);
    TIFFGetFieldDefaulted(file.tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    beside->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
    beside->bits = bits;
    beside->profile = profile_of(&file, NULL);
}

static gboolean recognise(const guint8 *data, gsize length)
{
    return gan_container_kind(data, length) == GAN_CONTAINER_TIFF;
}

const GanFormat gan_format_tiff = {"TIFF", recognise, read_tiff, FALSE, TRUE, look_at, TRUE};
