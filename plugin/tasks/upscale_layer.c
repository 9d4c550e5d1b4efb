// SPDX-License-Identifier: LGPL-3.0-or-later
// Enlarges the active layer, or the selected part of it, to a new layer above it with
// the same centre.
#include "upscale.h"

#include "mask.h"
#include "progress.h"
#include "room.h"
#include <glib/gi18n-lib.h>
#include <math.h>

typedef struct {
    HostImageInfo info;
    HostLayer layer;
    char *name;
    GeglRectangle area;  // what is enlarged, on the canvas
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
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("The active layer is a group. Choose a layer inside it, or enlarge the whole "
                      "image."));
    else if (layer->is_floating)
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("The active layer is a floating selection. Anchor it (Layer > Anchor Layer) "
                      "or make it a layer (Layer > To New Layer) first."));
    else
        return TRUE;
    return FALSE;
}

static gboolean choose_area(Job *job, Work *work, gboolean selection_only, GError **error)
{
    const HostLayer *layer = &work->layer;
    work->area = (GeglRectangle){layer->x, layer->y, (gint)layer->width, (gint)layer->height};
    if (!selection_only)
        return TRUE;
    GeglRectangle selection;
    if (!host_selection_bounds(job->image, &selection)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    _("Nothing is selected. Select a part of the layer, or choose another scope."));
        return FALSE;
    }
    if (upscale_selected(layer, &selection, &work->area))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The selection lies outside the active layer '%s'. Choose the layer that it is "
                  "meant for, or select a part of this one."),
                work->name);
    return FALSE;
}

static gboolean work_init(Work *work, Job *job, guint scale, gboolean selection_only,
                          GError **error)
{
    if (!host_image_info(job->image, &work->info, error) ||
        !host_layer(job->drawable, &work->layer, error) || !check_layer(&work->layer, error))
        return FALSE;
    work->name = host_layer_name(job->drawable);
    return choose_area(job, work, selection_only, error) &&
           upscale_size(job->values, scale, (guint)work->area.width, (guint)work->area.height,
                        &work->width, &work->height, error);
}

// --- a part of a layer with what its result depends on ---

// How much to read before and after an area of one axis, so that both borders come out of the
// enlargement at whole pixels, or as near as may be.
typedef struct {
    guint before, after; // pixels of the layer
    guint out_before;    // pixels of the result
    guint out_length;    // of all that is read
} Border;

// Tiles of the network begin at multiples of `grid` in the layer, and so must what is read: then a
// part gives the same pixels as the whole.
static void choose_border(Border *border, guint start, guint length, guint layer_length,
                          guint new_length, guint margin, guint grid)
{
    enum { TRIES = 16 };
    const double factor = (double)new_length / length;
    const guint first = start > margin ? (start - margin) / grid * grid : 0;
    double least = 1.0;
    border->before = start - first;
    for (guint i = 0; i < TRIES && first >= i * grid; i++) {
        const guint before = start - (first - i * grid);
        const double off = fabs(before * factor - round(before * factor));
        if (off < least - 1e-9) {
            least = off;
            border->before = before;
        }
    }
    const guint most = layer_length - start - length;
    least = 1.0;
    border->after = MIN(margin, most);
    for (guint after = MIN(margin, most); after <= MIN(margin + TRIES, most); after++) {
        const double total = (border->before + length + after) * factor;
        const double off = fabs(total - round(total));
        if (off < least - 1e-9) {
            least = off;
            border->after = after;
        }
    }
    border->out_before = (guint)lround(border->before * factor);
    border->out_length = MAX((guint)lround((border->before + length + border->after) * factor),
                             border->out_before + new_length);
}

// A rectangle of the buffer as one of its own at (0, 0).
static GeglBuffer *cut(GeglBuffer *in, const GeglRectangle *from)
{
    const GeglRectangle to = {0, 0, from->width, from->height};
    GeglBuffer *out = gegl_buffer_new(&to, gegl_buffer_get_format(in));
    gegl_buffer_copy(in, from, GEGL_ABYSS_CLAMP, out, &to);
    return out;
}

static GeglBuffer *enlarge_part(Job *job, const Work *work, GanRunner *runner,
                                const GanModelInfo *model, GeglBuffer *pixels, Progress *progress,
                                GError **error)
{
    const guint margin = upscale_margin(model), grid = 4 * MAX(model->alignment, 1);
    const guint x = (guint)(work->area.x - work->layer.x);
    const guint y = (guint)(work->area.y - work->layer.y);
    const guint width = (guint)work->area.width, height = (guint)work->area.height;
    Border across, down;
    choose_border(&across, x, width, work->layer.width, work->width, margin, grid);
    choose_border(&down, y, height, work->layer.height, work->height, margin, grid);
    const GeglRectangle read = {(gint)(x - across.before), (gint)(y - down.before),
                                (gint)(across.before + width + across.after),
                                (gint)(down.before + height + down.after)};
    g_autoptr(GeglBuffer) wide = cut(pixels, &read);
    const GanUpscaleOptions options =
        upscale_options(job->values, across.out_length, down.out_length);
    g_autoptr(GeglBuffer) large =
        gan_upscale(runner, wide, &options, progress_update, progress, error);
    if (large == NULL)
        return NULL;
    return cut(large, GEGL_RECTANGLE((gint)across.out_before, (gint)down.out_before,
                                     (gint)work->width, (gint)work->height));
}

