// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files: loaded with their colour profile, saved with profile and metadata carried over.
//
// A profile that is a matrix with curves becomes the Babl space of the buffer. One that Babl cannot
// use (a table, "LUT") leaves the numbers as they are, read as sRGB; gan_image_save() then puts the
// same profile into the new file, so that what other programs show stays right.
#include <gan/image.h>

#include "apng.h"
#include "container.h"
#include "exrhalf.h"
#include "jpegfile.h"
#include "metadata.h"
#include "notes.h"
#include "operations.h"
#include "origin.h"
#include "pngcolour.h"
#include "pngfile.h"
#include "pngtext.h"
#include "provenance.h"
#include "reader.h"
#include "tifffile.h"
#include "tiffpages.h"
#include "upright.h"
#include "webpfile.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <temporary.h>
#include <unistd.h>

// The largest sides that the formats' headers can tell.
#define JPEG_SIDE 65500
#define WEBP_SIDE 16383

typedef struct {
    GanContainer kind;
    const char *extensions; // between bars; for kinds that their first bytes do not tell
    const char *operation, *module;
} Loader;

static const Loader loaders[] = {
    {GAN_CONTAINER_WEBP, "", "gegl:webp-load", "webp-load"},
    {GAN_CONTAINER_EXR, "", "gegl:exr-load", "exr-load"},
    {GAN_CONTAINER_HDR, "", "gegl:rgbe-load", "rgbe-load"},
    {GAN_CONTAINER_RAW, "", "gegl:raw-load", "raw-load"},
    {GAN_CONTAINER_UNKNOWN, "|svg|svgz|", "gegl:svg-load", "svg-load"},
};

void gan_image_init(guint n_threads)
{
    gan_operations_init(n_threads);
}

void gan_image_exit(void)
{
    gan_operations_exit();
}

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

// What Babl makes of a profile: NULL for a table or a damaged one.
static const Babl *space_of(GBytes *profile)
{
    const char *problem = NULL;
    gsize n;
    const char *data = g_bytes_get_data(profile, &n);
    if (n < 128 || n > G_MAXINT)
        return NULL;
    const Babl *space =
        babl_space_from_icc(data, (int)n, BABL_ICC_INTENT_RELATIVE_COLORIMETRIC, &problem);
    return problem ? NULL : space;
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

// Gives the buffer the space of the profile where GEGL's loader did not, and says what
// cannot be honoured.
static void apply_profile(GeglBuffer *buffer, GBytes *profile, GPtrArray *notes)
{
    const Babl *space = space_of(profile), *format = gegl_buffer_get_format(buffer);
    if (!space) {
        gan_note(notes, "the colour profile is a table, which is not used: numbers are taken as "
                        "sRGB, and the profile is kept in the new file");
        space = babl_space("sRGB");
    } else if (babl_space_is_cmyk(space) ||
               (babl_space_is_gray(space) && !has_flag(format, BABL_MODEL_FLAG_GRAY))) {
        gan_note(notes, "the colour profile is for another kind of picture and is not used");
        return;
    }
    if (babl_format_get_space(format) != space)
        gegl_buffer_set_format(buffer,
                               babl_format_with_space(babl_format_get_encoding(format), space));
}

// Has one of GEGL's loaders read the file.
static GeglBuffer *load_by_gegl(GanContainer kind, const char *path, GError **error)
{
    const Loader *loader = loader_for(kind, path);
    g_autoptr(GString) messages = g_string_new(NULL);
    if (!loader) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "not a picture of a known kind (JPEG, PNG, TIFF, WebP, EXR, GIF, PNM, HDR, "
                    "SVG, camera raw)");
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
        (apng.film.frames->len == 1 && !apng.has_cover))
        return gan_png_decode(reading->data, reading->length, space, reading->notes, error);
    reading->n_pages = apng.film.frames->len;
    reading->unit = "frame";
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

