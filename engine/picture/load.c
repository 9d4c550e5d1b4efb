// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files read: by a reader of our own or GEGL's loader, then given their colours.
#include <gan/image.h>

#include "apng.h"
#include "colours.h"
#include "container.h"
#include "exif.h"
#include "jpegfile.h"
#include "notes.h"
#include "operations.h"
#include "pngcolour.h"
#include "pngfile.h"
#include "reader.h"
#include "spaces.h"
#include "tiffpages.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

typedef struct {
    GanContainer kind;
    const char *extensions; // between bars; for kinds that their first bytes do not tell
    const char *operation, *module, *title;
} Loader;

static const Loader loaders[] = {
    {GAN_CONTAINER_WEBP, "", "gegl:webp-load", "webp-load", "WebP"},
    {GAN_CONTAINER_EXR, "", "gegl:exr-load", "exr-load", "OpenEXR"},
    {GAN_CONTAINER_RAW, "", "gegl:raw-load", "raw-load", "camera raw"},
    {GAN_CONTAINER_UNKNOWN, "|svg|svgz|", "gegl:svg-load", "svg-load", "SVG"},
};

// The extension in lower case, without its dot; "" for none.
static char *extension_of(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    const char *dot = strrchr(name, '.');
    return g_ascii_strdown(dot ? dot + 1 : "", -1);
}

static const Loader *loader_for(GanContainer kind, const char *path)
{
    g_autofree char *extension = extension_of(path);
    g_autofree char *barred = g_strdup_printf("|%s|", extension);
    for (guint i = 0; i < G_N_ELEMENTS(loaders); i++) {
        const gboolean named = *extension && strstr(loaders[i].extensions, barred);
        if (named || (kind != GAN_CONTAINER_UNKNOWN && loaders[i].kind == kind))
            return &loaders[i];
    }
    return NULL;
}

static gboolean has_flag(const Babl *format, BablModelFlag flag)
{
    return (babl_get_model_flags(babl_format_get_model(format)) & flag) != 0;
}

// Ink without a profile, as other programs show it: what each ink and black leave over of the
// encoded colour. Babl's ink without a profile is linear light, which looks washed out.
static void overprint(GeglBuffer *ink, GeglBuffer *light, gboolean alpha)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(ink);
    const Babl *from = babl_format(alpha ? "CMYKA float" : "CMYK float"),
               *to = babl_format(alpha ? "R'G'B'A float" : "R'G'B' float");
    const guint n_inks = alpha ? 5 : 4, n_colours = alpha ? 4 : 3;
    g_autofree float *inks = g_new(float, (gsize)extent->width *n_inks);
    g_autofree float *colours = g_new(float, (gsize)extent->width *n_colours);
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        const GeglRectangle line = {extent->x, y, extent->width, 1};
        gegl_buffer_get(ink, &line, 1.0, from, inks, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < (gsize)extent->width; i++) {
            const float *pixel = inks + i * n_inks;
            for (guint c = 0; c < 3; c++)
                colours[i * n_colours + c] = (1.0f - pixel[c]) * (1.0f - pixel[3]);
            if (alpha)
                colours[i * n_colours + 3] = pixel[4];
        }
        gegl_buffer_set(light, &line, 0, to, colours, GEGL_AUTO_ROWSTRIDE);
    }
}

// Ink cannot be enlarged by networks of light: R'G'B' takes its place, with the depth of the file.
static GeglBuffer *ink_to_light(GeglBuffer *buffer)
{
    const Babl *format = gegl_buffer_get_format(buffer);
    const gboolean deep = babl_format_get_type(format, 0) != babl_type("u8");
    const gboolean alpha = babl_format_has_alpha(format) != 0;
    const Babl *wanted = babl_format(alpha ? (deep ? "R'G'B'A u16" : "R'G'B'A u8")
                                           : (deep ? "R'G'B' u16" : "R'G'B' u8"));
    GeglBuffer *light = gegl_buffer_new(gegl_buffer_get_extent(buffer), wanted);
    if (babl_space_is_cmyk(babl_format_get_space(format)))
        gegl_buffer_copy(buffer, NULL, GEGL_ABYSS_NONE, light, NULL);
    else
        overprint(buffer, light, alpha);
    return light;
}

