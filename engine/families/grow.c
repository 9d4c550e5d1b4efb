// SPDX-License-Identifier: LGPL-3.0-or-later
// Deeper networks that begin as the function of shallower ones.
//
// Chen, Goodfellow, Shlens, "Net2Net: Accelerating Learning via Knowledge Transfer",
// arXiv:1511.05641, section 2.3. A convolution that hands its input on is exact behind a ReLU, whose
// values a second ReLU does not change, and before a PReLU of slopes 1.
#include "family.h"

#include <string.h>

static gboolean refuse_family(const GanFamily *family, GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);
    for (guint i = 0; gan_families[i] != NULL; i++)
        if (gan_families[i]->stack != NULL)
            g_string_append_printf(known, "%s%s", known->len > 0 ? ", " : "",
                                   gan_families[i]->name);
    g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED,
                "a deeper %s cannot begin as a shallower one; those of %s can", family->name,
                known->str);
    return FALSE;
}

// What the file is a network of; FALSE: not of this family.
static gboolean read_sizes(const GanFamily *family, GanWeights *weights, GanSizes *sizes,
                           GError **error)
{
    static const GanModelOptions none;
    if (!family->recognise(weights)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%s is no network of the family %s",
                    gan_weights_path(weights), family->name);
        return FALSE;
    }
    g_autoptr(GanGraph) graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new(graph, weights);
    family->sizes_of_file(net, &none, sizes);
    return gan_net_check(net, error);
}

static gboolean check_sizes(const GanFamily *family, GanWeights *weights, const GanSizes *from,
                            const GanSizes *to, GError **error)
{
    const struct {
        const char *what;
        guint from, to;
    } rows[] = {{"channels", from->channels_in, to->channels_in},
                {"channels of its result", from->channels_out, to->channels_out},
                {"scale", from->scale, to->scale},
                {"features", from->features, to->features}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].from != rows[i].to) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                        "%s: its %s: %u; the network has %u, and only its blocks can be more",
                        gan_weights_path(weights), rows[i].what, rows[i].from, rows[i].to);
            return FALSE;
        }
    if (from->blocks > to->blocks) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%s has %u blocks; the network has %u",
                    gan_weights_path(weights), from->blocks, to->blocks);
        return FALSE;
    }
    if (from->form == to->form && from->naming == to->naming &&
        from->told_quality == to->told_quality && from->told_bare == to->told_bare)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                "%s is another form of %s than new networks have, or is told another number",
                gan_weights_path(weights), family->name);
    return FALSE;
}

// Copies the tensor "<stack>.<number><suffix>" of the file.
static gboolean copy(const GanFamily *family, GanWeights *weights, guint number, const char *suffix,
                     const GanTensor *to, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s.%u%s", family->stack, number, suffix);
    g_autoptr(GanTensor) from = gan_weights_tensor(weights, name, error);
    if (from == NULL)
        return FALSE;
    if (from->rank == to->rank && memcmp(from->shape, to->shape, to->rank * sizeof(gsize)) == 0) {
        memcpy(to->data, from->data, gan_tensor_length(to) * sizeof(float));
        return TRUE;
    }
    g_autofree char *have = gan_shape_text(from->rank, from->shape);
    g_autofree char *want = gan_shape_text(to->rank, to->shape);
    g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%s: tensor '%s' is %s; the network needs %s",
                gan_weights_path(weights), name, have, want);
    return FALSE;
}

// A weight [C,C,K,K] that hands each channel on, a bias of 0, slopes of 1.
static void set_identity(const GanTensor *to, gboolean slopes)
{
    const gsize length = gan_tensor_length(to);
    for (gsize i = 0; i < length; i++)
        to->data[i] = slopes ? 1 : 0;
    if (to->rank != 4)
        return;
    const gsize taps = to->shape[2] * to->shape[3];
    for (gsize c = 0; c < to->shape[0]; c++)
        to->data[(c * to->shape[1] + c) * taps + taps / 2] = 1;
}

// The convolution of the file, of `n_from`, that becomes the network's `i`th of `n_to`; -1: none.
// The first and the last stay such, those between are spread.
static int origin(guint i, guint n_from, guint n_to)
{
    if (i == 0 || i == n_to - 1)
        return i == 0 ? 0 : (int)n_from - 1;
    const guint from = n_from - 2, to = n_to - 2;
    const guint k = i * from / to; // of those up to this one
    return k > (i - 1) * from / to ? (int)k : -1;
}

gboolean gan_family_grow(const GanFamily *family, const GanSizes *sizes, GanParameters *parameters,
                         GanWeights *weights, GError **error)
{
    static const struct {
        guint offset; // from the convolution's number
        const char *suffix;
    } parts[] = {{0, ".weight"}, {0, ".bias"}, {1, ".weight"}};
    GanSizes from = {0};
    if (family->stack == NULL)
        return refuse_family(family, error);
    if (!read_sizes(family, weights, &from, error) ||
        !check_sizes(family, weights, &from, sizes, error))
        return FALSE;
    const guint n_from = from.blocks + family->stack_extra,
                n_to = sizes->blocks + family->stack_extra;
    for (guint i = 0; i < n_to; i++) {
        const int k = origin(i, n_from, n_to);
        for (guint p = 0; p < G_N_ELEMENTS(parts); p++) {
            g_autofree char *name =
                g_strdup_printf("%s.%u%s", family->stack, 2 * i + parts[p].offset, parts[p].suffix);
            const GanParameter *to = gan_parameters_find(parameters, name);
            if (to == NULL) // a ReLU, or behind the last
                continue;
            if (k < 0)
                set_identity(to->tensor, parts[p].offset == 1);
            else if (!copy(family, weights, 2 * (guint)k + parts[p].offset, parts[p].suffix,
                           to->tensor, error))
                return FALSE;
        }
    }
    return TRUE;
}
