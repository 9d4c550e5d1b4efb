// SPDX-License-Identifier: LGPL-3.0-or-later
// Works on a whole image, in place or in a copy: all layers into private buffers first, so that
// nothing has changed when somebody cancels, then everything at once.
#include "work.h"

#include "room.h"
#include <glib/gi18n-lib.h>

typedef struct {
    HostImageInfo info;
    guint width, height; // of the result
    HostLayer *layers;
    guint n_layers;
    GeglBuffer **sources, **results; // one for each layer; NULL for groups
} Work;

static void work_clear(Work *work)
{
    for (guint i = 0; i < work->n_layers && work->results != NULL; i++) {
        g_clear_object(&work->sources[i]);
        g_clear_object(&work->results[i]);
    }
    g_free(work->sources);
    g_free(work->results);
    g_free(work->layers);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static gboolean work_init(Work *work, Job *job, GError **error)
{
    GError *reason = NULL;
    if (!host_image_info(job->image, &work->info, error) ||
        !work_size(job->task, job->session, job->values, work->info.width, work->info.height,
                   &work->width, &work->height, error))
        return FALSE;
    work->layers = host_image_layers(job->image, &work->n_layers, &reason);
    if (reason != NULL) {
        g_propagate_error(error, reason);
        return FALSE;
    }
    for (guint i = 0; i < work->n_layers; i++) {
        if (!work->layers[i].is_floating)
            continue;
        meaning_set_floating(error);
        return FALSE;
    }
    work->sources = g_new0(GeglBuffer *, work->n_layers + 1);
    work->results = g_new0(GeglBuffer *, work->n_layers + 1);
    return TRUE;
}

static HostLayer scaled_as(const Work *work, const HostLayer *layer)
{
    HostLayer scaled = *layer;
    host_scaled_layer(&work->info, layer, work->width, work->height, &scaled);
    return scaled;
}

static HostLayer scaled_layer(const Work *work, guint i)
{
    return scaled_as(work, &work->layers[i]);
}

// A layer that comes out without a pixel is dropped by Scale Image; one that GIMP draws is drawn
// anew.
static gboolean has_pixels(const Work *work, guint i)
{
    const HostLayer scaled = scaled_layer(work, i);
    return !work->layers[i].is_group && work->layers[i].content != HOST_DRAWN && scaled.width > 0 &&
           scaled.height > 0;
}

static double weight_of(const Work *work, guint i)
{
    return has_pixels(work, i) ? (double)work->layers[i].width * work->layers[i].height : 0.0;
}

// Opens the layers' pixels, and checks that there is room for what they become.
static gboolean open_sources(const Job *job, Work *work, GError **error)
{
    g_autofree char *warning = NULL;
    double source_bytes = 0.0, bytes = 0.0;
    for (guint i = 0; i < work->n_layers; i++) {
        if (!has_pixels(work, i))
            continue;
        g_autofree char *told = NULL;
        work->sources[i] = host_drawable_buffer(work->layers[i].id, &told, error);
        if (work->sources[i] == NULL)
            return FALSE;
        // All layers have the image's profile, so that one warning is enough.
        if (told != NULL && warning == NULL)
            warning = g_steal_pointer(&told);
        const HostLayer scaled = scaled_layer(work, i);
        const gint pixel_bytes =
            babl_format_get_bytes_per_pixel(gegl_buffer_get_format(work->sources[i]));
        source_bytes += (double)work->layers[i].width * work->layers[i].height * pixel_bytes;
        bytes += (double)scaled.width * scaled.height * pixel_bytes;
    }
    if (warning != NULL)
        host_message(warning);
    return room_take(work_network_bytes(job, work->info.width, work->info.height), source_bytes,
                     bytes, error);
}

static gboolean make_layer(Job *job, Work *work, guint i, Progress *progress, GError **error)
{
    const HostLayer scaled = scaled_layer(work, i);
    g_autofree char *name = host_layer_name(work->layers[i].id);
    progress_part(progress, name, weight_of(work, i));
    work->results[i] = work_run(job, &work->layers[i], work->sources[i], scaled.width,
                                scaled.height, progress, error);
    g_clear_object(&work->sources[i]);
    if (work->results[i] == NULL)
        g_prefix_error(error, _("Layer '%s': "), name);
    return work->results[i] != NULL;
}

static gboolean make_layers(Job *job, Work *work, GError **error)
{
    double whole = 0.0;
    for (guint i = 0; i < work->n_layers; i++)
        whole += weight_of(work, i);
    if (!open_sources(job, work, error))
        return FALSE;
    g_auto(Progress) progress = {0};
    progress_begin(&progress, _(job->task->title), whole);
    for (guint i = 0; i < work->n_layers; i++)
        if (has_pixels(work, i) && !make_layer(job, work, i, &progress, error))
            return FALSE;
    return TRUE;
}

// Whether what was made of a layer is what it will be scaled to now: a layer that was moved may
// come out one pixel wider.
static gboolean still_fits(const Work *work, guint i, const HostLayer *now)
{
    const HostLayer *then = &work->layers[i];
    if (now->id != then->id || now->width != then->width || now->height != then->height ||
        now->has_alpha != then->has_alpha || now->is_group != then->is_group ||
        now->content != then->content)
        return FALSE;
    const HostLayer scaled = scaled_as(work, now);
    return work->results[i] == NULL ||
           ((gint)scaled.width == gegl_buffer_get_width(work->results[i]) &&
            (gint)scaled.height == gegl_buffer_get_height(work->results[i]));
}

// While the network ran, the user could go on working on the image.
static gboolean check_unchanged(Job *job, const Work *work, GError **error)
{
    HostImageInfo info;
    guint n = 0;
    g_autoptr(GError) reason = NULL;
    g_autofree HostLayer *layers = host_image_info(job->image, &info, &reason)
                                       ? host_image_layers(job->image, &n, &reason)
                                       : NULL;
    gboolean same = reason == NULL && n == work->n_layers && info.width == work->info.width &&
                    info.height == work->info.height && info.base == work->info.base;
    for (guint i = 0; same && i < n; i++)
        same = still_fits(work, i, &layers[i]);
    if (!same)
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("The image was changed or closed meanwhile, so that the result no longer "
                      "fits. Nothing was done; try again."));
    return same;
}

