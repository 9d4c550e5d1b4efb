// SPDX-License-Identifier: LGPL-3.0-or-later
// Recognition, damage and blending: what the families make of state dicts.
#include "plain.h"

#include <math.h>
#include <string.h>

// Tensors of a golden file, to be changed.
static Dict *golden_dict(const char *variant)
{
    for (guint i = 0; i < golden_models()->len; i++) {
        const GoldenModel *m = golden_models()->pdata[i];
        g_autofree char *name = g_strdup_printf("%s-%s", m->family, m->variant);
        if (!g_str_equal(name, variant))
            continue;
        GError *error = NULL;
        g_autoptr(GanWeights) weights = gan_weights_open(m->files->pdata[0], &error);
        g_assert_no_error(error);
        return dict_of(weights);
    }
    g_error("no golden file called %s", variant);
}

// --- recognition ---

static void check_recognised(GanWeights *weights, const char *family)
{
    for (guint i = 0; gan_families[i] != NULL; i++) {
        const gboolean is_own = family != NULL && g_str_equal(gan_families[i]->name, family);
        if (gan_families[i]->recognise(weights) != is_own)
            g_test_message("%s: %s %s it", gan_weights_path(weights), gan_families[i]->name,
                           is_own ? "does not take" : "takes");
        g_assert_true(gan_families[i]->recognise(weights) == is_own);
    }
    if (family != NULL)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
    g_assert_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN);
    g_assert_null(model);
    g_autofree char *count = g_strdup_printf("%u tensors", gan_weights_n_entries(weights));
    g_assert_nonnull(strstr(error->message, gan_weights_path(weights)));
    g_assert_nonnull(strstr(error->message, count));
    g_assert_nonnull(strstr(error->message, gan_weights_entry(weights, 0)->name));
    for (guint i = 0; gan_families[i] != NULL; i++)
        g_assert_nonnull(strstr(error->message, gan_families[i]->title));
}

static void test_one_family_takes_a_file(void)
{
    guint n_own = 0;
    for (guint i = 0; i < golden_models()->len; i++) {
        const GoldenModel *model = golden_models()->pdata[i];
        const gboolean own = gan_family_find(model->family) != NULL;
        for (guint f = 0; f < model->files->len; f++) {
            // Files of families to come need not lie here.
            if (!own && !g_file_test(model->files->pdata[f], G_FILE_TEST_EXISTS))
                continue;
            GError *error = NULL;
            g_autoptr(GanWeights) weights = gan_weights_open(model->files->pdata[f], &error);
            g_assert_no_error(error);
            check_recognised(weights, own ? model->family : NULL);
            n_own += own;
        }
    }
    g_assert_cmpuint(n_own, >, 40);
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    for (guint i = 0; plain_models[i].family != NULL; i++) {
        g_autoptr(Dict) dict = plain_models[i].make(rand);
        g_autoptr(GanWeights) weights = dict_open(dict);
        check_recognised(weights, plain_models[i].family);
    }
}

static void test_none_takes_strangers(void)
{
    g_autoptr(Dict) dict = dict_new();
    const gsize shape[] = {4, 4, 3, 3};
    dict_set(dict, "encoder.0.weight", tensor_filled(4, shape, 0));
    dict_set(dict, "encoder.0.bias", tensor_filled(1, shape, 0));
    g_autoptr(GanWeights) weights = dict_open(dict);
    check_recognised(weights, NULL);
}

// IRCNN's seven layers look like DnCNN's, but are dilated.
static void test_dncnn_of_seven_layers_is_refused(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);
    g_autoptr(Dict) dict = dict_new();
    for (gsize i = 0; i < 7; i++) {
        g_autofree char *weight = g_strdup_printf("model.%u.weight", (guint)(2 * i));
        g_autofree char *bias = g_strdup_printf("model.%u.bias", (guint)(2 * i));
        const gsize out = i == 6 ? 1 : 4, in = i == 0 ? 1 : 4;
        dict_set(dict, weight, tensor_random(rand, 1, 4, out, in, (gsize)3, (gsize)3));
        dict_set(dict, bias, tensor_random(rand, 1, 1, out));
    }
    g_autoptr(GanWeights) weights = dict_open(dict);
    check_recognised(weights, NULL);
}

