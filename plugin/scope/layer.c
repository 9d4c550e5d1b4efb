// SPDX-License-Identifier: LGPL-3.0-or-later
// Works on the active layer or the selected part of it; the result is a new layer above it with the
// same centre, or an image of its own.
#include "work.h"

#include "mask.h"
#include "room.h"

#include <glib/gi18n-lib.h>
#include <math.h>

typedef struct {
    HostImageInfo info;
    HostLayer layer;
    char *name;
    GeglRectangle area;  // what is worked on, on the canvas
    guint width, height; // of the result
    GeglBuffer *pixels, *mask;
} Work;

static void work_clear(Work *work)
{
    g_clear_object(&work->pixels);
    g_clear_object(&work->mask);
    g_free(work->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static gboolean check_layer(const HostLayer *layer, GError **error)
{
    if (layer->is_group)
        meaning_set_group(error);
    else if (layer->is_floating)
        meaning_set_floating(error);
    else
        return TRUE;
    return FALSE;
}

static gboolean choose_area(const Job *job, Work *work, Scope scope, GError **error)
{
    const HostLayer *layer = &work->layer;
    work->area = (GeglRectangle){layer->x, layer->y, (gint)layer->width, (gint)layer->height};
    if (scope == SCOPE_LAYER)
        return TRUE;
    GeglRectangle selection;
    if (!host_selection_bounds(job->image, &selection)) {
        meaning_set_unselected(error);
        return FALSE;
    }
    if (work_selected(layer, &selection, &work->area))
        return TRUE;
    meaning_set_outside(work->name, error);
    return FALSE;
}

static gboolean work_init(Work *work, const Job *job, Scope scope, GError **error)
{
    // Of a mask the layer that it belongs to; what is no layer at all is named by the host.
    const gint layer = host_layer_of(job->drawable);
    if (!host_image_info(job->image, &work->info, error) ||
        !host_layer(layer > 0 ? layer : job->drawable, &work->layer, error) ||
        !check_layer(&work->layer, error))
        return FALSE;
    work->name = host_layer_name(work->layer.id);
    return choose_area(job, work, scope, error) &&
           work_size(job->task, job->session, job->values, (guint)work->area.width,
                     (guint)work->area.height, &work->width, &work->height, error);
}

// The area in the layer's own pixels.
static GeglRectangle area_in_layer(const Work *work)
{
    return (GeglRectangle){work->area.x - work->layer.x, work->area.y - work->layer.y,
                           work->area.width, work->area.height};
}

// The mask of the new layer: the layer's own, the selection, or both multiplied; NULL for none.
static gboolean make_mask(const Job *job, Work *work, Scope scope, GError **error)
{
    const GeglRectangle area = area_in_layer(work);
    g_autoptr(GeglBuffer) own = host_layer_mask(work->layer.id);
    g_autoptr(GeglBuffer) mask = own != NULL ? part_cut(own, &area) : NULL;
    if (scope != SCOPE_LAYER) {
        g_autoptr(GeglBuffer) selected = host_selection_buffer(job->image, &work->area, error);
        if (selected == NULL)
            return FALSE;
        if (mask != NULL)
            mask_multiply(selected, mask);
        g_clear_object(&mask);
        mask = g_steal_pointer(&selected);
    }
    // Whoever selected a rectangle gets a picture without a mask.
    if (mask == NULL || (scope == SCOPE_SELECTION_NEW_IMAGE && mask_is_white(mask)))
        return TRUE;
    work->mask = mask_enlarge(mask, work->width, work->height, work_interpolation(job->values));
    return TRUE;
}

static gboolean make_pixels(const Job *job, Work *work, Scope scope, GError **error)
{
    g_autofree char *warning = NULL;
    g_autoptr(GeglBuffer) layer = host_drawable_buffer(work->layer.id, &warning, error);
    if (layer == NULL)
        return FALSE;
    if (warning != NULL)
        host_message(warning);
    const gint pixel_bytes = babl_format_get_bytes_per_pixel(gegl_buffer_get_format(layer));
    const guint64 network =
        work_network_bytes(job, (guint)work->area.width, (guint)work->area.height);
    if (!room_take(network, (double)work->area.width * work->area.height * pixel_bytes,
                   (double)work->width * work->height * pixel_bytes, error))
        return FALSE;
    g_auto(Progress) progress = {0};
    const GeglRectangle area = area_in_layer(work);
    progress_begin(&progress, _(job->task->title), 1.0);
    progress_part(&progress, work->name, 1.0);
    work->pixels = scope == SCOPE_LAYER ? work_run(job, &work->layer, layer, work->width,
                                                   work->height, &progress, error)
                                        : part_run(job, &work->layer, layer, &area, work->width,
                                                   work->height, &progress, error);
    return work->pixels != NULL;
}

// While the network ran, the user could go on working on the image.
static gboolean check_unchanged(const Job *job, const Work *work, GError **error)
{
    HostImageInfo info;
    HostLayer layer;
    if (host_image_info(job->image, &info, NULL) && host_layer(work->layer.id, &layer, NULL) &&
        info.base == work->info.base && layer.width == work->layer.width &&
        layer.height == work->layer.height && layer.has_alpha == work->layer.has_alpha)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The layer '%s' was changed or deleted meanwhile. Nothing was done; try again."),
                work->name);
    return FALSE;
}

// --- where the result goes ---

static double factor_x(const Work *work)
{
    return (double)work->width / work->area.width;
}

static double factor_y(const Work *work)
{
    return (double)work->height / work->area.height;
}

// A side may be as long as before where the other is not.
static char *result_name(const Job *job, const Work *work)
{
    const double x = factor_x(work), y = factor_y(work);
    return work_result_name(job->task, work->name, x != 1.0 ? x : y);
}

static gboolean add_layer(Job *job, const Work *work, GError **error)
{
    g_autofree char *name = result_name(job, work);
    const gint x = work->area.x + (gint)floor((work->area.width - (double)work->width) / 2.0);
    const gint y = work->area.y + (gint)floor((work->area.height - (double)work->height) / 2.0);
    host_undo_begin(job->image);
    const gint added =
        host_layer_new(job->image, name, work->pixels, x, y, work->layer.id, work->mask, error);
    const gboolean done = added > 0 && host_layer_copy_filters(work->layer.id, added, error);
    host_undo_end(job->image);
    if (added > 0)
        job->result_drawable = added;
    return done;
}

static gboolean add_image(Job *job, const Work *work, GError **error)
{
    const gint image = host_image_new_like(job->image, work->width, work->height, error);
    if (image <= 0)
        return FALSE;
    g_autofree char *name = result_name(job, work);
    host_undo_disable(image);
    const gint added = host_layer_new(image, name, work->pixels, 0, 0, 0, work->mask, error);
    if (added <= 0 || !host_layer_copy_filters(work->layer.id, added, error) ||
        !work_keep_print_size(job->values, image, &work->info, factor_x(work), factor_y(work),
                              error)) {
        host_image_delete(image);
        return FALSE;
    }
    g_autofree char *whole = host_image_name(job->image);
    const double x = factor_x(work), y = factor_y(work);
    g_autofree char *title = work_result_name(job->task, whole, x != 1.0 ? x : y);
    work_hand_over(job, image, added, title);
    return TRUE;
}

gboolean layer_run(Job *job, Scope scope, GError **error)
{
    g_auto(Work) work = {0};
    if (!work_init(&work, job, scope, error) || !make_pixels(job, &work, scope, error) ||
        !make_mask(job, &work, scope, error) || !check_unchanged(job, &work, error))
        return FALSE;
    if (scope == SCOPE_SELECTION_NEW_IMAGE ? !add_image(job, &work, error)
                                           : !add_layer(job, &work, error))
        return FALSE;
    // The layer itself stays what it is.
    work.layer.content = HOST_PIXELS;
    const gboolean resized =
        (gint)work.width != work.area.width || (gint)work.height != work.area.height;
    g_autofree char *told = told_of_layers(resized, &work.layer, 1);
    if (told != NULL)
        host_message(told);
    return TRUE;
}
