// SPDX-License-Identifier: LGPL-3.0-or-later
// Frozen networks and losses in what they see.
//
// VGG: Simonyan, Zisserman 2014, arXiv:1409.1556. SqueezeNet: Iandola et al. 2016,
// arXiv:1602.07360.
#include "loss_features.h"
#include "loss.h"
#include "nn.h"

#include <string.h>

typedef enum { NETWORK_VGG, NETWORK_SQUEEZE } Network;

struct GanFeatures {
    Network network;
    GPtrArray *tensors;       // of GanTensor: weight and bias of each convolution, in order
    GPtrArray *names;         // of the convolutions: "conv1_1"; "fire2/squeeze" and so on
    GanTensor *scale, *shift; // of the input, per channel of RGB
    gboolean own_input;       // conv0
    double unit;              // the input's, in those of torchvision's normalisation
    gboolean late_pools;      // SqueezeNet 1.0 pools after fire4 and fire8, 1.1 after 3 and 5
};

void gan_features_free(GanFeatures *features)
{
    if (features == NULL)
        return;
    g_ptr_array_unref(features->tensors);
    g_ptr_array_unref(features->names);
    gan_tensor_unref(features->scale);
    gan_tensor_unref(features->shift);
    g_free(features);
}

// Reads "<from>.weight" and ".bias" as the convolution `name`. FALSE without an error: not there.
static gboolean read_conv(GanFeatures *features, GanWeights *weights, const char *from,
                          const char *name, GError **error)
{
    g_autofree char *weight_name = g_strconcat(from, ".weight", NULL);
    g_autofree char *bias_name = g_strconcat(from, ".bias", NULL);
    const GanWeightsEntry *entry = gan_weights_find(weights, weight_name);
    if (entry == NULL || entry->rank != 4)
        return FALSE;
    g_autoptr(GanTensor) weight = gan_weights_tensor(weights, weight_name, error);
    g_autoptr(GanTensor) bias =
        weight == NULL ? NULL : gan_weights_tensor(weights, bias_name, error);
    if (bias == NULL)
        return FALSE;
    const gsize n_before = features->tensors->len;
    const GanTensor *last = n_before == 0 ? NULL : features->tensors->pdata[n_before - 2];
    if (gan_tensor_length(bias) != weight->shape[0] ||
        (features->network == NETWORK_VGG &&
         weight->shape[1] != (last == NULL ? 3 : last->shape[0]))) {
        g_autofree char *have = gan_shape_text(weight->rank, weight->shape);
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%s: tensor '%s' is %s, which does not fit",
                    gan_weights_path(weights), weight_name, have);
        return FALSE;
    }
    g_ptr_array_add(features->tensors, g_steal_pointer(&weight));
    g_ptr_array_add(features->tensors, g_steal_pointer(&bias));
    g_ptr_array_add(features->names, g_strdup(name));
    return TRUE;
}

static gboolean read_vgg(GanFeatures *features, GanWeights *weights, GError **error)
{
    GError *inner = NULL;
    features->own_input = read_conv(features, weights, "conv0", "conv0", &inner);
    // A block ends where the next layer's name says so, or where torchvision counts a pooling.
    guint block = 1, layer = 1, last_index = 0;
    for (guint i = 0; i < 40 && inner == NULL; i++) {
        g_autofree char *torch = g_strdup_printf("features.%u", i);
        g_autofree char *weight = g_strconcat(torch, ".weight", NULL);
        if (gan_weights_find(weights, weight) == NULL)
            continue;
        if (i - last_index > 2) {
            block++;
            layer = 1;
        }
        last_index = i;
        g_autofree char *name = g_strdup_printf("conv%u_%u", block, layer++);
        read_conv(features, weights, torch, name, &inner);
    }
    for (block = 1; block <= 5 && inner == NULL; block++)
        for (layer = 1; layer <= 4 && inner == NULL; layer++) {
            g_autofree char *name = g_strdup_printf("conv%u_%u", block, layer);
            read_conv(features, weights, name, name, &inner);
        }
    if (inner == NULL)
        return features->tensors->len > (features->own_input ? 2 : 0);
    g_propagate_error(error, inner);
    return FALSE;
}

static gboolean read_squeeze(GanFeatures *features, GanWeights *weights, GError **error)
{
    static const char *const parts[][3] = {{"squeeze", "squeeze1x1", "conv1x1_1"},
                                           {"expand1x1", "expand1x1", "conv1x1_2"},
                                           {"expand3x3", "expand3x3", "conv3x3_2"}};
    GError *inner = NULL;
    features->network = NETWORK_SQUEEZE;
    gboolean good = read_conv(features, weights, "conv1", "conv1", &inner);
    for (guint fire = 2; fire <= 9 && good; fire++)
        for (guint i = 0; i < 3 && good; i++) {
            g_autofree char *name = g_strdup_printf("fire%u/%s", fire, parts[i][0]);
            g_autofree char *ours = g_strdup_printf("fire%u/%s", fire, parts[i][1]);
            g_autofree char *caffe = g_strdup_printf("fire%u/%s", fire, parts[i][2]);
            good = read_conv(features, weights, ours, name, &inner) ||
                   (inner == NULL && read_conv(features, weights, caffe, name, &inner));
        }
    if (good)
        features->late_pools = ((const GanTensor *)features->tensors->pdata[0])->shape[2] == 7;
    if (inner != NULL)
        g_propagate_error(error, inner);
    return good;
}