static void check_info(const char *variant, const GanModelOptions *options, guint scale,
                       guint alignment, float range, guint channels)
{
    for (guint i = 0; i < golden_models()->len; i++) {
        const GoldenModel *m = golden_models()->pdata[i];
        g_autofree char *name = g_strdup_printf("%s-%s", m->family, m->variant);
        if (!g_str_equal(name, variant))
            continue;
        GError *error = NULL;
        g_autoptr(GanModel) model = gan_model_load(m->files->pdata[0], options, &error);
        g_assert_no_error(error);
        const GanModelInfo *info = gan_model_info(model);
        g_assert_cmpfloat(info->scale, ==, scale);
        g_assert_cmpuint(info->alignment, ==, alignment);
        g_assert_cmpfloat(info->output.high, ==, range);
        g_assert_cmpuint(info->inputs[0].channels, ==, channels);
        g_assert_cmpuint(info->output.channels, ==, channels);
        g_assert_true(g_str_has_prefix(info->title, "SRVGG") || info->title[0] != '\0');
        g_assert_true(info->exact_tiles == (info->overlap >= info->reach));
        g_assert_cmpfloat(info->flops_per_pixel, >, 0);
        // SPAN's index counts the training tensors, and no_norm.
        if (!g_str_equal(m->family, "span"))
            g_assert_cmpuint(info->n_parameters, ==,
                             (guint64)json_object_get_int_member(m->json, "params"));
        return;
    }
    g_test_message("no golden file called %s", variant);
    g_test_fail();
}

static void test_info_tells_geometry(void)
{
    const GanModelOptions by_3 = {.scale = 3};
    check_info("srvgg-prelu-x4", NULL, 4, 1, 1, 3);
    check_info("srvgg-gray-prelu-x2", NULL, 2, 1, 1, 1);
    check_info("rrdb-basicsr-x4", NULL, 4, 1, 1, 3);
    check_info("rrdb-basicsr-x2", NULL, 2, 2, 1, 3);
    check_info("rrdb-basicsr-x1", NULL, 1, 4, 1, 3);
    check_info("rrdb-old-x1", NULL, 1, 1, 1, 3);
    check_info("rrdb-old-x3", NULL, 2, 1, 1, 3); // what its names say
    check_info("rrdb-old-x3", &by_3, 3, 1, 1, 3);
    check_info("rrdb-old-x4", &by_3, 4, 1, 1, 3); // the names say enough
    check_info("rrdb-old-x8", NULL, 8, 1, 1, 3);
    check_info("span-nonorm-x4", NULL, 4, 1, 1, 3);
    check_info("edsr-basicsr-x3", NULL, 3, 1, 1, 3);
    check_info("edsr-pytorch-x4", NULL, 4, 1, 255, 3);
    check_info("msrresnet-x3", NULL, 3, 1, 1, 3);
}

static void test_options_are_checked(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    g_autoptr(Dict) dict = plain_models[0].make(rand);
    g_autoptr(GanWeights) weights = dict_open(dict);
    const GanModelOptions wrong[] = {
        {.activation = "gelu"}, {.residual_scale = -1}, {.residual_scale = NAN}};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_model_new(weights, &wrong[i], &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    }
}

