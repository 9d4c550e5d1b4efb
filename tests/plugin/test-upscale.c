// SPDX-License-Identifier: LGPL-3.0-or-later
// What the upscale task knows before it runs: sizes, estimate, which arguments matter, preview. All
// of this works without GIMP: the host's functions are missing in this program, so that a call of
// one would end it. One file: all tests ask one task about the same models and images.
#include <dialog/dialog.h>
#include <gan/image.h>
#include <gan/upscale.h>
#include <glib/gstdio.h>
#include <math.h>
#include <scope/scope.h>
#include <session.h>
#include <string.h>

#define WIDTH 24
#define HEIGHT 20

// The list of tasks holds its address.
void dialog_models(void)
{
    g_assert_not_reached();
}

static char *golden(const char *file)
{
    return g_test_build_filename(G_TEST_DIST, "golden", "models", file, NULL);
}

static char *model_path(const char *name)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    return g_build_filename(folder, name, NULL);
}

// Puts a network with its weights times `gain` into the model folder.
static void put_model(const char *name, double gain)
{
    g_autofree char *source = golden("srvgg-prelu-x4.safetensors"), *path = model_path(name);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanWeights) weights = gan_weights_open(source, &error);
    g_assert_no_error(error);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GPtrArray) tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < gan_weights_n_entries(weights); i++) {
        const char *tensor_name = gan_weights_entry(weights, i)->name;
        g_autoptr(GanTensor) from = gan_weights_tensor(weights, tensor_name, NULL);
        GanTensor *to = gan_tensor_new(from->rank, from->shape, NULL);
        for (gsize k = 0; k < gan_tensor_length(from); k++)
            to->data[k] = from->data[k] * (float)gain;
        g_ptr_array_add(names, (gpointer)(guintptr)tensor_name);
        g_ptr_array_add(tensors, to);
    }
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    gan_weights_save(path, (const char *const *)names->pdata, (GanTensor *const *)tensors->pdata,
                     names->len, GAN_DTYPE_F32, NULL, &error);
    g_assert_no_error(error);
}

// An image of 100 x 80 pixels with an active layer of 40 x 30, and 5000 pixels in all layers.
static Subject make_subject(void)
{
    return (Subject){.image = 1,
                     .drawable = 2,
                     .info = {.width = 100, .height = 80},
                     .layer = {.id = 2, .x = 10, .y = 20, .width = 40, .height = 30},
                     .n_layers = 2,
                     .n_layer_pixels = 16000};
}

static Values *make_values(const Task *task, const char *model)
{
    Values *values = values_new(task->arguments, task->n_arguments);
    values_set_text(values, "model", model);
    return values;
}

static gboolean flag(const Task *task, const char *const *reasons, const char *name)
{
    for (guint i = 0; i < task->n_arguments; i++)
        if (strcmp(task->arguments[i].name, name) == 0)
            return reasons[i] == NULL;
    g_assert_not_reached();
}

static void test_declared(void)
{
    const Task *task = tasks_find("upscale");
    g_autoptr(Values) values = values_new(task->arguments, task->n_arguments);
    g_autoptr(GError) error = NULL;
    g_assert_true(values_check(values, &error));
    g_assert_no_error(error);
    for (guint i = 0; i < task->n_arguments; i++) {
        const Argument *argument = &task->arguments[i];
        g_assert_nonnull(argument->label);
        g_assert_nonnull(argument->blurb);
        guint n_choices = 0;
        while (argument->choices != NULL && argument->choices[n_choices].name != NULL)
            n_choices++;
        g_assert_cmpuint(n_choices, ==,
                         argument->kind == ARGUMENT_CHOICE ? (guint)argument->maximum + 1 : 0);
    }
    g_assert_null(tasks_find("nothing"));
}

