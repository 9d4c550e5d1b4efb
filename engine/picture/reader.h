// SPDX-License-Identifier: LGPL-3.0-or-later
// What the readers of the formats share: what they are asked and how they answer.
#ifndef GAN_READER_H
#define GAN_READER_H

#include "beside.h"
#include "film.h"
#include <gegl.h>

// A file to be read. Readers give the numbers as they lie in the file, in a format of Babl's sRGB:
// the profile is put on them afterwards.
typedef struct {
    const char *path;
    const guint8 *data; // of the whole file
    gsize length;
    guint page;         // that is asked for, the first is 1; 0: the picture itself, or the first
    gboolean only_list; // no pixels are wanted, but what stands next; the reader returns NULL
    guint n_pages;      // set by the reader of a format that may have several; 0: has one
    const char *unit;   // set with it: "page", "frame", "part" or "picture"
    GArray *delays;     // set with it by animations: guint, milliseconds of each frame; owned
    guint n_plays;      // set with them: how often it is shown, 0: for ever
    GArray *reduced;    // set by TIFF; see GanImagePages; owned
    GPtrArray *names; // set with it where they have names, "" for none; owned; NULL: they have not
    GBytes *profile;  // owned: the container's, which the reader may replace by the page's; or NULL
    GPtrArray *notes; // that gan_note() adds to
    gboolean has_cicp; // set by the reader: colours are stated by `cicp`, where no profile does
    GanCicp cicp;
} GanReading;

// A format that has a reader of its own: one file of formats/, one name in meson.build.
typedef struct {
    const char *title;
    // Returns whether the first bytes are the format's.
    gboolean (*recognise)(const guint8 *data, gsize length);
    // Reads the picture. Errors need not name the file.
    // Owner:   the caller gets the buffer.
    // Errors:  GAN_ERROR_FORMAT: damaged, or something that is not read. GAN_ERROR_MEMORY.
    GeglBuffer *(*read)(GanReading *reading, GError **error);
    gboolean turns;     // by the file's orientation
    gboolean has_pages; // and can list them
    // Finds what goes into a new file beside the pixels of `page` (0: the picture itself); NULL: it
    // is found in other ways.
    void (*look)(const guint8 *data, gsize length, guint page, GanBeside *beside);
    gboolean is_lossless; // of every file
} GanFormat;

// Those that this build has, in the order in which they are asked, NULL at the end. Made by the
// build.
extern const GanFormat *const gan_formats[];

// Returns the format whose first bytes these are, or NULL.
const GanFormat *gan_format_of(const guint8 *data, gsize length);

// Fills in an error of GAN_ERROR_FORMAT; returns NULL.
GeglBuffer *gan_reading_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

// A buffer of `format` at (0, 0).
GeglBuffer *gan_reading_buffer(guint width, guint height, const Babl *format);

// Puts a row into it.
void gan_reading_put_row(GeglBuffer *buffer, guint y, const void *row);

// Tells of the frames of an animation.
void gan_reading_film(GanReading *reading, const GanFilm *film);

// Takes the alpha, the last channel of whole numbers, from a picture whose pixels are all opaque:
// decoders of animations give one always.
// Owner:   takes the buffer; the caller gets the one to go on with.
GeglBuffer *gan_reading_opaque(GeglBuffer *buffer);

// Makes grey of a picture of 8 or 16 bits whose pixels are all grey.
// Owner:   takes the buffer; the caller gets the one to go on with.
GeglBuffer *gan_reading_grey(GeglBuffer *buffer);

#endif