static void check_title(const char *variant, const char *const *metadata,
                        const GanModelOptions *options, const char *title, guint scale)
{
    g_autoptr(Dict) dict = golden_dict(variant);
    g_autoptr(GanWeights) weights = dict_open_with(dict, metadata);
    GError *error = NULL;
    g_autoptr(GanModel) model = gan_model_new(weights, options, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(gan_model_info(model)->title, ==, title);
    g_assert_cmpfloat(gan_model_info(model)->scale, ==, scale);
}

static void test_metadata_stand_for_options(void)
{
    static const char *const leaky[] = {"activation", "leakyrelu", NULL};
    static const char *const damaged[] = {"activation", "gelu", "scale", "-1e99", NULL};
    static const char *const by_3[] = {"scale", "3", NULL};
    const GanModelOptions relu = {.activation = "relu"}, by_2 = {.scale = 2};
    check_title("srvgg-relu-x2", NULL, NULL, "SRVGGNetCompact 8/2, ReLU", 2);
    check_title("srvgg-relu-x2", leaky, NULL, "SRVGGNetCompact 8/2, leaky ReLU", 2);
    check_title("srvgg-relu-x2", leaky, &relu, "SRVGGNetCompact 8/2, ReLU", 2);
    check_title("srvgg-relu-x2", damaged, NULL, "SRVGGNetCompact 8/2, ReLU", 2);
    check_title("rrdb-old-x3", by_3, NULL, "RRDBNet 8/4/1", 3);
    check_title("rrdb-old-x3", by_3, &by_2, "RRDBNet 8/4/1", 2);
}

// A stack of identities makes the picture itself; the same with the skip would double it.
static void test_srvgg_without_skip_is_told(void)
{
    const gsize first[] = {3, 3, 3, 3}, last[] = {12, 3, 3, 3}, three = 3, twelve = 12;
    for (guint plain = 0; plain < 2; plain++) {
        g_autoptr(Dict) dict = dict_new();
        GanTensor *w0 = tensor_filled(4, first, 0), *w1 = tensor_filled(4, last, 0);
        for (gsize c = 0; c < 3; c++)
            w0->data[(c * 3 + c) * 9 + 4] = 1;
        for (gsize o = 0; o < 12 && plain == 1; o++)
            w1->data[(o * 3 + o / 4) * 9 + 4] = 1;
        dict_set(dict, "body.0.weight", w0);
        dict_set(dict, "body.0.bias", tensor_filled(1, &three, 0));
        dict_set(dict, "body.1.weight", tensor_filled(1, &three, 0.25));
        dict_set(dict, "body.2.weight", w1);
        dict_set(dict, "body.2.bias", tensor_filled(1, &twelve, 0));
        g_autoptr(GanWeights) weights = dict_open(dict);
        GError *error = NULL;
        g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
        g_assert_no_error(error);
        g_assert_true((strstr(gan_model_info(model)->title, "no skip") != NULL) == (plain == 1));
        g_autoptr(GanDevice) device = gan_device_open("reference", 1, &error);
        g_assert_no_error(error);
        const gsize shape[] = {1, 4, 5, 3}, large[] = {1, 8, 10, 3};
        g_autoptr(GanTensor) in = tensor_filled(4, shape, 0.75);
        g_autoptr(GanTensor) wanted = tensor_filled(4, large, 0.75);
        g_autoptr(GanTensor) out = gan_model_run(model, device, in, &error);
        g_assert_no_error(error);
        g_assert_cmpfloat(difference(out, wanted), <=, 1e-6);
    }
}

// --- damage ---

static void check_refused(const Dict *dict, const GanModelOptions *options, const char *what)
{
    g_autoptr(GanWeights) weights = dict_open(dict);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanModel) model = gan_model_new(weights, options, &error);
    if (model != NULL)
        g_test_message("%s: taken as %s", what, gan_model_info(model)->title);
    g_assert_null(model);
    if (!g_error_matches(error, GAN_ERROR, GAN_ERROR_SHAPE) &&
        !g_error_matches(error, GAN_ERROR, GAN_ERROR_UNKNOWN))
        g_test_message("%s: %s", what, error->message);
    g_assert_true(g_error_matches(error, GAN_ERROR, GAN_ERROR_SHAPE) ||
                  g_error_matches(error, GAN_ERROR, GAN_ERROR_UNKNOWN));
    g_assert_nonnull(strstr(error->message, gan_weights_path(weights)));
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
}

// The tensor with one more row along `axis`, or with its axes in reverse order.
static GanTensor *deformed(const GanTensor *tensor, int axis)
{
    gsize shape[GAN_TENSOR_MAX_RANK];
    for (guint i = 0; i < tensor->rank; i++)
        shape[i] =
            axis < 0 ? tensor->shape[tensor->rank - 1 - i] : tensor->shape[i] + (i == (guint)axis);
    return tensor_filled(tensor->rank, shape, 0.125);
}

static gboolean is_same_turned(const GanTensor *tensor)
{
    for (guint i = 0; i < tensor->rank / 2; i++)
        if (tensor->shape[i] != tensor->shape[tensor->rank - 1 - i])
            return FALSE;
    return TRUE;
}

