// SPDX-License-Identifier: LGPL-3.0-or-later
// The quality that a JPEG file was made with: that of libjpeg whose table for the luma comes nearest
// to the file's. Programs with tables of their own come near to one, too.
#include <gan/image.h>

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#define BEST 100

typedef struct {
    struct jpeg_error_mgr manager; // first, because libjpeg hands back its address
    jmp_buf back;
} Trouble;

static void on_error(j_common_ptr info)
{
    longjmp(((Trouble *)info->err)->back, 1);
}

static void on_message(j_common_ptr info, int level)
{
    (void)info;
    (void)level;
}

static struct jpeg_error_mgr *trouble_init(Trouble *trouble)
{
    struct jpeg_error_mgr *manager = jpeg_std_error(&trouble->manager);
    manager->error_exit = on_error;
    manager->emit_message = on_message;
    return manager;
}

// Reads the luma's table of a file, and its size. FALSE: it is no JPEG file, or has none.
static gboolean read_table(FILE *file, UINT16 table[DCTSIZE2], guint *width, guint *height)
{
    struct jpeg_decompress_struct info;
    Trouble trouble;
    info.err = trouble_init(&trouble);
    if (setjmp(trouble.back)) {
        jpeg_destroy_decompress(&info);
        return FALSE;
    }
    jpeg_create_decompress(&info);
    jpeg_stdio_src(&info, file);
    jpeg_read_header(&info, TRUE);
    const int number = info.num_components > 0 ? info.comp_info[0].quant_tbl_no : 0;
    const JQUANT_TBL *found =
        number >= 0 && number < NUM_QUANT_TBLS ? info.quant_tbl_ptrs[number] : NULL;
    for (guint i = 0; found != NULL && i < DCTSIZE2; i++)
        table[i] = found->quantval[i];
    *width = info.image_width;
    *height = info.image_height;
    jpeg_destroy_decompress(&info);
    return found != NULL;
}

static guint distance(const UINT16 *a, const UINT16 *b)
{
    guint sum = 0;
    for (guint i = 0; i < DCTSIZE2; i++)
        sum += (guint)abs((int)a[i] - (int)b[i]);
    return sum;
}

// What libjpeg codes the luma by at a quality.
static gboolean table_of(guint quality, UINT16 table[DCTSIZE2])
{
    struct jpeg_compress_struct info;
    Trouble trouble;
    info.err = trouble_init(&trouble);
    if (setjmp(trouble.back)) {
        jpeg_destroy_compress(&info);
        return FALSE;
    }
    jpeg_create_compress(&info);
    jpeg_set_quality(&info, (int)quality, TRUE);
    for (guint i = 0; i < DCTSIZE2; i++)
        table[i] = info.quant_tbl_ptrs[0]->quantval[i];
    jpeg_destroy_compress(&info);
    return TRUE;
}

static guint nearest_quality(const UINT16 table[DCTSIZE2])
{
    guint best = 0, least = G_MAXUINT;
    for (guint quality = 1; quality <= BEST; quality++) {
        UINT16 other[DCTSIZE2];
        const guint far = table_of(quality, other) ? distance(other, table) : G_MAXUINT;
        if (far < least) {
            least = far;
            best = quality;
        }
    }
    return best;
}

static gboolean read_file(const char *path, UINT16 table[DCTSIZE2], guint *width, guint *height)
{
    FILE *file = g_fopen(path, "rb");
    if (file == NULL)
        return FALSE;
    const gboolean found = read_table(file, table, width, height);
    fclose(file);
    return found;
}

guint gan_image_jpeg_quality(const char *path)
{
    UINT16 table[DCTSIZE2];
    guint width = 0, height = 0;
    return read_file(path, table, &width, &height) ? nearest_quality(table) : 0;
}

guint gan_image_jpeg_quality_at(const char *path, guint width, guint height)
{
    UINT16 table[DCTSIZE2];
    guint wide = 0, high = 0;
    const gboolean fits = read_file(path, table, &wide, &high) &&
                          ((wide == width && high == height) || (wide == height && high == width));
    return fits ? nearest_quality(table) : 0;
}
