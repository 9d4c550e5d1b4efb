// SPDX-License-Identifier: LGPL-3.0-or-later
// The network in a checkpoint of training code is found, whatever it was wrapped in. The files of
// golden/checkpoints are made by its make.py; all hold the network of plain.safetensors.
#include "support.h"

#include <string.h>

static GanModel *load_checkpoint(const char *file)
{
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "checkpoints", file, NULL);
    g_autoptr(GError) error = NULL;
    GanModel *model = gan_model_load(path, NULL, &error);
    if (model == NULL)
        g_error("%s", error->message);
    return model;
}

static void check_same(GanWeights *found, GanWeights *wanted)
{
    for (guint i = 0; i < gan_weights_n_entries(wanted); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(wanted, i);
        if (entry->dtype == GAN_DTYPE_OTHER)
            continue;
        g_autoptr(GError) error = NULL;
        g_autoptr(GanTensor) a = gan_weights_tensor(found, entry->name, &error);
        if (a == NULL)
            g_error("%s", error->message);
        g_autoptr(GanTensor) b = gan_weights_tensor(wanted, entry->name, NULL);
        g_assert_cmpfloat(difference(a, b), ==, 0);
    }
}

// What the network was wrapped in, what is said of it and of the rest.
static const struct {
    const char *file, *part, *left_out;
} FILES[] = {
    {"gan.pth", "net_g", "net_d (6 tensors)"},
    {"gan-average.pth", "netG_ema", "netD (6 tensors), netG (8 tensors)"},
    {"two-ways.pth", "genA2B", "genB2A (8 tensors), disGA (6 tensors), disLB (6 tensors)"},
    {"average.pth", "state_dict_ema", "state_dict (8 tensors)"},
    {"averaged-model.pth", NULL, "n_averaged"},
    {"mmcv-average.pth", "state_dict", "state_dict.ema_… (8 tensors)"},
    {"mmcv-gan.pth", "state_dict.generator",
     "state_dict.ema_… (15 tensors), state_dict.discriminator (6 tensors), "
     "state_dict.step_counter"},
    {"mmengine-average.pth", "state_dict.generator", "ema_state_dict (9 tensors)"},
    {"lightning.ckpt", "state_dict.generator",
     "state_dict.discriminator (6 tensors), state_dict.loss, state_dict.psnr"},
    {"deep.pth", "checkpoint.models.1.G_ema.model",
     "checkpoint.models.0 (6 tensors), checkpoint.models.1.G (8 tensors), rng"},
    {"unknown-word.pth", "my_enlarger", ""},
    {"in-a-list.pth", "2", ""},
    {"by-number.pth", "0", "1 (6 tensors)"},
    {"online.pth", "ema.ema_model",
     "model (8 tensors), ema.initted, ema.step, ema.online_model (8 tensors)"},
    {"extra-state.pth", NULL,
     "_extra_state, body.0._extra_state, total_ops, body.2.total_params, step"},
};

static void test_file(gconstpointer data)
{
    const guint i = GPOINTER_TO_UINT(data);
    g_autoptr(GanModel) plain = load_checkpoint("plain.safetensors");
    g_autoptr(GanModel) model = load_checkpoint(FILES[i].file);
    GanWeights *weights = gan_model_weights(model);
    g_assert_cmpuint(gan_weights_n_entries(weights), ==, 8);
    check_same(weights, gan_model_weights(plain));
    g_autofree char *part = gan_weights_part_name(weights);
    g_assert_cmpstr(part, ==, FILES[i].part);
    g_auto(GStrv) left_out = gan_weights_left_out(weights);
    g_autofree char *joined = g_strjoinv(", ", left_out);
    g_assert_cmpstr(joined, ==, FILES[i].left_out);
}

static void test_no_generator(void)
{
    static const struct {
        const char *file, *says;
    } NONE[] = {
        {"critic.pth", "critic.pth holds net_d (6 tensors), but no network that makes pictures: a "
                       "critic and the state of a training are of use in training only"},
        {"state.pth", "state.pth: there are no tensors in it, only 'epoch', 'iter', 'optimizers', "
                      "'schedulers': the state of a training, whose weights lie in another file"},
        {"quantized.pth", "tensor 'body.0.weight' holds quantized numbers; floating-point weights "
                          "(F64, F32, F16, BF16, F8) are needed"},
        {"whole.legacy.pth",
         "it wants to call __main__.Enlarger; nothing was run. Only state dicts are read (tensors "
         "by name, torch.save(model.state_dict(), path)), not whole models or other Python "
         "objects"},
        {"frozen.pt", "is a TorchScript program whose weights have lost their names, as freezing "
                      "does: the model as it was before is needed"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(NONE); i++) {
        g_autofree char *path =
            g_test_build_filename(G_TEST_DIST, "golden", "checkpoints", NONE[i].file, NULL);
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_model_load(path, NULL, &error));
        g_assert_true(g_str_has_suffix(error->message, NONE[i].says));
    }
}