// Turns the input channels of the first convolution from BGR to RGB.
static gboolean turn_channels(GanFeatures *features, GError **error)
{
    const GanTensor *from = features->tensors->pdata[0];
    GanTensor *to = gan_tensor_new(from->rank, from->shape, error);
    if (to == NULL)
        return FALSE;
    const gsize taps = from->shape[2] * from->shape[3];
    for (gsize o = 0; o < from->shape[0]; o++)
        for (gsize c = 0; c < 3; c++)
            memcpy(to->data + (o * 3 + c) * taps, from->data + (o * 3 + 2 - c) * taps,
                   taps * sizeof(float));
    gan_tensor_unref(features->tensors->pdata[0]);
    features->tensors->pdata[0] = to;
    return TRUE;
}

// What is done to RGB in 0..1 before the first convolution.
static gboolean read_input(GanFeatures *features, GanWeights *weights, GError **error)
{
    static const double torch_mean[] = {0.485, 0.456, 0.406}, torch_std[] = {0.229, 0.224, 0.225};
    const gsize three = 3;
    features->scale = gan_tensor_new(1, &three, error);
    features->shift = features->scale == NULL ? NULL : gan_tensor_new(1, &three, error);
    if (features->shift == NULL)
        return FALSE;
    const char *input = gan_weights_metadata(weights, "input");
    const char *minus = input == NULL ? NULL : strstr(input, "minus ");
    const gboolean bgr = input != NULL && strstr(input, "BGR") != NULL;
    const double range = input != NULL && strstr(input, "0..255") != NULL ? 255 : 1;
    char *at = minus == NULL ? NULL : (char *)minus + strlen("minus ");
    for (guint i = 0; i < 3; i++) {
        const guint c = bgr ? 2 - i : i;
        double mean = 0;
        if (at != NULL) {
            mean = g_ascii_strtod(at, &at);
            at += *at == ',';
        }
        const gboolean torch = input == NULL && !features->own_input;
        features->scale->data[c] = (float)(torch ? 1 / torch_std[i] : range);
        features->shift->data[c] = (float)(torch ? -torch_mean[i] / torch_std[i] : -mean);
        features->unit = torch ? 1 : (features->own_input ? 255 : range) * torch_std[i];
    }
    return !bgr || turn_channels(features, error);
}

GanFeatures *gan_features_open(const char *path, GError **error)
{
    g_autoptr(GanWeights) weights = gan_weights_open(path, error);
    if (weights == NULL)
        return NULL;
    g_autoptr(GanFeatures) features = g_new0(GanFeatures, 1);
    features->tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    features->names = g_ptr_array_new_with_free_func(g_free);
    GError *inner = NULL;
    gboolean known = read_vgg(features, weights, &inner);
    if (!known && inner == NULL)
        known = read_squeeze(features, weights, &inner);
    if (!known) {
        if (inner != NULL)
            g_propagate_error(error, inner);
        else
            g_set_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN,
                        "%s: no feature network; 'conv1_1' and following (VGG), torchvision's "
                        "'features.0', or 'conv1' and 'fire2' to 'fire9' (SqueezeNet) are wanted",
                        path);
        return NULL;
    }
    return read_input(features, weights, error) ? g_steal_pointer(&features) : NULL;
}

const char *gan_features_last(const GanFeatures *features)
{
    const char *name = features->names->pdata[features->names->len - 1];
    // The last convolutions of a fire are not seen apart.
    static const char *const fires[] = {"fire2", "fire3", "fire4", "fire5",
                                        "fire6", "fire7", "fire8", "fire9"};
    for (gsize i = 0; i < G_N_ELEMENTS(fires); i++)
        if (g_str_has_prefix(name, fires[i]))
            return fires[i];
    return name;
}

// A network on its way through a graph, with the values that were asked for.
typedef struct {
    const GanFeatures *features;
    GanNode *x;
    guint next; // convolution
    const char *const *names;
    GanNode **values;
    guint n, n_found;
    GString *known; // names of layers, for the message
} Walker;

static void visit(Walker *w, const char *name)
{
    g_string_append_printf(w->known, "%s%s", w->known->len == 0 ? "" : ", ", name);
    for (guint i = 0; i < w->n; i++)
        if (w->values[i] == NULL && strcmp(w->names[i], name) == 0) {
            w->values[i] = w->x;
            w->n_found++;
        }
}

