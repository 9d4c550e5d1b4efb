// SPDX-License-Identifier: LGPL-3.0-or-later
// Opens bytes as a weight file and reads every tensor; sanitizers see what is wrong with the
// memory, the assertions see broken promises of the header.
#include "target.h"
#include <stdlib.h>
#include <string.h>

// A tensor may show its storage's elements many times; reading a few of those is enough.
static const gsize READ_MAX = 1 << 22;

static void require(gboolean truth)
{
    if (!truth)
        abort();
}

static gsize read_tensor(GanWeights *weights, const GanWeightsEntry *entry)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanTensor) tensor = gan_weights_tensor(weights, entry->name, &error);
    require((tensor == NULL) == (error != NULL));
    require((tensor == NULL) == (entry->dtype == GAN_DTYPE_OTHER));
    if (tensor == NULL)
        return 0;
    require(tensor->rank == entry->rank);
    require(memcmp(tensor->shape, entry->shape, entry->rank * sizeof *entry->shape) == 0);
    const gsize length = gan_tensor_length(tensor);
    volatile float last = 0;
    for (gsize i = 0; i < length; i++)
        last = tensor->data[i];
    (void)last;
    return length;
}

static gsize length_of(const GanWeightsEntry *entry)
{
    gsize n = 1;
    for (guint i = 0; i < entry->rank; i++)
        if (entry->shape[i] == 0)
            return 0;
    for (guint i = 0; i < entry->rank; i++)
        require(g_size_checked_mul(&n, n, entry->shape[i]));
    return n;
}

void fuzz_read(const guint8 *data, gsize length, const char *name)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, length);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanWeights) weights = gan_weights_open_bytes(bytes, name, &error);
    require((weights == NULL) == (error != NULL));
    if (weights == NULL) {
        require(error->domain == GAN_ERROR && g_utf8_validate(error->message, -1, NULL));
        return;
    }
    gsize n_read = 0;
    require(gan_weights_n_entries(weights) > 0);
    for (guint i = 0; i < gan_weights_n_entries(weights); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(weights, i);
        require(gan_weights_find(weights, entry->name) == entry);
        require(g_utf8_validate(entry->name, -1, NULL) && entry->rank <= GAN_TENSOR_MAX_RANK);
        if (length_of(entry) <= READ_MAX - n_read)
            n_read += read_tensor(weights, entry);
    }
    g_autofree const char **keys = gan_weights_metadata_keys(weights);
    for (guint i = 0; keys[i] != NULL; i++)
        require(gan_weights_metadata(weights, keys[i]) != NULL);
}