// --- words in front of names ---

static void add_prefixed(Dict *dict, GanWeights *weights, const char *prefix, gboolean zero)
{
    for (guint i = 0; i < gan_weights_n_entries(weights); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(weights, i);
        if (entry->dtype == GAN_DTYPE_OTHER)
            continue;
        g_autofree char *name = g_strconcat(prefix, entry->name, NULL);
        dict_set(dict, name,
                 zero ? tensor_filled(entry->rank, entry->shape, 0)
                      : gan_weights_tensor(weights, entry->name, NULL));
    }
}

// Of all families, also of those whose own names begin with "model." or "model.model.".
static void test_every_family(gconstpointer prefix)
{
    guint n = 0;
    for (guint i = 0; i < golden_models()->len; i++) {
        const GoldenModel *golden = golden_models()->pdata[i];
        if (gan_family_find(golden->family) == NULL)
            continue;
        g_autoptr(GError) error = NULL;
        g_autoptr(GanWeights) weights = gan_weights_open(golden->files->pdata[0], &error);
        g_assert_no_error(error);
        g_autoptr(Dict) dict = dict_new();
        add_prefixed(dict, weights, prefix, FALSE);
        g_autoptr(GanWeights) wrapped = dict_open(dict);
        const GanModelOptions options = golden_options(golden);
        g_autoptr(GanModel) model = gan_model_new(wrapped, &options, &error);
        if (model == NULL)
            g_error("%s-%s: %s", golden->family, golden->variant, error->message);
        g_assert_cmpstr(gan_model_info(model)->family, ==, golden->family);
        check_same(gan_model_weights(model), weights);
        n++;
    }
    g_assert_cmpuint(n, >, 20);
}

// The first word is the one that is taken, of whatever order in the file.
static void test_order(void)
{
    static const char *const PAIRS[][2] = {
        {"params_ema.", "params."},
        {"ema_model.", "online_model."},
        {"net_g_ema.", "net_g."},
        {"G_ema.", "G."},
        {"model_ema.", "model."},
        {"ema.", "model."},
        {"generator.", "discriminator."},
        {"netG.", "netD."},
        {"net_g.", "teacher."},
        {"generatorEMA.", "generator."},
        {"state_dict_ema.", "state_dict."},
        {"swa_model.", "base_model."},
        {"gen.", "dis."},
        {"G.", "D."},
        {"model.", "loss."},
        {"module.net_g.", "module.perceptual_loss."},
        {"student.", "vgg."},
        {"netG_A.", "netD_A."},
        {"averaged_model.", "model."},
        {"_orig_mod.ema.module.", "_orig_mod.net.module."},
    };
    g_autoptr(GanModel) plain = load_checkpoint("plain.safetensors");
    GanWeights *net = gan_model_weights(plain);
    for (guint i = 0; i < 2 * G_N_ELEMENTS(PAIRS); i++) {
        g_autoptr(Dict) dict = dict_new();
        for (guint k = 0; k < 2; k++) {
            const guint which = (i + k) % 2;
            add_prefixed(dict, net, PAIRS[i / 2][which], which == 1);
        }
        g_autoptr(GanWeights) weights = dict_open(dict);
        g_autoptr(GError) error = NULL;
        g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
        if (model == NULL)
            g_error("%s: %s", PAIRS[i / 2][0], error->message);
        check_same(gan_model_weights(model), net);
    }
}

// The average beside the network itself, both in one flat file.
static void test_average_beside_the_network(void)
{
    g_autoptr(GanModel) plain = load_checkpoint("plain.safetensors");
    GanWeights *net = gan_model_weights(plain);
    g_autoptr(Dict) dict = dict_new();
    add_prefixed(dict, net, "", TRUE);
    add_prefixed(dict, net, "ema.", FALSE);
    g_autoptr(GanWeights) weights = dict_open(dict);
    g_autoptr(GanModel) model = gan_model_new(weights, NULL, NULL);
    g_assert_nonnull(model);
    check_same(gan_model_weights(model), net);
}