// Has our own reader or GEGL's loader read the file.
static GeglBuffer *load_by_any(GanContainer kind, GanReading *reading, GError **error)
{
    const Babl *space = kind == GAN_CONTAINER_PNG
                            ? gan_png_space(reading->data, reading->length, reading->notes)
                            : NULL;
    if (space) // what goes before a profile
        g_clear_pointer(&reading->profile, g_bytes_unref);
    else if (reading->profile)
        space = space_of(reading->profile);
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
    else
        buffer = load_by_gegl(kind, reading->path, error);
    if (!buffer) {
        g_prefix_error(error, "%s: ", reading->path);
        return NULL;
    }
    if (reading->page > MAX(reading->n_pages, 1)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: it has no page %u", reading->path,
                    reading->page);
        g_object_unref(buffer);
        return NULL;
    }
    if (reading->n_pages > 1 && reading->first_only)
        gan_note(reading->notes, "the first of %u %ss alone is read", reading->n_pages,
                 reading->unit);
    else if (reading->n_pages > 1)
        gan_note(reading->notes, "%s %u of %u is read; %s left out", reading->unit,
                 MAX(reading->page, 1), reading->n_pages,
                 reading->n_pages > 2 ? "the others are" : "the other is");
    return buffer;
}

static GeglBuffer *load_mapped(const char *path, GMappedFile *map, guint page, GPtrArray *notes,
                               GError **error)
{
    const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
    const gsize length = g_mapped_file_get_length(map);
    GanContainer kind = gan_container_kind(data, length);
    if (kind == GAN_CONTAINER_TIFF && gan_tiff_is_raw(data, length))
        kind = GAN_CONTAINER_RAW;
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
    g_autoptr(GeglBuffer) buffer = load_by_any(kind, &reading, error);
    g_autoptr(GBytes) profile = reading.profile;
    if (!buffer)
        return NULL;
    const Babl *format = gegl_buffer_get_format(buffer);
    if (has_flag(format, BABL_MODEL_FLAG_CMYK)) {
        const Babl *space = profile ? space_of(profile) : NULL;
        if (space && babl_space_is_cmyk(space))
            gegl_buffer_set_format(buffer,
                                   babl_format_with_space(babl_format_get_encoding(format), space));
        gan_note(notes, babl_space_is_cmyk(babl_format_get_space(gegl_buffer_get_format(buffer)))
                            ? "CMYK is converted to R'G'B' (sRGB)"
                            : "CMYK without a profile is converted to R'G'B' (sRGB) by a rule of "
                              "thumb");
        return ink_to_light(buffer);
    }
    if (profile)
        apply_profile(buffer, profile, notes);
    return g_steal_pointer(&buffer);
}

GeglBuffer *gan_image_load(const char *path, GPtrArray *notes, GError **error)
{
    return gan_image_load_page(path, 0, notes, error);
}

GeglBuffer *gan_image_load_page(const char *path, guint page, GPtrArray *notes, GError **error)
{
    g_return_val_if_fail(path, NULL);
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
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, &reason);
    if (!map) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", reason->message);
        return NULL;
    }
    return load_mapped(path, map, page, notes, error);
}

typedef enum { SAVE_NONE, SAVE_PNG, SAVE_JPEG, SAVE_TIFF, SAVE_WEBP, SAVE_EXR } SaveKind;

static SaveKind save_kind(const char *path)
{
    static const struct {
        const char *extension;
        SaveKind kind;
    } table[] = {{"png", SAVE_PNG},   {"jpg", SAVE_JPEG},  {"jpeg", SAVE_JPEG}, {"tif", SAVE_TIFF},
                 {"tiff", SAVE_TIFF}, {"webp", SAVE_WEBP}, {"exr", SAVE_EXR}};
    g_autofree char *extension = extension_of(path);
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(extension, table[i].extension) == 0)
            return table[i].kind;
    }
    return SAVE_NONE;
}

gboolean gan_image_can_save(const char *path)
{
    return save_kind(path) != SAVE_NONE;
}

