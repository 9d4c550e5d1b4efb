// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a model over one picture whenever stdin says so, so that engines can take
// turns; see engines.py.
#include <errno.h>
#include <gan/model.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Reads height * width RGB pixels of float32.
static GanTensor *read_input(const char *path, gsize height, gsize width, GError **error)
{
    g_autoptr(GanTensor) in = gan_tensor_new(4, (gsize[]){1, height, width, 3}, error);
    if (!in)
        return NULL;
    FILE *file = fopen(path, "rb");
    const gsize n = gan_tensor_length(in);
    const gsize n_read = file ? fread(in->data, sizeof(float), n, file) : 0;
    const int code = errno;
    if (file && fclose(file) != 0)
        g_printerr("%s: %s\n", path, g_strerror(errno));
    if (n_read != n) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "%s: %" G_GSIZE_FORMAT " numbers were read, wanted %" G_GSIZE_FORMAT " (%s)",
                    path, n_read, n, g_strerror(code));
        return NULL;
    }
    return g_steal_pointer(&in);
}

// Runs the model and keeps its output in `out`.
// Returns: milliseconds, or a negative number on error.
static double run(GanModel *model, GanDevice *device, GanTensor *in, GanTensor **out,
                  GError **error)
{
    g_clear_pointer(out, gan_tensor_unref);
    const gint64 begin = g_get_monotonic_time();
    *out = gan_model_run(model, device, in, error);
    return *out ? (double)(g_get_monotonic_time() - begin) / 1000 : -1;
}

// Answers "run" and "save FILE" until stdin ends.
static gboolean serve(GanModel *model, GanDevice *device, GanTensor *in, GError **error)
{
    g_autoptr(GanTensor) out = NULL;
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        g_strchomp(line);
        if (strcmp(line, "run") == 0) {
            const double ms = run(model, device, in, &out, error);
            if (ms < 0)
                return FALSE;
            g_print("ms %.3f\n", ms);
        } else if (g_str_has_prefix(line, "save ") && out) {
            if (!g_file_set_contents(line + strlen("save "), (const char *)out->data,
                                     (gssize)(gan_tensor_length(out) * sizeof(float)), error))
                return FALSE;
            g_print("ok\n");
        } else {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        "stdin: '%s' is neither 'run' nor 'save FILE'", line);
            return FALSE;
        }
        fflush(stdout);
    }
    return TRUE;
}

// Loads everything, runs twice, and serves.
static gboolean bench(char **argv, GError **error)
{
    const gsize height = g_ascii_strtoull(argv[3], NULL, 10),
                width = g_ascii_strtoull(argv[4], NULL, 10);
    g_autoptr(GanTensor) in = read_input(argv[2], height, width, error);
    if (!in)
        return FALSE;
    const gint64 begin = g_get_monotonic_time();
    g_autoptr(GanDevice) device =
        gan_device_open(argv[5], (guint)g_ascii_strtoull(argv[6], NULL, 10), error);
    if (!device)
        return FALSE;
    g_autoptr(GanModel) model = gan_model_load(argv[1], NULL, error);
    if (!model)
        return FALSE;
    const double load_ms = (double)(g_get_monotonic_time() - begin) / 1000;
    g_autoptr(GanTensor) out = NULL;
    const double first_ms = run(model, device, in, &out, error);
    if (first_ms < 0 || run(model, device, in, &out, error) < 0)
        return FALSE;
    g_clear_pointer(&out, gan_tensor_unref);
    g_print("ready {\"load_ms\": %.3f, \"first_ms\": %.3f, \"device\": \"%s\"}\n", load_ms,
            first_ms, gan_device_description(device));
    fflush(stdout);
    return serve(model, device, in, error);
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        g_printerr("Usage: own MODEL INPUT.raw HEIGHT WIDTH DEVICE THREADS\n");
        return 2;
    }
    g_autoptr(GError) error = NULL;
    if (!bench(argv, &error)) {
        g_printerr("own: %s\n", error->message);
        return 1;
    }
    return 0;
}