// Every tensor of a file is left out, grown along each axis, or turned round: each file is refused.
static void check_all_damage(const Dict *whole, const GanFamily *family,
                             const GanModelOptions *options)
{
    for (guint i = 0; i < whole->names->len; i++) {
        const char *name = whole->names->pdata[i];
        const GanTensor *tensor = whole->tensors->pdata[i];
        // SPAN does without its stored fusion, and no_norm says what it says by being there.
        const gboolean spare = g_str_equal(family->name, "span") &&
                               (g_str_equal(name, "no_norm") ||
                                (strstr(name, ".eval_conv.") != NULL &&
                                 g_ptr_array_find_with_equal_func(whole->names, "conv_1.sk.weight",
                                                                  g_str_equal, NULL)));
        for (int axis = -2; axis < (int)tensor->rank && !spare; axis++) {
            if (axis == -1 && is_same_turned(tensor))
                continue;
            // A generator takes any count of random numbers.
            if (axis == 0 && g_str_equal(family->name, "dcgan") &&
                g_str_equal(name, "main.0.weight"))
                continue;
            // A stack of one more input is one that is told the noise.
            if (axis == 1 && g_str_equal(family->name, "dncnn") &&
                g_str_equal(name, "model.0.weight"))
                continue;
            g_autoptr(Dict) dict = dict_new();
            for (guint k = 0; k < whole->names->len; k++)
                if (k != i)
                    dict_set(dict, whole->names->pdata[k],
                             gan_tensor_ref(whole->tensors->pdata[k]));
            if (axis >= -1)
                dict_set(dict, name, deformed(tensor, axis));
            g_autofree char *what = g_strdup_printf("%s, axis %d", name, axis);
            check_refused(dict, options, what);
        }
    }
}

static void test_damage_to_golden(gconstpointer data)
{
    const GoldenModel *model = data;
    GError *error = NULL;
    g_autoptr(GanWeights) weights = gan_weights_open(model->files->pdata[0], &error);
    g_assert_no_error(error);
    g_autoptr(Dict) dict = dict_of(weights);
    const GanModelOptions options = golden_options(model);
    check_all_damage(dict, gan_family_find(model->family), &options);
}

static void test_damage_to_plain(gconstpointer data)
{
    const PlainModel *model = data;
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    g_autoptr(Dict) dict = model->make(rand);
    const GanModelOptions options = {0};
    check_all_damage(dict, gan_family_find(model->family), &options);
}

