// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files saved, with profile and metadata carried over; load.c reads them.
#include <gan/image.h>

#include "colours.h"
#include "container.h"
#include "exrhalf.h"
#include "jpegfile.h"
#include "light.h"
#include "metadata.h"
#include "notes.h"
#include "operations.h"
#include "origin.h"
#include "pngcolour.h"
#include "pngfile.h"
#include "pngtext.h"
#include "provenance.h"
#include "spaces.h"
#include "tifffile.h"
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

static gboolean has_flag(const Babl *format, BablModelFlag flag)
{
    return (babl_get_model_flags(babl_format_get_model(format)) & flag) != 0;
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
        gan_numbers_get(buffer, &line, straight, row);
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

static gboolean save_png(GeglBuffer *buffer, const char *path, GBytes *profile, const GanCicp *hdr,
                         const GanOrigin *origin, GError **error)
{
    g_autoptr(GPtrArray) own = gan_origin_colour_chunks(origin, buffer);
    g_autoptr(GPtrArray) texts = origin && origin->kind == GAN_CONTAINER_PNG
                                     ? gan_png_text_chunks(origin->data, origin->length)
                                     : NULL;
    const Babl *format = gegl_buffer_get_format(buffer);
    GBytes *background =
        texts ? gan_png_background(origin->data, origin->length,
                                   has_flag(format, BABL_MODEL_FLAG_GRAY),
                                   babl_format_get_type(format, 0) != babl_type("u8"))
              : NULL;
    if (background) // stands where texts may
        g_ptr_array_add(texts, background);
    g_autoptr(GBytes) density = origin ? gan_density_png(&origin->density) : NULL;
    g_autoptr(GPtrArray) stated = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    if (hdr && !own)
        g_ptr_array_add(stated, gan_png_cicp_chunk(hdr));
    const GanPngParts parts = {own ? own : stated->len > 0 ? stated : NULL, texts, density};
    return gan_png_write(buffer, path, own ? NULL : profile, &parts, error);
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

// The light of a buffer as GEGL's saver takes it, which would ask Babl for it.
static GeglBuffer *laid_for_exr(GeglBuffer *buffer)
{
    static const char *const formats[2][2] = {{"RGB float", "RaGaBaA float"},
                                              {"Y float", "YaA float"}};
    const Babl *own = gegl_buffer_get_format(buffer);
    const char *name =
        formats[has_flag(own, BABL_MODEL_FLAG_GRAY)][babl_format_has_alpha(own) != 0];
    const Babl *format = babl_format_with_space(name, babl_format_get_space(own));
    if (own == format || !has_flag(own, BABL_MODEL_FLAG_LINEAR))
        return g_object_ref(buffer);
    GeglBuffer *laid = gegl_buffer_new(gegl_buffer_get_extent(buffer), format);
    gan_numbers_copy(buffer, laid);
    return laid;
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
    if (half && gan_exr_has_half()) {
        if (!gan_exr_write_half(upright, path, error))
            return FALSE;
    } else {
        g_autoptr(GeglBuffer) laid = laid_for_exr(upright);
        if (!save_by("gegl:exr-save", "exr-save", laid, path, NULL, 0, error))
            return FALSE;
    }
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
    GPtrArray *notes = options ? options->notes : NULL;
    const GanDensity *density = origin ? &origin->density : NULL;
    g_autoptr(GeglBuffer) other = NULL;
    GanCicp cicp;
    const gboolean hdr = gan_origin_hdr(origin, buffer, &cicp);
    g_autoptr(GeglBuffer) back =
        kind != SAVE_EXR ? gan_colours_back(buffer, kind != SAVE_WEBP, origin, notes) : NULL;
    // HDR by a profile of its own keeps that.
    GBytes *own = origin ? origin->profile : NULL;
    g_autoptr(GBytes) profile = back          ? g_bytes_ref(own)
                                : hdr && !own ? gan_cicp_profile(&cicp)
                                              : gan_colours_profile(buffer, origin);
    if (back)
        buffer = back;
    if (hdr && kind != SAVE_PNG)
        note_hdr(kind, &cicp, profile != NULL, notes);
    const gboolean other_grey = kind == SAVE_WEBP && has_flag(format, BABL_MODEL_FLAG_GRAY);
    g_autoptr(GeglBuffer) light =
        (kind == SAVE_EXR && !hdr) || other_grey ? gan_light_of(buffer) : g_object_ref(buffer);
    // Grey's light has no primaries.
    if (other_grey && light != buffer)
        gegl_buffer_set_format(
            light,
            babl_format_with_space(babl_format_get_encoding(gegl_buffer_get_format(light)), NULL));
    buffer = light;
    format = gegl_buffer_get_format(buffer);
    if (has_flag(format, BABL_MODEL_FLAG_LINEAR) != (kind == SAVE_EXR) &&
        !gan_space_ask(format, error))
        return FALSE;
    switch (kind) {
    case SAVE_PNG:
        return save_png(buffer, path, profile, hdr ? &cicp : NULL, origin, error);
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
        other = hdr ? gan_cicp_light(&cicp, buffer, notes) : NULL;
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
    g_autoptr(GanOrigin) origin =
        gan_origin_open(options ? options->metadata : NULL, options ? options->page : 0);
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

guint gan_image_orientation(const char *path, guint page)
{
    g_autoptr(GanOrigin) origin = gan_origin_open(path, page);
    return origin ? origin->orientation : 1;
}

const char *gan_image_without(guint number)
{
    const char *const missing[] = {
        gan_cicp_makes_profiles()
            ? NULL
            : "LittleCMS: profiles that are tables are not used, and those of "
              "HDR, video and some grey pictures are not made",
        gan_webp_writes_lossless() ? NULL : "libwebp: WebP is always lossy"};
    for (guint i = 0, n = 0; i < G_N_ELEMENTS(missing); i++) {
        if (missing[i] && n++ == number)
            return missing[i];
    }
    return NULL;
}
