// SPDX-License-Identifier: LGPL-3.0-or-later
// Writer of safetensors.
#include "element.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <temporary.h>
#include <unistd.h>

// The data begins at a multiple of this, so that it can be used where it is mapped.
static const gsize ALIGNMENT_BYTES = 64;
static const gsize PIECE = 1 << 14; // numbers converted at a time

static void append_json_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (; *text != 0; text++) {
        const guchar c = (guchar)*text;
        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", c);
        else if (c < 0x20)
            g_string_append_printf(out, "\\u%04x", c);
        else
            g_string_append_c(out, (char)c);
    }
    g_string_append_c(out, '"');
}

static void append_metadata(GString *out, const char *const *metadata)
{
    g_string_append(out, "\"__metadata__\":{");
    for (guint i = 0; metadata[i] != NULL; i += 2) {
        if (i > 0)
            g_string_append_c(out, ',');
        append_json_string(out, metadata[i]);
        g_string_append_c(out, ':');
        append_json_string(out, metadata[i + 1]);
    }
    g_string_append_c(out, '}');
}

static GString *make_header(const char *const *names, GanTensor *const *tensors, guint n,
                            GanElement element, const char *const *metadata)
{
    GString *out = g_string_new("{");
    gsize offset = 0;
    if (metadata != NULL && metadata[0] != NULL)
        append_metadata(out, metadata);
    for (guint i = 0; i < n; i++) {
        const gsize bytes = gan_tensor_length(tensors[i]) * gan_element_bytes(element);
        g_autofree char *shape = gan_shape_text(tensors[i]->rank, tensors[i]->shape);
        if (out->len > 1)
            g_string_append_c(out, ',');
        append_json_string(out, names[i]);
        g_string_append_printf(out,
                               ":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%" G_GSIZE_FORMAT
                               ",%" G_GSIZE_FORMAT "]}",
                               gan_element_name(element), shape, offset, offset + bytes);
        offset += bytes;
    }
    g_string_append_c(out, '}');
    while ((8 + out->len) % ALIGNMENT_BYTES != 0)
        g_string_append_c(out, ' ');
    return out;
}

static gboolean write_tensor(FILE *file, const GanTensor *tensor, GanElement element, guint8 *piece)
{
    const gsize length = gan_tensor_length(tensor);
    for (gsize done = 0; done < length; done += PIECE) {
        const gsize n = MIN(PIECE, length - done);
        gan_element_from_float(element, tensor->data + done, n, piece);
        if (fwrite(piece, gan_element_bytes(element), n, file) != n)
            return FALSE;
    }
    return TRUE;
}

static gboolean write_all(FILE *file, const GString *header, GanTensor *const *tensors, guint n,
                          GanElement element)
{
    const guint64 length = GUINT64_TO_LE((guint64)header->len);
    g_autofree guint8 *piece = g_malloc(PIECE * gan_element_bytes(element));
    if (fwrite(&length, sizeof length, 1, file) != 1 ||
        fwrite(header->str, 1, header->len, file) != header->len)
        return FALSE;
    for (guint i = 0; i < n; i++)
        if (!write_tensor(file, tensors[i], element, piece))
            return FALSE;
    return fflush(file) == 0 && fsync(fileno(file)) == 0;
}

// A rename is on disk when its folder is; that a folder cannot be synced is no reason to fail.
static void sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!fsync(fd);
    close(fd);
}

static gboolean set_file_error(const char *path, GError **error)
{
    const int code = errno;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, g_strerror(code));
    return FALSE;
}

gboolean gan_weights_save(const char *path, const char *const *names, GanTensor *const *tensors,
                          guint n, GanDtype dtype, const char *const *metadata, GError **error)
{
    static const GanElement ELEMENTS[] = {[GAN_DTYPE_F32] = GAN_ELEMENT_F32,
                                          [GAN_DTYPE_F16] = GAN_ELEMENT_F16,
                                          [GAN_DTYPE_BF16] = GAN_ELEMENT_BF16};
    g_return_val_if_fail(path != NULL && (guint)dtype < G_N_ELEMENTS(ELEMENTS), FALSE);
    const GanElement element = ELEMENTS[dtype];
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *temporary = gan_temporary_name(path);
    const int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0)
        return set_file_error(path, error);
    FILE *file = fdopen(fd, "wb");
    g_autoptr(GString) header = make_header(names, tensors, n, element, metadata);
    gboolean done = file != NULL && write_all(file, header, tensors, n, element);
    const int code = errno;
    const gboolean closed = file != NULL ? fclose(file) == 0 : close(fd) == 0;
    if (!done)
        errno = code;
    done = done && closed && g_rename(temporary, path) == 0;
    if (!done) {
        set_file_error(path, error);
        g_unlink(temporary);
        return FALSE;
    }
    sync_folder(folder);
    return TRUE;
}
