// SPDX-License-Identifier: LGPL-3.0-or-later
// VGG19 as a frozen part of a graph.
#include "perceptual.h"

#include "loss.h"
#include <string.h>

#define N_LEVELS 5u
#define MOST_LAYERS 16u

// Convolutions of a level; torchvision counts ReLUs and pools, too.
static const guint n_convs[N_LEVELS] = {2, 2, 4, 4, 4};
static const float caffe_mean[3] = {123.68f, 116.78f, 103.94f}; // R G B, of 0..255
static const float torch_mean[3] = {0.485f, 0.456f, 0.406f};
static const float torch_deviation[3] = {0.229f, 0.224f, 0.225f};

typedef struct {
    char name[16];
    GanTensor *weight, *bias;
    gboolean pooled; // the first of a level: of the pooled picture
    double wanted;   // weight of the layer in losses; 0: none
} Layer;

struct GanFeatures {
    Layer layers[MOST_LAYERS];
    guint n_layers;           // that are needed
    GanTensor *weight, *bias; // of conv0, or NULL
    GanTensor *scale, *shift; // of the picture's channels, where there is no conv0
    double unit;              // what the values are divided by
    guint n_wanted;
};

static GanTensor *read(GanWeights *weights, const char *name, const char *part)
{
    g_autofree char *full = g_strconcat(name, part, NULL);
    return gan_weights_tensor(weights, full, NULL);
}

// A layer under one of its two names, whole and of the right shapes.
static gboolean read_layer(GanWeights *weights, Layer *layer, guint number, guint n_inputs)
{
    g_autofree char *torch_name = g_strdup_printf("features.%u", number);
    layer->weight = read(weights, layer->name, ".weight");
    layer->bias = read(weights, layer->name, ".bias");
    if (layer->weight == NULL) {
        layer->weight = read(weights, torch_name, ".weight");
        layer->bias = read(weights, torch_name, ".bias");
    }
    return layer->weight != NULL && layer->bias != NULL && layer->weight->rank == 4 &&
           layer->weight->shape[1] == n_inputs && layer->weight->shape[2] == 3 &&
           layer->weight->shape[3] == 3 && layer->bias->rank == 1 &&
           layer->bias->shape[0] == layer->weight->shape[0];
}

static void read_layers(GanFeatures *f, GanWeights *weights)
{
    guint number = 0, n_inputs = 3;
    for (guint level = 0; level < N_LEVELS; level++, number++)
        for (guint i = 0; i < n_convs[level]; i++, number += 2) {
            Layer *layer = &f->layers[f->n_layers];
            g_snprintf(layer->name, sizeof layer->name, "conv%u_%u", level + 1, i + 1);
            layer->pooled = level > 0 && i == 0;
            if (!read_layer(weights, layer, number, n_inputs)) {
                g_clear_pointer(&layer->weight, gan_tensor_unref);
                g_clear_pointer(&layer->bias, gan_tensor_unref);
                return;
            }
            n_inputs = (guint)layer->weight->shape[0];
            f->n_layers++;
        }
}

// Reads "name:weight name"; layers after the last that is named are not needed.
static gboolean choose(GanFeatures *f, const char *path, const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " ,", -1);
    guint last = 0;
    for (guint w = 0; words[w] != NULL; w++) {
        if (words[w][0] == '\0')
            continue;
        g_auto(GStrv) parts = g_strsplit(words[w], ":", 2);
        const double weight = parts[1] != NULL ? g_ascii_strtod(parts[1], NULL) : 1;
        guint i = 0;
        while (i < f->n_layers && strcmp(f->layers[i].name, parts[0]) != 0)
            i++;
        if (i == f->n_layers || !(weight > 0)) {
            g_set_error(
                error, GAN_ERROR, GAN_ERROR_FORMAT,
                "[loss] perceptual_layers: '%s' is no layer of %s with a weight above 0; it "
                "goes from conv1_1 to %s",
                words[w], path, f->layers[f->n_layers - 1].name);
            return FALSE;
        }
        f->layers[i].wanted = weight;
        last = MAX(last, i);
        f->n_wanted++;
    }
    if (f->n_wanted == 0) {
        last = f->n_layers - 1;
        f->layers[last].wanted = 1;
        f->n_wanted = 1;
    }
    f->n_layers = last + 1;
    return TRUE;
}

// How the picture is prepared.
static gboolean set_input(GanFeatures *f, GanWeights *weights, GError **error)
{
    const gsize three = 3;
    const gboolean torch = gan_weights_find(weights, "features.0.weight") != NULL;
    f->unit = torch ? 1 : 255 * torch_deviation[2];
    f->weight = read(weights, "conv0", ".weight");
    f->bias = read(weights, "conv0", ".bias");
    if (f->weight != NULL && f->bias != NULL)
        return TRUE;
    f->scale = gan_tensor_new(1, &three, error);
    f->shift = f->scale != NULL ? gan_tensor_new(1, &three, error) : NULL;
    for (guint c = 0; f->shift != NULL && c < 3; c++) {
        f->scale->data[c] = torch ? 1 / torch_deviation[c] : 255;
        f->shift->data[c] = torch ? -torch_mean[c] / torch_deviation[c] : -caffe_mean[c];
    }
    return f->shift != NULL;
}

