// SPDX-License-Identifier: LGPL-3.0-or-later
#include "support.h"

#include <device-private.h>
#include <glib/gstdio.h>
#include <math.h>
#include <plan.h>
#include <string.h>

// --- golden files ---

static char *golden_path(const char *name)
{
    return g_test_build_filename(G_TEST_DIST, "golden", name, NULL);
}

// Ends the program where a row, or a part of it, lacks what the tests read: a space between names.
static void check_members(JsonObject *json, const GoldenModel *m, const char *what,
                          const char *names)
{
    g_auto(GStrv) wanted = g_strsplit(names, " ", -1);
    for (guint i = 0; wanted[i] != NULL; i++)
        if (json == NULL || !json_object_has_member(json, wanted[i]))
            g_error("golden/index.json: %s of '%s-%s' has no '%s'", what,
                    m->family == NULL ? "?" : m->family, m->variant == NULL ? "?" : m->variant,
                    wanted[i]);
}

static GoldenModel *golden_model(JsonObject *json)
{
    GoldenModel *m = g_new0(GoldenModel, 1);
    m->json = json;
    m->family = g_strdup(json_object_get_string_member_with_default(json, "family", NULL));
    m->variant = g_strdup(json_object_get_string_member_with_default(json, "variant", NULL));
    check_members(json, m, "the row", "family variant files cases");
    JsonArray *cases = json_object_get_array_member(json, "cases");
    for (guint i = 0; i < json_array_get_length(cases); i++)
        check_members(json_array_get_object_element(cases, i), m, "a case",
                      "case inputs output atol_suggested");
    JsonObject *files = json_object_get_object_member(json, "files");
    check_members(files, m, "'files'", "safetensors golden");
    m->files = g_ptr_array_new_with_free_func(g_free);
    JsonObject *file = json_object_get_object_member(files, "safetensors");
    g_ptr_array_add(m->files, golden_path(json_object_get_string_member(file, "path")));
    // The same tensors in other containers, and with tensors that nothing needs.
    static const char *const more[] = {"pth", "with_more"};
    for (guint k = 0; k < G_N_ELEMENTS(more); k++) {
        if (!json_object_has_member(files, more[k]))
            continue;
        JsonArray *list = json_object_get_array_member(files, more[k]);
        for (guint i = 0; i < json_array_get_length(list); i++) {
            file = json_array_get_object_element(list, i);
            g_ptr_array_add(m->files, golden_path(json_object_get_string_member(file, "path")));
        }
    }
    file = json_object_get_object_member(files, "golden");
    m->golden = golden_path(json_object_get_string_member(file, "path"));
    return m;
}

const GPtrArray *golden_models(void)
{
    static gsize once;
    static GPtrArray *models;
    static JsonParser *parser; // the models point into what it holds
    if (g_once_init_enter(&once)) {
        g_autofree char *path = golden_path("index.json");
        GError *error = NULL;
        parser = json_parser_new();
        if (!json_parser_load_from_file(parser, path, &error))
            g_error("%s: %s", path, error->message);
        JsonObject *index = json_node_get_object(json_parser_get_root(parser));
        JsonArray *array = json_object_get_array_member(index, "models");
        models = g_ptr_array_new();
        for (guint i = 0; i < json_array_get_length(array); i++)
            g_ptr_array_add(models, golden_model(json_array_get_object_element(array, i)));
        g_once_init_leave(&once, 1);
    }
    return models;
}

GanModelOptions golden_options(const GoldenModel *model)
{
    GanModelOptions options = {0};
    if (!json_object_has_member(model->json, "hyper"))
        return options;
    JsonObject *hyper = json_object_get_object_member(model->json, "hyper");
    if (g_str_equal(model->family, "srvgg") &&
        g_str_equal(json_object_get_string_member(hyper, "act_type"), "leakyrelu"))
        options.activation = "leakyrelu";
    if (json_object_has_member(hyper, "padding_type") &&
        g_str_equal(json_object_get_string_member(hyper, "padding_type"), "replicate"))
        options.padding = "replicate";
    if (g_str_equal(model->family, "edsr"))
        options.residual_scale = json_object_get_double_member(hyper, "res_scale");
    if (g_str_equal(model->family, "rrdb"))
        options.scale = (guint)json_object_get_int_member(hyper, "scale");
    return options;
}

// --- tensors ---

GanTensor *tensor_filled(guint rank, const gsize *shape, float value)
{
    GanTensor *tensor = gan_tensor_new(rank, shape, NULL);
    g_assert_nonnull(tensor);
    for (gsize i = 0; i < gan_tensor_length(tensor); i++)
        tensor->data[i] = value;
    return tensor;
}

GanTensor *tensor_random(GRand *rand, double scale, guint rank, ...)
{
    gsize shape[GAN_TENSOR_MAX_RANK];
    va_list list;
    va_start(list, rank);
    for (guint i = 0; i < rank; i++)
        shape[i] = va_arg(list, gsize);
    va_end(list);
    GanTensor *tensor = gan_tensor_new(rank, shape, NULL);
    g_assert_nonnull(tensor);
    for (gsize i = 0; i < gan_tensor_length(tensor); i++) {
        // Box and Muller.
        const double u = 1 - g_rand_double(rand), v = g_rand_double(rand);
        tensor->data[i] = (float)(scale * sqrt(-2 * log(u)) * cos(2 * G_PI * v));
    }
    return tensor;
}

