// SPDX-License-Identifier: LGPL-3.0-or-later
// Networks to train. The enlarging families are built by engine/families from a state dict, whose
// tensors then become weights; here is which tensors there are and what they begin with. DCGAN and
// SRResNet normalise over the batch while they train, so they are built of layers.
#include "network.h"

#include <family.h>
#include <initialise.h>
#include <string.h>

// BasicSR's default_init_weights(…, 0.1), of residual networks without norms: small first values.
#define SMALL "kaiming_normal(scale=0.1)"
#define PLAIN "default"
#define SPAN_BLOCKS 6u
#define SLOPE_PRELU "constant(value=0.25)"

struct GanNetwork {
    const GanRecipe *recipe;
    GanParameters *parameters;
    GanGraph *graph;   // of the family; NULL: built of layers
    guint n_inputs;    // DCGAN: random numbers and classes
    GPtrArray *unread; // names of the weights that `network.start` did not give; NULL: none
};

// --- first values ---

typedef struct {
    GanParameters *parameters;
    GRand *random;
    GError *error;
} Maker;

static GanTensor *make(Maker *maker, const char *name, const char *rule, guint rank,
                       const gsize *shape)
{
    if (maker->error != NULL)
        return NULL;
    GanTensor *tensor = gan_parameters_add(maker->parameters, name, GAN_PARAMETER_WEIGHT, rank,
                                           shape, &maker->error);
    if (tensor != NULL && rule != NULL)
        gan_initialise(tensor, rule, maker->random, &maker->error);
    return tensor;
}

static void G_GNUC_PRINTF(6, 7)
    conv(Maker *maker, const char *rule, guint out, guint in, guint k, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *name = g_strdup_vprintf(format, list);
    va_end(list);
    g_autofree char *weight_name = g_strconcat(name, ".weight", NULL);
    g_autofree char *bias_name = g_strconcat(name, ".bias", NULL);
    const gsize shape[] = {out, in, k, k};
    const GanTensor *weight = make(maker, weight_name, rule, 4, shape);
    const gboolean plain = strcmp(rule, PLAIN) == 0;
    GanTensor *bias = make(maker, bias_name, plain ? NULL : "zeros", 1, shape);
    if (bias != NULL && plain)
        gan_initialise_bias(bias, weight, maker->random);
}

static void make_srvgg(Maker *maker, const GanRecipe *r)
{
    const gsize f = r->features;
    for (guint i = 0; i <= r->blocks; i++) {
        g_autofree char *slopes = g_strdup_printf("body.%u.weight", 2 * i + 1);
        conv(maker, PLAIN, r->features, i == 0 ? r->channels : r->features, 3, "body.%u", 2 * i);
        make(maker, slopes, SLOPE_PRELU, 1, &f);
    }
    conv(maker, PLAIN, r->channels * r->scale * r->scale, r->features, 3, "body.%u",
         2 * r->blocks + 2);
}

// In its evaluation form, one 3x3 convolution for each triple; without the shift by the mean.
static void make_span(Maker *maker, const GanRecipe *r)
{
    const guint f = r->features;
    const gsize one = 1;
    conv(maker, PLAIN, f, r->channels, 3, "conv_1.eval_conv");
    for (guint i = 1; i <= SPAN_BLOCKS; i++)
        for (guint k = 1; k <= 3; k++)
            conv(maker, PLAIN, f, f, 3, "block_%u.c%u_r.eval_conv", i, k);
    conv(maker, PLAIN, f, f, 3, "conv_2.eval_conv");
    conv(maker, PLAIN, f, 4 * f, 1, "conv_cat");
    conv(maker, PLAIN, r->channels * r->scale * r->scale, f, 3, "upsampler.0");
    make(maker, "no_norm", "zeros", 1, &one);
}

static void make_msrresnet(Maker *maker, const GanRecipe *r)
{
    const guint f = r->features, by = r->scale == 3 ? 3 : 2;
    conv(maker, SMALL, f, r->channels, 3, "conv_first");
    for (guint i = 0; i < r->blocks; i++) {
        conv(maker, SMALL, f, f, 3, "body.%u.conv1", i);
        conv(maker, SMALL, f, f, 3, "body.%u.conv2", i);
    }
    conv(maker, SMALL, f * by * by, f, 3, "upconv1");
    if (r->scale == 4)
        conv(maker, SMALL, f * 4, f, 3, "upconv2");
    conv(maker, SMALL, f, f, 3, "conv_hr");
    conv(maker, SMALL, r->channels, f, 3, "conv_last");
}

