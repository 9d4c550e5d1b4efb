// SPDX-License-Identifier: LGPL-3.0-or-later
// What the tests inside GIMP share: calls of the plug-in, pictures, and images told as text.
#ifndef TEST_GIMP2_SUPPORT_H
#define TEST_GIMP2_SUPPORT_H

#include <gan/image.h>
#include <libgimp/gimp.h>
#include <sys/types.h>

// Models of the golden files: tiny networks.
#define MODEL_X2 "srvgg-relu-x2.pth"
#define MODEL_X4 "srvgg-prelu-x4.pth"

enum { SCOPE_IMAGE, SCOPE_NEW_IMAGE, SCOPE_LAYER, SCOPE_SELECTION, SCOPE_SELECTION_NEW_IMAGE };
enum { MASKS_NONE, MASKS_LINEAR, MASKS_CUBIC, MASKS_NOHALO, MASKS_LOHALO };

// The arguments of plug-in-gan-upscale; zeros are the initial values except for the interpolation.
typedef struct {
    const char *model; // file among the golden ones, or a path; NULL: ""
    double no_detail;  // 1 - detail
    double factor;
    gint width, height, scope, interpolation, alpha, keep_print_size;
    const char *device; // NULL: "cpu"
} Upscale;

// Returns the path of a golden model; other paths and names come back as they are.
char *test_model(const char *name);

// Calls plug-in-gan-upscale and returns its status. `layer`, `image`: NULL, or set to
// what it returned.
GimpPDBStatusType test_upscale_mode(GimpRunMode mode, gint image, gint drawable,
                                    const Upscale *upscale, gint *result_image, gint *layer);

// The same, NONINTERACTIVE, which must succeed; returns the result's layer.
gint test_upscale(gint image, gint drawable, const Upscale *upscale);

// The same, which must fail with this status and with words that hold `words`.
void test_upscale_fails(gint image, gint drawable, const Upscale *upscale, GimpPDBStatusType status,
                        const char *words);

// The same; and neither the image nor whether it needs saving is changed.
void test_refused(gint image, gint drawable, const Upscale *upscale, GimpPDBStatusType status,
                  const char *words);

// Fills a drawable with a picture that is the same on every run; what is transparent has colours
// of its own.
void test_paint(gint drawable, guint seed);

// Returns a layer of a new image that has no display. `type`: of the layer.
gint test_image(guint width, guint height, GimpImageType type, GimpPrecision precision);

// Returns the drawable's buffer, labelled with the space of the image's profile.
GeglBuffer *test_buffer(gint drawable);

// Saves a picture of 20 x 15 pixels under this name in the test's own folder.
// Owner:   the caller frees the path.
char *test_picture_file(const char *name, GimpImageType type, GimpPrecision precision);

// Returns everything about an image that Scale Image may change as lines of text.
// `pixels`: tells the layers' pixels too.
char *test_describe(gint image, gboolean pixels);

// Returns a path in the test's own folder; the caller frees it.
char *test_path(const char *name);

// Runs `gimp-gan` with the arguments after the program's name, NULL-terminated.
void test_command(const char *first, ...) G_GNUC_NULL_TERMINATED;

// Returns the process that GIMP, our parent, started for the plug-in; 0: none now. Any
// thread may call it.
pid_t test_find_plugin(void);

// The groups of tests; each adds its own.
void test_add_pixels(void);
void test_add_geometry(void);
void test_add_calls(void);
void test_add_own_calls(void);
void test_add_cancel(void);
void test_add_large(void);
void test_add_tasks(void);
void test_add_from_nothing(void);
// Those of the last one that each version has its own of.
void test_add_own_from_nothing(void);

#endif
