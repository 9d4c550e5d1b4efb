// SPDX-License-Identifier: LGPL-3.0-or-later
// Every family, in every variant and container there is a golden file of, gives what the authors'
// code gave, on the reference device and with every instruction set. Families without golden files
// are checked against plain.c in the same way. A family in the list with neither fails.
#include "plain.h"

#include <math.h>
#include <string.h>

typedef struct {
    const GoldenModel *model;
    const char *file, *device;
} GoldenCase;

typedef struct {
    const PlainModel *model;
    const char *device;
} PlainCase;

// Compares within `atol`, or what the device is allowed if that is more.
static void check_close(const GanTensor *found, const GanTensor *wanted, double atol,
                        const char *device, const char *what)
{
    const double limit = MAX(atol, device_limit(device) * magnitude(wanted));
    const double worst = difference(found, wanted);
    if (!(worst <= limit))
        g_test_message("%s on %s: differs by %g, allowed is %g", what, device, worst, limit);
    g_assert_true(worst <= limit);
}

// Cases of rounded weights belong to one file, all others to all files but those.
static gboolean case_is_of_file(const GoldenModel *model, JsonObject *json, const char *file)
{
    const char *own = json_object_has_member(json, "weights_file")
                          ? json_object_get_string_member(json, "weights_file")
                          : NULL;
    if (own != NULL)
        return g_str_has_suffix(file, own);
    JsonArray *cases = json_object_get_array_member(model->json, "cases");
    for (guint i = 0; i < json_array_get_length(cases); i++) {
        JsonObject *other = json_array_get_object_element(cases, i);
        if (json_object_has_member(other, "weights_file") &&
            g_str_has_suffix(file, json_object_get_string_member(other, "weights_file")))
            return FALSE;
    }
    return TRUE;
}

static GanTensor *golden_tensor(GanWeights *golden, const char *name)
{
    GError *error = NULL;
    g_autoptr(GanTensor) nchw = gan_weights_tensor(golden, name, &error);
    g_assert_no_error(error);
    return nhwc_of_nchw(nchw);
}

// The top left part of what the authors' network makes: with sides that its strides do not divide
// it makes more than it was given.
static GanTensor *cut(const GanTensor *whole, gsize h, gsize w)
{
    const gsize shape[] = {whole->shape[0], h, w, whole->shape[3]};
    GanTensor *part = gan_tensor_new(4, shape, NULL);
    for (gsize n = 0; n < shape[0]; n++)
        for (gsize y = 0; y < h; y++)
            memcpy(part->data + (n * h + y) * w * shape[3],
                   whole->data + (n * whole->shape[1] + y) * whole->shape[2] * whole->shape[3],
                   w * shape[3] * sizeof(float));
    return part;
}