static void add_title(GString *titles, const char *title)
{
    if (!strstr(titles->str, title))
        g_string_append_printf(titles, ", %s", title);
}

// The formats that are read here, by our own readers and by GEGL's loaders.
static char *known_titles(void)
{
    g_autoptr(GString) titles = g_string_new("JPEG, PNG");
    for (guint i = 0; i < G_N_ELEMENTS(loaders); i++) {
        if (gan_operation_has_module(loaders[i].module))
            add_title(titles, loaders[i].title);
    }
    for (guint i = 0; gan_formats[i]; i++) {
        if (!strstr(gan_formats[i]->title, "WebP")) // its animations
            add_title(titles, gan_formats[i]->title);
    }
    return g_strdup(titles->str);
}

// Has one of GEGL's loaders read the file.
static GeglBuffer *load_by_gegl(GanContainer kind, const char *path, GError **error)
{
    const Loader *loader = loader_for(kind, path);
    g_autoptr(GString) messages = g_string_new(NULL);
    if (!loader) {
        g_autofree char *titles = known_titles();
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "not a picture of a known kind (%s)",
                    titles);
        return NULL;
    }
    g_autoptr(GeglBuffer) buffer =
        gan_operation_load(loader->operation, loader->module, path, messages);
    // Trouble with the profile is ours to report.
    if (buffer && gegl_buffer_get_width(buffer) >= 1 && gegl_buffer_get_height(buffer) >= 1 &&
        (messages->len == 0 || strstr(messages->str, "from icc")))
        return g_steal_pointer(&buffer);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "the picture cannot be read%s%s",
                messages->len > 0 ? ": " : "", messages->str);
    return NULL;
}

// A PNG file's picture, or the frame of an animated one.
static GeglBuffer *load_png(GanReading *reading, const Babl *space, GError **error)
{
    g_auto(GanApng) apng = {0};
    if (!gan_apng_open(reading->data, reading->length, &apng) ||
        (apng.film.frames->len == 1 && !apng.has_cover)) {
        return reading->only_list
                   ? NULL
                   : gan_png_decode(reading->data, reading->length, space, reading->notes, error);
    }
    gan_reading_film(reading, &apng.film);
    if (reading->only_list)
        return NULL;
    if (reading->page > apng.film.frames->len)
        return gan_reading_refuse(error, "it has no frame %u, but %u", reading->page,
                                  apng.film.frames->len);
    if (!apng.is_whole)
        gan_note(reading->notes, "its animation is damaged or ends too early; frames are missing");
    else if (!apng.has_end)
        gan_note(reading->notes, "its end marker is missing");
    if (apng.has_cover)
        gan_note(reading->notes, "the picture that stands for it where animations are not shown is "
                                 "left out");
    GeglBuffer *buffer = gan_apng_compose(&apng, MAX(reading->page, 1) - 1, space, error);
    return buffer ? gan_reading_opaque(buffer) : NULL;
}

// Says which pages are not read, by name where they have names.
static void note_others(const GanReading *reading)
{
    const guint page = MAX(reading->page, 1);
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; reading->names && i < reading->names->len; i++) {
        const char *name = reading->names->pdata[i];
        if (i + 1 != page && *name != '\0')
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : " (", name);
    }
    gan_note(reading->notes, "%s %u of %u is read; %s left out%s%s", reading->unit, page,
             reading->n_pages, reading->n_pages > 2 ? "the others are" : "the other is", names->str,
             names->len > 0 ? ")" : "");
}

