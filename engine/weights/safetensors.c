// SPDX-License-Identifier: LGPL-3.0-or-later
// Reader of safetensors: a header length as u64, a JSON header, the data. As strict as the format's
// own reader: the tensors must cover the data without overlap or hole, in row-major order.
// Source:  github.com/huggingface/safetensors, README "Format" and safetensors/src/tensor.rs.
#include "jsontext.h"
#include "weights-private.h"
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8 };
static const guint64 HEADER_MAX = 100000000; // the format's own limit

typedef struct {
    gsize begin, end;
} Range;

typedef struct {
    GanWeights *weights;
    GanJsonText json;
    const guint8 *data;
    gsize data_bytes;
    GArray *ranges;
    GString *name, *text;
} Reader;

gboolean gan_safetensors_probe(const guint8 *data, gsize length)
{
    return length > LENGTH_BYTES && data[LENGTH_BYTES] == '{';
}

static gboolean refuse(const Reader *reader, const char *what, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "tensor '%.60s' %s", reader->name->str, what);
    return FALSE;
}

// Reads [number, number, …] of at most `max` members.
static gboolean read_counts(GanJsonText *json, gsize *counts, guint max, guint *n)
{
    *n = 0;
    if (!gan_json_expect(json, '['))
        return FALSE;
    if (gan_json_accept(json, ']'))
        return TRUE;
    do {
        gsize count;
        if (!gan_json_count(json, &count))
            return FALSE;
        if (*n == max) {
            json->problem = "has an array of too many numbers";
            return FALSE;
        }
        counts[(*n)++] = count;
    } while (gan_json_accept(json, ','));
    return gan_json_expect(json, ']');
}

typedef enum { HAS_DTYPE = 1, HAS_SHAPE = 2, HAS_OFFSETS = 4, HAS_ALL = 7 } Members;

static gboolean read_member(Reader *reader, Members *members, GanStored *stored, gsize offsets[2],
                            GError **error)
{
    GanJsonText *json = &reader->json;
    Members member;
    guint n;
    if (!gan_json_string(json, reader->text) || !gan_json_expect(json, ':'))
        return FALSE;
    if (strcmp(reader->text->str, "dtype") == 0) {
        member = HAS_DTYPE;
        if (!gan_json_string(json, reader->text))
            return FALSE;
        if (!gan_element_find(reader->text->str, reader->text->len, &stored->element)) {
            g_autofree char *what =
                g_strdup_printf("has the unknown dtype '%.30s'", reader->text->str);
            return refuse(reader, what, error);
        }
    } else if (strcmp(reader->text->str, "shape") == 0) {
        member = HAS_SHAPE;
        if (!read_counts(json, stored->shape, GAN_TENSOR_MAX_RANK, &stored->rank))
            return FALSE;
    } else if (strcmp(reader->text->str, "data_offsets") == 0) {
        member = HAS_OFFSETS;
        if (!read_counts(json, offsets, 2, &n))
            return FALSE;
        if (n != 2)
            return refuse(reader, "has other than two data_offsets", error);
    } else
        return refuse(reader, "has an unknown member; dtype, shape and data_offsets are wanted",
                      error);
    if (*members & member)
        return refuse(reader, "has a duplicate member", error);
    *members |= member;
    return TRUE;
}

static gboolean shape_bytes(const GanStored *stored, gsize *bytes)
{
    gboolean empty = FALSE;
    for (guint i = 0; i < stored->rank; i++)
        empty |= stored->shape[i] == 0;
    *bytes = empty ? 0 : gan_element_bytes(stored->element);
    for (guint i = 0; i < stored->rank && !empty; i++)
        if (!g_size_checked_mul(bytes, *bytes, stored->shape[i]))
            return FALSE;
    return TRUE;
}

static gboolean read_tensor(Reader *reader, GError **error)
{
    GanJsonText *json = &reader->json;
    GanStored stored = {0};
    gsize offsets[2] = {0, 0}, bytes;
    Members members = 0;
    if (!gan_json_expect(json, '{'))
        return FALSE;
    do {
        if (!read_member(reader, &members, &stored, offsets, error))
            return FALSE;
    } while (gan_json_accept(json, ','));
    if (!gan_json_expect(json, '}'))
        return FALSE;
    if (members != HAS_ALL)
        return refuse(reader, "lacks one of dtype, shape and data_offsets", error);
    if (offsets[0] > offsets[1] || offsets[1] > reader->data_bytes)
        return refuse(reader, "lies outside the file's data: the file is damaged or cut off",
                      error);
    if (!shape_bytes(&stored, &bytes) || bytes != offsets[1] - offsets[0])
        return refuse(reader, "has data of another size than its shape and dtype need", error);
    gsize stride = 1;
    for (guint i = stored.rank; i-- > 0; stride *= stored.shape[i])
        stored.stride[i] = stride;
    stored.first = reader->data + offsets[0];
    const Range range = {offsets[0], offsets[1]};
    g_array_append_val(reader->ranges, range);
    return gan_weights_add(reader->weights, reader->name->str, reader->name->len, 0, &stored, FALSE,
                           error);
}