static void check_golden_case(const GoldenCase *c, GanModel *model, GanDevice *device,
                              GanWeights *golden, JsonObject *json)
{
    GError *error = NULL;
    g_autoptr(GList) inputs =
        json_object_get_members(json_object_get_object_member(json, "inputs"));
    g_autoptr(GanTensor) in = golden_tensor(golden, inputs->data);
    g_autoptr(GanTensor) made =
        golden_tensor(golden, json_object_get_string_member(json, "output"));
    g_autoptr(GanTensor) number = tensor_filled(4, (const gsize[]){1, 1, 1, 1}, 0);
    GanTensor *const all[] = {in, number};
    const GanModelInfo *info = gan_model_info(model);
    if (info->n_inputs > 1)
        number->data[0] = (float)json_object_get_double_member(
            json_object_get_object_member(json, "args"), info->inputs[1].name);
    g_autoptr(GanTensor) out = gan_model_run_all(model, device, all, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(made->shape[1], >=, out->shape[1]);
    g_assert_cmpuint(made->shape[2], >=, out->shape[2]);
    g_autoptr(GanTensor) wanted = cut(made, out->shape[1], out->shape[2]);
    check_close(out, wanted, json_object_get_double_member(json, "atol_suggested"), c->device,
                json_object_get_string_member(json, "case"));
    g_assert_cmpuint(out->shape[1], ==, in->shape[1] * (gsize)info->scale);
    g_assert_cmpuint(out->shape[2], ==, in->shape[2] * (gsize)info->scale);
    g_assert_cmpuint(out->shape[3], ==, info->output.channels);
}

static void test_golden(gconstpointer data)
{
    const GoldenCase *c = data;
    GError *error = NULL;
    g_autoptr(GanDevice) device = device_or_skip(c->device);
    if (device == NULL)
        return;
    const GanModelOptions options = golden_options(c->model);
    g_autoptr(GanModel) model = gan_model_load(c->file, &options, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(gan_model_info(model)->family, ==, c->model->family);
    g_autoptr(GanWeights) golden = gan_weights_open(c->model->golden, &error);
    g_assert_no_error(error);
    JsonArray *cases = json_object_get_array_member(c->model->json, "cases");
    guint n_run = 0;
    for (guint i = 0; i < json_array_get_length(cases); i++) {
        JsonObject *json = json_array_get_object_element(cases, i);
        if (!case_is_of_file(c->model, json, c->file))
            continue;
        check_golden_case(c, model, device, golden, json);
        n_run++;
    }
    g_assert_cmpuint(n_run, >, 0);
}

static void test_plain(gconstpointer data)
{
    const PlainCase *c = data;
    GError *error = NULL;
    g_autoptr(GanDevice) device = device_or_skip(c->device);
    if (device == NULL)
        return;
    g_autoptr(GRand) rand = g_rand_new_with_seed(1609);
    g_autoptr(Dict) dict = c->model->make(rand);
    g_autoptr(GanWeights) weights = dict_open(dict);
    g_autoptr(GanModel) model = gan_model_new(weights, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(gan_model_info(model)->family, ==, c->model->family);
    g_assert_cmpfloat(gan_model_info(model)->scale, ==, c->model->scale);
    g_autoptr(GanTensor) in =
        tensor_random(rand, 0.5, 4, (gsize)1, (gsize)9, (gsize)11, (gsize)c->model->channels);
    g_autoptr(GanTensor) wanted = c->model->run(dict, in);
    g_autoptr(GanTensor) out = gan_model_run(model, device, in, &error);
    g_assert_no_error(error);
    check_close(out, wanted, 1e-5 * magnitude(wanted), c->device, c->model->variant);
}

// The graph as the family builds it against the graph after fusion, both on the reference device.
static void check_fusion(const GanFamily *family, GanWeights *weights,
                         const GanModelOptions *options, const GanTensor *in)
{
    GError *error = NULL;
    g_autoptr(GanDevice) device = gan_device_open("reference", 1, &error);
    g_assert_no_error(error);
    GanGraph *graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new(graph, weights);
    GanSizes sizes = {0};
    family->sizes_of_file(net, options, &sizes);
    gan_net_check(net, &error);
    g_assert_no_error(error);
    GanModelInfo info = {.n_inputs = 1};
    family->describe(&sizes, &info);
    g_free((char *)info.title);
    GanNode *inputs[] = {gan_named_input(graph, "input", sizes.channels_in), NULL};
    if (info.n_inputs > 1)
        inputs[1] = gan_named_input(graph, "number", 1);
    gan_net_feed(net, inputs, info.n_inputs);
    gan_graph_set_output(graph, family->build(net, &sizes));
    gan_net_check(net, &error);
    g_assert_no_error(error);
    GanGraph *fused = gan_graph_fuse(graph, &error);
    g_assert_no_error(error);
    // Else nothing is compared.
    g_assert_cmpuint(gan_graph_n_nodes(fused), <, gan_graph_n_nodes(graph));
    g_autoptr(GanTensor) unfused_out = run_graph(graph, device, in);
    g_autoptr(GanTensor) fused_out = run_graph(fused, device, in);
    const double worst = difference(unfused_out, fused_out);
    g_test_message("differs by %g of %g", worst, magnitude(unfused_out));
    g_assert_true(worst <= 1e-5 * magnitude(unfused_out));
}

static void test_golden_fusion(gconstpointer data)
{
    const GoldenModel *model = data;
    GError *error = NULL;
    g_autoptr(GanWeights) weights = gan_weights_open(model->files->pdata[0], &error);
    g_assert_no_error(error);
    g_autoptr(GanWeights) golden = gan_weights_open(model->golden, &error);
    g_assert_no_error(error);
    g_autoptr(GanTensor) in = golden_tensor(golden, "input");
    const GanModelOptions options = golden_options(model);
    check_fusion(gan_family_find(model->family), weights, &options, in);
}

static void test_plain_fusion(gconstpointer data)
{
    const PlainModel *model = data;
    g_autoptr(GRand) rand = g_rand_new_with_seed(1608);
    g_autoptr(Dict) dict = model->make(rand);
    g_autoptr(GanWeights) weights = dict_open(dict);
    g_autoptr(GanTensor) in =
        tensor_random(rand, 0.5, 4, (gsize)1, (gsize)9, (gsize)11, (gsize)model->channels);
    const GanModelOptions options = {0};
    check_fusion(gan_family_find(model->family), weights, &options, in);
}

static gboolean has_check(const char *family)
{
    for (guint i = 0; i < golden_models()->len; i++) {
        const GoldenModel *model = golden_models()->pdata[i];
        if (g_str_equal(model->family, family))
            return TRUE;
    }
    for (guint i = 0; plain_models[i].family != NULL; i++)
        if (g_str_equal(plain_models[i].family, family))
            return TRUE;
    return FALSE;
}

static void test_every_family_is_checked(void)
{
    for (guint i = 0; gan_families[i] != NULL; i++) {
        if (!has_check(gan_families[i]->name))
            g_test_message("family '%s' has no golden file", gan_families[i]->name);
        g_assert_true(has_check(gan_families[i]->name));
    }
    g_assert_false(has_check("no such family"));
}

static void add_golden(const GoldenModel *model)
{
    for (guint f = 0; f < model->files->len; f++) {
        g_autofree char *name = g_path_get_basename(model->files->pdata[f]);
        for (guint d = 0; device_names[d] != NULL; d++) {
            // The containers hold the same numbers: one of them on all devices is enough.
            if (f > 0 && d > 0)
                continue;
            GoldenCase *c = g_new(GoldenCase, 1);
            *c = (GoldenCase){model, model->files->pdata[f], device_names[d]};
            g_autofree char *path = g_strdup_printf("/golden/%s/%s", name, device_names[d]);
            g_test_add_data_func_full(path, c, test_golden, g_free);
        }
    }
    g_autofree char *path =
        g_strdup_printf("/fused-equals-unfused/%s-%s", model->family, model->variant);
    g_test_add_data_func(path, model, test_golden_fusion);
}

static void add_plain(const PlainModel *model)
{
    for (guint d = 0; device_names[d] != NULL; d++) {
        PlainCase *c = g_new(PlainCase, 1);
        *c = (PlainCase){model, device_names[d]};
        g_autofree char *path =
            g_strdup_printf("/plain/%s-%s/%s", model->family, model->variant, device_names[d]);
        g_test_add_data_func_full(path, c, test_plain, g_free);
    }
    g_autofree char *path =
        g_strdup_printf("/fused-equals-unfused/%s-%s", model->family, model->variant);
    g_test_add_data_func(path, model, test_plain_fusion);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/families/every-family-is-checked", test_every_family_is_checked);
    for (guint i = 0; i < golden_models()->len; i++) {
        const GoldenModel *model = golden_models()->pdata[i];
        if (gan_family_find(model->family) != NULL)
            add_golden(model);
    }
    for (guint i = 0; plain_models[i].family != NULL; i++)
        add_plain(&plain_models[i]);
    return g_test_run();
}
