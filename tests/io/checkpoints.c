// SPDX-License-Identifier: LGPL-3.0-or-later
// What training code saves beside the weights does not keep them from being read. The files of
// golden/checkpoints hold one network; its make.py says how each was made.
#include <gan/weights.h>
#include <math.h>
#include <string.h>

static GanWeights *open_checkpoint(const char *file)
{
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "checkpoints", file, NULL);
    g_autoptr(GError) error = NULL;
    GanWeights *weights = gan_weights_open(path, &error);
    if (weights == NULL)
        g_error("%s", error->message);
    return weights;
}

static GanTensor *tensor_of(GanWeights *weights, const char *name)
{
    g_autoptr(GError) error = NULL;
    GanTensor *tensor = gan_weights_tensor(weights, name, &error);
    if (tensor == NULL)
        g_error("%s", error->message);
    return tensor;
}

// All tensors of the plain file, times `factor`.
static void check_network(GanWeights *weights, float factor)
{
    g_autoptr(GanWeights) plain = open_checkpoint("plain.safetensors");
    g_assert_cmpuint(gan_weights_n_entries(plain), ==, 8);
    for (guint i = 0; i < gan_weights_n_entries(plain); i++) {
        const char *name = gan_weights_entry(plain, i)->name;
        g_autoptr(GanTensor) wanted = tensor_of(plain, name);
        g_autoptr(GanTensor) found = tensor_of(weights, name);
        g_assert_cmpuint(gan_tensor_length(found), ==, gan_tensor_length(wanted));
        for (gsize k = 0; k < gan_tensor_length(wanted); k++)
            g_assert_cmpfloat(fabsf(found->data[k] - factor * wanted->data[k]), <=,
                              factor == 1 ? 0 : 0.02f);
    }
}

static void test_beside(gconstpointer data)
{
    g_autoptr(GanWeights) weights = open_checkpoint(data);
    check_network(weights, 1);
}

// Tensors that are no weights can be seen, but not be had.
static void test_numbers_that_are_no_weights(void)
{
    g_autoptr(GanWeights) weights = open_checkpoint("beside-flat.pth");
    g_autoptr(GError) error = NULL;
    const GanWeightsEntry *entry = gan_weights_find(weights, "spectrum");
    g_assert_cmpint(entry->dtype, ==, GAN_DTYPE_OTHER);
    g_assert_null(gan_weights_tensor(weights, "spectrum", &error));
    g_assert_cmpstr(error->message, ==,
                    "beside-flat.pth: tensor 'spectrum' holds C64; floating-point weights (F64, "
                    "F32, F16, BF16, F8) are needed");
}

// Every code of the formats of 8 bits is the number that PyTorch makes of it.
static void test_float8(gconstpointer data)
{
    static const char *const FORMATS[] = {"float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
                                          "float8_e5m2fnuz", "float8_e8m0fnu"};
    g_autoptr(GanWeights) weights = open_checkpoint(data);
    for (guint i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
        g_autofree char *twin = g_strconcat(FORMATS[i], ".f32", NULL);
        g_assert_cmpint(gan_weights_find(weights, FORMATS[i])->dtype, ==, GAN_DTYPE_F8);
        g_autoptr(GanTensor) found = tensor_of(weights, FORMATS[i]);
        g_autoptr(GanTensor) wanted = tensor_of(weights, twin);
        g_assert_cmpuint(gan_tensor_length(found), ==, 256);
        for (guint code = 0; code < 256; code++) {
            const float a = found->data[code], b = wanted->data[code];
            if (!(isnan(a) && isnan(b)) && memcmp(&a, &b, sizeof a) != 0)
                g_error("%s: code %u is %g, not %g", FORMATS[i], code, (double)a, (double)b);
        }
    }
}

static void test_float8_network(void)
{
    g_autoptr(GanWeights) weights = open_checkpoint("net-f8.safetensors");
    check_network(weights, 0.5f);
}

