// SPDX-License-Identifier: LGPL-3.0-or-later
// Every golden PyTorch file holds the same values, to the last bit, as its safetensors twin.
#include <gan/weights.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

static char *golden_path(const char *file)
{
    return g_test_build_filename(G_TEST_DIST, "golden", file, NULL);
}

static GanWeights *open_or_fail(const char *path)
{
    g_autoptr(GError) error = NULL;
    GanWeights *weights = gan_weights_open(path, &error);
    g_assert_no_error(error);
    return weights;
}

static GanTensor *tensor_or_fail(GanWeights *weights, const char *name)
{
    g_autoptr(GError) error = NULL;
    GanTensor *tensor = gan_weights_tensor(weights, name, &error);
    g_assert_no_error(error);
    return tensor;
}

// Compares all tensors of `twin`. Returns what differs, or NULL.
static char *difference(GanWeights *weights, GanWeights *twin, const char *ignored)
{
    for (guint i = 0; i < gan_weights_n_entries(twin); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(twin, i);
        const GanWeightsEntry *found = gan_weights_find(weights, entry->name);
        if (found == NULL)
            return g_strdup_printf("'%s' is missing", entry->name);
        if (found->rank != entry->rank ||
            memcmp(found->shape, entry->shape, entry->rank * sizeof *entry->shape) != 0)
            return g_strdup_printf("'%s' has another shape", entry->name);
        if (entry->dtype == GAN_DTYPE_OTHER ||
            (ignored != NULL && strstr(entry->name, ignored) != NULL))
            continue;
        g_autoptr(GanTensor) a = tensor_or_fail(weights, entry->name);
        g_autoptr(GanTensor) b = tensor_or_fail(twin, entry->name);
        if (memcmp(a->data, b->data, gan_tensor_length(a) * sizeof(float)) != 0)
            return g_strdup_printf("'%s' differs", entry->name);
    }
    if (gan_weights_n_entries(weights) != gan_weights_n_entries(twin))
        return g_strdup_printf("%u tensors; the twin has %u", gan_weights_n_entries(weights),
                               gan_weights_n_entries(twin));
    return NULL;
}

