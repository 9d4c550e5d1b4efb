// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures as plain arrays of 0..255, for measuring.
#include "picture.h"

#include <math.h>
#include <string.h>

GanTensor *cli_picture_to_tensor(GeglBuffer *buffer, gboolean rounding, GError **error)
{
    const GeglRectangle *extent = gegl_buffer_get_extent(buffer);
    const gsize shape[] = {1, (gsize)extent->height, (gsize)extent->width, 3};
    GanTensor *tensor = gan_tensor_new(4, shape, error);
    if (tensor == NULL)
        return NULL;
    const Babl *space = babl_format_get_space(gegl_buffer_get_format(buffer));
    gegl_buffer_get(buffer, extent, 1, babl_format_with_space("R'G'B' float", space), tensor->data,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    const gsize length = gan_tensor_length(tensor);
    for (gsize i = 0; i < length; i++) {
        const float value = tensor->data[i] * 255;
        tensor->data[i] = rounding ? CLAMP(roundf(value), 0, 255) : value;
    }
    return tensor;
}

GeglBuffer *cli_picture_from_tensor(GanTensor *tensor, GError **error)
{
    const GeglRectangle extent = {0, 0, (int)tensor->shape[2], (int)tensor->shape[1]};
    g_autoptr(GanTensor) scaled = gan_tensor_new(4, tensor->shape, error);
    if (scaled == NULL)
        return NULL;
    const gsize length = gan_tensor_length(tensor);
    for (gsize i = 0; i < length; i++)
        scaled->data[i] = tensor->data[i] / 255;
    GeglBuffer *buffer = gegl_buffer_new(&extent, babl_format("R'G'B' float"));
    gegl_buffer_set(buffer, &extent, 0, babl_format("R'G'B' float"), scaled->data,
                    GEGL_AUTO_ROWSTRIDE);
    return buffer;
}

GanTensor *cli_picture_crop(GanTensor *tensor, gsize width, gsize height, GError **error)
{
    const gsize channels = tensor->shape[3];
    if (tensor->shape[1] == height && tensor->shape[2] == width)
        return gan_tensor_ref(tensor);
    const gsize shape[] = {1, height, width, channels};
    GanTensor *crop = gan_tensor_new(4, shape, error);
    for (gsize y = 0; crop != NULL && y < height; y++)
        memcpy(crop->data + y * width * channels, tensor->data + y * tensor->shape[2] * channels,
               width * channels * sizeof(float));
    return crop;
}
