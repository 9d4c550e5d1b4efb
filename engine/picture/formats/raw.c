// SPDX-License-Identifier: LGPL-3.0-or-later
// Raw files of cameras by LibRaw: 16 bits of sRGB with the camera's white balance, turned
// as the camera was held.
#include "reader.h"

#include "container.h"
#include "notes.h"
#include "tiffpages.h"
#include <libraw/libraw.h>
#include <string.h>

static gboolean recognise(const guint8 *data, gsize length)
{
    const GanContainer kind = gan_container_kind(data, length);
    return kind == GAN_CONTAINER_RAW ||
           (kind == GAN_CONTAINER_TIFF && gan_tiff_is_raw(data, length));
}

static GeglBuffer *to_buffer(const libraw_processed_image_t *image, GError **error)
{
    if (image->type != LIBRAW_IMAGE_BITMAP || image->bits != 16 ||
        (image->colors != 1 && image->colors != 3))
        return gan_reading_refuse(error, "LibRaw makes %u colours of %u bits of it", image->colors,
                                  image->bits);
    GeglBuffer *buffer = gan_reading_buffer(
        image->width, image->height, babl_format(image->colors == 1 ? "Y' u16" : "R'G'B' u16"));
    gegl_buffer_set(buffer, gegl_buffer_get_extent(buffer), 0, gegl_buffer_get_format(buffer),
                    image->data, GEGL_AUTO_ROWSTRIDE);
    return buffer;
}

static GeglBuffer *read_picture(GanReading *reading, GError **error)
{
    libraw_data_t *raw = libraw_init(LIBRAW_OPTIONS_NONE);
    if (!raw) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for LibRaw");
        return NULL;
    }
    libraw_set_dataerror_handler(raw, NULL, NULL); // which would print
    raw->params.use_camera_wb = 1;
    raw->params.no_auto_bright = 1;
    raw->params.output_bps = 16;
    raw->params.output_color = 1; // sRGB
    raw->params.gamm[0] = 1.0 / 2.4;
    raw->params.gamm[1] = 12.92;
    GeglBuffer *buffer = NULL;
    // It only reads what it is given.
    int status = libraw_open_buffer(raw, (void *)(gsize)reading->data, reading->length);
    if (status == LIBRAW_SUCCESS)
        status = libraw_unpack(raw);
    if (status == LIBRAW_SUCCESS)
        status = libraw_dcraw_process(raw);
    libraw_processed_image_t *image =
        status == LIBRAW_SUCCESS ? libraw_dcraw_make_mem_image(raw, &status) : NULL;
    if (image) {
        buffer = to_buffer(image, error);
        libraw_dcraw_clear_mem(image);
        if (buffer)
            gan_note(reading->notes,
                     "it is developed by LibRaw: 16 bits of sRGB, the camera's white balance");
    } else {
        gan_reading_refuse(error, "the raw file cannot be read: %s", libraw_strerror(status));
    }
    libraw_close(raw);
    return buffer;
}

const GanFormat gan_format_raw = {"camera raw", recognise, read_picture, TRUE, FALSE, NULL, FALSE};
