// SPDX-License-Identifier: LGPL-3.0-or-later
// The directories of a TIFF file, by libtiff.
// Source:  TIFF 6.0; TIFF Technical Note 1 (trees of directories); DNG 1.7.
#include "tiffpages.h"

#include "tiffdirectory.h"
#include <stdio.h>
#include <string.h>

// Beyond it a file is made to keep us busy.
#define MOST_DIRECTORIES 65536

static tmsize_t on_read(thandle_t handle, void *to, tmsize_t n)
{
    GanTiff *file = handle;
    const gsize wanted = n > 0 ? (gsize)n : 0, there = file->length - file->at;
    const gsize given = MIN(wanted, there);
    memcpy(to, file->data + file->at, given);
    file->at += given;
    return (tmsize_t)given;
}

static tmsize_t on_write(thandle_t handle, void *from, tmsize_t n)
{
    return 0;
}

static toff_t on_seek(thandle_t handle, toff_t to, int whence)
{
    GanTiff *file = handle;
    const guint64 from = whence == SEEK_CUR ? file->at : whence == SEEK_END ? file->length : 0;
    if (from + to > file->length)
        return (toff_t)-1;
    file->at = (gsize)(from + to);
    return file->at;
}

static int on_close(thandle_t handle)
{
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    return ((GanTiff *)handle)->length;
}

static int on_map(thandle_t handle, void **base, toff_t *size)
{
    GanTiff *file = handle;
    // libtiff only reads what it maps.
    *base = (void *)(gsize)file->data;
    *size = file->length;
    return 1;
}

static void on_unmap(thandle_t handle, void *base, toff_t size)
{
}

static int on_error(TIFF *tiff, void *data, const char *module, const char *format, va_list values)
{
    GanTiff *file = data;
    g_vsnprintf(file->text, sizeof file->text, format, values);
    g_strchomp(file->text);
    return 1;
}

// Warnings are of tags that libtiff does not know, mostly. But one that lies behind the file's end is
// only warned of, too, and then libtiff makes its own sense of the others: a palette's picture
// becomes grey.
static int on_warning(TIFF *tiff, void *data, const char *module, const char *format,
                      va_list values)
{
    static const char *const needed[] = {"BitsPerSample", "ColorMap", "ExtraSamples", "JPEGTables",
                                         "SampleFormat"};
    GanTiff *file = data;
    g_autofree char *text = g_strdup_vprintf(format, values);
    for (guint i = 0; i < G_N_ELEMENTS(needed) && g_str_has_prefix(text, "IO error"); i++) {
        if (strstr(text, needed[i])) {
            file->is_cut = TRUE;
            g_strlcpy(file->text, text, sizeof file->text);
        }
    }
    return 1;
}

gboolean gan_tiff_open(GanTiff *file, const guint8 *data, gsize length)
{
    *file = (GanTiff){.data = data, .length = length};
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, file);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, file);
    file->tiff = TIFFClientOpenExt("picture", "r", file, on_read, on_write, on_seek, on_close,
                                   on_size, on_map, on_unmap, options);
    TIFFOpenOptionsFree(options);
    return file->tiff != NULL;
}

void gan_tiff_close(GanTiff *file)
{
    if (file->tiff)
        TIFFClose(file->tiff);
    file->tiff = NULL;
}

gboolean gan_tiff_names(const GanTiff *file, guint16 tag)
{
    GanTiffDirectory first;
    return gan_tiff_directory_open(file->data, file->length, &first) &&
           gan_tiff_directory_number(&first, first.word, first.word) ==
               TIFFCurrentDirOffset(file->tiff) &&
           gan_tiff_directory_entry(&first, tag) != 0;
}

// Numbers that makers of cameras gave to their own codings, and DNG's.
static gboolean is_raw(TIFF *tiff)
{
    static const guint16 codings[] = {
        262,   // Kodak
        32767, // Sony
        32769, // Epson
        32770, // Samsung
        34713, // Nikon
        65000, // Kodak
        65535, // Pentax
    };
    guint16 coding = 0, colours = 0, n = 0;
    const guint8 *version = NULL;
    guint8 *ignored = NULL;
    TIFFGetField(tiff, TIFFTAG_COMPRESSION, &coding);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &colours);
    if (TIFFGetField(tiff, TIFFTAG_DNGVERSION, &version) || colours == PHOTOMETRIC_CFA ||
        colours == 34892 || TIFFGetField(tiff, TIFFTAG_CFAPATTERN, &n, &ignored))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(codings); i++) {
        if (coding == codings[i])
            return TRUE;
    }
    return FALSE;
}

