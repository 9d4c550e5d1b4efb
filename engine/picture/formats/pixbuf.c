// SPDX-License-Identifier: LGPL-3.0-or-later
// Formats of 8 bits that GTK's gdk-pixbuf reads: BMP, TGA, ICO, ICNS, XPM, whatever is installed.
#include "reader.h"

#include "notes.h"
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

// TGA has no first bytes of its own; its header is one in which little is possible.
static gboolean is_tga(const guint8 *data, gsize length)
{
    if (length < 19 || data[1] > 1 ||
        (data[16] != 8 && data[16] != 15 && data[16] != 16 && data[16] != 24 && data[16] != 32))
        return FALSE;
    const guint8 kind = data[2] & ~8u;
    const guint width = (guint)data[13] << 8 | data[12], height = (guint)data[15] << 8 | data[14];
    return kind >= 1 && kind <= 3 && width > 0 && height > 0 && (kind == 1) == (data[1] == 1) &&
           (data[17] & 0xc0) == 0;
}

// What gdk-pixbuf calls the format; NULL: none of these. It finds that out itself only where the
// database of shared-mime-info is.
static const char *type_of(const guint8 *data, gsize length)
{
    static const struct {
        const char *magic;
        gsize n;
        const char *type;
    } table[] = {{"BM", 2, "bmp"},    {"\0\0\1\0", 4, "ico"}, {"\0\0\2\0", 4, "ico"},
                 {"icns", 4, "icns"}, {"/* XPM", 6, "xpm"},   {"#define ", 8, "xbm"}};
    // A cursor's first bytes may be a TGA's.
    if (memcmp(data, "BM", MIN(length, 2)) != 0 && is_tga(data, length))
        return "tga";
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (length > 16 && memcmp(data, table[i].magic, table[i].n) == 0)
            return table[i].type;
    }
    return NULL;
}

static gboolean recognise(const guint8 *data, gsize length)
{
    return type_of(data, length) != NULL;
}

static guint32 little(const guint8 *p, guint n)
{
    guint32 x = 0;
    for (guint i = 0; i < n; i++)
        x |= (guint32)p[i] << 8 * i;
    return x;
}

// The bytes that a file must have at least; its loader would leave rows that are missing black. 0:
// not known.
static guint64 needed(const guint8 *data, gsize length)
{
    if (memcmp(data, "BM", 2) == 0 && length >= 34 && little(data + 14, 4) >= 40) {
        const guint64 width = ABS((gint32)little(data + 18, 4)),
                      height = (guint64)ABS((gint64)(gint32)little(data + 22, 4));
        const guint32 bits = little(data + 28, 2), coding = little(data + 30, 4);
        if (coding == 1 || coding == 2) // packed: as long as it says
            return (guint64)little(data + 10, 4) + little(data + 34, 4);
        return little(data + 10, 4) + (width * bits + 31) / 32 * 4 * height;
    }
    if (is_tga(data, length) && data[2] < 8) {
        const guint64 map = (guint64)little(data + 5, 2) * ((data[7] + 7u) / 8);
        return 18 + data[0] + map +
               (guint64)little(data + 12, 2) * little(data + 14, 2) * ((data[16] + 7u) / 8);
    }
    return 0;
}

// A packed TGA ends where its pixels are all there.
static gboolean is_cut_tga(const guint8 *data, gsize length)
{
    const gsize pixel = (data[16] + 7u) / 8, n = (gsize)little(data + 12, 2) * little(data + 14, 2);
    gsize at = 18 + data[0] + (gsize)little(data + 5, 2) * ((data[7] + 7u) / 8), done = 0;
    while (done < n && at < length) {
        const gsize run = (data[at] & 0x7fu) + 1;
        at += 1 + (data[at] & 0x80 ? pixel : run * pixel);
        done += run;
    }
    return done < n || at > length;
}

// Whether the file may hold grey: TGA says so, a BMP has a palette.
static gboolean is_grey(const guint8 *data, gsize length)
{
    if (memcmp(data, "BM", 2) == 0)
        return length >= 54 && little(data + 14, 4) >= 40 && little(data + 28, 2) <= 8;
    return is_tga(data, length) && (data[2] & 7) == 3;
}

// Newer versions leave the reading to programs of glycin, which are found by files in the system's
// data folders (XDG_DATA_DIRS); without them the library knows no format.
static void refuse(const GError *reason, GError **error)
{
    const char *const *folders = g_get_system_data_dirs();
    gboolean found = FALSE;
    for (guint i = 0; folders[i] != NULL && !found; i++) {
        g_autofree char *folder = g_build_filename(folders[i], "glycin-loaders", NULL);
        found = g_file_test(folder, G_FILE_TEST_IS_DIR);
    }
    const char *said = reason != NULL ? reason->message : "it ends too early";
    if (found || strstr(said, "glycin-loaders") == NULL) {
        gan_reading_refuse(error, "%s", said);
        return;
    }
    g_autofree char *looked = g_strjoinv(", ", (char **)folders);
    gan_reading_refuse(error,
                       "gdk-pixbuf has no loaders; it looks for them in the folder glycin-loaders "
                       "below those of XDG_DATA_DIRS, here %s",
                       looked);
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    g_autoptr(GError) reason = NULL;
    const char *type = type_of(reading->data, reading->length);
    if (needed(reading->data, reading->length) > reading->length ||
        (g_strcmp0(type, "tga") == 0 && reading->data[2] >= 8 &&
         is_cut_tga(reading->data, reading->length)))
        return gan_reading_refuse(error, "it ends too early");
    g_autoptr(GdkPixbufLoader) loader =
        type != NULL ? gdk_pixbuf_loader_new_with_type(type, &reason) : gdk_pixbuf_loader_new();
    if (!loader)
        return gan_reading_refuse(error, "%s", reason ? reason->message : "it is not read");
    gboolean done = gdk_pixbuf_loader_write(loader, reading->data, reading->length, &reason);
    // It wants to be closed in any case.
    done = gdk_pixbuf_loader_close(loader, done ? &reason : NULL) && done;
    GdkPixbuf *pixbuf = done ? gdk_pixbuf_loader_get_pixbuf(loader) : NULL;
    if (!pixbuf) {
        refuse(reason, error);
        return NULL;
    }
    const gboolean alpha = gdk_pixbuf_get_has_alpha(pixbuf);
    GeglBuffer *buffer = gan_reading_buffer((guint)gdk_pixbuf_get_width(pixbuf),
                                            (guint)gdk_pixbuf_get_height(pixbuf),
                                            babl_format(alpha ? "R'G'B'A u8" : "R'G'B' u8"));
    gegl_buffer_set(buffer, gegl_buffer_get_extent(buffer), 0, gegl_buffer_get_format(buffer),
                    gdk_pixbuf_read_pixels(pixbuf), gdk_pixbuf_get_rowstride(pixbuf));
    // Some of its readers give an alpha that no pixel of the file has.
    buffer = alpha ? gan_reading_opaque(buffer) : buffer;
    return is_grey(reading->data, reading->length) ? gan_reading_grey(buffer) : buffer;
}

const GanFormat gan_format_pixbuf = {
    "BMP, TGA and icons", recognise, read_picture, FALSE, FALSE, NULL, TRUE};
