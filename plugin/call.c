// SPDX-License-Identifier: LGPL-3.0-or-later
// One call of a task's procedure, over one image, over none or over a list of files.
#include "call.h"

#include "dialog/dialog.h"
#include "scope/scope.h"
#include "session.h"
#include <errno.h>
#include <gan/image.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

static void count_layer(Subject *subject, const HostLayer *layer)
{
    const guint64 pixels = (guint64)layer->width * layer->height;
    subject->n_layers++;
    subject->n_layer_pixels += pixels;
    subject->n_layer_bytes += pixels * layer->pixel_bytes;
    subject->n_text_pixels += layer->is_text ? pixels : 0;
    subject->n_alpha_pixels += layer->has_alpha ? pixels : 0;
    if (!layer->has_mask && layer->x == 0 && layer->y == 0 && layer->width == subject->info.width &&
        layer->height == subject->info.height)
        subject->only_layer = layer->id;
}

// What a dialog and an estimate know of the image.
static gboolean subject_init(Subject *subject, gint image, gint drawable, GError **error)
{
    Subject found = {.image = image, .drawable = drawable};
    GError *reason = NULL;
    guint n = 0;
    if (!host_image_info(image, &found.info, error))
        return FALSE;
    g_autofree HostLayer *layers = host_image_layers(image, &n, &reason);
    if (reason != NULL) {
        g_propagate_error(error, reason);
        return FALSE;
    }
    const gint active = host_layer_of(drawable);
    found.is_mask = active > 0 && active != drawable;
    found.is_channel = active <= 0 && drawable > 0;
    for (guint i = 0; i < n; i++) {
        if (layers[i].id == active)
            found.layer = layers[i];
        found.has_floating = found.has_floating || layers[i].is_floating;
        if (!layers[i].is_group && layers[i].content != HOST_DRAWN)
            count_layer(&found, &layers[i]);
    }
    if (found.n_layers > 1)
        found.only_layer = 0;
    // Lives as long as the call, which is the process.
    g_autofree char *name = found.layer.id > 0 ? host_layer_name(found.layer.id) : g_strdup("");
    found.layer_name = g_intern_string(name);
    found.has_selection = host_selection_bounds(image, &found.selection);
    *subject = found;
    return TRUE;
}

static gboolean run(const Task *task, Session *session, const Values *values, gint image,
                    gint drawable, gboolean interactive, CallResult *result, GError **error)
{
    Job job = {.task = task,
               .session = session,
               .values = values,
               .image = image,
               .drawable = drawable,
               .interactive = interactive};
    if (!scope_run(&job, error))
        return FALSE;
    *result = (CallResult){job.result_image, job.result_drawable};
    return TRUE;
}

gboolean call_run(const Task *task, CallMode mode, gint image, gint drawable, Values *values,
                  CallResult *result, GError **error)
{
    *result = (CallResult){image, drawable};
    if (task->window != NULL) {
        task->window();
        return TRUE;
    }
    if (!task->from_nothing)
        values_set_jpeg_quality(values, host_image_jpeg_quality(image));
    if (mode == CALL_INTERACTIVE) {
        Subject subject = {0};
        if (!task->from_nothing && !subject_init(&subject, image, drawable, error))
            return FALSE;
        if (!dialog_run(task, values, &subject)) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Cancelled"));
            return FALSE;
        }
    }
    if (!values_check(values, error))
        return FALSE;
    // Not before the dialog, which is to be seen at once.
    gan_image_init(0);
    g_autoptr(Session) session = session_new(gan_task_parse(task->name));
    return run(task, session, values, image, drawable, mode != CALL_NONINTERACTIVE, result, error);
}

// --- files ---

// NAME.EXTENSION in `folder`; "" keeps the file's own extension.
static char *output_path(const char *input, const char *folder, const char *extension)
{
    g_autofree char *name = g_path_get_basename(input);
    const char *plain = extension[0] == '.' ? extension + 1 : extension;
    char *dot = strrchr(name, '.');
    if (plain[0] == 0)
        return g_build_filename(folder, name, NULL);
    if (dot != NULL && dot != name)
        *dot = 0;
    g_autofree char *file = g_strconcat(name, ".", plain, NULL);
    return g_build_filename(folder, file, NULL);
}

