// SPDX-License-Identifier: LGPL-3.0-or-later
// Losses in what a feature network sees, by the words of recipes.
#include "perceptual.h"

#include <stddef.h>

#define AT(member) offsetof(GanPerceptualSettings, member)
static const GanKey rows[] = {
    {"loss", "perceptual_weight", GAN_KEY_NUMBER, AT(weight), 0, 1e6, "0", NULL},
    {"loss", "perceptual_network", GAN_KEY_FILE, AT(network), 0, 0, "", NULL},
    {"loss", "perceptual_layers", GAN_KEY_TEXT, AT(layers), 0, 0, "", NULL},
    {"loss", "perceptual_shift", GAN_KEY_INTEGER, AT(shift), 0, 15, "0", NULL},
    {"loss", "style_weight", GAN_KEY_NUMBER, AT(style_weight), 0, 1e12, "0", NULL},
};
#undef AT

static gboolean check(const GanRecipe *recipe, gpointer settings, GError **error)
{
    const GanPerceptualSettings *s = settings;
    if ((s->weight <= 0 && s->style_weight <= 0) || s->network[0] != '\0')
        return TRUE;
    return gan_recipe_refuse(
        recipe, "loss.perceptual_network", error,
        "a perceptual or style loss needs the weight file of a feature network");
}

const GanKeys gan_perceptual_keys = {rows, G_N_ELEMENTS(rows), sizeof(GanPerceptualSettings),
                                     check};

struct GanObserver {
    GanFeatures *features;
    GStrv layers;
    float *weights;
};

// Reads "name:weight name"; nothing means the last layer. That they are there is found out by a
// walk through the network.
static gboolean choose_layers(GanObserver *o, const GanRecipe *recipe, const char *text,
                              GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " ,", -1);
    const guint most = g_strv_length(words) + 1;
    guint n = 0;
    o->layers = g_new0(char *, most + 1);
    o->weights = g_new(float, most);
    for (guint w = 0; words[w] != NULL; w++) {
        if (words[w][0] == '\0')
            continue;
        g_auto(GStrv) parts = g_strsplit(words[w], ":", 2);
        const double weight = parts[1] != NULL ? g_ascii_strtod(parts[1], NULL) : 1;
        if (!(weight > 0))
            return gan_recipe_refuse(recipe, "loss.perceptual_layers", error,
                                     "'%s'; a weight above 0 is wanted", words[w]);
        o->layers[n] = g_strdup(parts[0]);
        o->weights[n++] = (float)weight;
    }
    if (n == 0) {
        o->layers[n] = g_strdup(gan_features_last(o->features));
        o->weights[n++] = 1;
    }
    g_autoptr(GanGraph) graph = gan_graph_new();
    g_autofree GanNode **values = g_new0(GanNode *, n);
    g_autoptr(GError) reason = NULL;
    return gan_features_append(o->features, gan_named_input(graph, "x", 3),
                               (const char *const *)o->layers, n, values, &reason) ||
           gan_recipe_refuse(recipe, "loss.perceptual_layers", error, "%s", reason->message);
}

GanObserver *gan_observer_new(const GanRecipe *recipe, GError **error)
{
    const GanPerceptualSettings *s = gan_recipe_settings(recipe, &gan_perceptual_keys);
    g_autofree char *folder = g_path_get_dirname(gan_recipe_path(recipe));
    g_autofree char *beside = g_build_filename(folder, s->network, NULL);
    const gboolean here =
        g_file_test(s->network, G_FILE_TEST_EXISTS) || !g_file_test(beside, G_FILE_TEST_EXISTS);
    if (!g_file_test(here ? s->network : beside, G_FILE_TEST_EXISTS)) {
        gan_recipe_refuse(recipe, "loss.perceptual_network", error,
                          "'%s' is not there; it is the weight file of a VGG or SqueezeNet as "
                          "torchvision publishes them (vgg19-dcbb9e9d.pth); --set "
                          "loss.perceptual_weight=0 --set loss.style_weight=0 learns without",
                          s->network);
        return NULL;
    }
    g_autoptr(GanObserver) o = g_new0(GanObserver, 1);
    o->features = gan_features_open(here ? s->network : beside, error);
    if (o->features == NULL) {
        g_prefix_error(error, "[loss] perceptual_network: ");
        return NULL;
    }
    return choose_layers(o, recipe, s->layers, error) ? g_steal_pointer(&o) : NULL;
}

void gan_observer_free(GanObserver *observer)
{
    if (observer == NULL)
        return;
    gan_features_free(observer->features);
    g_strfreev(observer->layers);
    g_free(observer->weights);
    g_free(observer);
}

GanNode *gan_observer_loss(const GanObserver *observer, GanPerceptual kind, GanNode *made,
                           GanNode *wanted)
{
    // The layers were checked when the network was opened.
    GanNode *loss = gan_loss_perceptual(observer->features, kind, made, wanted,
                                        (const char *const *)observer->layers, observer->weights,
                                        g_strv_length(observer->layers), NULL);
    g_assert(loss != NULL);
    return loss;
}

// --- moved pictures ---

GanShape gan_shift_shape(guint shift, guint channels)
{
    return (GanShape){channels, 1, shift + 1, shift + 1};
}

GanNode *gan_shift_apply(GanNode *x, GanNode *kernel, guint shift, guint channels)
{
    const GanConvParams params = {.kernel_h = shift + 1,
                                  .kernel_w = shift + 1,
                                  .groups = channels,
                                  .pad_top = shift,
                                  .pad_left = shift};
    return gan_convolution(x, kernel, NULL, channels, &params);
}

void gan_shift_draw(guint shift, guint channels, GanRandom *random, float *kernel)
{
    const guint n = (shift + 1) * (shift + 1), place = gan_random_below(random, n);
    for (guint i = 0; i < channels * n; i++)
        kernel[i] = i % n == place ? 1 : 0;
}
