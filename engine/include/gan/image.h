// SPDX-License-Identifier: LGPL-3.0-or-later
// Picture files: loaded with their colour profile, saved with profile and metadata carried over.
#ifndef GAN_IMAGE_H
#define GAN_IMAGE_H

#include <gan/error.h>
#include <gan/provenance.h>
#include <gegl.h>

G_BEGIN_DECLS

// Starts GEGL for a program that uses it for pictures only: no OpenCL, a bounded tile cache, and
// modules loaded when they are needed, which saves most of gegl_init()'s time. Later calls do
// nothing. A program that has called gegl_init() itself, as a GIMP plug-in has, need not call this.
// `n_threads`: for GEGL's own operations; 0 leaves GEGL's default.
// Threads: the main thread, before any other function that takes a buffer.
void gan_image_init(guint n_threads);

// Ends GEGL and removes its swap files; to be called once, when all buffers are gone. Does nothing
// when gan_image_init() was never called.
void gan_image_exit(void);

// Loads a picture in its own precision and colour space.
// `notes`: NULL, or an array that frees its elements and gets a sentence on each thing that was not
//          honoured (a damaged row, a profile for another kind of picture): lower case, without
//          full stop or the file's name. What stands in it already is not added again.
// Owner:   the caller gets the buffer.
// Errors:  GAN_ERROR_FILE, GAN_ERROR_FORMAT: the message names the file and what is wrong.
GeglBuffer *gan_image_load(const char *path, GPtrArray *notes, GError **error);

// Loads one page, frame or part of a file that has several. The first is 1; 0: the one that the
// file is about, which is the first but for smaller versions of it.
// Errors:  gan_image_load()'s. GAN_ERROR_FORMAT: there is no such page.
GeglBuffer *gan_image_load_page(const char *path, guint page, GPtrArray *notes, GError **error);

// Returns what gan_image_load() says of a file that is cut or damaged, for programs that open it by
// other means, which show what there is of it. NULL: the picture is all there, or the file is none that
// gan_image_load() reads.
// Owner:   the caller frees it.
char *gan_image_damage(const char *path);

// What a file holds, as far as it can be told without its pixels.
typedef struct {
    guint n;           // pages, frames, parts or pictures, at least 1
    const char *unit;  // the word for them: "page", "frame", "part" or "picture"
    GPtrArray *names;  // of parts and layers (OpenEXR), "" for none; NULL: they have no names
    GArray *delays_ms; // guint: how long each frame of an animation is shown; NULL: it is none
    guint n_plays;     // of an animation; 0: for ever
    // Of a TIFF file: gboolean for each directory in a row, whether it is a smaller version of
    // another and so no page; NULL: of other files.
    GArray *reduced;
} GanImagePages;

// Lists the pages of a file; one that is damaged has those that can be told.
// Owner:   the caller.
// Errors:  GAN_ERROR_FILE, GAN_ERROR_FORMAT: the file is empty.
GanImagePages *gan_image_pages(const char *path, GError **error);
void gan_image_pages_free(GanImagePages *pages); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanImagePages, gan_image_pages_free)

// Returns the number of the page of that name for gan_image_load_page(); 0: there is none.
guint gan_image_pages_find(const GanImagePages *pages, const char *name);

typedef struct {
    // JPEG and WebP, 1..100, of which 100 is lossless WebP; 0: 95, but lossless WebP where the
    // source is lossless.
    guint quality;
    // Path of the file whose EXIF, XMP, IPTC and ICC profile go into the new one, or NULL.
    const char *metadata;
    // The page of that file which the picture is, as gan_image_load_page() counts.
    guint page;
    // NULL, or gets sentences, as gan_image_load() adds them, on what is not in the new file.
    GPtrArray *notes;
    // NULL, or how the picture was made, to be noted; see gan/provenance.h.
    const GanProvenance *provenance;
} GanImageSaveOptions;

// Saves `buffer` in the format that the extension of `path` names (png, jpg, jpeg, tif, tiff, webp,
// exr), under a temporary name in the same folder, then renames it. Bit depth follows the buffer
// where the format has it.
// Errors:  GAN_ERROR_FILE, GAN_ERROR_FORMAT: no such format. Nothing half-written is left.
gboolean gan_image_save(GeglBuffer *buffer, const char *path, const GanImageSaveOptions *options,
                        GError **error);

// Adds to `options->notes` what gan_image_save() of a picture in `format` will say, before the work:
// a picture of one pixel is saved so in a temporary folder. Says nothing when that fails.
void gan_image_foresee(const Babl *format, const char *path, const GanImageSaveOptions *options);

// Returns how the picture in the file, or its `page` as gan_image_load_page() counts, is to be held:
// EXIF's orientation, 1 (as it is) to 8. From 5 on, its width is shown as its height.
guint gan_image_orientation(const char *path, guint page);

// Reads `area` of a buffer as networks see it (gan/runner.h; NaN and infinities as what is
// around them): R'G'B', 3 floats a pixel, rows close together; transparency is left out.
// Errors:  GAN_ERROR_MEMORY.
gboolean gan_image_see(GeglBuffer *buffer, const GeglRectangle *area, float *to, GError **error);

// Returns the space of primaries and a curve that is next to a profile of n bytes which is a table, for
// programs whose numbers have to stay what they are. NULL: the profile is none, or cannot be used.
const Babl *gan_image_nearest_space(const void *icc, gsize n);

// Returns the quality that a JPEG file was made with, 1..100 as libjpeg counts, estimated from its
// tables; 0: it is no JPEG file.
guint gan_image_jpeg_quality(const char *path);

// The same of a file whose picture has this size, upright or turned; 0 for another one: what was made of
// it since is not what the file's tables speak of.
guint gan_image_jpeg_quality_at(const char *path, guint width, guint height);

// Returns what this build lacks beside formats: a library and what follows, number 0 and so on;
// NULL behind the last.
const char *gan_image_without(guint number);

// Returns TRUE when gan_image_save() can write the extension of `path`.
gboolean gan_image_can_save(const char *path);

// What a file's name says of it.
typedef enum {
    GAN_IMAGE_NAME_OTHER,    // no picture
    GAN_IMAGE_NAME_READ,     // a picture of a format that gan_image_load() reads
    GAN_IMAGE_NAME_ALONE,    // camera raw and drawings, which often lie beside a picture of theirs
    GAN_IMAGE_NAME_NOT_READ, // a picture of a format that is not read, at least by this build
} GanImageName;

GanImageName gan_image_name(const char *path);

// Returns the formats that this build has a library for (`there`), or none, as a text; NULL: none.
// Owner:   the caller frees it.
char *gan_image_optional_formats(gboolean there);

G_END_DECLS
#endif
