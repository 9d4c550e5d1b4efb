// SPDX-License-Identifier: LGPL-3.0-or-later
// A picture through JPEG in memory, by libjpeg, which answers trouble with a jump out of itself.
#include "filter.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

typedef struct {
    struct jpeg_error_mgr manager; // first, because libjpeg hands back its address
    jmp_buf back;
    char text[JMSG_LENGTH_MAX];
} Trouble;

static void on_error(j_common_ptr info)
{
    Trouble *trouble = (Trouble *)info->err;
    info->err->format_message(info, trouble->text);
    longjmp(trouble->back, 1);
}

static gboolean set_trouble(const Trouble *trouble, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "JPEG in memory: %s", trouble->text);
    return FALSE;
}

static gboolean compress(guint8 *pixels, const GanTensor *in, guint quality, gboolean subsample,
                         unsigned char **data, unsigned long *length, GError **error)
{
    struct jpeg_compress_struct info;
    Trouble trouble;
    info.err = jpeg_std_error(&trouble.manager);
    trouble.manager.error_exit = on_error;
    if (setjmp(trouble.back)) {
        jpeg_destroy_compress(&info);
        return set_trouble(&trouble, error);
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, data, length);
    info.image_width = (JDIMENSION)in->shape[2];
    info.image_height = (JDIMENSION)in->shape[1];
    info.input_components = (int)in->shape[3];
    info.in_color_space = in->shape[3] == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, (int)quality, TRUE);
    if (!subsample)
        for (int c = 0; c < info.num_components; c++)
            info.comp_info[c].h_samp_factor = info.comp_info[c].v_samp_factor = 1;
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        guint8 *rows[] = {pixels + (gsize)info.next_scanline * in->shape[2] * in->shape[3]};
        jpeg_write_scanlines(&info, rows, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return TRUE;
}

static gboolean decompress(guint8 *pixels, const GanTensor *in, const unsigned char *data,
                           unsigned long length, GError **error)
{
    struct jpeg_decompress_struct info;
    Trouble trouble;
    info.err = jpeg_std_error(&trouble.manager);
    trouble.manager.error_exit = on_error;
    if (setjmp(trouble.back)) {
        jpeg_destroy_decompress(&info);
        return set_trouble(&trouble, error);
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, data, length);
    jpeg_read_header(&info, TRUE);
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
        guint8 *rows[] = {pixels + (gsize)info.output_scanline * in->shape[2] * in->shape[3]};
        jpeg_read_scanlines(&info, rows, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return TRUE;
}

GanTensor *gan_filter_jpeg(GanTensor *in, guint quality, gboolean subsample, GError **error)
{
    const gsize n = gan_tensor_length(in);
    g_autoptr(GanTensor) out = gan_tensor_new(4, in->shape, error);
    g_autofree guint8 *pixels = g_try_malloc(n);
    if (out == NULL || pixels == NULL) {
        if (out != NULL)
            g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for a JPEG picture");
        return NULL;
    }
    for (gsize i = 0; i < n; i++)
        pixels[i] = (guint8)lrintf(CLAMP(in->data[i], 0, 1) * 255);
    unsigned char *data = NULL;
    unsigned long length = 0;
    const gboolean done = compress(pixels, in, quality, subsample, &data, &length, error) &&
                          decompress(pixels, in, data, length, error);
    free(data);
    if (!done)
        return NULL;
    for (gsize i = 0; i < n; i++)
        out->data[i] = (float)pixels[i] / 255;
    return g_steal_pointer(&out);
}
