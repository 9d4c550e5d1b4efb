// SPDX-License-Identifier: LGPL-3.0-or-later
// Animations whose frames change parts of a canvas: what is shown while one of them is.
// Source:  GIF89a (CompuServe 1990), 23; PNG specification, third edition, 11.3.6.
#include "film.h"

void gan_film_init(GanFilm *film)
{
    *film = (GanFilm){.frames = g_array_new(FALSE, FALSE, sizeof(GanFilmFrame))};
}

void gan_film_clear(GanFilm *film)
{
    g_clear_pointer(&film->frames, g_array_unref);
}

const GanFilmFrame *gan_film_frame(const GanFilm *film, guint number)
{
    return &g_array_index(film->frames, GanFilmFrame, number);
}

typedef struct {
    GeglBuffer *pixels;
    const Babl *format; // with an alpha, which comes last
    guint n_channels, most;
} Canvas;

static guint32 sample(const Canvas *canvas, const void *row, gsize i)
{
    return canvas->most > 255 ? ((const guint16 *)row)[i] : ((const guint8 *)row)[i];
}

static void set_sample(const Canvas *canvas, void *row, gsize i, guint64 x)
{
    if (canvas->most > 255)
        ((guint16 *)row)[i] = (guint16)x;
    else
        ((guint8 *)row)[i] = (guint8)x;
}

// Lays a row of pixels over another.
static void lay_over(const Canvas *canvas, void *below, const void *above, gsize n)
{
    const guint64 most = canvas->most;
    const guint n_colours = canvas->n_channels - 1;
    for (gsize i = 0; i < n * canvas->n_channels; i += canvas->n_channels) {
        // Parts of the two in the sum, times `most`.
        const guint64 alpha = sample(canvas, above, i + n_colours), a = alpha * most,
                      b = (most - alpha) * sample(canvas, below, i + n_colours);
        if (a == 0)
            continue;
        for (guint c = 0; c < n_colours; c++)
            set_sample(canvas, below, i + c,
                       (a * sample(canvas, above, i + c) + b * sample(canvas, below, i + c) +
                        (a + b) / 2) /
                           (a + b));
        set_sample(canvas, below, i + n_colours, (a + b + most / 2) / most);
    }
}

static gboolean draw_frame(const Canvas *canvas, const GanFilmFrame *frame, GeglBuffer *picture,
                           GError **error)
{
    const GeglRectangle *area = &frame->area;
    const gsize row_bytes = (gsize)area->width * (canvas->most > 255 ? 2 : 1) * canvas->n_channels;
    g_autofree void *above = g_try_malloc(row_bytes), *below = g_try_malloc(row_bytes);
    if (!above || !below) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a row of its canvas");
        return FALSE;
    }
    for (gint y = 0; y < area->height; y++) {
        const GeglRectangle line = {area->x, area->y + y, area->width, 1};
        gegl_buffer_get(picture, GEGL_RECTANGLE(0, y, area->width, 1), 1.0, canvas->format, above,
                        GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        if (frame->over) {
            gegl_buffer_get(canvas->pixels, &line, 1.0, canvas->format, below, GEGL_AUTO_ROWSTRIDE,
                            GEGL_ABYSS_NONE);
            lay_over(canvas, below, above, (gsize)area->width);
        }
        gegl_buffer_set(canvas->pixels, &line, 0, canvas->format, frame->over ? below : above,
                        GEGL_AUTO_ROWSTRIDE);
    }
    return TRUE;
}

static gboolean covers(const GanFilm *film, const GanFilmFrame *frame)
{
    return frame->area.width == (gint)film->width && frame->area.height == (gint)film->height;
}

// Before the first frame there is nothing.
static GanFilmAfter after(const GanFilm *film, guint number)
{
    const GanFilmFrame *frame = gan_film_frame(film, number);
    return number == 0 && frame->after == GAN_FILM_RESTORE ? GAN_FILM_CLEAR : frame->after;
}

// The first of the frames that `number` is made of: nothing is left of those before.
static guint begin_of(const GanFilm *film, guint number)
{
    for (guint k = number; k > 0; k--) {
        const GanFilmFrame *frame = gan_film_frame(film, k);
        if (covers(film, gan_film_frame(film, k - 1)) && after(film, k - 1) == GAN_FILM_CLEAR)
            return k;
        if (covers(film, frame) && !frame->over &&
            (k == number || frame->after != GAN_FILM_RESTORE))
            return k;
    }
    return 0;
}

GeglBuffer *gan_film_compose(const GanFilm *film, guint number, const Babl *format,
                             GanFilmDraw draw, gpointer data, GError **error)
{
    const GeglRectangle all = {0, 0, (gint)film->width, (gint)film->height};
    const gboolean deep = babl_format_get_type(format, 0) == babl_type("u16");
    g_autoptr(GeglBuffer) pixels = gegl_buffer_new(&all, format);
    const Canvas canvas = {pixels, format, (guint)babl_format_get_n_components(format),
                           deep ? 65535 : 255};
    for (guint k = begin_of(film, number); k <= number; k++) {
        const GanFilmFrame *frame = gan_film_frame(film, k);
        const GanFilmAfter then = k < number ? after(film, k) : GAN_FILM_KEEP;
        g_autoptr(GeglBuffer) before = NULL, picture = NULL;
        if (then == GAN_FILM_RESTORE) {
            before = gegl_buffer_new(&frame->area, format);
            gegl_buffer_copy(pixels, &frame->area, GEGL_ABYSS_NONE, before, &frame->area);
        }
        picture = draw(data, k, error);
        if (!picture || !draw_frame(&canvas, frame, picture, error))
            return NULL;
        if (before)
            gegl_buffer_copy(before, &frame->area, GEGL_ABYSS_NONE, pixels, &frame->area);
        else if (then == GAN_FILM_CLEAR)
            gegl_buffer_clear(pixels, &frame->area);
    }
    return g_steal_pointer(&pixels);
}