static void make_rrdb(Maker *maker, const GanRecipe *r)
{
    const guint f = r->features, g = r->growth;
    // It enlarges by 4; for less the picture is first folded into channels.
    const guint fold = 4 / r->scale;
    conv(maker, PLAIN, f, r->channels * fold * fold, 3, "conv_first");
    for (guint i = 0; i < r->blocks; i++)
        for (guint j = 1; j <= 3; j++)
            for (guint k = 1; k <= 5; k++)
                conv(maker, SMALL, k == 5 ? f : g, f + (k - 1) * g, 3, "body.%u.rdb%u.conv%u", i, j,
                     k);
    static const char *const tail[] = {"conv_body", "conv_up1", "conv_up2", "conv_hr"};
    for (guint i = 0; i < G_N_ELEMENTS(tail); i++)
        conv(maker, PLAIN, f, f, 3, "%s", tail[i]);
    conv(maker, PLAIN, r->channels, f, 3, "conv_last");
}

static void make_edsr(Maker *maker, const GanRecipe *r)
{
    const guint f = r->features, by = r->scale == 3 ? 3 : 2;
    conv(maker, PLAIN, f, r->channels, 3, "conv_first");
    for (guint i = 0; i < r->blocks; i++) {
        conv(maker, PLAIN, f, f, 3, "body.%u.conv1", i);
        conv(maker, PLAIN, f, f, 3, "body.%u.conv2", i);
    }
    conv(maker, PLAIN, f, f, 3, "conv_after_body");
    conv(maker, PLAIN, f * by * by, f, 3, "upsample.0");
    if (r->scale == 4)
        conv(maker, PLAIN, f * 4, f, 3, "upsample.2");
    conv(maker, PLAIN, r->channels, f, 3, "conv_last");
}

// --- of layers ---

// Transposed convolutions, batch norms, ReLUs; see engine/families/dcgan.c.
static GanNode *append_dcgan(const GanNetwork *network, GanLayers *layers, GanNode *x)
{
    const GanRecipe *r = network->recipe;
    const guint first = r->size % 7 == 0 ? 7 : 4;
    const GanWalk open = {.kernel_h = first, .kernel_w = first};
    const GanWalk twice = {.kernel_h = 4,
                           .kernel_w = 4,
                           .stride = 2,
                           .pad_top = 1,
                           .pad_left = 1,
                           .pad_bottom = 1,
                           .pad_right = 1};
    GanNode *y = x;
    for (guint side = first, i = 0;; side *= 2, i += 3) {
        g_autofree char *name = g_strdup_printf("main.%u", i);
        g_autofree char *norm = g_strdup_printf("main.%u", i + 1);
        const guint channels = side == r->size ? r->channels : r->features * (r->size / side / 2);
        y = gan_layer_conv_transpose2d(layers, name, y, channels, i == 0 ? &open : &twice,
                                       GAN_LAYER_NO_BIAS);
        if (side == r->size)
            return gan_tanh(y);
        y = gan_relu(gan_layer_batch_norm(layers, norm, y, TRUE));
    }
}

static GanNode *same_conv(GanLayers *layers, const char *name, GanNode *x, guint channels, guint k)
{
    const GanWalk walk = {.kernel_h = k,
                          .kernel_w = k,
                          .pad_top = k / 2,
                          .pad_left = k / 2,
                          .pad_bottom = k / 2,
                          .pad_right = k / 2};
    return gan_layer_conv2d(layers, name, x, channels, &walk, GAN_LAYER_PLAIN);
}

// See engine/families/srresnet.c.
static GanNode *append_srresnet(const GanNetwork *network, GanLayers *layers, GanNode *x)
{
    const GanRecipe *r = network->recipe;
    const guint f = r->features, last = r->blocks + 2;
    GanNode *first = gan_layer_prelu(layers, "block1.1", same_conv(layers, "block1.0", x, f, 9));
    GanNode *y = first;
    for (guint i = 2; i < last; i++) {
        gan_layers_push(layers, "block%u", i);
        GanNode *z = gan_layer_batch_norm(layers, "bn1", same_conv(layers, "conv1", y, f, 3), TRUE);
        z = same_conv(layers, "conv2", gan_layer_prelu(layers, "prelu", z), f, 3);
        y = gan_add(gan_layer_batch_norm(layers, "bn2", z, TRUE), y);
        gan_layers_pop(layers);
    }
    gan_layers_push(layers, "block%u", last);
    y = gan_add(gan_layer_prelu(layers, "1", same_conv(layers, "0", y, f, 3)), first);
    gan_layers_pop(layers);
    gan_layers_push(layers, "block%u", last + 1);
    guint i = 0;
    for (guint scale = r->scale; scale > 1; scale /= 2, i++) {
        gan_layers_push(layers, "%u", i);
        y = gan_pixel_shuffle(same_conv(layers, "conv", y, 4 * f, 3), 2);
        y = gan_layer_prelu(layers, "prelu", y);
        gan_layers_pop(layers);
    }
    g_autofree char *name = g_strdup_printf("%u", i);
    y = same_conv(layers, name, y, r->channels, 9);
    gan_layers_pop(layers);
    return gan_sigmoid(gan_linear_map(y, 2, 0)); // (tanh(y) + 1) / 2
}

