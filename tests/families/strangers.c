// SPDX-License-Identifier: LGPL-3.0-or-later
// A network that is not supported is called by its name. golden/strangers.txt holds names and
// dimensions of the tensors of many; no family takes any of them for its own.
#include "support.h"

#include <string.h>

typedef struct {
    char *title;
    Dict *dict;
} Stranger;

static GPtrArray *strangers; // Stranger

static void read_strangers(void)
{
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "strangers.txt", NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        g_error("%s cannot be read", path);
    strangers = g_ptr_array_new();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Stranger *now = NULL;
    for (guint i = 0; lines[i] != NULL; i++) {
        if (lines[i][0] == 0 || lines[i][0] == '#')
            continue;
        if (lines[i][0] == '[') {
            now = g_new0(Stranger, 1);
            now->title = g_strndup(lines[i] + 1, strlen(lines[i]) - 2);
            now->dict = dict_new();
            g_ptr_array_add(strangers, now);
            continue;
        }
        char *space = strrchr(lines[i], ' ');
        g_assert(now != NULL && space != NULL);
        const gsize ones[GAN_TENSOR_MAX_RANK] = {1, 1, 1, 1, 1, 1, 1, 1};
        const guint rank = (guint)g_ascii_strtoull(space, NULL, 10);
        *space = 0;
        dict_set(now->dict, lines[i], tensor_filled(MIN(rank, 6), ones, 0));
    }
}

// `prefix`: as training code writes it in front of the names.
static void test_named(gconstpointer prefix)
{
    for (guint i = 0; i < strangers->len; i++) {
        const Stranger *stranger = strangers->pdata[i];
        g_autoptr(Dict) dict = dict_new();
        for (guint k = 0; k < stranger->dict->names->len; k++) {
            const char *name = stranger->dict->names->pdata[k];
            g_autofree char *full = g_strconcat(prefix, name, NULL);
            dict_set(dict, full, gan_tensor_ref(stranger->dict->tensors->pdata[k]));
        }
        g_autoptr(GanWeights) weights = dict_open(dict);
        g_autoptr(GError) error = NULL;
        g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
        g_autofree char *says = g_strdup_printf(
            " %s model, which is not supported; supported are ESRGAN, Compact, SPAN, ",
            stranger->title);
        g_assert_null(model);
        g_assert_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN);
        if (strstr(error->message, says) == NULL)
            g_error("%s: %s", stranger->title, error->message);
    }
}

// A critic that lies in a file of its own, as net_d_latest.pth does.
static void test_critics(void)
{
    static const struct {
        const char *name;
        guint rank;
        gsize shape[4];
    } TENSORS[][4] = {
        {{"conv0.weight", 4, {8, 3, 3, 3}},
         {"conv1.weight_orig", 4, {8, 8, 4, 4}},
         {"conv1.weight_u", 1, {8}},
         {"conv9.weight", 4, {1, 8, 3, 3}}},
        {{"conv0_0.weight", 4, {8, 3, 3, 3}},
         {"bn0_1.weight", 1, {8}},
         {"linear1.weight", 2, {9, 8}},
         {"linear2.weight", 2, {1, 9}}},
        {{"features.0.weight", 4, {8, 3, 3, 3}},
         {"features.2.weight", 4, {8, 8, 4, 4}},
         {"classifier.0.weight", 2, {9, 8}},
         {"classifier.2.weight", 2, {1, 9}}},
        {{"model.0.weight", 4, {8, 6, 4, 4}},
         {"model.2.weight", 4, {8, 8, 4, 4}},
         {"model.3.weight", 1, {8}},
         {"model.11.weight", 4, {1, 8, 4, 4}}},
        {{"main.0.weight", 4, {8, 3, 4, 4}},
         {"main.2.weight", 4, {8, 8, 4, 4}},
         {"main.3.weight", 1, {8}},
         {"main.11.weight", 4, {1, 8, 4, 4}}},
    };
    for (guint i = 0; i < 2 * G_N_ELEMENTS(TENSORS); i++) {
        g_autoptr(Dict) dict = dict_new();
        for (guint k = 0; k < 4; k++) {
            g_autofree char *name =
                g_strconcat(i % 2 == 1 ? "params." : "", TENSORS[i / 2][k].name, NULL);
            dict_set(dict, name, tensor_filled(TENSORS[i / 2][k].rank, TENSORS[i / 2][k].shape, 0));
        }
        g_autoptr(GanWeights) weights = dict_open(dict);
        g_autoptr(GError) error = NULL;
        g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
        g_assert_null(model);
        g_assert_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN);
        if (!g_str_has_suffix(error->message,
                              "this is a critic (a discriminator), which judges pictures and makes "
                              "none; the file of its generator is needed"))
            g_error("%u: %s", i, error->message);
    }
}

// No family is called a stranger.
static void test_families_are_none(void)
{
    for (guint i = 0; i < golden_models()->len; i++) {
        const GoldenModel *golden = golden_models()->pdata[i];
        if (gan_family_find(golden->family) == NULL)
            continue;
        g_autoptr(GanWeights) weights = gan_weights_open(golden->files->pdata[0], NULL);
        g_assert_false(gan_stranger_is_critic(weights));
        if (gan_stranger(weights) != NULL)
            g_error("%s is called %s", golden->family, gan_stranger(weights));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_strangers();
    g_assert_cmpuint(strangers->len, >, 50);
    static const char *const PREFIXES[] = {"", "module.", "model.", "net_g.", "params_ema."};
    for (guint i = 0; i < G_N_ELEMENTS(PREFIXES); i++) {
        g_autofree char *name = g_strdup_printf("/strangers/named-behind/'%s'", PREFIXES[i]);
        g_test_add_data_func(name, PREFIXES[i], test_named);
    }
    g_test_add_func("/strangers/critics", test_critics);
    g_test_add_func("/strangers/families-are-none", test_families_are_none);
    return g_test_run();
}
