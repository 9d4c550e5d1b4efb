// SPDX-License-Identifier: LGPL-3.0-or-later
// A program of one picture verb that takes further pictures: a mask for each one, and one style for
// all. The result is the picture, with the style's first pixel where the mask is white.
#include "pictures.h"

#include <gan/error.h>
#include <locale.h>

typedef struct {
    char *mask, *style;
} Options;

static gboolean check(CliPictures *pictures, gpointer data, GError **error)
{
    (void)error;
    const Options *o = data;
    if (o->mask != NULL)
        pictures->companions[pictures->n_companions++] = (CliCompanion){"--mask", o->mask};
    if (o->style != NULL)
        pictures->companions[pictures->n_companions++] = (CliCompanion){"--style", o->style};
    return TRUE;
}

static char *complete(CliPictures *pictures, gpointer data, GError **error)
{
    (void)pictures;
    (void)data;
    (void)error;
    return g_strdup("1");
}

static gboolean plan(const CliPictures *pictures, const CliPicture *picture, gboolean measure,
                     CliPlan *plan, gpointer data, GError **error)
{
    (void)data;
    const GeglRectangle *mask = gegl_buffer_get_extent(picture->companions[0]);
    if ((guint)mask->width != picture->width || (guint)mask->height != picture->height) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "The mask is %d x %d pixels, the picture %u x %u.", mask->width, mask->height,
                    picture->width, picture->height);
        return FALSE;
    }
    return cli_plan_add_passes(plan, &pictures->networks[0], 1, measure, error);
}

static GeglBuffer *run(const CliPictures *pictures, const CliPicture *picture, const CliPlan *plan,
                       GanProgress progress, gpointer progress_data, gpointer data, GError **error)
{
    (void)pictures;
    (void)plan;
    (void)data;
    (void)error;
    float style[3], mask;
    gegl_buffer_get(picture->companions[1], GEGL_RECTANGLE(0, 0, 1, 1), 1,
                    babl_format("R'G'B' float"), style, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    GeglBuffer *out = gegl_buffer_dup(picture->buffer);
    for (int y = 0; y < (int)picture->height; y++)
        for (int x = 0; x < (int)picture->width; x++) {
            const GeglRectangle at = {x, y, 1, 1};
            gegl_buffer_get(picture->companions[0], &at, 1, babl_format("Y' float"), &mask,
                            GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
            if (mask > 0.5f)
                gegl_buffer_set(out, &at, 0, babl_format("R'G'B' float"), style,
                                GEGL_AUTO_ROWSTRIDE);
        }
    progress(1, progress_data);
    return out;
}

int main(int argc, char **argv)
{
    (void)setlocale(LC_ALL, "");
    g_set_prgname("patch");
    Options o = {0};
    const GOptionEntry entries[] = {
        {"mask", 0, 0, G_OPTION_ARG_FILENAME, &o.mask, "Where", "FILE|FOLDER"},
        {"style", 0, 0, G_OPTION_ARG_FILENAME, &o.style, "With what", "FILE"},
        {0}};
    const CliPictureVerb verb = {
        .summary = "Puts the style's colour where the mask is white.",
        .entries = entries,
        .task = GAN_TASK_UPSCALE,
        .usual = "{name}-patched.{ext}",
        .data = &o,
        .check = check,
        .complete = complete,
        .plan = plan,
        .run = run,
    };
    const CliExit status = cli_pictures_main(&verb, argc, argv);
    g_free(o.mask);
    g_free(o.style);
    return status;
}
