// SPDX-License-Identifier: LGPL-3.0-or-later
// Reader of zip archives. PyTorch's local headers carry no sizes (they follow the data in a
// descriptor), so sizes come from the central directory and only the lengths of name and extra
// field from the local header. Checksums of stored entries are not looked at: PyTorch can be told
// not to write them, and to check them would page the whole file in.
#include "zip.h"
#include <string.h>
#include <zlib.h>

// Weights hardly shrink when they are deflated; what grows further is made to waste memory.
static const gsize GROWTH_MAX = 8, GROWTH_MIN_BYTES = 16 << 20;

enum {
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR_BYTES = 20,
    CENTRAL_BYTES = 46,
    LOCAL_BYTES = 30,
    COMMENT_MAX = 65535,
};

typedef struct {
    char *name;
    guint method, flags;
    guint32 crc;
    guint64 packed_bytes, bytes, offset;
} Entry;

struct GanZip {
    const guint8 *data;
    gsize length;
    GPtrArray *inflated;
    gsize inflated_bytes;
    GStringChunk *names;
    GArray *entries;
    GHashTable *index; // name -> index + 1
};

typedef struct {
    guint64 n_entries, bytes, offset;
} Directory;

static guint16 u16(const guint8 *at)
{
    return (guint16)(at[0] | at[1] << 8);
}

static guint32 u32(const guint8 *at)
{
    return u16(at) | (guint32)u16(at + 2) << 16;
}

static guint64 u64(const guint8 *at)
{
    return u32(at) | (guint64)u32(at + 4) << 32;
}

static gboolean damaged(GError **error, const char *what)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "the zip archive is damaged or cut off: %s",
                what);
    return FALSE;
}

