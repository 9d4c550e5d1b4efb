// SPDX-License-Identifier: LGPL-3.0-or-later
// What the restore task makes of pixels, and what it knows before it runs. All of this works without
// GIMP: the host's functions are missing in this program, so that a call of one would end it.
#include <dialog/dialog.h>
#include <gan/image.h>
#include <gan/restore.h>
#include <gan/upscale.h>
#include <math.h>
#include <scope/scope.h>
#include <session.h>
#include <string.h>

#define WIDTH 50
#define HEIGHT 40

// The list of tasks holds its address.
void dialog_models(void)
{
    g_assert_not_reached();
}

static char *golden(const char *file)
{
    return g_test_build_filename(G_TEST_DIST, "golden", "models", file, NULL);
}

static Values *make_values(double strength, double enlarge)
{
    const Task *task = tasks_find("restore");
    Values *values = values_new(task->arguments, task->n_arguments);
    g_autofree char *model = golden("rrdb-basicsr-x1.pth");
    g_autofree char *enlarging = golden("srvgg-relu-x2.pth");
    values_set_text(values, "model", model);
    values_set_text(values, "enlarge-model", enlarging);
    values_set_text(values, "device", "cpu");
    values_set_number(values, "strength", strength);
    values_set_number(values, "enlarge", enlarge);
    return values;
}

static GanRunner *make_runner(const char *file)
{
    g_autofree char *path = golden(file);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanModel) model = gan_model_load(path, NULL, &error);
    g_autoptr(GanDevice) device = gan_device_open("cpu", 0, &error);
    GanRunner *runner = gan_runner_new(model, device, NULL, &error);
    g_assert_no_error(error);
    return runner;
}

static GeglBuffer *make_picture(void)
{
    GeglBuffer *buffer =
        gegl_buffer_new(GEGL_RECTANGLE(7, -3, WIDTH, HEIGHT), babl_format("R'G'B' u16"));
    g_autofree float *pixels = g_new(float, WIDTH *HEIGHT * 3);
    for (guint i = 0; i < WIDTH * HEIGHT * 3; i++)
        pixels[i] = 0.5f + 0.4f * sinf((float)i * 0.37f);
    gegl_buffer_set(buffer, NULL, 0, babl_format("R'G'B' float"), pixels, GEGL_AUTO_ROWSTRIDE);
    return buffer;
}