static void test_metadata(void)
{
    g_autoptr(GanWeights) none = open_checkpoint("metadata-null.safetensors");
    g_autofree const char **keys = gan_weights_metadata_keys(none);
    g_assert_true(keys == NULL || keys[0] == NULL);
    check_network(none, 1);
    g_autoptr(GanWeights) weights = open_checkpoint("metadata-values.safetensors");
    check_network(weights, 1);
    g_assert_cmpstr(gan_weights_metadata(weights, "epoch"), ==, "12");
    g_assert_cmpstr(gan_weights_metadata(weights, "rate"), ==, "0.00015");
    g_assert_cmpstr(gan_weights_metadata(weights, "ema"), ==, "true");
    g_assert_cmpstr(gan_weights_metadata(weights, "licence"), ==, "CC0-1.0");
    g_assert_cmpstr(gan_weights_metadata(weights, "history"), ==, "[1, [2, {\"a\": \"}]\"}], []]");
    g_assert_cmpstr(gan_weights_metadata(weights, "options"), ==,
                    "{\"a\": {\"b\": []}, \"c\": {}}");
    g_assert_null(gan_weights_metadata(weights, "nothing"));
}

// A header as it is written, with one tensor behind it.
static gboolean is_read(const char *metadata)
{
    g_autofree char *header =
        g_strdup_printf("{\"__metadata__\":%s,\"w\":{\"dtype\":\"F32\",\"shape\":[1],"
                        "\"data_offsets\":[0,4]}}",
                        metadata);
    const guint64 length = GUINT64_TO_LE((guint64)strlen(header));
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)&length, sizeof length);
    g_byte_array_append(file, (const guint8 *)header, (guint)strlen(header));
    g_byte_array_append(file, (const guint8 *)"\0\0\0\0", 4);
    g_autoptr(GBytes) bytes = g_bytes_new(file->data, file->len);
    g_autoptr(GanWeights) weights = gan_weights_open_bytes(bytes, "a.safetensors", NULL);
    return weights != NULL;
}

static void test_metadata_is_json_all_the_same(void)
{
    static const char *const FINE[] = {"null",
                                       " null ",
                                       "{}",
                                       "{\"a\":-1.5e-3}",
                                       "{\"a\":[]}",
                                       "{\"a\":[[],{}]}",
                                       "{\"a\":{\"b\":[1,null,\"]\"]}}"};
    static const char *const NOT[] = {"nul",        "nullnull",     "[]",           "1",
                                      "\"text\"",   "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":[1 2]}",
                                      "{\"a\":1-}", "{\"a\":}",     "{\"a\":[}]}",  "{\"a\":{1:2}}",
                                      "{\"a\":tru}"};
    for (guint i = 0; i < G_N_ELEMENTS(FINE); i++)
        if (!is_read(FINE[i]))
            g_error("%s is not read", FINE[i]);
    for (guint i = 0; i < G_N_ELEMENTS(NOT); i++)
        if (is_read(NOT[i]))
            g_error("%s is read", NOT[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    static const char *const BESIDE[] = {
        "beside.pth",    "beside-flat.pth", "beside-protocol5.pth", "beside.legacy.pth",
        "attribute.pth", "parameters.pth",  "settings.pth"};
    for (guint i = 0; i < G_N_ELEMENTS(BESIDE); i++) {
        g_autofree char *name = g_strconcat("/checkpoints/what-is-beside/", BESIDE[i], NULL);
        g_test_add_data_func(name, BESIDE[i], test_beside);
    }
    g_test_add_func("/checkpoints/numbers-that-are-no-weights", test_numbers_that_are_no_weights);
    g_test_add_data_func("/checkpoints/float8-in-safetensors", "f8.safetensors", test_float8);
    g_test_add_data_func("/checkpoints/float8-in-pth", "f8.pth", test_float8);
    g_test_add_func("/checkpoints/float8-network", test_float8_network);
    g_test_add_func("/checkpoints/metadata", test_metadata);
    g_test_add_func("/checkpoints/metadata-is-json-all-the-same",
                    test_metadata_is_json_all_the_same);
    return g_test_run();
}