typedef struct {
    const char *name;
    void (*make)(Maker *maker, const GanRecipe *r);
    GanNode *(*append)(const GanNetwork *network, GanLayers *layers, GanNode *x);
} Kind;

// In the order of GanNetworkKind.
static const Kind kinds[] = {
    {"srvgg", make_srvgg, NULL},         {"span", make_span, NULL},
    {"msrresnet", make_msrresnet, NULL}, {"srresnet", NULL, append_srresnet},
    {"rrdb", make_rrdb, NULL},           {"edsr", make_edsr, NULL},
    {"dcgan", NULL, append_dcgan}};

// --- state dicts ---

static GanTensor *saved_tensor(const GanParameter *parameter, const GanAverages *averages)
{
    for (guint i = 0; averages != NULL && i < averages->n; i++)
        if (averages->weights[i] == parameter->tensor)
            return gan_ema_average(averages->ema, i);
    return parameter->tensor;
}

GanWeights *gan_network_state(const GanNetwork *network, const GanAverages *averages,
                              GError **error)
{
    // The names are those of the tables above and need no escapes.
    g_autoptr(GString) header = g_string_new("{");
    g_autoptr(GByteArray) file = g_byte_array_new();
    const guint n = gan_parameters_n(network->parameters);
    gsize offset = 0;
    for (guint i = 0; i < n; i++) {
        const GanParameter *p = gan_parameters_at(network->parameters, i);
        const gsize bytes = gan_tensor_length(p->tensor) * sizeof(float);
        g_autofree char *shape = gan_shape_text(p->tensor->rank, p->tensor->shape);
        g_string_append_printf(header,
                               "%s\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":["
                               "%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}",
                               i > 0 ? "," : "", p->name, shape, offset, offset + bytes);
        offset += bytes;
    }
    g_string_append_c(header, '}');
    while (header->len % 64 != 56)
        g_string_append_c(header, ' ');
    const guint64 length = GUINT64_TO_LE((guint64)header->len);
    g_byte_array_append(file, (const guint8 *)&length, sizeof length);
    g_byte_array_append(file, (const guint8 *)header->str, (guint)header->len);
    for (guint i = 0; i < n; i++) {
        const GanTensor *t = saved_tensor(gan_parameters_at(network->parameters, i), averages);
        g_byte_array_append(file, (const guint8 *)t->data,
                            (guint)(gan_tensor_length(t) * sizeof(float)));
    }
    g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&file));
    return gan_weights_open_bytes(bytes, kinds[network->recipe->family].name, error);
}

gboolean gan_network_save(const GanNetwork *network, const GanAverages *averages, const char *path,
                          const char *const *metadata, GError **error)
{
    const guint n = gan_parameters_n(network->parameters);
    g_autofree const char **names = g_new(const char *, n);
    g_autofree GanTensor **tensors = g_new(GanTensor *, n);
    for (guint i = 0; i < n; i++) {
        const GanParameter *p = gan_parameters_at(network->parameters, i);
        names[i] = p->name;
        tensors[i] = saved_tensor(p, averages);
    }
    return gan_weights_save(path, names, tensors, n, GAN_DTYPE_F32, metadata, error);
}

// --- making ---

static gboolean check_scale(const GanRecipe *r, GError **error)
{
    const gboolean doubles = r->scale == 2 || r->scale == 4;
    const gboolean fine = r->family == GAN_NETWORK_MSRRESNET || r->family == GAN_NETWORK_EDSR
                              ? doubles || r->scale == 3
                          : r->family == GAN_NETWORK_RRDB     ? doubles || r->scale == 1
                          : r->family == GAN_NETWORK_SRRESNET ? doubles || r->scale == 8
                                                              : TRUE;
    if (!fine)
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: [network] scale is %u; %s has %s",
                    r->path, r->scale, kinds[r->family].name,
                    r->family == GAN_NETWORK_RRDB       ? "1, 2 and 4"
                    : r->family == GAN_NETWORK_SRRESNET ? "2, 4 and 8"
                                                        : "2, 3 and 4");
    return fine;
}