static void test_estimate(void)
{
    static const struct {
        const char *scope;
        double factor;
        gint width, height;
        guint wanted_width, wanted_height;
    } SIZES[] = {
        {"image", 0, 0, 0, 400, 320},     {"image", 1.5, 0, 0, 150, 120},
        {"image", 3, 250, 0, 250, 200},   {"new-image", 3, 0, 120, 150, 120},
        {"image", 3, 300, 100, 300, 100}, {"layer", 0, 0, 0, 160, 120},
        {"layer", 0, 60, 0, 60, 45},      {"selection", 2, 0, 0, 40, 20},
    };
    const Task *task = tasks_find("upscale");
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    for (guint i = 0; i < G_N_ELEMENTS(SIZES); i++) {
        g_autoptr(Values) values = make_values(task, "plain");
        g_autoptr(GError) error = NULL;
        Subject subject = make_subject();
        ScopeEstimate estimate;
        subject.has_selection = TRUE;
        subject.selection = (GeglRectangle){0, 25, 30, 10}; // 20 x 10 of it on the layer
        values_set_text(values, "scope", SIZES[i].scope);
        values_set_number(values, "factor", SIZES[i].factor);
        values_set_number(values, "width", SIZES[i].width);
        values_set_number(values, "height", SIZES[i].height);
        g_assert_true(scope_estimate(task, session, values, &subject, i == 0, &estimate, &error));
        g_assert_no_error(error);
        g_assert_cmpuint(estimate.width, ==, SIZES[i].wanted_width);
        g_assert_cmpuint(estimate.height, ==, SIZES[i].wanted_height);
        g_autofree char *size = g_strdup_printf("%u x %u pixels", estimate.width, estimate.height);
        g_assert_true(g_str_has_prefix(estimate.text, size));
        g_assert_nonnull(strstr(estimate.text, "B of memory"));
        g_assert_true((strstr(estimate.text, "about") != NULL) == (i == 0));
        g_free(estimate.text);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *scope, *argument;
        double number;
        gint layer;
        const char *words;
    } BAD[] = {
        {"image", "factor", 0.3, 2, "from 0.5 to 16"},
        {"image", "width", 1601, 2, "more than 16 times"},
        {"layer", "factor", 0, 0, "No single layer is active"},
        {"selection", "factor", 0, 2, "Nothing is selected"},
    };
    const Task *task = tasks_find("upscale");
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    for (guint i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(Values) values = make_values(task, "plain");
        g_autoptr(GError) error = NULL;
        Subject subject = make_subject();
        ScopeEstimate estimate;
        subject.layer.id = BAD[i].layer;
        values_set_text(values, "scope", BAD[i].scope);
        values_set_number(values, BAD[i].argument, BAD[i].number);
        g_assert_false(scope_estimate(task, session, values, &subject, FALSE, &estimate, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
        g_assert_nonnull(strstr(error->message, BAD[i].words));
    }
    // A size that GIMP cannot have, and one that no machine has room for.
    g_autoptr(Values) values = make_values(task, "plain");
    g_autoptr(GError) error = NULL;
    Subject subject = make_subject();
    ScopeEstimate estimate;
    subject.info.width = 200000;
    g_assert_false(scope_estimate(task, session, values, &subject, FALSE, &estimate, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT);
    g_assert_nonnull(strstr(error->message, "too large"));
    subject.info.width = subject.info.height = 100000;
    subject.n_layer_pixels = G_GUINT64_CONSTANT(1000000) * 100000 * 100000;
    g_clear_error(&error);
    g_assert_false(scope_estimate(task, session, values, &subject, FALSE, &estimate, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_MEMORY);
    g_assert_nonnull(strstr(error->message, "swap folder have only"));
}

// What is active decides what layer scopes work on, and nothing else.
static void test_meaning(void)
{
    static const struct {
        const char *active, *scope, *words, *problem;
    } CASES[] = {
        {"layer", "image", "All 2 layers", NULL},
        {"layer", "layer", "The layer 'sky'", NULL},
        {"layer", "selection", "20 x 10 pixels of the layer 'sky'", NULL},
        {"mask", "image", "active mask", NULL},
        {"mask", "layer", "'sky', whose mask is active", NULL},
        {"mask", "selection", "20 x 10 pixels", NULL},
        {"channel", "new-image", "not only the active channel", NULL},
        {"channel", "layer", NULL, "A channel is active"},
        {"group", "image", "not only those of the active group", NULL},
        {"group", "layer", NULL, "is a group"},
        {"group", "selection", NULL, "is a group"},
        {"several", "image", "All 2 layers", NULL},
        {"several", "layer", NULL, "No single layer"},
        {"floating", "image", NULL, "floating selection"},
        {"floating", "layer", NULL, "floating selection"},
    };
    const Task *task = tasks_find("upscale");
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(Values) values = make_values(task, "plain");
        g_autoptr(GError) error = NULL;
        Subject subject = make_subject();
        const char *active = CASES[i].active;
        g_test_message("%s, %s", active, CASES[i].scope);
        values_set_text(values, "scope", CASES[i].scope);
        subject.layer_name = "sky";
        subject.has_selection = TRUE;
        subject.selection = (GeglRectangle){0, 25, 30, 10};
        subject.is_mask = g_str_equal(active, "mask");
        subject.is_channel = g_str_equal(active, "channel");
        subject.has_floating = g_str_equal(active, "floating");
        subject.layer.is_group = g_str_equal(active, "group");
        if (subject.is_channel || g_str_equal(active, "several"))
            subject.layer = (HostLayer){0};
        const gboolean possible = scope_check_subject(values, &subject, &error);
        g_assert_true(possible == (CASES[i].problem == NULL));
        g_assert_true(possible || strstr(error->message, CASES[i].problem) != NULL);
        g_autofree char *meaning = scope_meaning(values, &subject);
        g_assert_true((meaning != NULL) == (CASES[i].words != NULL));
        g_assert_true(meaning == NULL || strstr(meaning, CASES[i].words) != NULL);
    }
}

static char *estimate_text(const Values *values, const Subject *subject)
{
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    g_autoptr(GError) error = NULL;
    ScopeEstimate estimate;
    g_assert_true(
        scope_estimate(tasks_find("upscale"), session, values, subject, FALSE, &estimate, &error));
    g_assert_no_error(error);
    return estimate.text;
}

// The figure is of all that a run takes: 4000 x 4000 pixels of 16 bytes are there once, what is made
// of them twice.
static void test_memory(void)
{
    const Task *task = tasks_find("upscale");
    g_autoptr(Values) values = make_values(task, "plain");
    Subject subject = make_subject();
    values_set_number(values, "factor", 1.0);
    subject.info = (HostImageInfo){.width = 4000, .height = 4000};
    subject.n_layer_pixels = 16000000;
    subject.n_layer_bytes = 16 * subject.n_layer_pixels;
    g_autofree char *deep = estimate_text(values, &subject);
    subject.n_layer_bytes = 4 * subject.n_layer_pixels;
    g_autofree char *flat = estimate_text(values, &subject);
    double deep_mb = 0.0, flat_mb = 0.0;
    const char *deep_number = strstr(deep, "pixels, "), *flat_number = strstr(flat, "pixels, ");
    deep_mb = g_ascii_strtod(deep_number + strlen("pixels, "), NULL);
    flat_mb = g_ascii_strtod(flat_number + strlen("pixels, "), NULL);
    if (strstr(deep, " GB") != NULL)
        deep_mb *= 1000.0;
    if (strstr(flat, " GB") != NULL)
        flat_mb *= 1000.0;
    g_test_message("%s; %s", deep, flat);
    // Of gigabytes one digit is said.
    g_assert_cmpfloat_with_epsilon(deep_mb - flat_mb, 3.0 * 12.0 * 16.0, 60.0);
}

static void test_runs(void)
{
    static const struct {
        double factor;
        gboolean has_alpha;
        const char *alpha, *words;
    } CASES[] = {
        {4.0, TRUE, "cubic", NULL},
        {5.0, TRUE, "cubic", "The network runs twice, as this size"},
        {4.0, TRUE, "network", "twice, once for the transparency"},
        {16.0, TRUE, "network", "runs 4 times"},
        {4.0, TRUE, "auto", NULL},
        {4.0, TRUE, "data", "twice, once for the transparency"},
        // There is none.
        {4.0, FALSE, "network", NULL},
        {4.0, FALSE, "data", NULL},
        {5.0, FALSE, "data", "The network runs twice, as this size"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(Values) values = make_values(tasks_find("upscale"), "plain");
        Subject subject = make_subject();
        subject.n_alpha_pixels = CASES[i].has_alpha ? subject.n_layer_pixels : 0;
        values_set_number(values, "factor", CASES[i].factor);
        values_set_text(values, "alpha", CASES[i].alpha);
        g_autofree char *text = estimate_text(values, &subject);
        g_test_message("%s", text);
        g_assert_true(strstr(text, "The network") == NULL || CASES[i].words != NULL);
        g_assert_true(CASES[i].words == NULL || strstr(text, CASES[i].words) != NULL);
    }
}

static void test_base_size(void)
{
    const Task *task = tasks_find("upscale");
    g_autoptr(Values) values = make_values(task, "plain");
    Subject subject = make_subject();
    guint width = 0, height = 0;
    scope_base_size(values, &subject, &width, &height);
    g_assert_cmpuint(width, ==, 100);
    g_assert_cmpuint(height, ==, 80);
    values_set_text(values, "scope", "layer");
    scope_base_size(values, &subject, &width, &height);
    g_assert_cmpuint(width, ==, 40);
    g_assert_cmpuint(height, ==, 30);
    values_set_text(values, "scope", "selection");
    subject.has_selection = TRUE;
    subject.selection = (GeglRectangle){15, 0, 500, 25};
    scope_base_size(values, &subject, &width, &height);
    g_assert_cmpuint(width, ==, 35);
    g_assert_cmpuint(height, ==, 5);
}

static void test_sensitive(void)
{
    static const struct {
        const char *model;
        gboolean detail, denoise;
    } MODELS[] = {
        {"plain", FALSE, FALSE}, {"pair-detail", TRUE, FALSE}, {"pair-faithful", FALSE, FALSE},
        {"noise", FALSE, TRUE},  {"noise-wdn", FALSE, FALSE},  {"missing", FALSE, FALSE},
    };
    const Task *task = tasks_find("upscale");
    const Subject subject = make_subject();
    g_autofree const char **flags = g_new0(const char *, task->n_arguments);
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    for (guint i = 0; i < G_N_ELEMENTS(MODELS); i++) {
        g_autoptr(Values) values = make_values(task, MODELS[i].model);
        task->unused(session, values, &subject, flags);
        g_assert_cmpint(flag(task, flags, "detail"), ==, MODELS[i].detail);
        g_assert_cmpint(flag(task, flags, "denoise"), ==, MODELS[i].denoise);
        g_assert_true(flag(task, flags, "model"));
        g_assert_true(flag(task, flags, "keep-print-size"));
    }
    g_autoptr(Values) values = make_values(task, "plain");
    values_set_text(values, "scope", "layer");
    task->unused(session, values, &subject, flags);
    g_assert_false(flag(task, flags, "keep-print-size"));
    g_assert_false(flag(task, flags, "alpha")); // the layer has none
}

// --- previews ---

static GeglBuffer *make_picture(const char *format)
{
    GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(3, -5, WIDTH, HEIGHT), babl_format(format));
    g_autofree float *pixels = g_new(float, WIDTH *HEIGHT * 4);
    for (guint y = 0; y < HEIGHT; y++) {
        for (guint x = 0; x < WIDTH; x++) {
            float *pixel = pixels + 4 * (y * WIDTH + x);
            for (guint c = 0; c < 3; c++)
                pixel[c] = 0.5f + 0.4f * sinf((float)((c + 1) * x) * 0.3f + (float)y * 0.7f);
            // Opaque on the left, clear on the right, and a slope between.
            pixel[3] = CLAMP(1.5f - (float)x / WIDTH * 2.0f, 0.0f, 1.0f);
        }
    }
    gegl_buffer_set(buffer, NULL, 0, babl_format("R'G'B'A float"), pixels, GEGL_AUTO_ROWSTRIDE);
    return buffer;
}

static GeglBuffer *preview(Session *session, const Values *values, GeglBuffer *in)
{
    const Subject subject = make_subject();
    g_autoptr(GError) error = NULL;
    double scale_x = 0, scale_y = 0;
    GeglBuffer *out = scope_preview(tasks_find("upscale"), session, values, &subject, in, &scale_x,
                                    &scale_y, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpfloat_with_epsilon(scale_x, (double)gegl_buffer_get_width(out) / WIDTH, 1e-12);
    g_assert_cmpfloat_with_epsilon(scale_y, (double)gegl_buffer_get_height(out) / HEIGHT, 1e-12);
    return out;
}

static float *read_pixels(GeglBuffer *buffer)
{
    const gsize n = (gsize)gegl_buffer_get_width(buffer) * (gsize)gegl_buffer_get_height(buffer);
    float *pixels = g_new(float, n * 4);
    gegl_buffer_get(buffer, NULL, 1.0, babl_format("R'G'B'A float"), pixels, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    return pixels;
}

static double difference(GeglBuffer *a, GeglBuffer *b)
{
    g_assert_cmpint(gegl_buffer_get_width(a), ==, gegl_buffer_get_width(b));
    g_assert_cmpint(gegl_buffer_get_height(a), ==, gegl_buffer_get_height(b));
    const gsize n = (gsize)gegl_buffer_get_width(a) * (gsize)gegl_buffer_get_height(a) * 4;
    g_autofree float *left = read_pixels(a), *right = read_pixels(b);
    double most = 0.0;
    for (gsize i = 0; i < n; i++)
        most = MAX(most, fabs((double)left[i] - (double)right[i]));
    return most;
}

// What libgan makes of the picture with `t` of another model.
static GeglBuffer *expected(const char *name, const char *other, double t, GeglBuffer *in,
                            double factor)
{
    g_autofree char *a_path = model_path(name), *b_path = model_path(other);
    g_autoptr(GError) error = NULL;
    g_autoptr(GanWeights) a = gan_weights_open(a_path, &error);
    g_autoptr(GanWeights) b = gan_weights_open(b_path, &error);
    g_autoptr(GanModel) model = gan_model_blend(a, b, t, NULL, &error);
    g_autoptr(GanDevice) device = gan_device_open("cpu", 0, &error);
    g_autoptr(GanRunner) runner = gan_runner_new(model, device, NULL, &error);
    const GanUpscaleOptions options = {.factor = factor};
    GeglBuffer *out = gan_upscale(runner, in, &options, NULL, NULL, &error);
    g_assert_no_error(error);
    return out;
}

static void test_blend(void)
{
    static const struct {
        const char *model, *other, *argument;
        double value;
    } BLENDS[] = {
        {"pair-detail", "pair-faithful", "detail", 1.0},
        {"pair-detail", "pair-faithful", "detail", 0.25},
        {"pair-detail", "pair-faithful", "detail", 0.0},
        {"pair-detail", "pair-faithful", "denoise", 0.0}, // has no such partner
        {"noise", "noise-wdn", "denoise", 0.7},
        {"pair-faithful", "pair-detail", "detail", 0.25}, // is what it is
    };
    const Task *task = tasks_find("upscale");
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    g_autoptr(GeglBuffer) in = make_picture("R'G'B' float");
    for (guint i = 0; i < G_N_ELEMENTS(BLENDS); i++) {
        g_autoptr(Values) values = make_values(task, BLENDS[i].model);
        values_set_number(values, BLENDS[i].argument, BLENDS[i].value);
        g_autoptr(GeglBuffer) out = preview(session, values, in);
        const double t = i == 3 || i == 5 ? 0.0 : 1.0 - BLENDS[i].value;
        g_autofree char *name = g_strconcat(BLENDS[i].model, ".safetensors", NULL);
        g_autofree char *other = g_strconcat(BLENDS[i].other, ".safetensors", NULL);
        g_autoptr(GeglBuffer) wanted = expected(name, other, t, in, 4.0);
        g_assert_cmpfloat(difference(out, wanted), ==, 0.0);
        g_autoptr(GeglBuffer) wrong = expected(name, other, t > 0.5 ? t - 0.1 : t + 0.1, in, 4.0);
        g_assert_cmpfloat(difference(out, wrong), >, 1e-4);
    }
}

// Alpha by the network: another slope than the cubic's, but opaque and clear parts stay so.
static void test_alpha(void)
{
    static const char *const FORMATS[] = {"R'G'B'A u8", "R'G'B'A u16",  "R'G'B'A float",
                                          "RGBA float", "R'G'B'A half", "Y'A u8"};
    const Task *task = tasks_find("upscale");
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    for (guint i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
        g_autoptr(GeglBuffer) in = make_picture(FORMATS[i]);
        g_autoptr(Values) values = make_values(task, "plain");
        g_autoptr(GeglBuffer) cubic = preview(session, values, in);
        values_set_text(values, "alpha", "network");
        g_autoptr(GeglBuffer) network = preview(session, values, in);
        g_assert_true(gegl_buffer_get_format(network) == babl_format(FORMATS[i]));
        g_autofree float *a = read_pixels(cubic), *b = read_pixels(network);
        double most = 0.0;
        for (guint y = 0; y < 4 * HEIGHT; y++) {
            for (guint x = 0; x < 4 * WIDTH; x++) {
                const gsize k = 4 * (y * 4 * WIDTH + x);
                const guint column = x / 4;
                for (guint c = 0; c < 3 && b[k + 3] > 0.0f && a[k + 3] > 0.0f; c++)
                    g_assert_cmpfloat_with_epsilon(a[k + c], b[k + c], 1e-6);
                if (column < WIDTH * 0.25 - 1.0)
                    g_assert_cmpfloat(b[k + 3], ==, 1.0f);
                if (column > WIDTH * 0.75 + 1.0)
                    g_assert_cmpfloat(b[k + 3], ==, 0.0f);
                g_assert_true(b[k + 3] >= 0.0f && b[k + 3] <= 1.0f);
                most = MAX(most, fabs((double)a[k + 3] - (double)b[k + 3]));
            }
        }
        g_assert_cmpfloat(most, >, 0.005);
    }
}

// Colours of a palette come back as the palette's.
static void test_palette(void)
{
    const Task *task = tasks_find("upscale");
    const guint8 colours[] = {255, 0, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30};
    const Babl *opaque = NULL, *clear = NULL;
    babl_new_palette("test-palette", &opaque, &clear);
    babl_palette_set_palette(opaque, babl_format("R'G'B' u8"), (gpointer)(guintptr)colours, 4);
    babl_palette_set_palette(clear, babl_format("R'G'B' u8"), (gpointer)(guintptr)colours, 4);
    const Babl *formats[] = {opaque, clear};
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    g_autoptr(Values) values = make_values(task, "plain");
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autoptr(GeglBuffer) in = gegl_buffer_new(GEGL_RECTANGLE(0, 0, WIDTH, HEIGHT), formats[i]);
        g_autoptr(GeglBuffer) full = make_picture("R'G'B'A float");
        gegl_buffer_copy(full, NULL, GEGL_ABYSS_NONE, in, GEGL_RECTANGLE(0, 0, 0, 0));
        g_autoptr(GeglBuffer) out = preview(session, values, in);
        g_assert_true(gegl_buffer_get_format(out) == formats[i]);
        g_autofree float *pixels = read_pixels(out);
        guint used = 0;
        for (gsize k = 0; k < 16 * WIDTH * HEIGHT; k++) {
            guint found = 4;
            for (guint c = 0; c < 4; c++)
                if (fabsf(pixels[4 * k] * 255.0f - colours[3 * c]) < 0.6f &&
                    fabsf(pixels[4 * k + 1] * 255.0f - colours[3 * c + 1]) < 0.6f)
                    found = c;
            g_assert_cmpuint(found, <, 4);
            used |= 1u << found;
        }
        g_assert_cmpuint(used & (used - 1), !=, 0); // more than one of them
    }
}

static void test_margin(void)
{
    const Task *task = tasks_find("upscale");
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    g_autoptr(Values) values = make_values(task, "plain");
    g_autoptr(GError) error = NULL;
    guint margin = 0;
    g_assert_true(scope_preview_margin(task, session, values, &margin, &error));
    g_assert_no_error(error);
    const GanModelInfo *info = gan_model_info(session_model(session, "plain", NULL, 0, &error));
    g_assert_cmpuint(margin, >=, info->reach);
    g_assert_cmpuint(margin, <=, 2 * info->reach + 20);
}

// --- the session ---

static guint n_opened;

// A handler of its own domain: from GLib 2.80 on g_test_init() keeps messages from writers.
static void count_opening(const char *domain, GLogLevelFlags level, const char *message,
                          gpointer data)
{
    if (g_str_has_prefix(message, "opening the model"))
        n_opened++;
}

static void test_opened_once(void)
{
    const Task *task = tasks_find("upscale");
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    g_autoptr(Values) values = make_values(task, "plain");
    g_autoptr(GError) error = NULL;
    n_opened = 0;
    for (guint i = 0; i < 5; i++)
        g_assert_true(task->check(session, values, &error));
    g_assert_cmpuint(n_opened, ==, 1);
    values_set_text(values, "model", "pair-detail");
    values_set_number(values, "detail", 0.5);
    for (guint i = 0; i < 5; i++)
        g_assert_true(task->check(session, values, &error));
    g_assert_cmpuint(n_opened, ==, 3);
    GanRunner *first = session_runner(session, "plain", NULL, 0, "cpu", &error);
    g_assert_true(session_runner(session, "plain", "", 0.5, "cpu", &error) == first);
    g_assert_cmpuint(n_opened, ==, 4);
}

static void assert_no_runner(const char *model, const char *device, const char *a, const char *b)
{
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    g_autoptr(GError) error = NULL;
    g_assert_null(session_runner(session, model, NULL, 0, device, &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, a));
    g_assert_nonnull(strstr(error->message, b));
}

static void test_session_errors(void)
{
    assert_no_runner("nobody", "auto", "'nobody'", "pair-detail");
    assert_no_runner("/nowhere/x.pth", "auto", "'/nowhere/x.pth'", "choose another");
    assert_no_runner("damaged", "auto", "'damaged'", "Get the file again");
    assert_no_runner("plain", "toaster", "choose 'auto' or 'cpu'", "toaster");
    g_autofree char *damaged = model_path("damaged.pth");
    assert_no_runner(damaged, "auto", "cannot be used", "damaged.pth");
}

// An empty name is the first that enlarges; a path need not be in the catalogue.
static void test_session_names(void)
{
    g_autoptr(Session) session = session_new(GAN_TASK_UPSCALE);
    g_autoptr(GError) error = NULL;
    const GanCatalogueEntry *first = session_entry(session, "", &error);
    g_assert_nonnull(first);
    g_assert_cmpuint(first->scale, >, 1);
    g_autofree char *path = golden("srvgg-relu-x2.pth");
    GanModel *model = session_model(session, path, NULL, 0, &error);
    g_assert_no_error(error);
    g_assert_cmpfloat(gan_model_info(model)->scale, ==, 2);
}

static void remove_tree(const char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *name;
        while ((name = g_dir_read_name(dir)) != NULL) {
            g_autofree char *inner = g_build_filename(path, name, NULL);
            remove_tree(inner);
        }
    }
    g_assert_cmpint(g_remove(path), ==, 0);
}

// GLib reads these variables once.
static void point_to(const char *root)
{
    static const char *const VARIABLES[] = {"XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_CACHE_HOME"};
    for (guint i = 0; i < G_N_ELEMENTS(VARIABLES); i++) {
        g_autofree char *folder = g_build_filename(root, VARIABLES[i], NULL);
        g_assert_true(g_setenv(VARIABLES[i], folder, TRUE));
    }
}

static void put_models(void)
{
    static const struct {
        const char *name;
        double gain;
    } MODELS[] = {
        {"plain.safetensors", 1.0},         {"pair-detail.safetensors", 1.0},
        {"pair-faithful.safetensors", 0.9}, {"noise.safetensors", 1.0},
        {"noise-wdn.safetensors", 1.1},
    };
    for (guint i = 0; i < G_N_ELEMENTS(MODELS); i++)
        put_model(MODELS[i].name, MODELS[i].gain);
    g_autofree char *damaged = model_path("damaged.pth");
    g_assert_true(g_file_set_contents(damaged, "PK\x03\x04 and nothing else", -1, NULL));
}

int main(int argc, char **argv)
{
    g_autofree char *root = g_dir_make_tmp("gan-upscale-XXXXXX", NULL);
    g_assert_nonnull(root);
    point_to(root);
    g_test_init(&argc, &argv, NULL);
    gan_image_init(1);
    g_log_set_handler("gimp-gan", G_LOG_LEVEL_DEBUG, count_opening, NULL);
    put_models();
    g_test_add_func("/upscale/arguments-are-whole", test_declared);
    g_test_add_func("/upscale/estimate-tells-size-memory-and-time", test_estimate);
    g_test_add_func("/upscale/impossible-wishes-are-refused-in-words", test_refused);
    g_test_add_func("/upscale/what-is-active-is-told", test_meaning);
    g_test_add_func("/upscale/memory-is-of-pixels-too", test_memory);
    g_test_add_func("/upscale/runs-beyond-one-are-told", test_runs);
    g_test_add_func("/upscale/a-hundred-percent-follows-the-scope", test_base_size);
    g_test_add_func("/upscale/sliders-need-a-partner", test_sensitive);
    g_test_add_func("/upscale/sliders-blend-the-weights", test_blend);
    g_test_add_func("/upscale/network-alpha-keeps-opaque-and-clear", test_alpha);
    g_test_add_func("/upscale/palettes-keep-their-colours", test_palette);
    g_test_add_func("/upscale/preview-margin-holds-the-reach", test_margin);
    g_test_add_func("/session/opens-a-model-once", test_opened_once);
    g_test_add_func("/session/errors-say-what-to-do", test_session_errors);
    g_test_add_func("/session/names-are-found", test_session_names);
    const int result = g_test_run();
    remove_tree(root);
    return result;
}
