// SPDX-License-Identifier: LGPL-3.0-or-later
#include "picture.h"

#include <math.h>

// GIMP's medium checks.
#define CHECK_SIDE 8
#define CHECK_LIGHT 0.6
#define CHECK_DARK 0.4

Picture *picture_new(GeglBuffer *buffer, const GeglRectangle *whole, const GeglRectangle *part)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const double scale_x = (double)extent->width / whole->width;
    const double scale_y = (double)extent->height / whole->height;
    const int left = (int)floor((part->x - whole->x) * scale_x);
    const int top = (int)floor((part->y - whole->y) * scale_y);
    const int right = (int)ceil((part->x + part->width - whole->x) * scale_x);
    const int bottom = (int)ceil((part->y + part->height - whole->y) * scale_y);
    GeglRectangle area = {extent->x + left, extent->y + top, right - left, bottom - top};
    gegl_rectangle_intersect(&area, &area, extent);
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, MAX(area.width, 1), MAX(area.height, 1));
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        cairo_surface_flush(surface);
        gegl_buffer_get(buffer, &area, 1.0, babl_format("cairo-ARGB32"),
                        cairo_image_surface_get_data(surface),
                        cairo_image_surface_get_stride(surface), GEGL_ABYSS_NONE);
        cairo_surface_mark_dirty(surface);
    }
    Picture *picture = g_new(Picture, 1);
    *picture = (Picture){
        .surface = surface,
        .x = whole->x + (area.x - extent->x) / scale_x,
        .y = whole->y + (area.y - extent->y) / scale_y,
        .scale_x = scale_x,
        .scale_y = scale_y,
    };
    return picture;
}

void picture_free(Picture *picture)
{
    if (picture == NULL)
        return;
    cairo_surface_destroy(picture->surface);
    g_free(picture);
}

void picture_paint_checks(cairo_t *cr)
{
    cairo_surface_t *tile =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, 2 * CHECK_SIDE, 2 * CHECK_SIDE);
    cairo_t *inside = cairo_create(tile);
    cairo_set_source_rgb(inside, CHECK_LIGHT, CHECK_LIGHT, CHECK_LIGHT);
    cairo_paint(inside);
    cairo_set_source_rgb(inside, CHECK_DARK, CHECK_DARK, CHECK_DARK);
    cairo_rectangle(inside, 0, 0, CHECK_SIDE, CHECK_SIDE);
    cairo_rectangle(inside, CHECK_SIDE, CHECK_SIDE, CHECK_SIDE, CHECK_SIDE);
    cairo_fill(inside);
    cairo_destroy(inside);
    cairo_pattern_t *pattern = cairo_pattern_create_for_surface(tile);
    cairo_pattern_set_extend(pattern, CAIRO_EXTEND_REPEAT);
    cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
    cairo_set_source(cr, pattern);
    cairo_paint(cr);
    cairo_pattern_destroy(pattern);
    cairo_surface_destroy(tile);
}

// A zoom that differs from a whole number by the rounding of sizes alone is that number:
// pixels stay pixels.
static double whole_zoom(double zoom, int length)
{
    const double near = round(zoom);
    return near >= 1 && fabs(zoom - near) * length < 1.5 ? near : zoom;
}

static double zoom_x(const Picture *picture, const ViewPlace *place)
{
    return whole_zoom(place->scale_x / picture->scale_x,
                      cairo_image_surface_get_width(picture->surface));
}

static double zoom_y(const Picture *picture, const ViewPlace *place)
{
    return whole_zoom(place->scale_y / picture->scale_y,
                      cairo_image_surface_get_height(picture->surface));
}

GeglRectangle picture_place(const Picture *picture, const ViewPlace *place)
{
    const int width = cairo_image_surface_get_width(picture->surface);
    const int height = cairo_image_surface_get_height(picture->surface);
    return (GeglRectangle){(int)round(place->x + picture->x * place->scale_x),
                           (int)round(place->y + picture->y * place->scale_y),
                           (int)round(width * zoom_x(picture, place)),
                           (int)round(height * zoom_y(picture, place))};
}

void picture_paint(const Picture *picture, cairo_t *cr, const ViewPlace *place)
{
    const GeglRectangle shown = picture_place(picture, place);
    const double x = zoom_x(picture, place), y = zoom_y(picture, place);
    const gboolean pixels = x == round(x) && y == round(y);
    cairo_save(cr);
    cairo_rectangle(cr, shown.x, shown.y, shown.width, shown.height);
    cairo_clip(cr);
    picture_paint_checks(cr);
    cairo_translate(cr, shown.x, shown.y);
    cairo_scale(cr, x, y);
    cairo_set_source_surface(cr, picture->surface, 0, 0);
    // The edge has no neighbours that are transparent.
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_pattern_set_filter(cairo_get_source(cr),
                             pixels ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_BILINEAR);
    cairo_paint(cr);
    cairo_restore(cr);
}