static GanNode *convolve(Walker *w, GanNode *x, guint stride, guint pad)
{
    GanTensor *weight = w->features->tensors->pdata[2 * w->next];
    GanTensor *bias = w->features->tensors->pdata[2 * w->next + 1];
    const char *name = w->features->names->pdata[w->next++];
    const GanConvParams params = {.kernel_h = (guint)weight->shape[2],
                                  .kernel_w = (guint)weight->shape[3],
                                  .stride = stride,
                                  .pad_top = pad,
                                  .pad_left = pad,
                                  .pad_bottom = pad,
                                  .pad_right = pad};
    return gan_convolution(x, gan_frozen(x->graph, name, weight), gan_frozen(x->graph, name, bias),
                           (guint)weight->shape[0], &params);
}

static void walk_vgg(Walker *w)
{
    const GanFeatures *f = w->features;
    char block = '1';
    if (f->own_input)
        w->x = convolve(w, w->x, 1, 0);
    while (w->next < f->names->len && w->n_found < w->n) {
        const char *name = f->names->pdata[w->next];
        if (name[4] != block)
            w->x = gan_max_pool(w->x, 2, 2, 0, f->own_input);
        block = name[4];
        w->x = f->own_input ? convolve(w, gan_pad(w->x, 1, 1, 1, 1, GK_PAD_REFLECT), 1, 0)
                            : convolve(w, w->x, 1, 1);
        visit(w, name);
        w->x = gan_relu(w->x);
        g_autofree char *relu = g_strconcat("relu", name + 4, NULL);
        visit(w, relu);
    }
}

static void walk_squeeze(Walker *w)
{
    const GanFeatures *f = w->features;
    w->x = gan_relu(convolve(w, w->x, 2, 0));
    visit(w, "conv1");
    w->x = gan_max_pool(w->x, 3, 2, 0, TRUE);
    visit(w, "pool1");
    for (guint fire = 2; fire <= 9 && w->n_found < w->n; fire++) {
        GanNode *squeezed = gan_relu(convolve(w, w->x, 1, 0)), *parts[2];
        parts[0] = gan_relu(convolve(w, squeezed, 1, 0));
        parts[1] = gan_relu(convolve(w, squeezed, 1, 1));
        w->x = gan_concat(parts, 2);
        g_autofree char *name = g_strdup_printf("fire%u", fire);
        visit(w, name);
        if (f->late_pools ? fire == 4 || fire == 8 : fire == 3 || fire == 5)
            w->x = gan_max_pool(w->x, 3, 2, 0, TRUE);
    }
}

gboolean gan_features_append(const GanFeatures *features, GanNode *x, const char *const *names,
                             guint n, GanNode **values, GError **error)
{
    g_return_val_if_fail(x->channels == 3, FALSE);
    GanNode *inputs[] = {x, gan_frozen(x->graph, "scale", features->scale),
                         gan_frozen(x->graph, "shift", features->shift)};
    const GanAttributes attributes = gan_attributes_default();
    Walker w = {.features = features,
                .x = gan_graph_append(x->graph, GAN_OP_AFFINE, "input", inputs, 3, &attributes),
                .names = names,
                .values = values,
                .n = n,
                .known = g_string_new(NULL)};
    memset(values, 0, n * sizeof *values);
    if (features->network == NETWORK_VGG)
        walk_vgg(&w);
    else
        walk_squeeze(&w);
    for (guint i = 0; i < n; i++)
        if (values[i] == NULL) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "feature layer '%s' is none of %s",
                        names[i], w.known->str);
            break;
        }
    g_string_free(w.known, TRUE);
    return w.n_found == n;
}

GanNode *gan_loss_perceptual(const GanFeatures *features, GanPerceptual kind, GanNode *made,
                             GanNode *wanted, const char *const *names, const float *weights,
                             guint n, GError **error)
{
    g_autofree GanNode **a = g_new0(GanNode *, n), **b = g_new0(GanNode *, n);
    g_return_val_if_fail(n > 0, NULL);
    if (!gan_features_append(features, made, names, n, a, error) ||
        !gan_features_append(features, gan_stop(wanted), names, n, b, error))
        return NULL;
    GanNode *sum = NULL;
    const float scale = (float)(1 / features->unit);
    for (guint i = 0; i < n; i++) {
        a[i] = gan_linear_map(a[i], scale, 0);
        b[i] = gan_linear_map(b[i], scale, 0);
        GanNode *term = kind == GAN_PERCEPTUAL_L1    ? gan_loss_l1(a[i], b[i])
                        : kind == GAN_PERCEPTUAL_MSE ? gan_loss_mse(a[i], b[i])
                                                     : gan_loss_mse(gan_gram(a[i]), gan_gram(b[i]));
        term = gan_linear_map(term, weights[i], 0);
        sum = sum == NULL ? term : gan_sum(sum, term);
    }
    return sum;
}
