// SPDX-License-Identifier: LGPL-3.0-or-later
// Packs, written under a temporary name and renamed when they are whole and on the disk.
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <temporary.h>
#include <unistd.h>

#define BUFFER_BYTES ((gsize)1 << 20)

struct GanPackWriter {
    char *path, *temporary; // NULL once renamed
    FILE *file;
    GanDatasetKind kind;
    GByteArray *index[2];
    GPtrArray *names[2];
    guint64 at; // bytes written
};

static gboolean set_file_error(const GanPackWriter *writer, GError **error)
{
    const int code = errno;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", writer->path, g_strerror(code));
    return FALSE;
}

static gboolean put(GanPackWriter *writer, const void *data, gsize length)
{
    writer->at += length;
    return fwrite(data, 1, length, writer->file) == length;
}

static void append32(GByteArray *bytes, guint32 value)
{
    value = GUINT32_TO_LE(value);
    g_byte_array_append(bytes, (const guint8 *)&value, sizeof value);
}

static void append64(GByteArray *bytes, guint64 value)
{
    value = GUINT64_TO_LE(value);
    g_byte_array_append(bytes, (const guint8 *)&value, sizeof value);
}

static void append_sum(GByteArray *bytes, GChecksum *sum)
{
    guint8 digest[32];
    gsize length = sizeof digest;
    g_checksum_get_digest(sum, digest, &length);
    g_byte_array_append(bytes, digest, (guint)length);
}

GanPackWriter *gan_pack_writer_new(const char *path, GanDatasetKind kind, GError **error)
{
    static const guint8 zeros[GAN_PACK_HEADER_BYTES];
    g_autoptr(GanPackWriter) writer = g_new0(GanPackWriter, 1);
    writer->path = g_strdup(path);
    writer->kind = kind;
    for (guint side = 0; side < 2; side++) {
        writer->index[side] = g_byte_array_new();
        writer->names[side] = g_ptr_array_new_with_free_func(g_free);
    }
    g_autofree char *temporary = gan_temporary_name(path);
    const int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0) {
        set_file_error(writer, error);
        return NULL;
    }
    writer->temporary = g_steal_pointer(&temporary);
    writer->file = fdopen(fd, "wb");
    if (writer->file == NULL)
        close(fd);
    else
        setvbuf(writer->file, NULL, _IOFBF, BUFFER_BYTES);
    if (writer->file == NULL || !put(writer, zeros, sizeof zeros)) {
        set_file_error(writer, error);
        return NULL;
    }
    return g_steal_pointer(&writer);
}

void gan_pack_writer_free(GanPackWriter *writer)
{
    if (writer == NULL)
        return;
    if (writer->file != NULL)
        (void)fclose(writer->file);
    if (writer->temporary != NULL)
        g_unlink(writer->temporary);
    for (guint side = 0; side < 2; side++) {
        g_byte_array_unref(writer->index[side]);
        g_ptr_array_unref(writer->names[side]);
    }
    g_free(writer->temporary);
    g_free(writer->path);
    g_free(writer);
}

gboolean gan_pack_writer_add(GanPackWriter *writer, guint side, const GanPicture *picture,
                             const char *name, guint label, GError **error)
{
    static const guint8 zeros[GAN_PACK_ALIGNMENT];
    const gsize pad = (gsize)(-writer->at % GAN_PACK_ALIGNMENT);
    gsize length;
    const guint8 *pixels = g_bytes_get_data(picture->bytes, &length);
    if (!put(writer, zeros, pad))
        return set_file_error(writer, error);
    GByteArray *index = writer->index[side];
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, pixels, (gssize)length);
    append64(index, writer->at);
    append64(index, 0); // the name's place is known in the end
    append32(index, picture->width);
    append32(index, picture->height);
    append32(index, picture->channels);
    append32(index, label);
    append_sum(index, sum);
    g_ptr_array_add(writer->names[side], g_strdup(name));
    return put(writer, pixels, length) || set_file_error(writer, error);
}

guint64 gan_pack_writer_n(const GanPackWriter *writer, guint side)
{
    return writer->names[side]->len;
}

guint64 gan_pack_writer_bytes(const GanPackWriter *writer)
{
    return writer->at;
}

// Index and text as one piece; the records receive the places of their names.
static GByteArray *make_tail(GanPackWriter *writer, const char *const *classes, guint n_classes)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    GByteArray *tail = g_byte_array_new();
    for (guint i = 0; i < n_classes; i++)
        g_byte_array_append(text, (const guint8 *)classes[i], (guint)strlen(classes[i]) + 1);
    for (guint side = 0; side < 2; side++) {
        for (guint i = 0; i < writer->names[side]->len; i++) {
            const char *name = writer->names[side]->pdata[i];
            const guint64 place = GUINT64_TO_LE((guint64)text->len);
            memcpy(writer->index[side]->data + (gsize)i * GAN_PACK_RECORD_BYTES + 8, &place,
                   sizeof place);
            g_byte_array_append(text, (const guint8 *)name, (guint)strlen(name) + 1);
        }
        g_byte_array_append(tail, writer->index[side]->data, writer->index[side]->len);
    }
    g_byte_array_append(tail, text->data, text->len);
    return tail;
}

gboolean gan_pack_writer_finish(GanPackWriter *writer, const char *const *classes, guint n_classes,
                                char **hash, GError **error)
{
    static const guint8 zeros[GAN_PACK_HEADER_BYTES];
    g_autoptr(GByteArray) tail = make_tail(writer, classes, n_classes);
    g_autoptr(GByteArray) header = g_byte_array_new();
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    const guint64 index_bytes = writer->index[0]->len + (guint64)writer->index[1]->len;
    g_checksum_update(sum, tail->data, tail->len);
    g_byte_array_append(header, (const guint8 *)GAN_PACK_MAGIC, 8);
    append32(header, writer->kind);
    append32(header, n_classes);
    append64(header, gan_pack_writer_n(writer, 0));
    append64(header, gan_pack_writer_n(writer, 1));
    append64(header, writer->at);
    append64(header, writer->at + index_bytes);
    append64(header, tail->len - index_bytes);
    append64(header, writer->at + tail->len);
    append_sum(header, sum);
    g_byte_array_append(header, zeros, GAN_PACK_HEADER_BYTES - header->len);
    if (!put(writer, tail->data, tail->len) || fseek(writer->file, 0, SEEK_SET) != 0 ||
        !put(writer, header->data, header->len) || fflush(writer->file) != 0 ||
        fsync(fileno(writer->file)) != 0)
        return set_file_error(writer, error);
    FILE *file = g_steal_pointer(&writer->file);
    if (fclose(file) != 0 || g_rename(writer->temporary, writer->path) != 0)
        return set_file_error(writer, error);
    g_clear_pointer(&writer->temporary, g_free);
    writer->at -= header->len; // the header was counted when it was zeros
    if (hash != NULL)
        *hash = g_strdup(g_checksum_get_string(sum));
    return TRUE;
}