static gboolean same_file(const char *a, const char *b)
{
    g_autofree char *left = g_canonicalize_filename(a, NULL);
    g_autofree char *right = g_canonicalize_filename(b, NULL);
    return strcmp(left, right) == 0;
}

// One file; `written` holds the results of the files before. *pages: of which only the first was
// worked on.
static gboolean run_file(const Task *task, Session *session, const Values *values,
                         const char *input, const char *output, GHashTable *written,
                         HostPages *pages, GError **error)
{
    if (same_file(input, output)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    _("the result would replace the file itself; choose another folder or "
                      "extension"));
        return FALSE;
    }
    if (g_hash_table_contains(written, output)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    _("the result would replace %s, which was made of another file of this name; "
                      "work on the two in separate calls with separate folders"),
                    output);
        return FALSE;
    }
    const gint image = host_file_load(input, output, pages, error);
    if (image <= 0)
        return FALSE;
    CallResult result = {image, 0};
    g_autoptr(Values) own = values_copy(values);
    values_set_jpeg_quality(own, gan_image_jpeg_quality(input));
    gboolean done =
        run(task, session, own, image, host_image_active_layer(image), FALSE, &result, error) &&
        host_file_save(result.image, output, error);
    if (result.image != image)
        host_image_delete(result.image);
    host_image_delete(image);
    if (done)
        g_hash_table_add(written, g_strdup(output));
    return done;
}

static gboolean make_folder(const char *folder, GError **error)
{
    if (folder[0] != 0 && g_mkdir_with_parents(folder, 0777) == 0)
        return TRUE;
    const int number = folder[0] != 0 ? errno : ENOENT;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                _("The folder '%s' cannot be made: %s. Choose another one."), folder,
                g_strerror(number));
    return FALSE;
}

static void note_failure(GString *failures, const char *file, const char *message)
{
    g_autofree char *shown = g_filename_display_name(file);
    if (failures->len > 0)
        g_string_append_c(failures, '\n');
    // The hosts' messages begin with the file already.
    if (!g_str_has_prefix(message, shown))
        g_string_append_printf(failures, "%s: ", shown);
    g_string_append(failures, message);
}

static void note_pages(GString *failures, const char *file, const HostPages *pages)
{
    g_autofree char *message =
        pages->are_layers
            ? g_strdup_printf(
                  // Translators: of a file that holds several pictures, such as an animation; %u is 2
                  // or more.
                  _("only the first of its %u pages or frames was worked on; the extension \"xcf\" "
                    "keeps all"),
                  pages->n)
            : g_strdup_printf(
                  // Translators: of a file that holds several pictures, such as an animation; %u is 2
                  // or more. gimp-gan upscale --page is a command.
                  _("GIMP opens only the first of its %u pages or frames; \"gimp-gan upscale "
                    "--page\" takes another"),
                  pages->n);
    note_failure(failures, file, message);
}

guint call_run_files(const Task *task, const char *const *files, const char *folder,
                     const char *extension, const Values *values, char **failures, GError **error)
{
    *failures = NULL;
    g_return_val_if_fail(task->work != NULL && !task->from_nothing, 0);
    gan_image_init(0);
    if (files[0] == NULL) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                            _("No file is named. A pattern that matches nothing gives an empty "
                              "list."));
        return 0;
    }
    if (!values_check(values, error) || !make_folder(folder, error))
        return 0;
    g_autoptr(Session) session = session_new(gan_task_parse(task->name));
    if (!scope_check(task, session, values, error))
        return 0;
    g_autoptr(GString) failed = g_string_new(NULL);
    g_autoptr(GHashTable) written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint n_done = 0;
    for (guint i = 0; files[i] != NULL; i++) {
        g_autoptr(GError) reason = NULL;
        g_autofree char *output = output_path(files[i], folder, extension);
        HostPages pages = {.n = 1};
        if (run_file(task, session, values, files[i], output, written, &pages, &reason))
            n_done++;
        else
            note_failure(failed, files[i], reason->message);
        if (reason == NULL && pages.n > 1)
            note_pages(failed, files[i], &pages);
    }
    if (failed->len > 0)
        *failures = g_string_free(g_steal_pointer(&failed), FALSE);
    return n_done;
}