// What an average took the place of, in a flat file; nothing is traded where names only resemble.
static void test_traded(void)
{
    g_autoptr(GanModel) plain = load_checkpoint("plain.safetensors");
    GanWeights *net = gan_model_weights(plain);
    for (guint with_module = 0; with_module < 2; with_module++) {
        g_autoptr(Dict) dict = dict_new();
        for (guint i = 0; i < gan_weights_n_entries(net); i++) {
            const GanWeightsEntry *entry = gan_weights_entry(net, i);
            g_autofree char *flat = g_strdelimit(g_strdup(entry->name), ".", '_');
            g_autofree char *traded = g_strconcat(with_module ? "ema_net_" : "ema_", flat, NULL);
            dict_set(dict, traded, tensor_filled(entry->rank, entry->shape, 0));
        }
        add_prefixed(dict, net, with_module ? "net." : "", FALSE);
        g_autoptr(GanWeights) weights = dict_open(dict);
        g_autoptr(GError) error = NULL;
        g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
        g_assert_no_error(error);
        check_same(gan_model_weights(model), net);
        g_auto(GStrv) left_out = gan_weights_left_out(gan_model_weights(model));
        g_assert_cmpstr(left_out[0], ==, "ema_… (8 tensors)");
        g_assert_null(left_out[1]);
    }
    g_autoptr(Dict) relative = dict_of(net);
    const gsize one[] = {1};
    dict_set(relative, "gamma", tensor_filled(1, one, 0));
    dict_set(relative, "ema_gamma", tensor_filled(1, one, 0));
    g_autoptr(GanWeights) weights = dict_open(relative);
    g_assert_null(gan_model_new(weights, NULL, NULL));
}

// A module that was compiled by itself has the word in the middle of its names.
static void test_wrapped_inside(void)
{
    g_autoptr(GanModel) plain = load_checkpoint("plain.safetensors");
    GanWeights *net = gan_model_weights(plain);
    g_autoptr(Dict) dict = dict_new();
    for (guint i = 0; i < gan_weights_n_entries(net); i++) {
        const char *name = gan_weights_entry(net, i)->name;
        g_autofree char *wrapped =
            g_strconcat("module.body._orig_mod.", name + strlen("body."), NULL);
        dict_set(dict, wrapped, gan_weights_tensor(net, name, NULL));
    }
    g_autoptr(GanWeights) weights = dict_open(dict);
    g_autoptr(GanModel) model = gan_model_new(weights, NULL, NULL);
    g_assert_nonnull(model);
    check_same(gan_model_weights(model), net);
}

// A tensor that the family has no place for is no counter: the file is of a relative.
static void test_relatives_stay_refused(void)
{
    static const char *const EXTRA[] = {"skip.weight", "gamma", "body.0.scale", "attention.0.step"};
    const gsize one[] = {1};
    g_autoptr(GanModel) plain = load_checkpoint("plain.safetensors");
    for (guint i = 0; i < G_N_ELEMENTS(EXTRA); i++) {
        g_autoptr(Dict) dict = dict_of(gan_model_weights(plain));
        dict_set(dict, EXTRA[i], tensor_filled(1, one, 0));
        g_autoptr(GanWeights) weights = dict_open(dict);
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_model_new(weights, NULL, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN);
        g_assert_nonnull(strstr(error->message, EXTRA[i]));
    }
}

static void test_blend(void)
{
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "golden", "checkpoints", "gan.pth", NULL);
    g_autofree char *plain_path =
        g_test_build_filename(G_TEST_DIST, "golden", "checkpoints", "lightning.ckpt", NULL);
    g_autoptr(GanWeights) a = gan_weights_open(path, NULL);
    g_autoptr(GanWeights) b = gan_weights_open(plain_path, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanModel) model = gan_model_blend(a, b, 0.5, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(gan_model_info(model)->family, ==, "srvgg");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(FILES); i++) {
        g_autofree char *name = g_strconcat("/parts/found/", FILES[i].file, NULL);
        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_file);
    }
    static const char *const PREFIXES[] = {
        "_orig_mod.",
        "module.",
        "_orig_mod.module.",
        "model.",
        "net_g.",
        "netG.",
        "generator.",
        "G.",
        "G_ema.",
        "ema.",
        "model_ema.",
        "params_ema.",
        "state_dict_ema.",
        "generator.model.",
        "net.",
        "my_own.word.",
        "_forward_module.",
        "state_dict.model._orig_mod.",
    };
    for (guint i = 0; i < G_N_ELEMENTS(PREFIXES); i++) {
        g_autofree char *name = g_strdup_printf("/parts/every-family-below/%s", PREFIXES[i]);
        g_test_add_data_func(name, PREFIXES[i], test_every_family);
    }
    g_test_add_func("/parts/no-generator-is-told", test_no_generator);
    g_test_add_func("/parts/averages-and-generators-come-first", test_order);
    g_test_add_func("/parts/average-beside-the-network", test_average_beside_the_network);
    g_test_add_func("/parts/traded-for-their-average", test_traded);
    g_test_add_func("/parts/wrapped-inside", test_wrapped_inside);
    g_test_add_func("/parts/relatives-stay-refused", test_relatives_stay_refused);
    g_test_add_func("/parts/blend", test_blend);
    return g_test_run();
}