// Layers make their weights when they are built; the graph is needed for nothing else.
static gboolean make_layers(const GanNetwork *network, GRand *random, GError **error)
{
    const gboolean dcgan = network->recipe->family == GAN_NETWORK_DCGAN;
    g_autoptr(GanGraph) graph = gan_graph_new();
    g_autoptr(GanLayers) layers = gan_layers_new(graph, network->parameters, random);
    if (dcgan) // the paper's section 4
        gan_layers_set_initialisers(layers, "normal(std=0.02)", "normal(mean=1,std=0.02)");
    GanNode *x = gan_named_input(graph, "input", network->n_inputs);
    kinds[network->recipe->family].append(network, layers, x);
    return gan_layers_finish(layers, error);
}

static gboolean load_start(GanNetwork *network, GError **error)
{
    const char *path = network->recipe->start;
    const guint n = gan_parameters_n(network->parameters);
    g_autoptr(GanWeights) weights = gan_weights_open(path, error);
    if (weights == NULL)
        return FALSE;
    if (!network->recipe->start_strict) {
        network->unread = gan_parameters_load_fitting(network->parameters, weights, error);
        if (network->unread == NULL)
            g_prefix_error(error, "[network] start: ");
        return network->unread != NULL;
    }
    if (!gan_parameters_load(network->parameters, weights, error)) {
        g_prefix_error(error, "[network] start: ");
        return FALSE;
    }
    if (gan_parameters_n(network->parameters) == n && gan_weights_n_entries(weights) >= n)
        return TRUE;
    g_set_error(
        error, GAN_ERROR, GAN_ERROR_SHAPE,
        "[network] start: %s has %u tensors; the network of this recipe has %u of other names",
        path, gan_weights_n_entries(weights), n);
    return FALSE;
}

static gboolean build_family(GanNetwork *network, GError **error)
{
    static const GanModelOptions none;
    g_autoptr(GanWeights) state = gan_network_state(network, NULL, error);
    if (state == NULL)
        return FALSE;
    const GanFamily *family = NULL;
    for (guint i = 0; gan_families[i] != NULL; i++)
        if (strcmp(gan_families[i]->name, kinds[network->recipe->family].name) == 0)
            family = gan_families[i];
    g_assert(family != NULL);
    GanModelInfo info = {0};
    GanNet *net = gan_net_new(state);
    GanNode *output = family->build(net, &none, &info);
    g_free((char *)info.title);
    network->graph = gan_net_finish(net, output, error);
    return network->graph != NULL;
}

GanNetwork *gan_network_new(const GanRecipe *recipe, guint n_classes, GError **error)
{
    g_autoptr(GanNetwork) network = g_new0(GanNetwork, 1);
    g_autoptr(GRand) random = g_rand_new_with_seed((guint32)recipe->seed);
    network->recipe = recipe;
    network->parameters = gan_parameters_new();
    network->n_inputs =
        recipe->family == GAN_NETWORK_DCGAN ? recipe->latent + n_classes : recipe->channels;
    const Kind *kind = &kinds[recipe->family];
    if (!check_scale(recipe, error))
        return NULL;
    if (kind->make != NULL) {
        Maker maker = {network->parameters, random, NULL};
        kind->make(&maker, recipe);
        if (maker.error != NULL) {
            g_propagate_error(error, maker.error);
            return NULL;
        }
    } else if (!make_layers(network, random, error)) {
        return NULL;
    }
    if (recipe->start[0] != '\0' && !load_start(network, error))
        return NULL;
    if (kind->make != NULL && !build_family(network, error))
        return NULL;
    return g_steal_pointer(&network);
}

const GPtrArray *gan_network_unread(const GanNetwork *network)
{
    return network->unread;
}

void gan_network_free(GanNetwork *network)
{
    if (network == NULL)
        return;
    if (network->unread != NULL)
        g_ptr_array_unref(network->unread);
    gan_graph_free(network->graph);
    gan_parameters_free(network->parameters);
    g_free(network);
}

GanParameters *gan_network_parameters(const GanNetwork *network)
{
    return network->parameters;
}

guint64 gan_network_n_weights(const GanNetwork *network)
{
    guint64 n = 0;
    for (guint i = 0; i < gan_parameters_n(network->parameters); i++) {
        const GanParameter *p = gan_parameters_at(network->parameters, i);
        n += p->kind == GAN_PARAMETER_WEIGHT ? gan_tensor_length(p->tensor) : 0;
    }
    return n;
}

GanNode *gan_network_append(const GanNetwork *network, GanLayers *layers, GanNode *x)
{
    return network->graph != NULL ? gan_layers_import(layers, network->graph, x)
                                  : kinds[network->recipe->family].append(network, layers, x);
}
