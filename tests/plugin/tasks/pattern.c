// SPDX-License-Identifier: LGPL-3.0-or-later
// A menu item that needs no image: squares of two colours, in a format of choice.
#include <gio/gio.h>
#include <scope/scope.h>

#define MOST_SIDE 1000000
#define SQUARE 16

static const ArgumentChoice FORMATS[] = {
    {"R'G'B' u8", "8 bits"},
    {"R'G'B'A u16", "16 bits"},
    {"Y' u8", "Grey"},
    {"YA float", "Grey, linear"},
    {"RGB half", "Linear"},
    {"R~G~B~ u32", "Perceptual"},
    {"R'G'B'A double", "Double"},
    {"R'G'B' u16", "Wide"},
    {"RGBA float", "Wide, linear"},
    {"CIE Lab float", "Lab"},
    {NULL, NULL},
};
enum { FIRST_WIDE = 7, LAST_WIDE = 8, N_FORMATS = G_N_ELEMENTS(FORMATS) - 1 };

static const Argument ARGUMENTS[] = {
    {.name = "width",
     .label = "_Width",
     .blurb = "Pixels from left to right",
     .kind = ARGUMENT_INTEGER,
     .minimum = 1,
     .maximum = MOST_SIDE,
     .initial = 96},
    {.name = "height",
     .label = "H_eight",
     .blurb = "Pixels from the top down",
     .kind = ARGUMENT_INTEGER,
     .minimum = 1,
     .maximum = MOST_SIDE,
     .initial = 64},
    {.name = "seed",
     .label = "_Seed",
     .blurb = "Where random numbers begin",
     .kind = ARGUMENT_SEED,
     .minimum = -1,
     .maximum = G_MAXINT32,
     .initial = -1},
    {.name = "format",
     .label = "_Format",
     .blurb = "What the numbers are",
     .kind = ARGUMENT_CHOICE,
     .choices = FORMATS,
     .maximum = N_FORMATS - 1},
};

static gboolean size(Session *session, const Values *values, guint width, guint height,
                     guint *new_width, guint *new_height, GError **error)
{
    g_assert(width == 0 && height == 0);
    *new_width = (guint)values_integer(values, "width");
    *new_height = (guint)values_integer(values, "height");
    return TRUE;
}

static gboolean cost(Session *session, const Values *values, guint width, guint height,
                     gboolean measure, TaskCost *found, GError **error)
{
    g_assert(width == 0 && height == 0);
    found->memory_bytes = 3000000;
    found->seconds = measure ? 2.0 : 0.0;
    return TRUE;
}

static const Babl *format_of(const Values *values)
{
    const gint i = values_integer(values, "format");
    const gboolean wide = i >= FIRST_WIDE && i <= LAST_WIDE;
    return babl_format_with_space(FORMATS[i].name, babl_space(wide ? "Rec2020" : "sRGB"));
}

// A seed of 6 fails, one of 7 is as if the user had cancelled.
static gboolean go_on(gint seed, GError **error)
{
    if (seed == 6)
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no pattern has the seed 6");
    else if (seed == 7)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
    else
        return TRUE;
    return FALSE;
}

static GeglBuffer *work(Session *session, const Values *values, GeglBuffer *in, guint width,
                        guint height, GanProgress progress, gpointer data, GError **error)
{
    // R'G'B'A of the format's own space: the first is out of reach of sRGB where that is a wide one.
    static const float colours[2][4] = {{1.0f, 0.0f, 0.25f, 1.0f}, {0.0f, 0.5f, 1.0f, 1.0f}};
    const gint seed = values_integer(values, "seed");
    g_assert(in == NULL);
    if (!go_on(seed, error) || !progress(0.5, data))
        return NULL;
    const Babl *format = format_of(values);
    const Babl *numbers = babl_format_with_space("R'G'B'A float", babl_format_get_space(format));
    GeglBuffer *out = gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)width, (gint)height), format);
    g_autofree float *row = g_new(float, (gsize)width * 4);
    for (guint y = 0; y < height; y++) {
        for (guint x = 0; x < width; x++)
            memcpy(row + (gsize)x * 4, colours[(x / SQUARE + y / SQUARE + (guint)seed) % 2],
                   sizeof(colours[0]));
        gegl_buffer_set(out, GEGL_RECTANGLE(0, (gint)y, (gint)width, 1), 0, numbers, row,
                        GEGL_AUTO_ROWSTRIDE);
    }
    return out;
}

const Task task_pattern = {.name = "pattern",
                           .label = "_Pattern…",
                           .title = "Pattern",
                           .blurb = "Makes an image of squares",
                           .help = "Makes a new image, whose squares have two colours.",
                           .icon = "gimp-pattern",
                           .result = "Squares",
                           .from_nothing = TRUE,
                           .arguments = ARGUMENTS,
                           .n_arguments = G_N_ELEMENTS(ARGUMENTS),
                           .size = size,
                           .cost = cost,
                           .work = work};