// The end record is the one whose comment ends with the file.
static gboolean find_end(const GanZip *zip, gsize *end)
{
    if (zip->length < END_BYTES)
        return FALSE;
    const gsize last = zip->length - END_BYTES;
    for (gsize back = 0; back <= COMMENT_MAX && back <= last; back++) {
        const guint8 *at = zip->data + last - back;
        if (u32(at) == 0x06054b50 && u16(at + 20) == back) {
            *end = last - back;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean read_directory_place(const GanZip *zip, Directory *directory, GError **error)
{
    gsize end = 0;
    if (!find_end(zip, &end))
        return damaged(error, "there is no end record");
    const guint8 *record = zip->data + end;
    *directory = (Directory){u16(record + 10), u32(record + 12), u32(record + 16)};
    if (end >= LOCATOR_BYTES && u32(record - LOCATOR_BYTES) == 0x07064b50) {
        const guint64 at = u64(record - LOCATOR_BYTES + 8);
        if (at > end || end - at < END64_BYTES || u32(zip->data + at) != 0x06064b50)
            return damaged(error, "the zip64 end record is not where its locator says");
        const guint8 *record64 = zip->data + at;
        *directory = (Directory){u64(record64 + 32), u64(record64 + 40), u64(record64 + 48)};
    }
    if (directory->offset > end || directory->bytes > end - directory->offset)
        return damaged(error, "the central directory lies past the end");
    if (directory->n_entries > directory->bytes / CENTRAL_BYTES)
        return damaged(error, "the central directory is shorter than its number of entries");
    return TRUE;
}

// Fields that are all ones in the central header stand in the zip64 extra field, in this order.
static gboolean read_extra64(const guint8 *extra, gsize length, guint64 *fields[3], GError **error)
{
    gsize n_needed = 0;
    for (guint i = 0; i < 3; i++)
        n_needed += *fields[i] == G_MAXUINT32;
    if (n_needed == 0)
        return TRUE;
    while (length >= 4) {
        const gsize size = u16(extra + 2);
        if (size > length - 4)
            break;
        if (u16(extra) == 1 && size >= 8 * n_needed) {
            const guint8 *at = extra + 4;
            for (guint i = 0; i < 3; i++)
                if (*fields[i] == G_MAXUINT32) {
                    *fields[i] = u64(at);
                    at += 8;
                }
            return TRUE;
        }
        extra += 4 + size;
        length -= 4 + size;
    }
    return damaged(error, "a zip64 extra field is missing");
}

static gboolean read_entry(GanZip *zip, const guint8 **at, const guint8 *end, GError **error)
{
    const guint8 *header = *at;
    if (end - header < CENTRAL_BYTES || u32(header) != 0x02014b50)
        return damaged(error, "an entry of the central directory is missing");
    const gsize name_length = u16(header + 28), extra_length = u16(header + 30);
    const gsize comment_length = u16(header + 32);
    if ((gsize)(end - header) - CENTRAL_BYTES < name_length + extra_length + comment_length)
        return damaged(error, "an entry of the central directory is cut off");
    const char *name = (const char *)header + CENTRAL_BYTES;
    if (memchr(name, 0, name_length) != NULL)
        return damaged(error, "an entry's name contains a NUL");

    Entry entry = {.flags = u16(header + 8),
                   .method = u16(header + 10),
                   .crc = u32(header + 16),
                   .packed_bytes = u32(header + 20),
                   .bytes = u32(header + 24),
                   .offset = u32(header + 42)};
    guint64 *fields[3] = {&entry.bytes, &entry.packed_bytes, &entry.offset};
    if (!read_extra64(header + CENTRAL_BYTES + name_length, extra_length, fields, error))
        return FALSE;
    entry.name = g_string_chunk_insert_len(zip->names, name, (gssize)name_length);
    if (g_hash_table_contains(zip->index, entry.name)) {
        g_autofree char *safe = g_utf8_make_valid(entry.name, -1);
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "the zip archive has a duplicate entry '%.60s'", safe);
        return FALSE;
    }
    g_array_append_val(zip->entries, entry);
    g_hash_table_insert(zip->index, entry.name, GUINT_TO_POINTER(zip->entries->len));
    *at = header + CENTRAL_BYTES + name_length + extra_length + comment_length;
    return TRUE;
}

GanZip *gan_zip_open(const guint8 *data, gsize length, GPtrArray *inflated, GError **error)
{
    g_autoptr(GanZip) zip = g_new0(GanZip, 1);
    zip->data = data;
    zip->length = length;
    zip->inflated = inflated;
    zip->names = g_string_chunk_new(1024);
    zip->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    zip->index = g_hash_table_new(g_str_hash, g_str_equal);
    Directory directory;
    if (!read_directory_place(zip, &directory, error))
        return NULL;
    const guint8 *at = data + directory.offset;
    const guint8 *end = at + directory.bytes;
    for (guint64 i = 0; i < directory.n_entries; i++)
        if (!read_entry(zip, &at, end, error))
            return NULL;
    return g_steal_pointer(&zip);
}

void gan_zip_free(GanZip *zip)
{
    if (zip == NULL)
        return;
    g_hash_table_unref(zip->index);
    g_array_unref(zip->entries);
    g_string_chunk_free(zip->names);
    g_free(zip);
}

guint gan_zip_n_entries(const GanZip *zip)
{
    return zip->entries->len;
}

const char *gan_zip_name(const GanZip *zip, guint i)
{
    return g_array_index(zip->entries, Entry, i).name;
}

gboolean gan_zip_has(const GanZip *zip, const char *name)
{
    return g_hash_table_contains(zip->index, name);
}

// Refuses what cannot be read before anything is unpacked.
static gboolean check_entry(const Entry *entry, gsize wanted, const char *safe_name, GError **error)
{
    if (entry->flags & 1) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "entry '%.60s' is encrypted", safe_name);
        return FALSE;
    }
    if (entry->method != 0 && entry->method != 8) {
        g_set_error(
            error, GAN_ERROR, GAN_ERROR_FORMAT,
            "entry '%.60s' is compressed by method %u; only stored and deflated ones are read",
            safe_name, entry->method);
        return FALSE;
    }
    if (entry->method == 0 && entry->packed_bytes != entry->bytes) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "entry '%.60s' is stored, but its two sizes differ", safe_name);
        return FALSE;
    }
    if (wanted != G_MAXSIZE && entry->bytes != wanted) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "entry '%.60s' has %" G_GUINT64_FORMAT " bytes; %" G_GSIZE_FORMAT " are wanted",
                    safe_name, entry->bytes, wanted);
        return FALSE;
    }
    return TRUE;
}