// Has our own reader or GEGL's loader read the file.
static GeglBuffer *load_by_any(GanContainer kind, GanReading *reading, GError **error)
{
    gboolean no_room = FALSE;
    const Babl *space = kind == GAN_CONTAINER_PNG
                            ? gan_png_space(reading->data, reading->length, reading->notes)
                            : NULL;
    if (space) // what goes before a profile
        g_clear_pointer(&reading->profile, g_bytes_unref);
    else if (reading->profile)
        space = gan_colours_space(reading->profile, &no_room);
    const GanFormat *format = gan_format_of(reading->data, reading->length);
    GeglBuffer *buffer = NULL;
    if (kind == GAN_CONTAINER_PNG)
        buffer = load_png(reading, space, error);
    else if (kind == GAN_CONTAINER_JPEG)
        buffer = gan_jpeg_decode(reading->data, reading->length, space, reading->notes, error);
    else if (format)
        buffer = format->read(reading, error);
    else if (kind == GAN_CONTAINER_WEBP && gan_container_webp_moves(reading->data, reading->length))
        gan_reading_refuse(error, "animated WebP is not read by this build");
    else if (no_room) // its loader would make the space all the same
        gan_reading_refuse(error, GAN_NO_ROOM_TO_READ);
    else
        buffer = load_by_gegl(kind, reading->path, error);
    if (!buffer) {
        g_prefix_error(error, "%s: ", reading->path);
        return NULL;
    }
    if (kind == GAN_CONTAINER_PNG && gan_png_is_narrow(reading->data, reading->length)) {
        gan_cicp_stretch(buffer);
        gan_note(reading->notes, "video's narrow range is stretched to the full one");
    }
    if (reading->has_cicp && !reading->profile)
        gegl_buffer_set_format(
            buffer, babl_format_with_space(babl_format_get_encoding(gegl_buffer_get_format(buffer)),
                                           gan_cicp_reading_space(&reading->cicp, reading->notes)));
    if (reading->page > MAX(reading->n_pages, 1)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: it has no page %u", reading->path,
                    reading->page);
        g_object_unref(buffer);
        return NULL;
    }
    if (reading->n_pages > 1)
        note_others(reading);
    return buffer;
}

static GanContainer kind_of(const guint8 *data, gsize length)
{
    const GanContainer kind = gan_container_kind(data, length);
    return kind == GAN_CONTAINER_TIFF && gan_tiff_is_raw(data, length) ? GAN_CONTAINER_RAW : kind;
}

// What the reader of pages leaves beside pixels.
static void reading_clear(GanReading *reading)
{
    g_clear_pointer(&reading->profile, g_bytes_unref);
    g_clear_pointer(&reading->delays, g_array_unref);
    g_clear_pointer(&reading->reduced, g_array_unref);
    g_clear_pointer(&reading->names, g_ptr_array_unref);
}

static GeglBuffer *load_mapped(const char *path, GMappedFile *map, guint page, GPtrArray *notes,
                               GError **error)
{
    const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
    const gsize length = g_mapped_file_get_length(map);
    const GanContainer kind = kind_of(data, length);
    const char *damage = gan_container_damage(kind, data, length);
    if (damage) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: %s", path, damage);
        return NULL;
    }
    GanReading reading = {.path = path,
                          .data = data,
                          .length = length,
                          .page = page,
                          .profile = gan_container_profile(kind, data, length),
                          .notes = notes};
    gsize n;
    if (kind == GAN_CONTAINER_JPEG && !reading.profile &&
        gan_jpeg_segment(data, length, 0xe2, "ICC_PROFILE", 12, &n))
        gan_note(notes, "its colour profile is incomplete and is not used");
    g_autoptr(GeglBuffer) buffer = load_by_any(kind, &reading, error);
    g_autoptr(GBytes) profile = g_steal_pointer(&reading.profile);
    reading_clear(&reading);
    if (!buffer)
        return NULL;
    const Babl *format = gegl_buffer_get_format(buffer);
    if (has_flag(format, BABL_MODEL_FLAG_CMYK)) {
        const Babl *space = profile ? gan_colours_space(profile, NULL) : NULL;
        if (space && babl_space_is_cmyk(space))
            gegl_buffer_set_format(buffer,
                                   babl_format_with_space(babl_format_get_encoding(format), space));
        gan_note(notes, babl_space_is_cmyk(babl_format_get_space(gegl_buffer_get_format(buffer)))
                            ? "CMYK is converted to R'G'B' (sRGB)"
                            : "CMYK without a profile is converted to R'G'B' (sRGB) by a rule of "
                              "thumb");
        return ink_to_light(buffer);
    }
    return profile ? gan_colours_apply(buffer, profile, notes) : g_steal_pointer(&buffer);
}

