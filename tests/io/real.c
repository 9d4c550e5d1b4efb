// SPDX-License-Identifier: LGPL-3.0-or-later
// Every weight file in the folder GIMP_GAN_TEST_MODELS, or in shared/data/models beside the source
// tree, opens and all its floating-point tensors are finite. Skips where there is no such folder.
#include <gan/weights.h>
#include <math.h>
#include <stdio.h>

static void test_file(gconstpointer data)
{
    const char *path = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GanWeights) weights = gan_weights_open(path, &error);
    g_assert_no_error(error);
    guint64 n_elements = 0;
    for (guint i = 0; i < gan_weights_n_entries(weights); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(weights, i);
        if (entry->dtype == GAN_DTYPE_OTHER)
            continue;
        g_autoptr(GanTensor) tensor = gan_weights_tensor(weights, entry->name, &error);
        g_assert_no_error(error);
        for (gsize k = 0; k < gan_tensor_length(tensor); k++)
            g_assert_true(isfinite(tensor->data[k]));
        n_elements += gan_tensor_length(tensor);
    }
    // A file of float32 weights holds little else; deflated, it is a little smaller.
    g_assert_cmpuint(n_elements * sizeof(float), <, gan_weights_file_bytes(weights) * 5 / 4);
    g_assert_cmpuint(n_elements * sizeof(float), >, gan_weights_file_bytes(weights) * 3 / 5);
    g_test_message("%s: %s, %u tensors, %" G_GUINT64_FORMAT " elements", path,
                   gan_weights_container(weights), gan_weights_n_entries(weights), n_elements);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    const char *named = g_getenv("GIMP_GAN_TEST_MODELS");
    g_autofree char *folder =
        named != NULL
            ? g_strdup(named)
            : g_test_build_filename(G_TEST_DIST, "..", "..", "shared", "data", "models", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        if (g_str_has_suffix(name, ".pth") || g_str_has_suffix(name, ".safetensors"))
            g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
    if (paths->len == 0) {
        printf("no weight files in %s; set GIMP_GAN_TEST_MODELS to a folder of them\n", folder);
        return 77;
    }
    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *base = g_path_get_basename(paths->pdata[i]);
        g_autofree char *test = g_strconcat("/weights/real/", base, NULL);
        g_test_add_data_func(test, paths->pdata[i], test_file);
    }
    return g_test_run();
}