// The profile for the new file: the source's own bytes where the buffer still has its colours, else
// what Babl writes for the buffer's space; NULL for plain sRGB.
static GBytes *profile_for(GeglBuffer *buffer, const char *source)
{
    const Babl *space = babl_format_get_space(gegl_buffer_get_format(buffer));
    g_autoptr(GMappedFile) map = source ? g_mapped_file_new(source, FALSE, NULL) : NULL;
    if (map && g_mapped_file_get_length(map) > 0) {
        const guint8 *data = (const guint8 *)g_mapped_file_get_contents(map);
        const gsize length = g_mapped_file_get_length(map);
        g_autoptr(GBytes) bytes =
            gan_container_profile(gan_container_kind(data, length), data, length);
        const Babl *meant = bytes ? space_of(bytes) : NULL;
        // The class of device in a profile's header tells grey from colour and ink.
        const char *colours = bytes && g_bytes_get_size(bytes) >= 128
                                  ? (const char *)g_bytes_get_data(bytes, NULL) + 16
                                  : "";
        const gboolean grey = has_flag(gegl_buffer_get_format(buffer), BABL_MODEL_FLAG_GRAY);
        if (bytes && (meant ? meant == space
                            : space == babl_space("sRGB") &&
                                  strncmp(colours, grey ? "GRAY" : "RGB ", 4) == 0))
            return g_steal_pointer(&bytes);
    }
    if (space == babl_space("sRGB"))
        return NULL;
    int length = 0;
    const char *icc = babl_space_get_icc(space, &length);
    return icc && length > 0 ? g_bytes_new(icc, (gsize)length) : NULL;
}

// JPEG has no alpha: what is transparent becomes white, as on paper.
static GeglBuffer *flatten(GeglBuffer *buffer)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *space = babl_format_get_space(gegl_buffer_get_format(buffer));
    const gboolean grey = has_flag(gegl_buffer_get_format(buffer), BABL_MODEL_FLAG_GRAY);
    const Babl *straight = babl_format_with_space(grey ? "Y'A float" : "R'G'B'A float", space);
    const guint colours = grey ? 1 : 3;
    GeglBuffer *flat =
        gegl_buffer_new(extent, babl_format_with_space(grey ? "Y' u8" : "R'G'B' u8", space));
    g_autofree float *row = g_new(float, (gsize)extent->width *(colours + 1));
    g_autofree guint8 *bytes = g_new(guint8, (gsize)extent->width * colours);
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        const GeglRectangle line = {extent->x, y, extent->width, 1};
        gegl_buffer_get(buffer, &line, 1.0, straight, row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        for (gsize i = 0; i < (gsize)extent->width; i++) {
            const float *from = row + i * (colours + 1), alpha = CLAMP(from[colours], 0.0f, 1.0f);
            for (guint c = 0; c < colours; c++) {
                const float mixed = alpha * from[c] + (1.0f - alpha);
                bytes[i * colours + c] = (guint8)(CLAMP(mixed, 0.0f, 1.0f) * 255.0f + 0.5f);
            }
        }
        gegl_buffer_set(flat, &line, 0, gegl_buffer_get_format(flat), bytes, GEGL_AUTO_ROWSTRIDE);
    }
    return flat;
}

// Runs one of GEGL's savers; any word from it counts as failure, because it returns none.
static gboolean save_by(const char *operation, const char *module, GeglBuffer *buffer,
                        const char *path, const char *property, int value, GError **error)
{
    g_autoptr(GString) messages = g_string_new(NULL);
    GStatBuf status;
    if (gan_operation_save(operation, module, buffer, path, &property, &value, property ? 1 : 0,
                           messages) &&
        messages->len == 0 && g_stat(path, &status) == 0 && status.st_size > 0)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s",
                messages->len > 0 ? messages->str : "the picture cannot be written");
    return FALSE;
}

static gboolean save_png(GeglBuffer *buffer, const char *path, GBytes *profile,
                         const GanOrigin *origin, GError **error)
{
    g_autoptr(GPtrArray) colours = gan_origin_colour_chunks(origin, buffer);
    g_autoptr(GPtrArray) texts = origin && origin->kind == GAN_CONTAINER_PNG
                                     ? gan_png_text_chunks(origin->data, origin->length)
                                     : NULL;
    g_autoptr(GBytes) density = origin ? gan_density_png(&origin->density) : NULL;
    const GanPngParts parts = {colours, texts, density};
    return gan_png_write(buffer, path, colours ? NULL : profile, &parts, error);
}

