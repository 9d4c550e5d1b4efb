// SPDX-License-Identifier: LGPL-3.0-or-later
// Interpolation of two state dicts. The result is made as a safetensors file in memory, so that
// what follows need not know of it.
#include "blend.h"

#include <string.h>

static gboolean is_float(const GanWeightsEntry *entry)
{
    return entry->dtype != GAN_DTYPE_OTHER;
}

// Sets the error that one of the files has `found` where the other one has `wanted`.
static void set_difference(GError **error, const GanWeights *file, const char *name,
                           const char *found, const GanWeights *other, const char *wanted)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "%s: tensor '%s' is %s; to be blended with %s it must be %s",
                gan_weights_path(file), name, found, gan_weights_path(other), wanted);
}

// Whether every floating-point tensor of `a` is in `b` with the same shape.
static gboolean contained(const GanWeights *a, const GanWeights *b, GError **error)
{
    for (guint i = 0; i < gan_weights_n_entries(a); i++) {
        const GanWeightsEntry *of_a = gan_weights_entry(a, i);
        if (!is_float(of_a))
            continue;
        const GanWeightsEntry *of_b = gan_weights_find(b, of_a->name);
        if (of_b != NULL && is_float(of_b) && of_b->rank == of_a->rank &&
            memcmp(of_a->shape, of_b->shape, of_a->rank * sizeof *of_a->shape) == 0)
            continue;
        g_autofree char *wanted = gan_shape_text(of_a->rank, of_a->shape);
        g_autofree char *found =
            of_b == NULL ? g_strdup("missing") : gan_shape_text(of_b->rank, of_b->shape);
        set_difference(error, b, of_a->name, found, a, wanted);
        return FALSE;
    }
    return TRUE;
}

static void append_json_string(GString *json, const char *text)
{
    g_string_append_c(json, '"');
    for (const char *p = text; *p != '\0'; p++) {
        if ((guchar)*p < 0x20)
            g_string_append_printf(json, "\\u%04x", (guchar)*p);
        else {
            if (*p == '"' || *p == '\\')
                g_string_append_c(json, '\\');
            g_string_append_c(json, *p);
        }
    }
    g_string_append_c(json, '"');
}

// The header of a safetensors file that holds a's floating-point tensors as float32. `data_bytes`
// receives what follows it; FALSE if that overflows.
static gboolean append_header(GString *json, const GanWeights *a, gsize *data_bytes)
{
    gsize at = 0;
    gboolean fits = TRUE;
    g_string_append_c(json, '{');
    for (guint i = 0; i < gan_weights_n_entries(a) && fits; i++) {
        const GanWeightsEntry *entry = gan_weights_entry(a, i);
        if (!is_float(entry))
            continue;
        gsize bytes = sizeof(float);
        if (json->len > 1)
            g_string_append_c(json, ',');
        append_json_string(json, entry->name);
        g_string_append(json, ":{\"dtype\":\"F32\",\"shape\":[");
        for (guint k = 0; k < entry->rank; k++) {
            g_string_append_printf(json, k == 0 ? "%" G_GSIZE_FORMAT : ",%" G_GSIZE_FORMAT,
                                   entry->shape[k]);
            fits = fits && g_size_checked_mul(&bytes, bytes, entry->shape[k]);
        }
        gsize end = 0;
        fits = fits && g_size_checked_add(&end, at, bytes);
        g_string_append_printf(
            json, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}", at, end);
        at = end;
    }
    g_string_append_c(json, '}');
    while (json->len % 8 != 0)
        g_string_append_c(json, ' ');
    *data_bytes = at;
    return fits;
}

static gboolean blend_tensor(GanWeights *a, GanWeights *b, const char *name, double t, float **out,
                             GError **error)
{
    g_autoptr(GanTensor) of_a = gan_weights_tensor(a, name, error);
    g_autoptr(GanTensor) of_b = of_a == NULL ? NULL : gan_weights_tensor(b, name, error);
    if (of_b == NULL)
        return FALSE;
    const gsize n = gan_tensor_length(of_a);
    for (gsize i = 0; i < n; i++)
        *(*out)++ = (float)((1 - t) * of_a->data[i] + t * of_b->data[i]);
    return TRUE;
}

GanWeights *gan_blend(GanWeights *a, GanWeights *b, double t, GError **error)
{
    if (!contained(a, b, error) || !contained(b, a, error))
        return NULL;
    g_autoptr(GString) json = g_string_new(NULL);
    gsize data_bytes, bytes;
    const gboolean fits = append_header(json, a, &data_bytes) &&
                          g_size_checked_add(&bytes, data_bytes, 8 + json->len);
    // Read through a float pointer: g_try_malloc() aligns, and the header's length is a multiple
    // of 8.
    char *file = fits ? g_try_malloc(bytes) : NULL;
    if (file == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory to blend %s with %s",
                    gan_weights_path(a), gan_weights_path(b));
        return NULL;
    }
    const guint64 header_bytes = GUINT64_TO_LE((guint64)json->len);
    memcpy(file, &header_bytes, 8);
    memcpy(file + 8, json->str, json->len);
    g_autoptr(GBytes) all = g_bytes_new_take(file, bytes);
    float *out = (float *)(void *)(file + 8 + json->len);
    for (guint i = 0; i < gan_weights_n_entries(a); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(a, i);
        if (is_float(entry) && !blend_tensor(a, b, entry->name, t, &out, error))
            return NULL;
    }
    gan_weights_drop_pages(a);
    gan_weights_drop_pages(b);
    g_autofree char *name =
        g_strdup_printf("%s blended with %.3g of %s", gan_weights_path(a), t, gan_weights_path(b));
    return gan_weights_open_bytes(all, name, error);
}
