// SPDX-License-Identifier: LGPL-3.0-or-later
// What the name of a file says of its format, and which formats this build reads.
#include "reader.h"
#include <gan/image.h>
#include <string.h>

static const struct {
    const char *endings; // between bars
    const char *title;   // of the format's reader; "": always there; NULL: there is none
} names[] = {
    {"|png|apng|jpg|jpeg|jpe|jfif|webp|exr|hdr|", ""},
    {"|tif|tiff|", "TIFF"},
    {"|ppm|pgm|pnm|pbm|pam|pfm|", "Netpbm"},
    {"|gif|", "GIF"},
    {"|bmp|dib|tga|ico|cur|icns|xpm|", "BMP, TGA and icons"},
    {"|avif|heic|heif|hif|", "AVIF and HEIC"},
    {"|jxl|", "JPEG XL"},
    {"|jp2|j2k|j2c|jpc|jpx|jpf|", "JPEG 2000"},
    {"|psd|psb|xcf|kra|ora|dds|pcx|sgi|qoi|fits|fit|dpx|cin|jxr|wdp|hdp|mng|jps|mpo|", NULL},
};

// They often lie beside a picture of the same name.
static const char drawings[] = "|svg|svgz|";
static const char raw[] =
    "|3fr|arw|bay|cap|cr2|cr3|crw|dcr|dcs|dng|erf|fff|gpr|iiq|k25|kdc|mef|mos|"
    "mrw|nef|nrw|orf|pef|ptx|raf|raw|rw2|rwl|sr2|srf|srw|x3f|";

// The readers that a library may be missing for.
static const char *const optional[] = {"animated WebP", "BMP, TGA and icons", "AVIF and HEIC",
                                       "JPEG XL",       "JPEG 2000",          "camera raw"};

static gboolean is_there(const char *title)
{
    for (guint i = 0; gan_formats[i]; i++) {
        if (strcmp(gan_formats[i]->title, title) == 0)
            return TRUE;
    }
    return FALSE;
}

// The ending in lower case between bars, or NULL.
static char *ending_of(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name || !dot[1])
        return NULL;
    g_autofree char *lower = g_ascii_strdown(dot + 1, -1);
    return g_strdup_printf("|%s|", lower);
}

GanImageName gan_image_name(const char *path)
{
    g_autofree char *ending = ending_of(path);
    if (!ending)
        return GAN_IMAGE_NAME_OTHER;
    if (strstr(drawings, ending) || strstr(raw, ending))
        return GAN_IMAGE_NAME_ALONE;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strstr(names[i].endings, ending))
            return names[i].title && (!*names[i].title || is_there(names[i].title))
                       ? GAN_IMAGE_NAME_READ
                       : GAN_IMAGE_NAME_NOT_READ;
    }
    return GAN_IMAGE_NAME_OTHER;
}

char *gan_image_optional_formats(gboolean there)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(optional); i++) {
        if (is_there(optional[i]) == there)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "", optional[i]);
    }
    return text->len > 0 ? g_strdup(text->str) : NULL;
}
