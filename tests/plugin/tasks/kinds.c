// SPDX-License-Identifier: LGPL-3.0-or-later
// A menu item with an argument of each kind that no other item has, which paints with one of them.
#include <scope/scope.h>

static const Argument ARGUMENTS[] = {
    {.name = "file", .label = "_File", .blurb = "A file", .kind = ARGUMENT_FILE},
    {.name = "other", .label = "_Other", .blurb = "Another layer", .kind = ARGUMENT_DRAWABLE},
    {.name = "colour",
     .label = "Co_lour",
     .blurb = "A colour",
     .kind = ARGUMENT_COLOUR,
     .initial_text = "#ff8000"},
    {.name = "seed",
     .label = "_Seed",
     .blurb = "Where random numbers begin",
     .kind = ARGUMENT_SEED,
     .minimum = -1,
     .maximum = G_MAXINT32,
     .initial = -1},
    {.name = "denoiser",
     .label = "D_enoiser",
     .blurb = "A model for another task",
     .kind = ARGUMENT_MODEL,
     .task = GAN_TASK_RESTORE},
};

// Tells in the file KINDS what a run was called with.
static void tell(const Values *values)
{
    const char *path = g_getenv("KINDS");
    g_autofree char *text = values_to_text(values);
    g_autofree char *all = g_strdup_printf("%sother=%d\n", text, values_integer(values, "other"));
    if (path != NULL)
        g_file_set_contents(path, all, -1, NULL);
}

static gboolean check(Session *session, const Values *values, GError **error)
{
    tell(values);
    // What was passed is told by the only way that leads out of here.
    if (values_integer(values, "seed") != 7)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "file '%s' other %s colour %s seed %d",
                values_text(values, "file"), values_integer(values, "other") > 0 ? "there" : "none",
                values_text(values, "colour"), values_integer(values, "seed"));
    return FALSE;
}

static GeglBuffer *work(Session *session, const Values *values, GeglBuffer *in, guint width,
                        guint height, GanProgress progress, gpointer data, GError **error)
{
    double rgb[3];
    values_colour(values, "colour", rgb);
    GeglBuffer *out = gegl_buffer_new(GEGL_RECTANGLE(0, 0, (gint)width, (gint)height),
                                      gegl_buffer_get_format(in));
    GeglColor *colour = gegl_color_new(NULL);
    gegl_color_set_pixel(colour, babl_format("R'G'B' double"), rgb);
    gegl_buffer_set_color(out, NULL, colour);
    g_object_unref(colour);
    return out;
}

const Task task_kinds = {.name = "kinds",
                         .label = "_Kinds…",
                         .title = "Kinds",
                         .blurb = "Paints a colour",
                         .files_blurb = "Paints a colour into files",
                         .help = "Takes an argument of each kind and paints a colour.",
                         .icon = "gimp-tool-paintbrush",
                         .arguments = ARGUMENTS,
                         .n_arguments = G_N_ELEMENTS(ARGUMENTS),
                         .check = check,
                         .work = work};
