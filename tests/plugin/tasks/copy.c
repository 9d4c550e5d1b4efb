// SPDX-License-Identifier: LGPL-3.0-or-later
// A whole menu item: pixels as they are.
#include <scope/scope.h>

static const Argument ARGUMENTS[] = {
    SCOPE_ARGUMENT("_Scope", "What is copied", NULL),
};

static GeglBuffer *work(Session *session, const Values *values, GeglBuffer *in, guint width,
                        guint height, GanProgress progress, gpointer data, GError **error)
{
    const GeglRectangle to = {0, 0, (gint)width, (gint)height};
    GeglBuffer *out = gegl_buffer_new(&to, gegl_buffer_get_format(in));
    gegl_buffer_copy(in, NULL, GEGL_ABYSS_NONE, out, &to);
    return out;
}

const Task task_copy = {.name = "copy",
                        .label = "Co_py…",
                        .title = "Copy",
                        .blurb = "Copies pixels",
                        .files_blurb = "Copies the pixels of files",
                        .help = "Copies the pixels of an image, a layer or the selection.",
                        .icon = "edit-copy",
                        .result = "%s, copied",
                        .arguments = ARGUMENTS,
                        .n_arguments = G_N_ELEMENTS(ARGUMENTS),
                        .work = work};
