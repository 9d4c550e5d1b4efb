// SPDX-License-Identifier: LGPL-3.0-or-later
// Packs, read: mapped, every offset checked before it is followed, every picture's sum at
// its first use.
#include "pack.h"

#include "source.h"
#include <stdio.h>
#include <string.h>

#define SUM_BYTES 32

typedef struct {
    GBytes *bytes; // the mapped file
    gsize index_at, text_at, text_bytes;
    gint *checked; // by picture, side 0 first: its sum was found right
    char *hash;
} Pack;

static guint32 get32(const guint8 *at)
{
    guint32 value;
    memcpy(&value, at, sizeof value);
    return GUINT32_FROM_LE(value);
}

static guint64 get64(const guint8 *at)
{
    guint64 value;
    memcpy(&value, at, sizeof value);
    return GUINT64_FROM_LE(value);
}

static void pack_free(gpointer place)
{
    Pack *pack = place;
    g_clear_pointer(&pack->bytes, g_bytes_unref);
    g_free(pack->checked);
    g_free(pack->hash);
    g_free(pack);
}

gboolean gan_pack_is(const char *path)
{
    char begin[sizeof GAN_PACK_MAGIC - 1];
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return FALSE;
    const gboolean whole = fread(begin, sizeof begin, 1, file) == 1;
    (void)fclose(file);
    return whole && memcmp(begin, GAN_PACK_MAGIC, sizeof begin) == 0;
}

static gboolean damaged(const GanDataset *dataset, const char *what, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: the pack is damaged: %s", dataset->path,
                what);
    return FALSE;
}

static const guint8 *record_of(const Pack *pack, guint64 number)
{
    const guint8 *data = g_bytes_get_data(pack->bytes, NULL);
    return data + pack->index_at + number * GAN_PACK_RECORD_BYTES;
}

static const char *sum_text(const guint8 *bytes, gsize length, GChecksum *sum)
{
    g_checksum_reset(sum);
    g_checksum_update(sum, bytes, (gssize)length);
    return g_checksum_get_string(sum);
}

static char *hexadecimal(const guint8 *digest)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < SUM_BYTES; i++)
        g_string_append_printf(text, "%02x", digest[i]);
    return g_string_free(text, FALSE);
}

// --- opening ---

static gboolean check_frame(GanDataset *dataset, GError **error)
{
    Pack *pack = dataset->place;
    gsize length, index_bytes;
    const guint8 *data = g_bytes_get_data(pack->bytes, &length);
    if (length < GAN_PACK_HEADER_BYTES || get64(data + 56) != length) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: the pack is damaged: it has %" G_GSIZE_FORMAT
                    " bytes and should have %" G_GUINT64_FORMAT,
                    dataset->path, length, length < 64 ? 0 : get64(data + 56));
        return FALSE;
    }
    dataset->n[0] = get64(data + 16);
    dataset->n[1] = get64(data + 24);
    pack->index_at = get64(data + 32);
    pack->text_at = get64(data + 40);
    pack->text_bytes = get64(data + 48);
    if (dataset->n[0] == 0 || dataset->n[0] > length / GAN_PACK_RECORD_BYTES ||
        dataset->n[1] > length / GAN_PACK_RECORD_BYTES)
        return damaged(dataset, "the number of pictures", error);
    index_bytes = (dataset->n[0] + dataset->n[1]) * GAN_PACK_RECORD_BYTES;
    if (pack->index_at < GAN_PACK_HEADER_BYTES || pack->index_at > length ||
        index_bytes > length - pack->index_at || pack->text_at != pack->index_at + index_bytes ||
        pack->text_bytes != length - pack->text_at || pack->text_bytes == 0 ||
        data[length - 1] != '\0')
        return damaged(dataset, "the place of its index", error);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    pack->hash = hexadecimal(data + GAN_PACK_SUM_AT);
    if (strcmp(pack->hash, sum_text(data + pack->index_at, length - pack->index_at, sum)) != 0)
        return damaged(dataset, "the sum of its index", error);
    return TRUE;
}

