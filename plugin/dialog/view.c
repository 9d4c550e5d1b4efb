// SPDX-License-Identifier: LGPL-3.0-or-later
#include "view.h"

#include <math.h>

// GIMP's own, where they are round.
static const double ZOOMS[] = {3.125, 6.25,  12.5,  25.0,  100.0 / 3.0, 50.0,  200.0 / 3.0,
                               100.0, 150.0, 200.0, 300.0, 400.0,       550.0, VIEW_MOST};
// A step that one hardly sees is none.
#define LEAST_STEP 1.1

double view_fit(const View *view)
{
    if (view->width <= 0 || view->height <= 0)
        return 100.0;
    const double zoom = MIN(view->area_width / (view->width * view->factor_x),
                            view->area_height / (view->height * view->factor_y));
    return MIN(zoom * 100.0, VIEW_MOST);
}

double view_zoom(const View *view)
{
    return view->fit ? view_fit(view) : view->zoom;
}

// A drawable that is larger than the area fills it; a smaller one stands in its middle.
static double limit(double middle, double length, double shown)
{
    if (shown >= length)
        return length / 2;
    return CLAMP(middle, shown / 2, length - shown / 2);
}

static void middle(const View *view, double scale_x, double scale_y, double *x, double *y)
{
    *x = limit(view->x, view->width, view->area_width / scale_x);
    *y = limit(view->y, view->height, view->area_height / scale_y);
}

ViewPlace view_place(const View *view)
{
    const double zoom = view_zoom(view) / 100.0;
    ViewPlace place = {.scale_x = view->factor_x * zoom, .scale_y = view->factor_y * zoom};
    double x = 0, y = 0;
    middle(view, place.scale_x, place.scale_y, &x, &y);
    // Whole pixels, so that those of the result fall on those of the screen.
    place.x = round(view->area_width / 2 - x * place.scale_x);
    place.y = round(view->area_height / 2 - y * place.scale_y);
    return place;
}

gboolean view_area(const View *view, GeglRectangle *area)
{
    const ViewPlace place = view_place(view);
    const double left = MAX(0, floor(-place.x / place.scale_x));
    const double top = MAX(0, floor(-place.y / place.scale_y));
    const double right = MIN(view->width, ceil((view->area_width - place.x) / place.scale_x));
    const double bottom = MIN(view->height, ceil((view->area_height - place.y) / place.scale_y));
    if (right <= left || bottom <= top)
        return FALSE;
    *area = (GeglRectangle){(int)left, (int)top, (int)(right - left), (int)(bottom - top)};
    return TRUE;
}

// `length` pixels of those from `from` on, around `center`.
static void shorten(int *from, int *n, double center, double length)
{
    const int kept = (int)CLAMP(floor(length), 1, *n);
    const double start = CLAMP(center - kept / 2.0, *from, *from + *n - kept);
    *from = (int)start;
    *n = kept;
}

gboolean view_part(const View *view, double most, GeglRectangle *part)
{
    GeglRectangle area;
    if (!view_area(view, &area))
        return FALSE;
    const double pixels = (double)area.width * area.height * view->factor_x * view->factor_y;
    if (pixels > most) {
        const double shrink = sqrt(most / pixels);
        shorten(&area.x, &area.width, view->x, area.width * shrink);
        shorten(&area.y, &area.height, view->y, area.height * shrink);
    }
    *part = area;
    return TRUE;
}

void view_center(View *view, double x, double y)
{
    view->x = CLAMP(x, 0, view->width);
    view->y = CLAMP(y, 0, view->height);
}

void view_pan(View *view, double x, double y)
{
    const ViewPlace place = view_place(view);
    double middle_x = 0, middle_y = 0;
    // From what is seen, so that a way back is not longer than the way beyond an edge.
    middle(view, place.scale_x, place.scale_y, &middle_x, &middle_y);
    if (view->width * place.scale_x > view->area_width)
        view->x = CLAMP(middle_x - x / place.scale_x, 0, view->width);
    if (view->height * place.scale_y > view->area_height)
        view->y = CLAMP(middle_y - y / place.scale_y, 0, view->height);
}

static void set_zoom(View *view, int step)
{
    const double now = view_zoom(view), fit = view_fit(view);
    const double least = MIN(fit, 100.0);
    double zoom = now;
    const guint n = G_N_ELEMENTS(ZOOMS);
    if (step > 0)
        for (guint i = 0; i < n && zoom == now; i++)
            zoom = ZOOMS[i] > now * LEAST_STEP ? ZOOMS[i] : now;
    else
        for (guint i = n; i > 0 && zoom == now; i--)
            zoom = ZOOMS[i - 1] < now / LEAST_STEP ? ZOOMS[i - 1] : now;
    view->fit = zoom <= least && least == fit;
    view->zoom = MAX(zoom, least);
}

void view_step(View *view, int step, double x, double y)
{
    const ViewPlace before = view_place(view);
    const double under_x = (x - before.x) / before.scale_x;
    const double under_y = (y - before.y) / before.scale_y;
    set_zoom(view, step);
    const ViewPlace after = view_place(view);
    // Where all is seen, the place of interest stays what it was.
    if (view->width * after.scale_x > view->area_width)
        view->x = CLAMP(under_x + (view->area_width / 2 - x) / after.scale_x, 0, view->width);
    if (view->height * after.scale_y > view->area_height)
        view->y = CLAMP(under_y + (view->area_height / 2 - y) / after.scale_y, 0, view->height);
}