GanFeatures *gan_features_open(const char *path, const char *layers, GError **error)
{
    g_autoptr(GanWeights) weights = gan_weights_open(path, error);
    if (weights == NULL)
        return NULL;
    g_autoptr(GanFeatures) f = g_new0(GanFeatures, 1);
    read_layers(f, weights);
    if (f->n_layers == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN,
                    "%s: not VGG19: there is neither conv1_1.weight nor features.0.weight of "
                    "[64,3,3,3]",
                    path);
        return NULL;
    }
    if (!choose(f, path, layers, error) || !set_input(f, weights, error))
        return NULL;
    return g_steal_pointer(&f);
}

void gan_features_free(GanFeatures *f)
{
    if (f == NULL)
        return;
    for (guint i = 0; i < MOST_LAYERS; i++) {
        gan_tensor_unref(f->layers[i].weight);
        gan_tensor_unref(f->layers[i].bias);
    }
    gan_tensor_unref(f->weight);
    gan_tensor_unref(f->bias);
    gan_tensor_unref(f->scale);
    gan_tensor_unref(f->shift);
    g_free(f);
}

guint gan_features_n(const GanFeatures *f)
{
    return f->n_wanted;
}

double gan_features_weight(const GanFeatures *f, guint index)
{
    for (guint i = 0; i < f->n_layers; i++)
        if (f->layers[i].wanted > 0 && index-- == 0)
            return f->layers[i].wanted;
    g_return_val_if_reached(0);
}

void gan_features_append(const GanFeatures *f, GanNode *x, GanNode **values)
{
    const GanWalk one = {.kernel_h = 1, .kernel_w = 1}, bare = {.kernel_h = 3, .kernel_w = 3},
                  same = {.kernel_h = 3,
                          .kernel_w = 3,
                          .pad_top = 1,
                          .pad_left = 1,
                          .pad_bottom = 1,
                          .pad_right = 1};
    GanGraph *graph = x->graph;
    GanNode *y = x;
    if (f->weight != NULL) {
        y = gan_convolution(x, gan_frozen(graph, "conv0.weight", f->weight),
                            gan_frozen(graph, "conv0.bias", f->bias), 3, &one);
    } else {
        const GanAttributes attributes = gan_attributes_default();
        GanNode *inputs[] = {x, gan_frozen(graph, "scale", f->scale),
                             gan_frozen(graph, "shift", f->shift)};
        y = gan_graph_append(graph, GAN_OP_AFFINE, "prepared", inputs, 3, &attributes);
    }
    guint n = 0;
    for (guint i = 0; i < f->n_layers; i++) {
        const Layer *layer = &f->layers[i];
        if (layer->pooled)
            y = gan_max_pool(y, 2, 2, 0, FALSE);
        GanNode *weight = gan_frozen(graph, layer->name, layer->weight),
                *bias = gan_frozen(graph, layer->name, layer->bias);
        const guint channels = (guint)layer->weight->shape[0];
        y = f->weight != NULL ? gan_convolution(gan_pad(y, 1, 1, 1, 1, GK_PAD_REFLECT), weight,
                                                bias, channels, &bare)
                              : gan_convolution(y, weight, bias, channels, &same);
        if (layer->wanted > 0)
            values[n++] = y;
        GanAttributes relu = gan_attributes_default();
        relu.activation = GK_ACT_LEAKY;
        y = gan_graph_append(graph, GAN_OP_ACTIVATE, layer->name, &y, 1, &relu);
    }
}

typedef GanNode *(*Difference)(GanNode *made, GanNode *wanted);

static GanNode *gram_difference(GanNode *made, GanNode *wanted)
{
    return gan_loss_mse(gan_gram(made), gan_gram(wanted));
}

static GanNode *sum(const GanFeatures *f, GanNode *const *made, GanNode *const *wanted,
                    Difference difference, double unit)
{
    GanNode *total = NULL;
    for (guint i = 0; i < f->n_wanted; i++) {
        GanNode *term = gan_linear_map(difference(made[i], wanted[i]),
                                       (float)(gan_features_weight(f, i) / unit), 0);
        total = total != NULL ? gan_sum(total, term) : term;
    }
    return total;
}

GanNode *gan_loss_perceptual(const GanFeatures *f, GanNode *const *made, GanNode *const *wanted)
{
    return sum(f, made, wanted, gan_loss_l1, f->unit);
}

GanNode *gan_loss_style(const GanFeatures *f, GanNode *const *made, GanNode *const *wanted)
{
    // Gram matrices are of the second order, their square of the fourth.
    return sum(f, made, wanted, gram_difference, f->unit * f->unit * f->unit * f->unit);
}