static gboolean read_index(GanDataset *dataset, GError **error)
{
    Pack *pack = dataset->place;
    const guint8 *data = g_bytes_get_data(pack->bytes, NULL);
    const char *text = (const char *)data + pack->text_at;
    const guint n_classes = get32(data + 12);
    gsize at = 0;
    for (guint i = 0; i < n_classes; i++) {
        if (at >= pack->text_bytes)
            return damaged(dataset, "the names of its classes", error);
        g_ptr_array_add(dataset->classes, g_strdup(text + at));
        at += strlen(text + at) + 1;
    }
    if (n_classes > 0)
        dataset->labels = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint side = 0; side < 2; side++) {
        dataset->names[side] = g_ptr_array_new();
        for (guint64 i = 0; i < dataset->n[side]; i++) {
            const guint8 *record = record_of(pack, side == 0 ? i : dataset->n[0] + i);
            const guint64 offset = get64(record), name = get64(record + 8);
            const guint64 width = get32(record + 16), height = get32(record + 20);
            const guint channels = get32(record + 24), label = get32(record + 28);
            // Sides below 2^20 keep the product far from overflow.
            if (width == 0 || height == 0 || width >> 20 != 0 || height >> 20 != 0 ||
                (channels != 1 && channels != 3) || offset > pack->index_at ||
                width * height * channels > pack->index_at - offset || name >= pack->text_bytes ||
                (n_classes > 0 && label >= n_classes))
                return damaged(dataset, "a record of its index", error);
            g_ptr_array_add(dataset->names[side], (gpointer)(text + name));
            if (side == 0 && n_classes > 0)
                g_array_append_val(dataset->labels, label);
        }
    }
    return TRUE;
}

static gboolean check_kind(const GanDataset *dataset, GError **error)
{
    static const char *const names[] = {"pictures", "pairs", "unpaired", "classes"};
    const Pack *pack = dataset->place;
    const guint8 *data = g_bytes_get_data(pack->bytes, NULL);
    const guint kind = get32(data + 8);
    if (kind >= G_N_ELEMENTS(names))
        return damaged(dataset, "its kind", error);
    // Classes serve as pictures as well.
    if (kind != dataset->options.kind &&
        !(kind == GAN_DATASET_CLASSES && dataset->options.kind == GAN_DATASET_PICTURES)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: the pack holds %s; the recipe needs %s ('gimp-gan prepare --kind %s')",
                    dataset->path, names[kind], names[dataset->options.kind],
                    names[dataset->options.kind]);
        return FALSE;
    }
    if (kind == GAN_DATASET_PAIRS && dataset->n[0] != dataset->n[1])
        return damaged(dataset, "pairs without partners", error);
    return TRUE;
}

// --- reading ---

static gboolean pack_read(GanDataset *dataset, guint side, guint64 item, GanPicture *picture,
                          GError **error)
{
    const Pack *pack = dataset->place;
    const guint64 number = side == 0 ? item : dataset->n[0] + item;
    const guint8 *record = record_of(pack, number);
    const gsize length = (gsize)get32(record + 16) * get32(record + 20) * get32(record + 24);
    g_auto(GanPicture) found = {get32(record + 16), get32(record + 20), get32(record + 24),
                                g_bytes_new_from_bytes(pack->bytes, get64(record), length)};
    if (!g_atomic_int_get(&pack->checked[number])) {
        g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
        g_autofree char *wanted = hexadecimal(record + 32);
        if (strcmp(wanted, sum_text(gan_picture_pixels(&found), length, sum)) != 0) {
            g_autofree char *what =
                g_strdup_printf("the sum of '%s'", (const char *)dataset->names[side]->pdata[item]);
            return damaged(dataset, what, error);
        }
        g_atomic_int_set(&pack->checked[number], 1);
    }
    if (!gan_picture_fit_channels(&found, dataset->options.channels, error))
        return FALSE;
    *picture = found;
    found.bytes = NULL;
    return TRUE;
}

static void pack_size(const GanDataset *dataset, guint side, guint64 item, guint *width,
                      guint *height)
{
    const guint8 *record = record_of(dataset->place, side == 0 ? item : dataset->n[0] + item);
    *width = get32(record + 16);
    *height = get32(record + 20);
}

static char *pack_hash(GanDataset *dataset, GError **error)
{
    return g_strdup(((const Pack *)dataset->place)->hash);
}

static guint64 pack_memory_bytes(GanDataset *dataset)
{
    (void)dataset;
    return 0; // it is mapped
}

static gboolean pack_open(GanDataset *dataset, GError **error)
{
    Pack *pack = g_new0(Pack, 1);
    dataset->place = pack;
    g_autoptr(GError) reason = NULL;
    g_autoptr(GMappedFile) map = g_mapped_file_new(dataset->path, FALSE, &reason);
    if (map == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", reason->message);
        return FALSE;
    }
    pack->bytes = g_mapped_file_get_bytes(map);
    if (!check_frame(dataset, error) || !check_kind(dataset, error) || !read_index(dataset, error))
        return FALSE;
    pack->checked = g_new0(gint, dataset->n[0] + dataset->n[1]);
    return TRUE;
}

const GanSource gan_source_pack = {
    .name = "a pack of 'gimp-gan prepare'",
    .knows = gan_pack_is,
    .open = pack_open,
    .free = pack_free,
    .read = pack_read,
    .size = pack_size,
    .hash = pack_hash,
    .memory_bytes = pack_memory_bytes,
};