GanTensor *nhwc_of_nchw(const GanTensor *nchw)
{
    g_assert_cmpuint(nchw->rank, ==, 4);
    const gsize n = nchw->shape[0], c = nchw->shape[1], h = nchw->shape[2], w = nchw->shape[3];
    const gsize shape[] = {n, h, w, c};
    GanTensor *nhwc = gan_tensor_new(4, shape, NULL);
    for (gsize i = 0; i < n; i++)
        for (gsize k = 0; k < c; k++)
            for (gsize p = 0; p < h * w; p++)
                nhwc->data[(i * h * w + p) * c + k] = nchw->data[(i * c + k) * h * w + p];
    return nhwc;
}

double difference(const GanTensor *a, const GanTensor *b)
{
    if (a->rank != b->rank || memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) != 0)
        return INFINITY;
    double worst = 0;
    for (gsize i = 0; i < gan_tensor_length(a); i++) {
        const double d = fabs((double)a->data[i] - b->data[i]);
        if (!(d <= worst))
            worst = isnan(d) ? INFINITY : d;
    }
    return worst;
}

double magnitude(const GanTensor *a)
{
    double most = 0;
    for (gsize i = 0; i < gan_tensor_length(a); i++)
        most = MAX(most, fabs(a->data[i]));
    return most;
}

// --- state dicts ---

Dict *dict_new(void)
{
    Dict *dict = g_new0(Dict, 1);
    dict->names = g_ptr_array_new_with_free_func(g_free);
    dict->tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    return dict;
}

Dict *dict_of(GanWeights *weights)
{
    Dict *dict = dict_new();
    for (guint i = 0; i < gan_weights_n_entries(weights); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(weights, i);
        if (entry->dtype == GAN_DTYPE_OTHER)
            continue;
        GError *error = NULL;
        GanTensor *tensor = gan_weights_tensor(weights, entry->name, &error);
        g_assert_no_error(error);
        dict_set(dict, entry->name, tensor);
    }
    return dict;
}

void dict_free(Dict *dict)
{
    if (dict == NULL)
        return;
    g_ptr_array_unref(dict->names);
    g_ptr_array_unref(dict->tensors);
    g_free(dict);
}

static gboolean dict_find(const Dict *dict, const char *name, guint *i)
{
    return g_ptr_array_find_with_equal_func(dict->names, name, g_str_equal, i);
}

void dict_drop(Dict *dict, const char *name)
{
    guint i;
    g_assert_true(dict_find(dict, name, &i));
    g_ptr_array_remove_index(dict->names, i);
    g_ptr_array_remove_index(dict->tensors, i);
}

void dict_set(Dict *dict, const char *name, GanTensor *tensor)
{
    guint i;
    g_assert_nonnull(tensor);
    if (dict_find(dict, name, &i))
        dict_drop(dict, name);
    g_ptr_array_add(dict->names, g_strdup(name));
    g_ptr_array_add(dict->tensors, tensor);
}

GanTensor *dict_get(const Dict *dict, const char *name)
{
    guint i;
    g_assert_true(dict_find(dict, name, &i));
    return dict->tensors->pdata[i];
}

GanWeights *dict_open(const Dict *dict)
{
    return dict_open_with(dict, NULL);
}

GanWeights *dict_open_with(const Dict *dict, const char *const *metadata)
{
    GError *error = NULL;
    // Files are synced when they are written, and there are thousands: in memory that
    // takes no time.
    char *in_memory = g_strdup("/dev/shm/gan-families-XXXXXX");
    g_autofree char *folder = g_mkdtemp(in_memory);
    if (folder == NULL) {
        g_free(in_memory);
        folder = g_dir_make_tmp("gan-families-XXXXXX", &error);
    }
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(folder, "made.safetensors", NULL);
    gan_weights_save(path, (const char *const *)dict->names->pdata,
                     (GanTensor *const *)dict->tensors->pdata, dict->names->len, GAN_DTYPE_F32,
                     metadata, &error);
    g_assert_no_error(error);
    GanWeights *weights = gan_weights_open(path, &error);
    g_assert_no_error(error);
    // The mapping outlives the name.
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    return weights;
}

// --- devices ---

const char *const device_names[] = {"reference", "cpu:plain", "cpu:avx2", "cpu:avx512", NULL};

GanDevice *device_or_skip(const char *name)
{
    g_autoptr(GError) error = NULL;
    GanDevice *device = gan_device_open(name, 2, &error);
    if (device == NULL)
        g_test_skip(error->message);
    return device;
}

double device_limit(const char *name)
{
    return g_str_equal(name, "reference") ? 0 : 2e-4;
}

GanTensor *run_graph(GanGraph *graph, GanDevice *device, const GanTensor *in)
{
    g_assert_cmpint(gan_device_backend(device)->dtype, ==, GK_F32);
    GError *error = NULL;
    g_autoptr(GanProgram) program = gan_program_new(graph, device);
    // A second input is a number.
    float number = 20;
    const GanShape shapes[] = {{in->shape[0], in->shape[1], in->shape[2], in->shape[3]},
                               {1, 1, 1, 1}};
    g_autoptr(GanPlan) plan = gan_plan_new_for(program, NULL, shapes, &error);
    g_assert_no_error(error);
    const GanPlanInfo *info = gan_plan_info(plan);
    const gsize shape[] = {in->shape[0], info->out_h, info->out_w, info->out_c};
    GanTensor *out = tensor_filled(4, shape, NAN);
    const GkView from[] = {
        gk_view_nhwc(in->data, GK_F32, in->shape[0], in->shape[1], in->shape[2], in->shape[3]),
        gk_view_nhwc(&number, GK_F32, 1, 1, 1, 1)};
    const GkView to = gk_view_nhwc(out->data, GK_F32, shape[0], shape[1], shape[2], shape[3]);
    gan_plan_run(plan, from, &to, NULL, NULL, &error);
    g_assert_no_error(error);
    return out;
}