// A value that is no text is kept as its JSON: the format wants texts, but there are writers of
// numbers. `says`: set unless it is null.
static gboolean read_metadata_value(GanJsonText *json, GString *text, gboolean *says)
{
    *says = TRUE;
    if (gan_json_accept(json, '"')) {
        json->at--;
        return gan_json_string(json, text);
    }
    g_string_truncate(text, 0);
    const gboolean read = gan_json_value(json, text);
    *says = strcmp(text->str, "null") != 0;
    return read;
}

// An object, or null as written by who had none.
static gboolean read_metadata(Reader *reader, GError **error)
{
    GanJsonText *json = &reader->json;
    if (gan_json_accept(json, 'n')) {
        json->at--;
        g_string_truncate(reader->text, 0);
        return gan_json_value(json, reader->text);
    }
    if (!gan_json_expect(json, '{'))
        return FALSE;
    if (gan_json_accept(json, '}'))
        return TRUE;
    do {
        if (!gan_json_string(json, reader->text))
            return FALSE;
        gboolean says;
        g_autofree char *key = g_strndup(reader->text->str, reader->text->len);
        if (!gan_json_expect(json, ':') || !read_metadata_value(json, reader->text, &says))
            return FALSE;
        if (says && !g_hash_table_insert(reader->weights->metadata, g_steal_pointer(&key),
                                         g_strndup(reader->text->str, reader->text->len))) {
            json->problem = "has a duplicate key in __metadata__";
            return FALSE;
        }
    } while (gan_json_accept(json, ','));
    return gan_json_expect(json, '}');
}

static gboolean read_header(Reader *reader, GError **error)
{
    GanJsonText *json = &reader->json;
    gboolean has_metadata = FALSE;
    if (!gan_json_expect(json, '{'))
        return FALSE;
    if (!gan_json_accept(json, '}')) {
        do {
            if (!gan_json_string(json, reader->name) || !gan_json_expect(json, ':'))
                return FALSE;
            if (strcmp(reader->name->str, "__metadata__") == 0) {
                if (has_metadata) {
                    json->problem = "has a duplicate __metadata__";
                    return FALSE;
                }
                has_metadata = TRUE;
                if (!read_metadata(reader, error))
                    return FALSE;
            } else if (!read_tensor(reader, error))
                return FALSE;
        } while (gan_json_accept(json, ','));
        if (!gan_json_expect(json, '}'))
            return FALSE;
    }
    if (gan_json_at_end(json))
        return TRUE;
    json->problem = "goes on after its end";
    return FALSE;
}

static int compare_ranges(const void *a, const void *b)
{
    const Range *left = a, *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    return left->end < right->end ? -1 : left->end > right->end;
}

static gboolean check_cover(const Reader *reader, GError **error)
{
    g_array_sort(reader->ranges, compare_ranges);
    gsize position = 0;
    for (guint i = 0; i < reader->ranges->len; i++) {
        const Range *range = &g_array_index(reader->ranges, Range, i);
        if (range->begin != position) {
            g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                                "its tensors overlap or leave a hole in the data");
            return FALSE;
        }
        position = range->end;
    }
    if (position == reader->data_bytes)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                "there are %" G_GSIZE_FORMAT " bytes after the last tensor",
                reader->data_bytes - position);
    return FALSE;
}

gboolean gan_safetensors_read(GanWeights *weights, GError **error)
{
    guint64 header_bytes;
    memcpy(&header_bytes, weights->data, sizeof header_bytes);
    header_bytes = GUINT64_FROM_LE(header_bytes);
    const gsize rest = weights->length - LENGTH_BYTES;
    if (header_bytes > HEADER_MAX || header_bytes > rest || header_bytes < 2) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "its safetensors header would have %" G_GUINT64_FORMAT
                    " bytes; %" G_GSIZE_FORMAT
                    " follow: it is damaged, cut off or not a safetensors file",
                    header_bytes, rest);
        return FALSE;
    }
    const char *header = (const char *)weights->data + LENGTH_BYTES;
    if (!g_utf8_validate_len(header, (gsize)header_bytes, NULL)) {
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                            "its safetensors header is not UTF-8");
        return FALSE;
    }
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    g_autoptr(GString) name = g_string_new(NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    Reader reader = {.weights = weights,
                     .json = {header, header + header_bytes, NULL},
                     .data = weights->data + LENGTH_BYTES + header_bytes,
                     .data_bytes = rest - (gsize)header_bytes,
                     .ranges = ranges,
                     .name = name,
                     .text = text};
    g_autoptr(GError) inner = NULL;
    if (!read_header(&reader, &inner)) {
        if (inner != NULL)
            g_propagate_error(error, g_steal_pointer(&inner));
        else
            g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "its safetensors header %s",
                        reader.json.problem);
        return FALSE;
    }
    return check_cover(&reader, error);
}
