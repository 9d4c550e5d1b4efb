// SPDX-License-Identifier: LGPL-3.0-or-later
// Babl's spaces of what files say of their colours.
//
// A folder may hold pictures of more spaces than Babl (0.1) has room for: 100, with 100 curves. It never
// gives one back. For each space that it is asked to convert in it makes 51 models, of which it has
// room for 512, and for each format one. Behind that it ends the process. So spaces are made here alone,
// conversions that do the same to the numbers of any space go by the name of sRGB's, and those that do
// not are counted.
#ifndef GAN_SPACES_H
#define GAN_SPACES_H

#include <gan/error.h>
#include <gegl.h>

// What is said where a space was not made.
#define GAN_NO_ROOM                                                                                \
    "there is no room for the colours of one more kind of picture in this run: its numbers are "   \
    "taken as sRGB"

// What is said of pictures that cannot be read without it.
#define GAN_NO_ROOM_TO_READ                                                                        \
    "there is no room for the colours of one more kind of picture in this run; another run reads " \
    "it"

// Returns the space of an ICC profile; NULL: it has none, or there is no room, which `no_room` then
// says, where it is not NULL.
// Threads: any number at once.
const Babl *gan_space_from_icc(const void *icc, gsize n, gboolean *no_room);

// Returns the space of white, red, green and blue as x and y, with light as the power `gamma` of its
// numbers, or, for 0, sRGB's curve; NULL: no room.
// Threads: any number at once.
const Babl *gan_space_from_primaries(const double xy[8], double gamma, BablSpaceFlags flags);

// Asks for conversions in the space of `format` that depend on it.
// Errors:  GAN_ERROR_FORMAT: there is no room for one more.
gboolean gan_space_ask(const Babl *format, GError **error);

// As gegl_buffer_get() and gegl_buffer_set() of `area`, rows close together: by the name of sRGB's where
// `format` is of the buffer's space and curve, so that the depth, alpha and its product alone change.
// Threads: any number at once, as those.
void gan_numbers_get(GeglBuffer *buffer, const GeglRectangle *area, const Babl *format, void *to);
void gan_numbers_set(GeglBuffer *buffer, const GeglRectangle *area, const Babl *format,
                     const void *from);

// Copies all of a buffer so.
void gan_numbers_copy(GeglBuffer *from, GeglBuffer *to);

// Returns the fish that they go through.
const Babl *gan_numbers_fish(const Babl *from, const Babl *to);

#endif