GeglBuffer *gan_image_load(const char *path, GPtrArray *notes, GError **error)
{
    return gan_image_load_page(path, 0, notes, error);
}

static GMappedFile *map_file(const char *path, GError **error)
{
    GStatBuf status;
    if (g_stat(path, &status) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size == 0) {
        g_set_error(error, GAN_ERROR, S_ISREG(status.st_mode) ? GAN_ERROR_FORMAT : GAN_ERROR_FILE,
                    "%s: %s", path,
                    S_ISDIR(status.st_mode)   ? "a folder, not a picture"
                    : S_ISREG(status.st_mode) ? "the file is empty"
                                              : "not a file");
        return NULL;
    }
    g_autoptr(GError) reason = NULL;
    GMappedFile *map = g_mapped_file_new(path, FALSE, &reason);
    if (!map)
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", reason->message);
    return map;
}

GeglBuffer *gan_image_load_page(const char *path, guint page, GPtrArray *notes, GError **error)
{
    g_return_val_if_fail(path, NULL);
    g_autoptr(GMappedFile) map = map_file(path, error);
    return map ? load_mapped(path, map, page, notes, error) : NULL;
}

GanImagePages *gan_image_pages(const char *path, GError **error)
{
    g_return_val_if_fail(path, NULL);
    g_autoptr(GMappedFile) map = map_file(path, error);
    if (!map)
        return NULL;
    GanReading reading = {.path = path,
                          .data = (const guint8 *)g_mapped_file_get_contents(map),
                          .length = g_mapped_file_get_length(map),
                          .only_list = TRUE};
    const GanContainer kind = kind_of(reading.data, reading.length);
    const GanFormat *format = gan_format_of(reading.data, reading.length);
    if (kind == GAN_CONTAINER_PNG)
        load_png(&reading, NULL, NULL);
    else if (kind != GAN_CONTAINER_JPEG && format && format->has_pages)
        format->read(&reading, NULL);
    GanImagePages *pages = g_new0(GanImagePages, 1);
    *pages = (GanImagePages){.n = MAX(reading.n_pages, 1),
                             .unit = reading.unit ? reading.unit : "page",
                             .names = g_steal_pointer(&reading.names),
                             .delays_ms = g_steal_pointer(&reading.delays),
                             .n_plays = reading.n_plays,
                             .reduced = g_steal_pointer(&reading.reduced)};
    reading_clear(&reading);
    return pages;
}

void gan_image_pages_free(GanImagePages *pages)
{
    if (!pages)
        return;
    g_clear_pointer(&pages->names, g_ptr_array_unref);
    g_clear_pointer(&pages->delays_ms, g_array_unref);
    g_clear_pointer(&pages->reduced, g_array_unref);
    g_free(pages);
}

guint gan_image_pages_find(const GanImagePages *pages, const char *name)
{
    g_return_val_if_fail(pages && name, 0);
    for (guint i = 0; pages->names && i < pages->names->len; i++) {
        if (strcmp(pages->names->pdata[i], name) == 0)
            return i + 1;
    }
    return 0;
}
