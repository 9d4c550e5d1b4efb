// SPDX-License-Identifier: LGPL-3.0-or-later
// The light of stored numbers, by the curves of their space's profile.
#include "light.h"

#include "profile.h"
#include "spaces.h"
#include <math.h>

#define N_STEPS 65536

// The light of all numbers of 16 bits; other numbers go through the profile one by one.
static float *steps_of(GBytes *profile, guint channel)
{
    float *steps = g_new(float, N_STEPS);
    for (guint i = 0; i < N_STEPS; i++)
        steps[i] = (float)gan_profile_light(profile, channel, (double)i / (N_STEPS - 1));
    return steps;
}

static float light_of(GBytes *profile, const float *steps, guint channel, float number)
{
    const float x = fabsf(number), step = x * (N_STEPS - 1), nearest = rintf(step);
    const float light = x <= 1.0f && fabsf(step - nearest) < 0.01f
                            ? steps[(guint)nearest]
                            : (float)gan_profile_light(profile, channel, (double)x);
    return copysignf(light, number);
}

GeglBuffer *gan_light_of(GeglBuffer *buffer)
{
    static const char *const names[2][2][2] = {
        {{"R'G'B' float", "R'G'B'A float"}, {"Y' float", "Y'A float"}},
        {{"RGB float", "RGBA float"}, {"Y float", "YA float"}}};
    const Babl *own = gegl_buffer_get_format(buffer), *space = babl_format_get_space(own);
    const BablModelFlag flags = babl_get_model_flags(babl_format_get_model(own));
    const gboolean grey = (flags & BABL_MODEL_FLAG_GRAY) != 0;
    const gboolean alpha = babl_format_has_alpha(own) != 0;
    int length = 0;
    const char *icc = babl_space_get_icc(space, &length);
    g_autoptr(GBytes) profile = g_bytes_new_static(icc, icc ? (gsize)length : 0);
    if (space == babl_space("sRGB") || !(flags & BABL_MODEL_FLAG_NONLINEAR) ||
        !(flags & (BABL_MODEL_FLAG_GRAY | BABL_MODEL_FLAG_RGB)) || flags & BABL_MODEL_FLAG_CIE ||
        isnan(gan_profile_light(profile, 0, 0.5)))
        return g_object_ref(buffer);
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const Babl *coded = babl_format_with_space(names[0][grey][alpha], space);
    const Babl *linear = babl_format_with_space(names[1][grey][alpha], space);
    const guint colours = grey ? 1 : 3, channels = colours + (alpha ? 1 : 0);
    const gsize n = (gsize)extent->width;
    GeglBuffer *light = gegl_buffer_new(extent, linear);
    g_autofree float *row = g_new(float, n *channels);
    float *steps[3] = {NULL};
    for (guint c = 0; c < colours; c++)
        steps[c] = steps_of(profile, c);
    for (gint y = extent->y; y < extent->y + extent->height; y++) {
        const GeglRectangle line = {extent->x, y, extent->width, 1};
        gan_numbers_get(buffer, &line, coded, row);
        for (gsize i = 0; i < n; i++)
            for (guint c = 0; c < colours; c++)
                row[i * channels + c] = light_of(profile, steps[c], c, row[i * channels + c]);
        gegl_buffer_set(light, &line, 0, linear, row, GEGL_AUTO_ROWSTRIDE);
    }
    for (guint c = 0; c < colours; c++)
        g_free(steps[c]);
    return light;
}
