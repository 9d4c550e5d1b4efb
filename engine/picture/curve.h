// SPDX-License-Identifier: LGPL-3.0-or-later
// The curve between the numbers that a picture stores and those that a network sees, a channel at
// a time: by tables, because Babl does it at 27 megapixels a second, which for a small network is a
// third of its time, moves the shadows of pure power curves, and has no room for the spaces of a whole
// folder.
#ifndef GAN_CURVE_H
#define GAN_CURVE_H

#include <gegl.h>

// Networks learnt on numbers along sRGB's curve. Numbers of another curve that is for the eye (a power
// of 1.8 to 2.6, video's, CIE's L*) mean nearly the same to them and are seen as they are: along sRGB's
// curve those of a power of 1.8 ring by a fifth more. Light, and what comes near it, is seen along
// sRGB's curve.
typedef enum { GAN_CURVE_SRGB, GAN_CURVE_FOR_EYES, GAN_CURVE_LIGHT } GanCurveKind;

// Which one `format` has, which is grey or red, green and blue.
GanCurveKind gan_curve_kind(const Babl *format);

typedef struct GanCurves GanCurves;

// Makes the tables for the numbers of `format`, which is grey or red, green and blue, with alpha or
// without, the colours not multiplied by it. Returns NULL where a network sees the numbers as they
// are.
GanCurves *gan_curves_new(const Babl *format);
void gan_curves_free(GanCurves *curves); // accepts NULL

// What follows converts n pixels of n_colours channels, and one more with `alpha`, which stays.
// Below 0 curves go on as they do above it, with the sign turned; above 1 light and powers of it do
// so as they come, others as straight lines.
// Threads: any number at once.

// From stored bytes to what a network sees.
void gan_curves_see_bytes(const GanCurves *curves, const guint8 *from, float *to, gsize n,
                          guint n_colours, gboolean alpha);

// From stored numbers, as floats, to what a network sees, and back. `from` and `to` may be one.
void gan_curves_see(const GanCurves *curves, const float *from, float *to, gsize n, guint n_colours,
                    gboolean alpha);
void gan_curves_store(const GanCurves *curves, const float *from, float *to, gsize n,
                      guint n_colours, gboolean alpha);

// From what a network sees to stored bytes: clamped and rounded; what is not a number is 0.
void gan_curves_store_bytes(const GanCurves *curves, const float *from, guint8 *to, gsize n,
                            guint n_colours, gboolean alpha);

#endif