// Says what becomes of HDR colours in a format that has no code points for them.
static void note_hdr(SaveKind kind, const GanCicp *cicp, gboolean has_profile, GPtrArray *notes)
{
    const char *name = gan_cicp_kind(cicp) == GAN_CICP_PQ ? "PQ" : "HLG";
    if (kind == SAVE_EXR)
        gan_note(notes, "HDR colours (%s) become linear light, where 1 is paper's white", name);
    else if (has_profile)
        gan_note(notes,
                 "HDR colours (%s) are told by an ICC profile: programs that do not know HDR show "
                 "them too dark",
                 name);
    else
        gan_note(notes, "what its HDR colours (%s) are is not told in the new file", name);
}

// EXR has no orientation, and of what is known on sizes the shape of pixels.
static gboolean save_exr(GeglBuffer *buffer, const char *path, const GanOrigin *origin,
                         GPtrArray *notes, GError **error)
{
    const guint orientation = origin ? origin->orientation : 1;
    g_autoptr(GeglBuffer) upright =
        orientation > 1 ? gan_turn_upright(buffer, orientation) : g_object_ref(buffer);
    const gboolean half =
        babl_format_get_type(gegl_buffer_get_format(upright), 0) == babl_type("half");
    if (half && !gan_exr_has_half())
        gan_note(notes,
                 "half floats are written as floats of 32 bits, which hold the same numbers");
    if (!(half && gan_exr_has_half()
              ? gan_exr_write_half(upright, path, error)
              : save_by("gegl:exr-save", "exr-save", upright, path, NULL, 0, error)))
        return FALSE;
    const double shape = origin ? gan_density_pixel_shape(&origin->density) : 1;
    if (shape != 1)
        gan_density_embed_exr(path, orientation >= 5 ? 1 / shape : shape);
    if (origin && origin->density.unit > GAN_DENSITY_SHAPE)
        gan_note(notes, "the resolution is not carried over to EXR");
    return TRUE;
}

static gboolean save_kind_to(SaveKind kind, GeglBuffer *buffer, const char *path,
                             const GanOrigin *origin, const GanImageSaveOptions *options,
                             GError **error)
{
    const guint wanted = options ? MIN(options->quality, 100) : 0, quality = wanted ? wanted : 95;
    const Babl *format = gegl_buffer_get_format(buffer);
    const char *source = options ? options->metadata : NULL;
    GPtrArray *notes = options ? options->notes : NULL;
    const GanDensity *density = origin ? &origin->density : NULL;
    g_autoptr(GeglBuffer) other = NULL;
    GanCicp cicp;
    const gboolean hdr = kind != SAVE_PNG && gan_origin_hdr(origin, buffer, &cicp);
    g_autoptr(GBytes) profile = hdr ? gan_cicp_profile(&cicp) : profile_for(buffer, source);
    if (hdr)
        note_hdr(kind, &cicp, profile != NULL, notes);
    switch (kind) {
    case SAVE_PNG:
        return save_png(buffer, path, profile, origin, error);
    case SAVE_JPEG:
        if (babl_format_has_alpha(format)) {
            gan_note(notes, "JPEG files have no transparency; what is transparent becomes white");
            other = flatten(buffer);
        }
        return gan_jpeg_write(other ? other : buffer, path, quality, profile, density, error);
    case SAVE_TIFF:
        return gan_tiff_write(buffer, path, profile, density, error);
    case SAVE_WEBP:
        // WebP has no grey, and a profile for grey would not fit its colours: those are
        // saved as sRGB.
        if (has_flag(format, BABL_MODEL_FLAG_GRAY))
            g_clear_pointer(&profile, g_bytes_unref);
        return gan_webp_write(buffer, path, quality,
                              quality == 100 || (!wanted && gan_origin_is_lossless(origin)),
                              error) &&
               (!profile || gan_container_embed_webp(path, profile, error));
    case SAVE_EXR:
        // It has chromaticities in place of a profile; GEGL writes them.
        other = hdr ? gan_cicp_light(&cicp, buffer) : NULL;
        return save_exr(other ? other : buffer, path, origin, notes, error);
    case SAVE_NONE:
        break;
    }
    g_assert_not_reached();
}