// Finds where the entry's packed bytes lie.
static const guint8 *find_packed(const GanZip *zip, const Entry *entry, GError **error)
{
    const char *problem = NULL;
    if (entry->offset > zip->length || zip->length - entry->offset < LOCAL_BYTES ||
        u32(zip->data + entry->offset) != 0x04034b50)
        problem = "an entry is not where the central directory says";
    else {
        const guint8 *header = zip->data + entry->offset;
        const gsize name_length = u16(header + 26), extra_length = u16(header + 28);
        const gsize rest = zip->length - (gsize)entry->offset - LOCAL_BYTES;
        if (name_length + extra_length > rest ||
            entry->packed_bytes > rest - name_length - extra_length)
            problem = "an entry runs past the end";
        else if (name_length != strlen(entry->name) ||
                 memcmp(header + LOCAL_BYTES, entry->name, name_length) != 0)
            problem = "an entry is named differently in the central directory";
        else
            return header + LOCAL_BYTES + name_length + extra_length;
    }
    damaged(error, problem);
    return NULL;
}

// Inflates exactly n_bytes. zlib counts in unsigned int, so it is fed and emptied piece by piece.
static gboolean inflate_all(const guint8 *packed, gsize packed_bytes, guint8 *out, gsize n_bytes)
{
    z_stream stream = {.next_in = (Bytef *)(guintptr)packed};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return FALSE;
    int state = Z_OK;
    gsize left_in = packed_bytes, left_out = n_bytes;
    stream.next_out = out;
    while (state == Z_OK) {
        const uInt in = (uInt)MIN(left_in, G_MAXINT32), space = (uInt)MIN(left_out, G_MAXINT32);
        stream.avail_in = in;
        stream.avail_out = space;
        state = inflate(&stream, Z_NO_FLUSH);
        left_in -= in - stream.avail_in;
        left_out -= space - stream.avail_out;
        if (state == Z_OK && stream.avail_in == in && stream.avail_out == space)
            break; // no progress
    }
    inflateEnd(&stream);
    return state == Z_STREAM_END && left_in == 0 && left_out == 0;
}

static guint8 *unpack(GanZip *zip, const Entry *entry, const guint8 *packed, GError **error)
{
    const gsize room = MAX(zip->length * GROWTH_MAX, GROWTH_MIN_BYTES) - zip->inflated_bytes;
    if (entry->bytes > room) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "a compressed entry would grow to %" G_GUINT64_FORMAT " bytes: no weights do",
                    entry->bytes);
        return NULL;
    }
    const gsize n_bytes = (gsize)entry->bytes;
    g_autofree guint8 *out = g_try_malloc(MAX(n_bytes, 1));
    if (out == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for a compressed entry of %" G_GSIZE_FORMAT " bytes", n_bytes);
        return NULL;
    }
    if (!inflate_all(packed, (gsize)entry->packed_bytes, out, n_bytes) ||
        crc32_z(crc32_z(0, NULL, 0), out, n_bytes) != entry->crc) {
        damaged(error, "a compressed entry does not unpack to what the central directory says");
        return NULL;
    }
    zip->inflated_bytes += n_bytes;
    g_ptr_array_add(zip->inflated, out);
    return g_steal_pointer(&out);
}

gboolean gan_zip_find(GanZip *zip, const char *name, gsize wanted, const guint8 **data,
                      gsize *length, GError **error)
{
    const guint known = GPOINTER_TO_UINT(g_hash_table_lookup(zip->index, name));
    g_autofree char *safe = g_utf8_make_valid(name, -1);
    if (known == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "the zip archive has no entry '%.200s'",
                    safe);
        return FALSE;
    }
    const Entry *entry = &g_array_index(zip->entries, Entry, known - 1);
    if (!check_entry(entry, wanted, safe, error))
        return FALSE;
    const guint8 *bytes = find_packed(zip, entry, error);
    if (bytes != NULL && entry->method == 8)
        bytes = unpack(zip, entry, bytes, error);
    if (bytes == NULL)
        return FALSE;
    *data = bytes;
    *length = (gsize)entry->bytes;
    return TRUE;
}