// Scales `image`, the original or a copy of it, and writes the results into it.
static gboolean fill(Job *job, const Work *work, gint image, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint));
    g_autoptr(GPtrArray) results = g_ptr_array_new();
    for (guint i = 0; i < work->n_layers; i++) {
        if (work->results[i] == NULL)
            continue;
        const gint id = image == job->image
                            ? work->layers[i].id
                            : host_image_same_layer(job->image, work->layers[i].id, image);
        g_array_append_val(ids, id);
        g_ptr_array_add(results, work->results[i]);
    }
    if (!host_image_scale(image, work->width, work->height, work_interpolation(job->values),
                          (gint *)ids->data, ids->len, error))
        return FALSE;
    for (guint i = 0; i < ids->len; i++)
        if (!host_layer_write(g_array_index(ids, gint, i), results->pdata[i], error))
            return FALSE;
    return work_keep_print_size(job->values, image, &work->info,
                                (double)work->width / work->info.width,
                                (double)work->height / work->info.height, error);
}

// The layer of the result that the call was about; where that was a mask or a channel, the active
// or the topmost one.
static gint result_layer(const Job *job, const Work *work, gint image)
{
    gint wanted = host_image_active_layer(job->image);
    if (wanted <= 0 && work->n_layers > 0)
        wanted = work->layers[0].id;
    for (guint i = 0; i < work->n_layers; i++)
        if (work->layers[i].id == job->drawable)
            wanted = job->drawable;
    return image == job->image || wanted <= 0 ? wanted
                                              : host_image_same_layer(job->image, wanted, image);
}

static gboolean fill_original(Job *job, const Work *work, GError **error)
{
    host_undo_begin(job->image);
    const gboolean done = fill(job, work, job->image, error);
    host_undo_end(job->image);
    if (!done)
        g_prefix_error(error, "%s ",
                       _("GIMP could not finish; Edit > Undo brings the image back."));
    else
        job->result_drawable = result_layer(job, work, job->image);
    return done;
}

static gboolean fill_copy(Job *job, const Work *work, GError **error)
{
    const gint copy = host_image_duplicate(job->image, error);
    if (copy <= 0)
        return FALSE;
    host_undo_disable(copy);
    if (!fill(job, work, copy, error)) {
        host_image_delete(copy);
        return FALSE;
    }
    const double x = (double)work->width / work->info.width;
    const double y = (double)work->height / work->info.height;
    g_autofree char *name = host_image_name(job->image);
    g_autofree char *title = work_result_name(job->task, name, x != 1.0 ? x : y);
    work_hand_over(job, copy, result_layer(job, work, copy), title);
    return TRUE;
}

gboolean whole_run(Job *job, gboolean in_new_image, GError **error)
{
    g_auto(Work) work = {0};
    if (!work_init(&work, job, error) || !make_layers(job, &work, error) ||
        !check_unchanged(job, &work, error))
        return FALSE;
    // While the names are those of before.
    const gboolean resized = work.width != work.info.width || work.height != work.info.height;
    g_autofree char *told = told_of_layers(resized, work.layers, work.n_layers);
    const gboolean done =
        in_new_image ? fill_copy(job, &work, error) : fill_original(job, &work, error);
    if (done && told != NULL)
        host_message(told);
    return done;
}
