// SPDX-License-Identifier: LGPL-3.0-or-later
// A generator that a recipe asks for.
#include "network.h"

#include <stddef.h>

// --- settings ---

#define AT(member) offsetof(GanNetworkSettings, member)
static const GanKey rows[] = {
    {"network", "family", GAN_KEY_TEXT, AT(family), 0, 0, NULL, NULL},
    {"network", "scale", GAN_KEY_INTEGER, AT(scale), 1, 8, "1", NULL},
    {"network", "features", GAN_KEY_INTEGER, AT(features), 1, 1024, "64", NULL},
    {"network", "blocks", GAN_KEY_INTEGER, AT(blocks), 1, 200, "16", NULL},
    {"network", "growth", GAN_KEY_INTEGER, AT(growth), 1, 512, "32", NULL},
    {"network", "latent", GAN_KEY_INTEGER, AT(latent), 1, 4096, "100", NULL},
    {"network", "size", GAN_KEY_INTEGER, AT(size), 16, 256, "64", NULL},
    {"network", "channels", GAN_KEY_INTEGER, AT(channels), 1, 3, "3", NULL},
    {"network", "residual", GAN_KEY_FLAG, AT(residual), 0, 0, "yes", NULL},
    {"network", "start", GAN_KEY_FILE, AT(start), 0, 0, "", NULL},
    {"network", "start_grow", GAN_KEY_FLAG, AT(start_grow), 0, 0, "no", NULL},
    {"network", "start_strict", GAN_KEY_FLAG, AT(start_strict), 0, 0, "yes", NULL},
};
#undef AT

GanTask gan_network_task(const GanNetworkSettings *settings)
{
    return gan_family_find(settings->family)->task;
}

static gboolean check(const GanRecipe *recipe, gpointer settings, GError **error)
{
    const GanNetworkSettings *s = settings;
    if (gan_family_find(s->family) == NULL) {
        g_autoptr(GString) known = g_string_new(NULL);
        for (guint i = 0; gan_families[i] != NULL; i++)
            g_string_append_printf(known, "%s%s", i > 0 ? ", " : "", gan_families[i]->name);
        return gan_recipe_refuse(recipe, "network.family", error,
                                 "there is none called '%s'; there are %s", s->family, known->str);
    }
    const GanRule rules[] = {
        {s->start_grow && s->start[0] == '\0', "network.start_grow",
         "there is nothing to grow from: network.start names it"},
        {s->channels == 2, "network.channels", "there are 1 or 3 channels"},
        {gan_network_task(s) == GAN_TASK_GENERATE && s->size != 28 &&
             (s->size & (s->size - 1)) != 0,
         "network.size", "generated pictures have a side of 28, or of a power of two from 16"},
    };
    return gan_recipe_check(recipe, rules, G_N_ELEMENTS(rules), error);
}

const GanKeys gan_network_keys = {rows, G_N_ELEMENTS(rows), sizeof(GanNetworkSettings), check};

// --- weights ---

static gboolean load_start(GanNetwork *network, const GanNetworkSettings *s, GError **error)
{
    g_autoptr(GanWeights) file = gan_weights_open(s->start, error);
    if (file == NULL)
        return FALSE;
    g_autoptr(GanWeights) weights = gan_family_part(network->family, file);
    if (s->start_grow)
        return gan_family_grow(network->family, &network->sizes, network->parameters, weights,
                               error);
    if (s->start_strict)
        return gan_parameters_load_exactly(network->parameters, weights, error);
    network->unread = gan_parameters_load_fitting(network->parameters, weights, error);
    return network->unread != NULL;
}

static gboolean check_told(const GanNetwork *network, const char *told, GError **error)
{
    const char *number = network->told ? network->number.name : NULL;
    if (number == NULL || g_strcmp0(number, told) == 0)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                "%s has to be told the %s of each picture, which the data do not tell%s",
                network->family->name, number,
                strcmp(number, "noise") == 0 ? "; degrade.kind = noise with gaussian = 1 does"
                                             : "; degrade.kind = jpeg does");
    return FALSE;
}

GanNetwork *gan_network_new(const GanRecipe *recipe, guint64 seed, guint n_classes,
                            const char *told, GError **error)
{
    const GanNetworkSettings *s = gan_recipe_settings(recipe, &gan_network_keys);
    g_autoptr(GRand) random = g_rand_new_with_seed((guint32)seed);
    g_autoptr(GanNetwork) network = g_new0(GanNetwork, 1);
    network->family = gan_family_find(s->family);
    network->parameters = gan_parameters_new();
    network->sizes =
        (GanSizes){.channels_in = gan_network_task(s) == GAN_TASK_GENERATE ? s->latent + n_classes
                                                                           : s->channels,
                   .channels_out = s->channels,
                   .scale = s->scale,
                   .features = s->features,
                   .blocks = s->blocks,
                   .growth = s->growth,
                   .size = s->size,
                   .told_quality = g_strcmp0(told, "quality") == 0,
                   .told_bare = !s->residual};
    network->told = gan_family_number(network->family, &network->sizes, &network->number);
    if (!gan_family_complete(network->family, &network->sizes, error) ||
        !check_told(network, told, error)) {
        g_prefix_error(error, "%s: [network] ", gan_recipe_path(recipe));
        return NULL;
    }
    if (!gan_family_begin(network->family, &network->sizes, network->parameters, random, error))
        return NULL;
    if (s->start[0] != '\0' && !load_start(network, s, error)) {
        g_prefix_error(error, "[network] start: ");
        return NULL;
    }
    return g_steal_pointer(&network);
}

void gan_network_free(GanNetwork *network)
{
    if (network == NULL)
        return;
    g_clear_pointer(&network->unread, g_ptr_array_unref);
    gan_parameters_free(network->parameters);
    g_free(network);
}

GanNode *gan_network_append(const GanNetwork *network, GanNet *net, GanNode *x, GanNode *number)
{
    return gan_family_apply(network->family, &network->sizes, net, x, number);
}

// --- what is saved ---

static GanTensor **saved_tensors(const GanNetwork *network, const GanEma *ema, const char ***names)
{
    const guint n = gan_parameters_n(network->parameters);
    GanTensor **tensors = g_new(GanTensor *, n);
    *names = g_new(const char *, n);
    for (guint i = 0; i < n; i++) {
        const GanParameter *p = gan_parameters_at(network->parameters, i);
        (*names)[i] = p->name;
        tensors[i] = gan_ema_of(ema, p->tensor);
    }
    return tensors;
}

GanWeights *gan_network_state(const GanNetwork *network, const GanEma *ema, GError **error)
{
    g_autofree const char **names = NULL;
    g_autofree GanTensor **tensors = saved_tensors(network, ema, &names);
    return gan_weights_new_from_tensors(network->family->name, names, tensors,
                                        gan_parameters_n(network->parameters), error);
}

gboolean gan_network_save(const GanNetwork *network, const GanEma *ema, const char *path,
                          const char *const *metadata, GError **error)
{
    g_autofree const char **names = NULL;
    g_autofree GanTensor **tensors = saved_tensors(network, ema, &names);
    return gan_weights_save(path, names, tensors, gan_parameters_n(network->parameters),
                            GAN_DTYPE_F32, metadata, error);
}