static double difference(GeglBuffer *a, GeglBuffer *b)
{
    const gint width = gegl_buffer_get_width(a), height = gegl_buffer_get_height(a);
    g_assert_cmpint(width, ==, gegl_buffer_get_width(b));
    g_assert_cmpint(height, ==, gegl_buffer_get_height(b));
    const gsize n = (gsize)width * (gsize)height * 3;
    g_autofree float *x = g_new(float, n), *y = g_new(float, n);
    gegl_buffer_get(a, NULL, 1.0, babl_format("R'G'B' float"), x, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    gegl_buffer_get(b, NULL, 1.0, babl_format("R'G'B' float"), y, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    double most = 0.0;
    for (gsize i = 0; i < n; i++)
        most = MAX(most, fabs((double)x[i] - (double)y[i]));
    return most;
}

static gboolean note_progress(double fraction, gpointer data)
{
    double *last = data;
    g_assert_cmpfloat(fraction, >=, *last);
    *last = fraction;
    return TRUE;
}

static GeglBuffer *work(const Values *values, GeglBuffer *in, guint width, guint height)
{
    g_autoptr(Session) session = session_new(GAN_TASK_RESTORE);
    g_autoptr(GError) error = NULL;
    double progress = 0.0;
    GeglBuffer *out = tasks_find("restore")->work(session, values, in, width, height, note_progress,
                                                  &progress, &error);
    g_assert_no_error(error);
    g_assert_cmpfloat_with_epsilon(progress, 1.0, 1e-6);
    return out;
}

// The pixels are the engine's.
static void test_work(void)
{
    static const double STRENGTHS[] = {0.0, 0.4, 1.0};
    g_autoptr(GanRunner) runner = make_runner("rrdb-basicsr-x1.pth");
    g_autoptr(GeglBuffer) in = make_picture();
    for (guint i = 0; i < G_N_ELEMENTS(STRENGTHS); i++) {
        const GanRestoreOptions options = {.strength = STRENGTHS[i], .level = (double)NAN};
        g_autoptr(GError) error = NULL;
        g_autoptr(Values) values = make_values(STRENGTHS[i], 1.0);
        g_autoptr(GeglBuffer) wanted = gan_restore(runner, in, &options, NULL, NULL, &error);
        g_assert_no_error(error);
        g_autoptr(GeglBuffer) found = work(values, in, WIDTH, HEIGHT);
        g_assert_true(gegl_buffer_get_format(found) == gegl_buffer_get_format(in));
        g_assert_cmpfloat(difference(found, wanted), ==, 0.0);
        g_assert_true((difference(found, in) == 0.0) == (i == 0));
    }
}

static void test_then_enlarge(void)
{
    g_autoptr(GanRunner) runner = make_runner("rrdb-basicsr-x1.pth");
    g_autoptr(GanRunner) enlarging = make_runner("srvgg-relu-x2.pth");
    g_autoptr(GeglBuffer) in = make_picture();
    g_autoptr(GError) error = NULL;
    const GanRestoreOptions options = {.strength = 1.0, .level = (double)NAN};
    const GanUpscaleOptions enlarged = {.width = 75, .height = 60};
    g_autoptr(GeglBuffer) restored = gan_restore(runner, in, &options, NULL, NULL, &error);
    g_autoptr(GeglBuffer) wanted = gan_upscale(enlarging, restored, &enlarged, NULL, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(Values) values = make_values(1.0, 1.5);
    g_autoptr(GeglBuffer) found = work(values, in, 75, 60);
    g_assert_cmpfloat(difference(found, wanted), ==, 0.0);
}

// Restored and enlarged as colours are, also where nothing shows; else the colours there are others.
static void test_alpha_as_data(void)
{
    g_autoptr(GanRunner) runner = make_runner("rrdb-basicsr-x1.pth");
    g_autoptr(GanRunner) enlarging = make_runner("srvgg-relu-x2.pth");
    g_autoptr(GeglBuffer) opaque = make_picture();
    g_autoptr(GeglBuffer) in =
        gegl_buffer_new(gegl_buffer_get_extent(opaque), babl_format("R'G'B'A u16"));
    gegl_buffer_copy(opaque, NULL, GEGL_ABYSS_NONE, in, NULL);
    g_autofree guint16 *pixels = g_new(guint16, (gsize)WIDTH * HEIGHT * 4);
    gegl_buffer_get(in, NULL, 1.0, NULL, pixels, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    for (guint i = 0; i < WIDTH * HEIGHT; i++)
        pixels[4 * i + 3] = i % WIDTH < WIDTH / 2 ? 0 : 30000;
    gegl_buffer_set(in, NULL, 0, NULL, pixels, GEGL_AUTO_ROWSTRIDE);
    for (guint k = 0; k < 2; k++) {
        const double by = k == 0 ? 1.0 : 2.0;
        const GanRestoreOptions options = {
            .strength = 1.0, .level = (double)NAN, .data_alpha = TRUE};
        const GanUpscaleOptions larger = {.factor = by, .data_alpha = TRUE};
        g_autoptr(GError) error = NULL;
        g_autoptr(GeglBuffer) restored = gan_restore(runner, in, &options, NULL, NULL, &error);
        g_autoptr(GeglBuffer) wanted =
            k == 0 ? g_object_ref(restored)
                   : gan_upscale(enlarging, restored, &larger, NULL, NULL, &error);
        g_assert_no_error(error);
        g_autoptr(Values) values = make_values(1.0, by);
        const guint width = (guint)(WIDTH * by), height = (guint)(HEIGHT * by);
        g_autoptr(GeglBuffer) plain = work(values, in, width, height);
        values_set_number(values, "alpha", 3.0);
        g_autoptr(GeglBuffer) found = work(values, in, width, height);
        g_assert_cmpfloat(difference(found, wanted), ==, 0.0);
        g_assert_cmpfloat(difference(plain, wanted), >, 0.05);
    }
}

// Letters are enlarged by the model, other transparency by a cubic.
static void test_suit(void)
{
    const Task *task = tasks_find("restore");
    g_autoptr(Values) values = make_values(1.0, 2.0);
    g_autoptr(Values) of_text = values_copy(values);
    task->suit(values, &(HostLayer){.has_alpha = TRUE});
    task->suit(of_text, &(HostLayer){.is_text = TRUE, .has_alpha = TRUE});
    g_assert_cmpint(values_integer(values, "alpha"), ==, 0);
    g_assert_cmpint(values_integer(of_text, "alpha"), ==, 1);
}

static void test_estimate(void)
{
    const Task *task = tasks_find("restore");
    const Subject subject = {.image = 1,
                             .drawable = 2,
                             .info = {.width = 100, .height = 80},
                             .layer = {.id = 2, .width = 40, .height = 30},
                             .n_layers = 1,
                             .n_layer_pixels = 1200};
    g_autoptr(Session) session = session_new(GAN_TASK_RESTORE);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(Values) values = make_values(1.0, i == 0 ? 1.0 : 3.0);
        g_autoptr(GError) error = NULL;
        ScopeEstimate estimate;
        guint margin = 0;
        values_set_text(values, "scope", "layer");
        g_assert_true(scope_estimate(task, session, values, &subject, TRUE, &estimate, &error));
        g_assert_no_error(error);
        g_assert_cmpuint(estimate.width, ==, i == 0 ? 40 : 120);
        g_assert_cmpuint(estimate.height, ==, i == 0 ? 30 : 90);
        g_assert_cmpfloat(estimate.factor_x, ==, i == 0 ? 1.0 : 3.0);
        g_assert_null(estimate.level.name); // this model takes none
        g_assert_nonnull(strstr(estimate.text, "about"));
        g_free(estimate.text);
        g_assert_true(scope_preview_margin(task, session, values, &margin, &error));
        g_assert_cmpuint(margin, >, 20);
    }
}

static void assert_refused(const Values *values, const char *words)
{
    g_autoptr(Session) session = session_new(GAN_TASK_RESTORE);
    g_autoptr(GeglBuffer) in = make_picture();
    g_autoptr(GError) error = NULL;
    const Task *task = tasks_find("restore");
    if (scope_check(task, session, values, &error))
        g_assert_null(task->work(session, values, in, WIDTH, HEIGHT, NULL, NULL, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, words));
}

static void test_refused(void)
{
    g_autofree char *enlarging = golden("srvgg-relu-x2.pth");
    g_autofree char *restoring = golden("rrdb-basicsr-x1.pth");
    g_autoptr(Values) other_task = make_values(1.0, 1.0);
    values_set_text(other_task, "model", enlarging);
    assert_refused(other_task, "not for 'restore'");
    g_autoptr(Values) other_second = make_values(1.0, 2.0);
    values_set_text(other_second, "enlarge-model", restoring);
    assert_refused(other_second, "not for 'upscale'");
    g_autoptr(Values) level = make_values(1.0, 1.0);
    values_set_number(level, "level", 25.0);
    assert_refused(level, "takes no level");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gan_image_init(1);
    g_test_add_func("/restore/pixels-are-the-engine's", test_work);
    g_test_add_func("/restore/then-enlarges", test_then_enlarge);
    g_test_add_func("/restore/alpha-as-data", test_alpha_as_data);
    g_test_add_func("/restore/letters-are-the-model's", test_suit);
    g_test_add_func("/restore/estimate-tells-the-size", test_estimate);
    g_test_add_func("/restore/what-does-not-fit-is-refused", test_refused);
    return g_test_run();
}