static void check_message(const Dict *dict, GanError code, const char *const *parts)
{
    g_autoptr(GanWeights) weights = dict_open(dict);
    g_autoptr(GError) error = NULL;
    g_assert_null(gan_model_new(weights, NULL, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, GAN_ERROR, (gint)code);
    for (guint i = 0; parts[i] != NULL; i++)
        g_assert_nonnull(strstr(error->message, parts[i]));
}

static void test_messages_name_what_is_wrong(void)
{
    const gsize conv2[] = {4, 8, 3, 3};
    g_autoptr(Dict) rrdb = golden_dict("rrdb-basicsr-x4");
    dict_set(rrdb, "body.0.rdb1.conv2.weight", tensor_filled(4, conv2, 0));
    check_message(rrdb, GAN_ERROR_SHAPE,
                  (const char *[]){"made.safetensors", "ESRGAN", "'body.0.rdb1.conv2.weight'",
                                   "[4,8,3,3]", "[4,12,3,3]", NULL});
    g_autoptr(Dict) missing = golden_dict("edsr-basicsr-x4");
    dict_drop(missing, "body.1.conv2.bias");
    check_message(missing, GAN_ERROR_SHAPE,
                  (const char *[]){"EDSR", "'body.1.conv2.bias'", "missing", "[8]", NULL});
    const gsize last[] = {50, 8, 3, 3}, extra[] = {2, 2};
    g_autoptr(Dict) shuffle = golden_dict("srvgg-prelu-x4");
    dict_set(shuffle, "body.8.weight", tensor_filled(4, last, 0));
    dict_set(shuffle, "body.8.bias", tensor_filled(1, last, 0));
    check_message(shuffle, GAN_ERROR_SHAPE,
                  (const char *[]){"Compact", "'body.8.weight'", "[50,8,3,3]", "3 s^2", NULL});
    g_autoptr(Dict) fork = golden_dict("srvgg-prelu-x4");
    dict_set(fork, "attention.weight", tensor_filled(2, extra, 0));
    check_message(fork, GAN_ERROR_UNKNOWN,
                  (const char *[]){"looks like Compact", "'attention.weight'", NULL});
    g_autoptr(Dict) span = golden_dict("span-train-x2");
    const gsize sk[] = {6, 5, 1, 1};
    dict_set(span, "block_3.c2_r.sk.weight", tensor_filled(4, sk, 0));
    check_message(span, GAN_ERROR_SHAPE,
                  (const char *[]){"'block_3.c2_r.sk.weight'", "[6,5,1,1]", "[6,6,1,1]", NULL});
}

// What a training leaves that failed makes black pictures without a word.
static void test_numbers_that_are_none_are_told(void)
{
    static const float NONE[] = {NAN, INFINITY, -INFINITY};
    for (guint i = 0; i <= G_N_ELEMENTS(NONE); i++) {
        g_autoptr(Dict) dict = golden_dict("srvgg-prelu-x4");
        const gsize shape[] = {48};
        GanTensor *bias = tensor_filled(1, shape, 3e38f);
        if (i < G_N_ELEMENTS(NONE))
            bias->data[47] = NONE[i];
        dict_set(dict, "body.8.bias", bias);
        g_autoptr(GanWeights) weights = dict_open(dict);
        g_autoptr(GError) error = NULL;
        g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
        g_assert_no_error(error);
        if (i == G_N_ELEMENTS(NONE)) {
            g_assert_true(gan_model_check_numbers(model, &error));
            continue;
        }
        g_assert_false(gan_model_check_numbers(model, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
        g_assert_nonnull(
            strstr(error->message, "tensor 'body.8.bias' holds numbers that are none"));
    }
}

// Names that promise millions of layers cost no more than the file is long.
static void test_counts_come_from_tensors(void)
{
    static const char *const names[] = {"body.999999998.weight", "body.4294967296.weight",
                                        "body.99999999999999999999.weight"};
    const gsize shape[] = {8, 8, 3, 3};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Dict) dict = golden_dict("srvgg-prelu-x4");
        dict_set(dict, names[i], tensor_filled(4, shape, 0));
        const gint64 start = g_get_monotonic_time();
        check_refused(dict, NULL, names[i]);
        g_assert_cmpint(g_get_monotonic_time() - start, <, G_USEC_PER_SEC);
    }
    const gsize wide[] = {100000, 3, 1, 1}, n = 100000;
    g_autoptr(Dict) dict = golden_dict("srvgg-prelu-x4");
    dict_set(dict, "body.0.weight", tensor_filled(4, wide, 0));
    dict_set(dict, "body.0.bias", tensor_filled(1, &n, 0));
    check_refused(dict, NULL, "100000 channels");
}

// --- blending ---

static Dict *scaled(const Dict *dict, float factor)
{
    Dict *to = dict_new();
    for (guint i = 0; i < dict->names->len; i++) {
        const GanTensor *from = dict->tensors->pdata[i];
        GanTensor *tensor = tensor_filled(from->rank, from->shape, 0);
        for (gsize k = 0; k < gan_tensor_length(from); k++)
            tensor->data[k] = from->data[k] * factor;
        dict_set(to, dict->names->pdata[i], tensor);
    }
    return to;
}

static void test_blend_interpolates_every_tensor(gconstpointer data)
{
    GError *error = NULL;
    g_autoptr(GanDevice) device = gan_device_open("reference", 1, &error);
    g_assert_no_error(error);
    g_autoptr(Dict) dict_a = golden_dict(data);
    g_autoptr(Dict) dict_b = scaled(dict_a, 0.5);
    g_autoptr(GanWeights) a = dict_open(dict_a);
    g_autoptr(GanWeights) b = dict_open(dict_b);
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);
    g_autoptr(GanTensor) in = tensor_random(rand, 0.5, 4, (gsize)1, (gsize)6, (gsize)7, (gsize)3);
    static const double ts[] = {0, 0.5, 1};
    for (guint i = 0; i < G_N_ELEMENTS(ts); i++) {
        g_autoptr(Dict) dict = scaled(dict_a, (float)(1 - ts[i] / 2));
        g_autoptr(GanWeights) weights = dict_open(dict);
        g_autoptr(GanModel) wanted = gan_model_new(weights, NULL, &error);
        g_assert_no_error(error);
        g_autoptr(GanModel) blend = gan_model_blend(a, b, ts[i], NULL, &error);
        g_assert_no_error(error);
        g_assert_true(gan_model_weights(blend) == a);
        g_autoptr(GanTensor) wanted_out = gan_model_run(wanted, device, in, &error);
        g_assert_no_error(error);
        g_autoptr(GanTensor) out = gan_model_run(blend, device, in, &error);
        g_assert_no_error(error);
        g_assert_cmpfloat(magnitude(out), >, 0);
        g_assert_cmpfloat(difference(out, wanted_out), ==, 0);
    }
}