// --- masks ---

// The mask of the new layer: the layer's own, the selection, or both multiplied; NULL for none.
static gboolean make_mask(Job *job, Work *work, gboolean selection_only, GError **error)
{
    const HostInterpolation interpolation =
        (HostInterpolation)values_integer(job->values, "interpolation");
    g_autoptr(GeglBuffer) own = host_layer_mask(job->drawable);
    g_autoptr(GeglBuffer) part = NULL;
    if (own != NULL)
        part = cut(own, GEGL_RECTANGLE(work->area.x - work->layer.x, work->area.y - work->layer.y,
                                       work->area.width, work->area.height));
    if (selection_only) {
        g_autoptr(GeglBuffer) selected = host_selection_buffer(job->image, &work->area, error);
        if (selected == NULL)
            return FALSE;
        const Babl *format = babl_format("Y float");
        g_autofree float *a = g_new(float, work->area.width);
        g_autofree float *b = g_new(float, work->area.width);
        for (gint y = 0; part != NULL && y < work->area.height; y++) {
            const GeglRectangle row = {0, y, work->area.width, 1};
            gegl_buffer_get(selected, &row, 1.0, format, a, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
            gegl_buffer_get(part, &row, 1.0, format, b, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
            for (gint x = 0; x < work->area.width; x++)
                a[x] *= b[x];
            gegl_buffer_set(selected, &row, 0, format, a, GEGL_AUTO_ROWSTRIDE);
        }
        g_clear_object(&part);
        part = g_steal_pointer(&selected);
    }
    if (part != NULL)
        work->mask = mask_enlarge(part, work->width, work->height, interpolation);
    return TRUE;
}

// --- the run ---

static gboolean enlarge(Job *job, Work *work, gboolean selection_only, GanRunner *runner,
                        const GanModelInfo *model, GError **error)
{
    g_autofree char *warning = NULL;
    g_autoptr(GeglBuffer) pixels = host_drawable_buffer(job->drawable, &warning, error);
    if (pixels == NULL)
        return FALSE;
    if (warning != NULL)
        host_message(warning);
    const gint pixel_bytes = babl_format_get_bytes_per_pixel(gegl_buffer_get_format(pixels));
    if (!room_take((double)work->width * work->height * pixel_bytes, error))
        return FALSE;
    g_auto(Progress) progress = {0};
    GError *reason = NULL;
    progress_begin(&progress, 1.0);
    progress_part(&progress, work->name, 1.0);
    const GanUpscaleOptions options = upscale_options(job->values, work->width, work->height);
    work->pixels = selection_only
                       ? enlarge_part(job, work, runner, model, pixels, &progress, &reason)
                       : gan_upscale(runner, pixels, &options, progress_update, &progress, &reason);
    if (work->pixels == NULL) {
        upscale_explain(&reason);
        g_propagate_error(error, reason);
        return FALSE;
    }
    return make_mask(job, work, selection_only, error);
}

static gboolean check_unchanged(Job *job, const Work *work, GError **error)
{
    HostImageInfo info;
    HostLayer layer;
    if (host_image_info(job->image, &info, NULL) && host_layer(job->drawable, &layer, NULL) &&
        info.base == work->info.base && layer.width == work->layer.width &&
        layer.height == work->layer.height && layer.has_alpha == work->layer.has_alpha)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The layer '%s' was changed or deleted while it was being enlarged. Nothing was "
                  "done; try again."),
                work->name);
    return FALSE;
}

static gboolean add_layer(Job *job, const Work *work, GError **error)
{
    g_autofree char *name =
        g_strdup_printf("%s ×%.3g", work->name, (double)work->width / work->area.width);
    const gint x = work->area.x + (gint)floor((work->area.width - (double)work->width) / 2.0);
    const gint y = work->area.y + (gint)floor((work->area.height - (double)work->height) / 2.0);
    host_undo_begin(job->image);
    const gint added =
        host_layer_new(job->image, name, work->pixels, x, y, job->drawable, work->mask, error);
    host_undo_end(job->image);
    if (added > 0)
        job->result_drawable = added;
    return added > 0;
}

gboolean upscale_layer(Job *job, gboolean selection_only, GError **error)
{
    g_auto(Work) work = {0};
    const GanModelInfo *model = upscale_model(job->session, job->values, error);
    if (model == NULL || !work_init(&work, job, (guint)model->scale, selection_only, error))
        return FALSE;
    GanRunner *runner = upscale_runner(job->session, job->values, error);
    return runner != NULL && enlarge(job, &work, selection_only, runner, model, error) &&
           check_unchanged(job, &work, error) && add_layer(job, &work, error);
}
