// SPDX-License-Identifier: LGPL-3.0-or-later
// What the families share: finding and applying them, and reading sizes off names and shapes.
#include "family.h"

#include <string.h>

// No network of these families comes near; products of two such numbers fit a guint.
#define MAX_CHANNELS 32768

// --- networks ---

const GanFamily *gan_family_find(const char *name)
{
    for (guint i = 0; gan_families[i] != NULL; i++)
        if (strcmp(gan_families[i]->name, name) == 0)
            return gan_families[i];
    return NULL;
}

const char *gan_family_title(const char *family)
{
    const GanFamily *found = family != NULL ? gan_family_find(family) : NULL;
    return found != NULL ? found->title : NULL;
}

// The ends of a network of these sizes, as far as its family says them.
static GanModelInfo ends_of(const GanFamily *family, const GanSizes *sizes)
{
    GanModelInfo info = {.n_inputs = 1};
    family->describe(sizes, &info);
    g_free((char *)info.title);
    info.title = NULL;
    return info;
}

gboolean gan_family_number(const GanFamily *family, const GanSizes *sizes, GanEnd *number)
{
    const GanModelInfo info = ends_of(family, sizes);
    if (info.n_inputs != 2 || info.inputs[1].kind != GAN_END_NUMBER)
        return FALSE;
    *number = info.inputs[1];
    return TRUE;
}

// Ways to train feed a network with a picture or numbers, and with what a picture's damage is.
static gboolean takes_what_there_is(const GanFamily *family, const GanSizes *sizes, GError **error)
{
    const GanModelInfo info = ends_of(family, sizes);
    const GanEnd *other = &info.inputs[1];
    const gboolean number = info.n_inputs == 2 && other->kind == GAN_END_NUMBER;
    if (info.n_inputs == 1 || (number && other->initial >= other->low))
        return TRUE;
    if (number)
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s finds the %s itself, which no loss teaches it here", family->name,
                    other->name);
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s takes more than a picture, which nothing gives it in training",
                    family->name);
    return FALSE;
}

gboolean gan_family_complete(const GanFamily *family, GanSizes *sizes, GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);
    gboolean fine = family->scales[0] == 0;
    for (guint i = 0; i < G_N_ELEMENTS(family->scales) && family->scales[i] != 0; i++) {
        fine = fine || family->scales[i] == sizes->scale;
        g_string_append_printf(known, "%s%u", i == 0 ? "" : ", ", family->scales[i]);
    }
    if (fine)
        return (family->sizes_of_new == NULL || family->sizes_of_new(sizes, error)) &&
               takes_what_there_is(family, sizes, error);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "scale is %u; %s has %s", sizes->scale,
                family->name, known->str);
    return FALSE;
}

GanNode *gan_family_apply(const GanFamily *family, const GanSizes *sizes, GanNet *net, GanNode *x,
                          GanNode *number)
{
    GanNode *const inputs[] = {x, number};
    gan_net_feed(net, inputs, number != NULL ? 2 : 1);
    return family->build(net, sizes);
}

gboolean gan_family_begin(const GanFamily *family, const GanSizes *sizes, GanParameters *parameters,
                          GRand *random, GError **error)
{
    // Layers make their weights when they are built; the graph is needed for nothing else.
    g_autoptr(GanGraph) graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new_training(graph, parameters, random);
    GanEnd end;
    GanNode *x = gan_named_input(graph, "input", sizes->channels_in);
    const gboolean told = gan_family_number(family, sizes, &end);
    gan_family_apply(family, sizes, net, x, told ? gan_named_input(graph, "number", 1) : NULL);
    return gan_net_check(net, error);
}

// --- reading sizes off names and shapes ---

// The number between `prefix` and `suffix` in `name`, or -1.
static gint64 number_in(const char *name, const char *prefix, const char *suffix)
{
    if (!g_str_has_prefix(name, prefix))
        return -1;
    const char *digits = name + strlen(prefix);
    const gsize n_digits = strspn(digits, "0123456789");
    if (n_digits == 0 || n_digits > 9 || strcmp(digits + n_digits, suffix) != 0)
        return -1;
    return g_ascii_strtoll(digits, NULL, 10);
}

guint gan_family_count(const GanWeights *weights, const char *prefix, const char *suffix)
{
    const guint n_entries = gan_weights_n_entries(weights);
    // Modules without tensors (activations, shuffles) are numbered too, but never two in a row
    // more than there are tensors around them.
    const gint64 end = 3 * (gint64)n_entries;
    gint64 count = 0;
    for (guint i = 0; i < n_entries; i++) {
        const gint64 number = number_in(gan_weights_entry(weights, i)->name, prefix, suffix);
        if (number >= count && number < end)
            count = number + 1;
    }
    return (guint)count;
}

guint gan_family_shuffle(gsize out_channels, gsize in_channels)
{
    const gsize tried[] = {in_channels, 3, 4, 1};
    for (guint i = 0; i < G_N_ELEMENTS(tried); i++)
        for (gsize s = 1; tried[i] > 0 && s * s * tried[i] <= out_channels && s <= 16; s++)
            if (s * s * tried[i] == out_channels)
                return (guint)s;
    return 0;
}

gboolean gan_family_has(const GanWeights *weights, const char *name, guint rank)
{
    const GanWeightsEntry *entry = gan_weights_find(weights, name);
    return entry != NULL && (rank == 0 || entry->rank == rank);
}

void gan_family_fail(GanNet *net, const char *name, const char *wanted, ...)
{
    const GanWeights *weights = gan_net_weights(net);
    const GanWeightsEntry *entry = gan_weights_find(weights, name);
    g_autofree char *found =
        entry == NULL ? g_strdup("missing") : gan_shape_text(entry->rank, entry->shape);
    va_list list;
    va_start(list, wanted);
    g_autofree char *needs = g_strdup_vprintf(wanted, list);
    va_end(list);
    gan_net_fail(net, g_error_new(GAN_ERROR, GAN_ERROR_SHAPE, "%s: tensor '%s' is %s; it needs %s",
                                  gan_weights_path(weights), name, found, needs));
}

static guint channels_of(GanNet *net, const char *name, guint axis)
{
    g_autofree char *full = g_strconcat(name, ".weight", NULL);
    const GanWeightsEntry *entry = gan_weights_find(gan_net_weights(net), full);
    if (entry == NULL || entry->rank != 4) {
        gan_family_fail(net, full, "four dimensions");
        return 1;
    }
    if (entry->shape[axis] == 0 || entry->shape[axis] > MAX_CHANNELS) {
        gan_family_fail(net, full, "1 to %d channels", MAX_CHANNELS);
        return 1;
    }
    return (guint)entry->shape[axis];
}

guint gan_family_outputs(GanNet *net, const char *name)
{
    return channels_of(net, name, 0);
}

guint gan_family_inputs(GanNet *net, const char *name)
{
    return channels_of(net, name, 1);
}

void gan_family_check_colours(GanNet *net, const char *name, guint channels)
{
    g_autofree char *full = g_strconcat(name, ".weight", NULL);
    if (channels != 1 && channels != 3)
        gan_family_fail(net, full, "1 or 3 channels of a picture");
}