// Whether the directory is a smaller version of another or tells what is transparent of it.
static gboolean is_reduced(TIFF *tiff, gboolean *mask)
{
    guint32 kind = 0;
    guint16 old = 0, colours = 0;
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &colours);
    TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind);
    *mask = (kind & FILETYPE_MASK) != 0 || colours == PHOTOMETRIC_MASK;
    if (!TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind) &&
        TIFFGetField(tiff, TIFFTAG_OSUBFILETYPE, &old))
        return old == OFILETYPE_REDUCEDIMAGE;
    return (kind & FILETYPE_REDUCEDIMAGE) != 0;
}

static gdouble area(const GanTiffPage *page)
{
    return (gdouble)page->width * page->height;
}

// A directory that another names, and what is known of that one.
typedef struct {
    guint64 offset;
    GanTiffPage parent;
    gboolean parent_reduced;
} Below;

// Adds the directory that libtiff is at. `below`: how it was found; NULL: in the chain of all.
// `page`: set to its size, a page or not. Returns whether it is reduced.
static gboolean add(GanTiff *file, GanTiffPages *pages, const Below *below, GanTiffPage *page)
{
    gboolean mask = FALSE;
    const gboolean reduced = is_reduced(file->tiff, &mask);
    *page = (GanTiffPage){.offset = TIFFCurrentDirOffset(file->tiff)};
    pages->is_raw = pages->is_raw || is_raw(file->tiff);
    pages->n_masks += mask && !reduced;
    if (!TIFFGetField(file->tiff, TIFFTAG_IMAGEWIDTH, &page->width) ||
        !TIFFGetField(file->tiff, TIFFTAG_IMAGELENGTH, &page->height) || page->width == 0 ||
        page->height == 0 || mask)
        return reduced;
    // Below a page there are smaller versions of it, but below a thumbnail there is the picture.
    if (reduced || (below && !below->parent_reduced && area(page) <= area(&below->parent)))
        pages->n_reduced++;
    else
        g_array_append_val(pages->pages, *page);
    return reduced;
}

// The first page; but of pages that show the same in several sizes, as far as shapes tell, the
// largest.
static guint main_page(const GArray *pages)
{
    guint best = 0;
    for (guint i = 1; i < pages->len; i++) {
        const GanTiffPage *first = &g_array_index(pages, GanTiffPage, 0);
        const GanTiffPage *page = &g_array_index(pages, GanTiffPage, i);
        // Sides of a thumbnail are rounded.
        const gdouble ratio = (gdouble)page->width / first->width;
        const gdouble off = ABS(page->height / ratio - first->height);
        if (ratio >= 1.5 && (off <= 1.5 || off <= 0.02 * first->height) &&
            area(page) > area(&g_array_index(pages, GanTiffPage, best)))
            best = i;
    }
    return best;
}

void gan_tiff_pages(GanTiff *file, GanTiffPages *pages)
{
    *pages = (GanTiffPages){.pages = g_array_new(FALSE, FALSE, sizeof(GanTiffPage)),
                            .reduced = g_array_new(FALSE, FALSE, sizeof(gboolean))};
    pages->is_raw = file->length > 10 && memcmp(file->data + 8, "CR", 2) == 0; // Canon
    g_autoptr(GArray) below = g_array_new(FALSE, FALSE, sizeof(Below));
    guint n = 0;
    do {
        Below next;
        guint16 n_below = 0;
        const guint64 *offsets = NULL;
        next.parent_reduced = add(file, pages, NULL, &next.parent);
        g_array_append_val(pages->reduced, next.parent_reduced);
        if (!TIFFGetField(file->tiff, TIFFTAG_SUBIFD, &n_below, &offsets))
            continue;
        for (guint i = 0; i < n_below; i++) {
            next.offset = offsets[i];
            g_array_append_val(below, next);
        }
    } while (++n < MOST_DIRECTORIES && TIFFReadDirectory(file->tiff));
    pages->is_whole = TIFFLastDirectory(file->tiff) != 0;
    // Afterwards, because libtiff forgets meanwhile where it has been.
    for (guint i = 0; i < below->len; i++) {
        const Below *found = &g_array_index(below, Below, i);
        GanTiffPage page;
        if (TIFFSetSubDirectory(file->tiff, found->offset))
            add(file, pages, found, &page);
    }
    pages->main = pages->pages->len > 0 ? main_page(pages->pages) : 0;
}

void gan_tiff_pages_clear(GanTiffPages *pages)
{
    g_clear_pointer(&pages->pages, g_array_unref);
    g_clear_pointer(&pages->reduced, g_array_unref);
}

gboolean gan_tiff_is_raw(const guint8 *data, gsize length)
{
    g_auto(GanTiff) file = {0};
    g_auto(GanTiffPages) pages = {0};
    if (!gan_tiff_open(&file, data, length))
        return FALSE;
    gan_tiff_pages(&file, &pages);
    return pages.is_raw;
}