// Writes the twin's tensors in half precision and opens that, to compare a
// half-precision file with.
static GanWeights *rounded(GanWeights *twin, GanDtype dtype)
{
    const guint n = gan_weights_n_entries(twin);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GPtrArray) tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < n; i++) {
        const char *name = gan_weights_entry(twin, i)->name;
        g_ptr_array_add(names, (gpointer)(guintptr)name);
        g_ptr_array_add(tensors, tensor_or_fail(twin, name));
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("gan-variants-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(folder, "rounded.safetensors", NULL);
    gan_weights_save(path, (const char *const *)names->pdata, (GanTensor *const *)tensors->pdata, n,
                     dtype, NULL, &error);
    g_assert_no_error(error);
    GanWeights *weights = open_or_fail(path);
    g_assert_cmpint(remove(path), ==, 0);
    g_assert_cmpint(remove(folder), ==, 0);
    return weights;
}

static void test_twin(gconstpointer data)
{
    JsonObject *files = (JsonObject *)(guintptr)data;
    g_autofree char *twin_path = golden_path(
        json_object_get_string_member(json_object_get_object_member(files, "safetensors"), "path"));
    g_autoptr(GanWeights) twin = open_or_fail(twin_path);
    g_assert_cmpstr(gan_weights_container(twin), ==, "safetensors");
    JsonArray *variants = json_object_get_array_member(files, "pth");
    for (guint i = 0; i < json_array_get_length(variants); i++) {
        JsonObject *variant = json_array_get_object_element(variants, i);
        g_autofree char *path = golden_path(json_object_get_string_member(variant, "path"));
        g_autoptr(GanWeights) weights = open_or_fail(path);
        g_autofree char *container =
            g_strconcat("PyTorch ", json_object_get_string_member(variant, "container"), NULL);
        g_assert_cmpstr(gan_weights_container(weights), ==, container);
        g_assert_cmpuint(gan_weights_file_bytes(weights), ==,
                         (guint64)json_object_get_int_member(variant, "bytes"));
        g_autoptr(GanWeights) expected =
            strstr(path, ".fp16.") != NULL   ? rounded(twin, GAN_DTYPE_F16)
            : strstr(path, ".bf16.") != NULL ? rounded(twin, GAN_DTYPE_BF16)
                                             : gan_weights_ref(twin);
        // This one's fused copy is fresh where the twin's is deliberately stale.
        const char *ignored = strstr(path, ".native.") != NULL ? "eval_conv" : NULL;
        g_autofree char *text = difference(weights, expected, ignored);
        if (text != NULL)
            g_error("%s: %s", path, text);
        if (ignored != NULL) {
            g_autofree char *fresh = difference(weights, expected, NULL);
            g_assert_nonnull(fresh);
        }
        g_autofree char *sum = gan_file_sha256(path, NULL);
        g_assert_cmpstr(sum, ==, json_object_get_string_member(variant, "sha256"));
    }
}

// Networks whose files differ must be told apart.
static void test_difference_can_fail(void)
{
    g_autofree char *a_path = golden_path("models/msrresnet-x4.pth");
    g_autofree char *b_path = golden_path("models/msrresnet-x2.safetensors");
    g_autofree char *c_path = golden_path("models/srvgg-prelu-x4.fp16.pth");
    g_autofree char *d_path = golden_path("models/srvgg-prelu-x4.safetensors");
    g_autoptr(GanWeights) a = open_or_fail(a_path);
    g_autoptr(GanWeights) b = open_or_fail(b_path);
    g_autoptr(GanWeights) c = open_or_fail(c_path);
    g_autoptr(GanWeights) d = open_or_fail(d_path);
    g_autofree char *shapes = difference(a, b, NULL);
    g_autofree char *values = difference(c, d, NULL);
    g_assert_nonnull(shapes);
    g_assert_nonnull(values);
}

static void test_prefixes(void)
{
    g_autofree char *path = golden_path("models/edsr-pytorch-x4.nested.pth");
    g_autoptr(GanWeights) weights = open_or_fail(path);
    g_assert_nonnull(gan_weights_find(weights, "head.0.weight"));
    g_assert_null(gan_weights_find(weights, "module.head.0.weight"));
}

static void test_torchscript(void)
{
    g_autofree char *path = golden_path("hostile/compat-torchscript.pt");
    g_autoptr(GanWeights) weights = open_or_fail(path);
    g_assert_cmpuint(gan_weights_n_entries(weights), ==, 2);
    g_assert_nonnull(gan_weights_find(weights, "conv.weight"));
    g_assert_nonnull(gan_weights_find(weights, "conv.bias"));
}

// Of two calls for a float32 tensor both get the mapped bytes; a half-precision one is converted.
static void test_views(void)
{
    g_autofree char *path = golden_path("models/srvgg-prelu-x4.safetensors");
    g_autofree char *half_path = golden_path("models/srvgg-prelu-x4.fp16.pth");
    g_autoptr(GanWeights) weights = open_or_fail(path);
    g_autoptr(GanWeights) half = open_or_fail(half_path);
    g_autoptr(GanTensor) a = tensor_or_fail(weights, "body.0.weight");
    g_autoptr(GanTensor) b = tensor_or_fail(weights, "body.0.weight");
    g_autoptr(GanTensor) c = tensor_or_fail(half, "body.0.weight");
    g_autoptr(GanTensor) d = tensor_or_fail(half, "body.0.weight");
    g_assert_true(a->data == b->data);
    g_assert_true(c->data != d->data);
    // A tensor outlives the weights that it came from.
    const float first = a->data[0];
    g_clear_pointer(&weights, gan_weights_unref);
    g_assert_cmpfloat(a->data[0], ==, first);
}

static void test_missing(void)
{
    g_autofree char *path = golden_path("models/srvgg-prelu-x4.pth");
    g_autoptr(GanWeights) weights = open_or_fail(path);
    g_autoptr(GError) error = NULL;
    g_assert_null(gan_weights_tensor(weights, "body.99.weight", &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN);
    g_assert_cmpstr(error->message, ==, "srvgg-prelu-x4.pth: there is no tensor 'body.99.weight'");
    g_clear_error(&error);
    g_assert_null(gan_weights_open("/nonexistent/a.pth", &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FILE);
    g_clear_error(&error);
    g_assert_null(gan_weights_open("/dev/zero", &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FILE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "index.json", NULL);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) error = NULL;
    if (!json_parser_load_from_file(parser, path, &error))
        g_error("%s", error->message);
    JsonArray *models =
        json_object_get_array_member(json_node_get_object(json_parser_get_root(parser)), "models");
    g_assert_cmpuint(json_array_get_length(models), >, 20);
    for (guint i = 0; i < json_array_get_length(models); i++) {
        JsonObject *model = json_array_get_object_element(models, i);
        JsonObject *files = json_object_get_object_member(model, "files");
        if (!json_object_has_member(files, "pth"))
            continue;
        g_autofree char *name = g_strdup_printf("/weights/equals-safetensors/%s-%s",
                                                json_object_get_string_member(model, "family"),
                                                json_object_get_string_member(model, "variant"));
        g_test_add_data_func(name, files, test_twin);
    }
    g_test_add_func("/weights/difference-is-noticed", test_difference_can_fail);
    g_test_add_func("/weights/prefixes-are-stripped", test_prefixes);
    g_test_add_func("/weights/torchscript-names-are-dotted", test_torchscript);
    g_test_add_func("/weights/float32-is-a-view", test_views);
    g_test_add_func("/weights/missing-is-said", test_missing);
    return g_test_run();
}
