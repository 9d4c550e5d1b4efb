// SPDX-License-Identifier: LGPL-3.0-or-later
// Pages of TIFF files, put behind each other by libtiff.
#include "serieswriter.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <tiffio.h>

static int on_error(TIFF *tiff, void *data, const char *module, const char *format, va_list values)
{
    GString *text = data;
    g_string_vprintf(text, format, values);
    g_strdelimit(g_strchomp(text->str), "\r\n", ' ');
    return 1;
}

static int on_warning(TIFF *tiff, void *data, const char *module, const char *format,
                      va_list values)
{
    return 1;
}

static TIFF *open_file(const char *path, const char *mode, GString *text)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, text);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, NULL);
    TIFF *tiff = TIFFOpenExt(path, mode, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

// What our own files say of their pixels.
static void copy_tags(TIFF *from, TIFF *to)
{
    static const guint32 longs[] = {TIFFTAG_IMAGEWIDTH, TIFFTAG_IMAGELENGTH, TIFFTAG_ROWSPERSTRIP};
    static const guint32 shorts[] = {TIFFTAG_BITSPERSAMPLE,   TIFFTAG_SAMPLEFORMAT,
                                     TIFFTAG_SAMPLESPERPIXEL, TIFFTAG_COMPRESSION,
                                     TIFFTAG_PHOTOMETRIC,     TIFFTAG_ORIENTATION,
                                     TIFFTAG_PLANARCONFIG,    TIFFTAG_RESOLUTIONUNIT};
    static const guint32 floats[] = {TIFFTAG_XRESOLUTION, TIFFTAG_YRESOLUTION};
    guint32 number = 0, n = 0;
    guint16 small = 0, *kinds = NULL;
    float real = 0;
    void *profile = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(longs); i++)
        if (TIFFGetField(from, longs[i], &number))
            TIFFSetField(to, longs[i], number);
    for (guint i = 0; i < G_N_ELEMENTS(shorts); i++)
        if (TIFFGetField(from, shorts[i], &small))
            TIFFSetField(to, shorts[i], small);
    for (guint i = 0; i < G_N_ELEMENTS(floats); i++)
        if (TIFFGetField(from, floats[i], &real))
            TIFFSetField(to, floats[i], real);
    if (TIFFGetField(from, TIFFTAG_EXTRASAMPLES, &small, &kinds))
        TIFFSetField(to, TIFFTAG_EXTRASAMPLES, small, kinds);
    if (TIFFGetField(from, TIFFTAG_ICCPROFILE, &n, &profile))
        TIFFSetField(to, TIFFTAG_ICCPROFILE, n, profile);
}

static gboolean copy_page(TIFF *from, TIFF *to)
{
    copy_tags(from, to);
    const guint32 n = TIFFNumberOfStrips(from);
    g_autofree guint8 *strip = NULL;
    for (guint32 i = 0; i < n; i++) {
        const guint64 size = TIFFRawStripSize64(from, i);
        strip = size > 0 && size < G_MAXSSIZE ? g_try_realloc(strip, (gsize)size) : NULL;
        if (!strip || TIFFReadRawStrip(from, i, strip, (tmsize_t)size) != (tmsize_t)size ||
            TIFFWriteRawStrip(to, i, strip, (tmsize_t)size) != (tmsize_t)size)
            return FALSE;
    }
    return TIFFWriteDirectory(to) == 1;
}

static gboolean join(const char *path, const char *part, guint number, const GanImagePages *pages,
                     GError **error)
{
    if (number == 0 && g_rename(part, path) == 0)
        return TRUE;
    g_autoptr(GString) text = g_string_new(number == 0 ? g_strerror(errno) : NULL);
    TIFF *from = number > 0 ? open_file(part, "r", text) : NULL;
    TIFF *to = from ? open_file(path, "a", text) : NULL;
    const gboolean done = to && copy_page(from, to);
    if (to)
        TIFFClose(to);
    if (from)
        TIFFClose(from);
    if (!done)
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "page %u cannot be written%s%s", number + 1,
                    text->len > 0 ? ": " : "", text->str);
    return done;
}

const GanSeriesWriter gan_series_tiff = {"tif", "tiff", FALSE, FALSE, join};