static void test_blend_refuses_other_architectures(void)
{
    g_autoptr(Dict) dict_a = golden_dict("srvgg-prelu-x4");
    g_autoptr(GanWeights) a = dict_open(dict_a);
    for (guint turn = 0; turn < 2; turn++) {
        g_autoptr(Dict) dict_b = golden_dict("srvgg-prelu-x4");
        if (turn == 0) {
            const gsize shape[] = {12, 8, 3, 3};
            dict_set(dict_b, "body.8.weight", tensor_filled(4, shape, 0));
        } else {
            dict_drop(dict_b, "body.8.weight");
        }
        g_autoptr(GanWeights) b = dict_open(dict_b);
        for (guint side = 0; side < 2; side++) {
            g_autoptr(GError) error = NULL;
            g_assert_null(gan_model_blend(side == 0 ? a : b, side == 0 ? b : a, 0.5, NULL, &error));
            g_assert_error(error, GAN_ERROR, GAN_ERROR_SHAPE);
            g_assert_nonnull(strstr(error->message, "'body.8.weight'"));
            g_assert_nonnull(strstr(error->message, "[48,8,3,3]"));
            g_assert_nonnull(strstr(error->message, turn == 0 ? "[12,8,3,3]" : "missing"));
        }
    }
    static const double wrong[] = {-0.1, 1.1, NAN};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_model_blend(a, a, wrong[i], NULL, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    }
}

// --- running ---

static void test_run_refuses_other_inputs(void)
{
    GError *error = NULL;
    g_autoptr(GanDevice) device = gan_device_open("reference", 1, &error);
    g_assert_no_error(error);
    g_autoptr(Dict) dict = golden_dict("srvgg-prelu-x4");
    g_autoptr(GanWeights) weights = dict_open(dict);
    g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
    g_assert_no_error(error);
    const gsize shapes[][4] = {{1, 5, 5, 4}, {1, 0, 5, 3}, {5, 5, 3, 0}};
    const guint ranks[] = {4, 4, 3};
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_autoptr(GanTensor) in = gan_tensor_new_borrowed(ranks[i], shapes[i], NULL, NULL, NULL);
        g_autoptr(GError) wrong = NULL;
        g_assert_null(gan_model_run(model, device, in, &wrong));
        g_assert_error(wrong, GAN_ERROR, GAN_ERROR_SHAPE);
        g_assert_nonnull(strstr(wrong->message, "[N,H,W,3]"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recognition/one-family-takes-a-file", test_one_family_takes_a_file);
    g_test_add_func("/recognition/none-takes-strangers", test_none_takes_strangers);
    g_test_add_func("/recognition/dncnn-of-seven-layers-is-refused",
                    test_dncnn_of_seven_layers_is_refused);
    g_test_add_func("/info/tells-geometry", test_info_tells_geometry);
    g_test_add_func("/info/options-are-checked", test_options_are_checked);
    g_test_add_func("/info/metadata-stand-for-options", test_metadata_stand_for_options);
    g_test_add_func("/srvgg/without-skip-is-told", test_srvgg_without_skip_is_told);
    for (guint i = 0; i < golden_models()->len; i++) {
        const GoldenModel *model = golden_models()->pdata[i];
        g_autofree char *path =
            g_strdup_printf("/damage/is-refused/%s-%s", model->family, model->variant);
        if (gan_family_find(model->family) != NULL)
            g_test_add_data_func(path, model, test_damage_to_golden);
    }
    for (guint i = 0; plain_models[i].family != NULL; i++) {
        const PlainModel *model = &plain_models[i];
        g_autofree char *path =
            g_strdup_printf("/damage/is-refused/%s-%s", model->family, model->variant);
        g_test_add_data_func(path, model, test_damage_to_plain);
    }
    g_test_add_func("/damage/messages-name-what-is-wrong", test_messages_name_what_is_wrong);
    g_test_add_func("/damage/numbers-that-are-none-are-told", test_numbers_that_are_none_are_told);
    g_test_add_func("/damage/counts-come-from-tensors", test_counts_come_from_tensors);
    g_test_add_data_func("/blend/interpolates-every-tensor/srvgg", "srvgg-prelu-x4",
                         test_blend_interpolates_every_tensor);
    g_test_add_data_func("/blend/interpolates-every-tensor/span", "span-train-x2",
                         test_blend_interpolates_every_tensor);
    g_test_add_func("/blend/refuses-other-architectures", test_blend_refuses_other_architectures);
    g_test_add_func("/run/refuses-other-inputs", test_run_refuses_other_inputs);
    return g_test_run();
}
