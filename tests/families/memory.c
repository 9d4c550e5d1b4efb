// SPDX-License-Identifier: LGPL-3.0-or-later
// The large RRDBNet runs in the memory that its plan and its file say, and no more: kernels keep no
// copy of large weights. It runs in a process of its own, so that nothing else counts.
#include "support.h"

#include <glib/gstdio.h>
#include <math.h>
#include <model-private.h>
#include <string.h>

// What a run needs besides the plan's bytes: the program, its threads, and pages between two calls.
#define REST_KIB (32 * G_GINT64_CONSTANT(1024))

static void set_conv(Dict *dict, GRand *rand, const char *name, gsize out, gsize in)
{
    g_autofree char *weight = g_strconcat(name, ".weight", NULL);
    g_autofree char *bias = g_strconcat(name, ".bias", NULL);
    dict_set(dict, weight,
             tensor_random(rand, sqrt(2 / (9. * in)), 4, out, in, (gsize)3, (gsize)3));
    dict_set(dict, bias, tensor_random(rand, 0.1, 1, out));
}

// RealESRGAN_x4plus in shape: 64 features, 32 grown by each convolution, 23 blocks.
static int write_model(const char *path)
{
    const gsize nf = 64, gc = 32;
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);
    g_autoptr(Dict) dict = dict_new();
    set_conv(dict, rand, "conv_first", nf, 3);
    for (guint i = 0; i < 23; i++)
        for (guint j = 1; j <= 3; j++)
            for (guint k = 1; k <= 5; k++) {
                g_autofree char *name = g_strdup_printf("body.%u.rdb%u.conv%u", i, j, k);
                set_conv(dict, rand, name, k == 5 ? nf : gc, nf + (k - 1) * gc);
            }
    static const char *const tail[] = {"conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"};
    for (guint i = 0; i < G_N_ELEMENTS(tail); i++)
        set_conv(dict, rand, tail[i], i == 4 ? 3 : nf, nf);
    GError *error = NULL;
    gan_weights_save(path, (const char *const *)dict->names->pdata,
                     (GanTensor *const *)dict->tensors->pdata, dict->names->len, GAN_DTYPE_F32,
                     NULL, &error);
    g_assert_no_error(error);
    return 0;
}

// Prints the greatest resident memory of the process so far and the plan's bytes, both in KiB.
static int run_model(const char *path)
{
    GError *error = NULL;
    g_autoptr(GanDevice) device = gan_device_open("cpu", 2, &error);
    g_assert_no_error(error);
    g_autoptr(GanModel) model = gan_model_load(path, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(gan_model_info(model)->n_parameters, ==, 16697987);
    g_assert_cmpfloat_with_epsilon(gan_model_info(model)->flops_per_pixel / 2e6, 17.927, 0.001);
    GanProgram *program = gan_model_program(model, device, &error);
    g_assert_no_error(error);
    g_autoptr(GanPlan) plan = gan_plan_new(program, NULL, 1, 64, 64, &error);
    g_assert_no_error(error);
    const GanPlanInfo *info = gan_plan_info(plan);
    const gsize bytes = info->arena_bytes + info->packed_bytes + info->scratch_bytes;
    const gsize shape[] = {1, 64, 64, 3};
    g_autoptr(GanTensor) in = tensor_filled(4, shape, 0.5);
    g_autoptr(GanTensor) out = gan_model_run(model, device, in, &error);
    g_assert_no_error(error);
    g_assert_true(isfinite(magnitude(out)));
    g_autofree char *status = NULL;
    g_file_get_contents("/proc/self/status", &status, NULL, &error);
    g_assert_no_error(error);
    const char *line = strstr(status, "VmHWM:");
    g_assert_nonnull(line);
    g_print("%" G_GINT64_FORMAT " %" G_GSIZE_FORMAT "\n",
            g_ascii_strtoll(line + strlen("VmHWM:"), NULL, 10), bytes / 1024);
    return 0;
}

static char *self;

// Runs this program with `verb` and `path`; returns what it prints.
static char *child(const char *verb, const char *path)
{
    char *argv[] = {self, (char *)verb, (char *)path, NULL}, *out = NULL;
    int status;
    GError *error = NULL;
    g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, &error);
    g_assert_no_error(error);
    g_spawn_check_wait_status(status, &error);
    g_assert_no_error(error);
    return out;
}

static void test_large_model_fits(void)
{
    GError *error = NULL;
    g_autofree char *folder = g_dir_make_tmp("gan-families-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(folder, "large.safetensors", NULL);
    g_free(child("write", path));
    GStatBuf file;
    g_assert_cmpint(g_stat(path, &file), ==, 0);
    g_autofree char *out = child("run", path);
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    char *rest;
    const gint64 resident = g_ascii_strtoll(out, &rest, 10);
    const gint64 planned = g_ascii_strtoll(rest, NULL, 10);
    g_test_message("resident: %d MiB, planned: %d MiB", (int)(resident / 1024),
                   (int)(planned / 1024));
    g_assert_cmpint(planned, >, 16 * G_GINT64_CONSTANT(1024));
    g_assert_cmpint(resident, >, planned / 2);
    g_assert_cmpint(resident, <, planned + file.st_size / 1024 + REST_KIB);
    // What a machine with little memory has to spare.
    g_assert_cmpint(resident, <, 350 * G_GINT64_CONSTANT(1024));
}

int main(int argc, char **argv)
{
#ifdef SANITIZED
    g_print("sanitizers keep memory of their own\n");
    return 77;
#endif
    self = argv[0];
    if (argc == 3 && strcmp(argv[1], "write") == 0)
        return write_model(argv[2]);
    if (argc == 3 && strcmp(argv[1], "run") == 0)
        return run_model(argv[2]);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/memory/large-model-fits", test_large_model_fits);
    return g_test_run();
}