gboolean gan_image_save(GeglBuffer *buffer, const char *path, const GanImageSaveOptions *options,
                        GError **error)
{
    g_return_val_if_fail(GEGL_IS_BUFFER(buffer) && path, FALSE);
    const SaveKind kind = save_kind(path);
    const gint width = gegl_buffer_get_width(buffer), height = gegl_buffer_get_height(buffer);
    const gint side = kind == SAVE_JPEG ? JPEG_SIDE : kind == SAVE_WEBP ? WEBP_SIDE : G_MAXINT;
    if (kind == SAVE_NONE) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: no format of this name; png, jpg, tif, webp and exr can be written", path);
        return FALSE;
    }
    if (MAX(width, height) > side) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: %d x %d pixels; this format has at most %d on a side", path, width, height,
                    side);
        return FALSE;
    }
    g_autofree char *temporary = gan_temporary_name(path);
    const int fd = g_mkstemp_full(temporary, O_RDWR, 0666);
    if (fd < 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, g_strerror(errno));
        return FALSE;
    }
    close(fd);
    g_autoptr(GanOrigin) origin = gan_origin_open(options ? options->metadata : NULL);
    gboolean done = save_kind_to(kind, buffer, temporary, origin, options, error);
    if (done && origin && options)
        gan_metadata_copy(origin, options->metadata, temporary, (guint)width, (guint)height,
                          options->notes);
    g_autofree char *note =
        done && options && options->provenance ? gan_provenance_to_text(options->provenance) : NULL;
    const gboolean embedded = note && gan_provenance_embed(temporary, note);
    if (done && g_rename(temporary, path) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", g_strerror(errno));
        done = FALSE;
    }
    if (!done) {
        g_unlink(temporary);
        g_prefix_error(error, "%s: ", path);
        // GIO's own codes mean the same to callers: the file could not be written.
        if (error && (*error)->domain != GAN_ERROR) {
            (*error)->domain = GAN_ERROR;
            (*error)->code = GAN_ERROR_FILE;
        }
    }
    if (done && note && !embedded)
        gan_record_add(path, note);
    return done;
}

void gan_image_foresee(const Babl *format, const char *path, const GanImageSaveOptions *options)
{
    g_return_if_fail(format && path && options);
    const GeglRectangle pixel = {0, 0, 1, 1};
    g_autofree char *folder = g_dir_make_tmp("gimp-gan-XXXXXX", NULL);
    if (!folder)
        return;
    g_autofree char *extension = extension_of(path);
    g_autofree char *name = g_strconcat("pixel.", extension, NULL);
    g_autofree char *file = g_build_filename(folder, name, NULL);
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&pixel, format);
    GanImageSaveOptions quiet = *options;
    quiet.provenance = NULL;
    gan_image_save(buffer, file, &quiet, NULL);
    g_unlink(file);
    g_rmdir(folder);
}

guint gan_image_orientation(const char *path)
{
    g_autoptr(GanOrigin) origin = gan_origin_open(path);
    return origin ? origin->orientation : 1;
}

const char *gan_image_without(guint number)
{
    const char *const missing[] = {
        gan_cicp_makes_profiles() ? NULL
                                  : "LittleCMS: colours that PNG states for HDR and video are not "
                                    "described in other formats",
        gan_webp_writes_lossless() ? NULL : "libwebp: WebP is always lossy"};
    for (guint i = 0, n = 0; i < G_N_ELEMENTS(missing); i++) {
        if (missing[i] && n++ == number)
            return missing[i];
    }
    return NULL;
}
