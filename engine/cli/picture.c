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

GeglBuffer *cli_picture_from_tensor(GanTensor *tensor)
{
    const GeglRectangle extent = {0, 0, (int)tensor->shape[2], (int)tensor->shape[1]};
    GeglBuffer *buffer = gegl_buffer_new(&extent, babl_format("R'G'B' float"));
    const gsize row_length = tensor->shape[2] * 3;
    g_autofree float *row = g_new(float, row_length);
    for (int y = 0; y < extent.height; y++) {
        const float *from = tensor->data + (gsize)y * row_length;
        for (gsize i = 0; i < row_length; i++)
            row[i] = from[i] / 255;
        gegl_buffer_set(buffer, GEGL_RECTANGLE(0, y, extent.width, 1), 0,
                        babl_format("R'G'B' float"), row, GEGL_AUTO_ROWSTRIDE);
    }
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
