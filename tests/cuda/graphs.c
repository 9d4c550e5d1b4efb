// SPDX-License-Identifier: LGPL-3.0-or-later
// Every convolution of every family as cuDNN is asked for it, and the gradients of those that
// are trained: the graph is built, and cuDNN names engines for it on a described device,
// without one at hand.
//
// Usage: test-cuda-graphs DEVICE.json
#include <cudnn_graph.h>
#include <glib.h>
#include <string.h>

enum { EXIT_SKIPPED = 77 };

// Convolutions as the fused graphs of the families have them; 3x3 and stride 1 where
// nothing else is said.
typedef struct {
    const char *name;
    gint64 c, o;
    GkActivationKind activation;
    gint64 n_residuals;
    double scale;      // of the sums before each residual
    gint64 kernel;     // 0: 3
    gint64 x_channels; // of the buffer that x is the front of; 0: c
    gint64 stride;     // 0: 1
    gint64 groups;     // 0: 1
    gboolean bare;     // shuffled, gated or odd ends: our own epilogue follows
} Row;

static const Row rows[] = {
    {"srvgg first", 8, 64, GK_ACT_PRELU, 0, 0, 0, 0, 0, 0, FALSE},
    {"srvgg body", 64, 64, GK_ACT_PRELU, 0, 0, 0, 0, 0, 0, FALSE},
    {"srvgg body, relu or leaky", 64, 64, GK_ACT_LEAKY, 0, 0, 0, 0, 0, 0, FALSE},
    {"srvgg last, shuffled", 64, 48, GK_ACT_NONE, 0, 0, 0, 0, 0, 0, TRUE},
    {"rrdb dense 1", 64, 32, GK_ACT_LEAKY, 0, 0, 0, 192, 0, 0, FALSE},
    {"rrdb dense 2", 96, 32, GK_ACT_LEAKY, 0, 0, 0, 192, 0, 0, FALSE},
    {"rrdb dense 3", 128, 32, GK_ACT_LEAKY, 0, 0, 0, 192, 0, 0, FALSE},
    {"rrdb dense 4", 160, 32, GK_ACT_LEAKY, 0, 0, 0, 192, 0, 0, FALSE},
    {"rrdb dense 5", 192, 64, GK_ACT_NONE, 1, 0.2, 0, 0, 0, 0, FALSE},
    {"rrdb block", 192, 64, GK_ACT_NONE, 2, 0.2, 0, 0, 0, 0, FALSE},
    {"rrdb trunk", 64, 64, GK_ACT_NONE, 1, 1, 0, 0, 0, 0, FALSE},
    {"rrdb last, 3 channels", 64, 3, GK_ACT_NONE, 0, 0, 0, 0, 0, 0, TRUE},
    {"edsr block", 64, 64, GK_ACT_NONE, 1, 0.1, 0, 0, 0, 0, FALSE},
    {"edsr wide", 256, 256, GK_ACT_LEAKY, 0, 0, 0, 0, 0, 0, FALSE},
    {"edsr upsampling, shuffled", 64, 256, GK_ACT_NONE, 0, 0, 0, 0, 0, 0, TRUE},
    {"span block", 48, 48, GK_ACT_SILU, 0, 0, 0, 0, 0, 0, FALSE},
    {"span block, gated", 48, 48, GK_ACT_NONE, 0, 0, 0, 0, 0, 0, TRUE},
    {"span concatenation", 192, 48, GK_ACT_NONE, 0, 0, 1, 0, 0, 0, FALSE},
    {"srresnet first", 8, 64, GK_ACT_PRELU, 0, 0, 9, 0, 0, 0, FALSE},
    {"srresnet last, 3 channels", 64, 3, GK_ACT_TANH, 0, 0, 9, 0, 0, 0, TRUE},
    {"dncnn body", 64, 64, GK_ACT_LEAKY, 0, 0, 0, 0, 0, 0, FALSE},
    {"strided", 64, 128, GK_ACT_LEAKY, 0, 0, 0, 0, 2, 0, FALSE},
    {"sigmoid", 64, 64, GK_ACT_SIGMOID, 0, 0, 0, 0, 0, 0, FALSE},
};

// Convolutions whose gradients training asks for, stride 1 as 3x3 of 64 x 64 pixels, stride 2 as a
// critic's 4x4; a generator's transposed convolution is the input gradient of such a one.
typedef struct {
    const char *name;
    gint64 c, o, kernel, stride;
} TrainingRow;

static const TrainingRow training_rows[] = {
    {"srvgg first", 3, 64, 3, 1},        {"body", 64, 64, 3, 1},
    {"srvgg last", 64, 48, 3, 1},        {"rrdb dense 4", 160, 32, 3, 1},
    {"last, 3 channels", 64, 3, 3, 1},   {"critic first", 3, 64, 4, 2},
    {"critic second", 64, 128, 4, 2},    {"critic third", 128, 256, 4, 2},
    {"generator inside", 64, 256, 4, 2}, {"generator last", 3, 64, 4, 2},
};

static gint64 round_up(gint64 n, gint64 unit)
{
    return (n + unit - 1) / unit * unit;
}

// As cudnn_gradient.c asks: of whole vectors of channels.
static GkCudnnShape training_shape_of(const TrainingRow *row, GkDtype dtype, GkCudnnKind kind)
{
    const gint64 size = 64, n = 8, lanes = dtype == GK_F32 ? 4 : 8;
    GkCudnnShape s;
    memset(&s, 0, sizeof s);
    s.kind = kind;
    s.dtype = dtype;
    s.n = n;
    s.c = round_up(row->c, lanes);
    s.h = s.w = size;
    s.o = round_up(row->o, lanes);
    s.oh = s.ow = size / row->stride;
    s.kernel_h = s.kernel_w = row->kernel;
    s.stride = row->stride;
    s.dilation = s.groups = 1;
    s.pad_top = s.pad_left = 1;
    s.x_strides[0] = s.h * s.w * s.c;
    s.x_strides[1] = s.w * s.c;
    s.x_strides[2] = s.c;
    s.y_strides[0] = s.oh * s.ow * s.o;
    s.y_strides[1] = s.ow * s.o;
    s.y_strides[2] = s.o;
    s.bare = TRUE;
    return s;
}

static GkCudnnShape shape_of(const Row *row, GkDtype dtype, gboolean bare)
{
    const gint64 h = 256, w = 256, stride = MAX(row->stride, 1),
                 kernel = row->kernel ? row->kernel : 3;
    const gint64 x_c = row->x_channels ? row->x_channels : row->c;
    GkCudnnShape s;
    memset(&s, 0, sizeof s);
    s.dtype = dtype;
    s.n = 1;
    s.c = row->c;
    s.h = h;
    s.w = w;
    s.o = row->o;
    s.oh = h / stride;
    s.ow = w / stride;
    s.kernel_h = s.kernel_w = kernel;
    s.stride = stride;
    s.dilation = 1;
    s.groups = MAX(row->groups, 1);
    s.pad_top = s.pad_left = (kernel - 1) / 2;
    s.x_strides[0] = h * w * x_c;
    s.x_strides[1] = w * x_c;
    s.x_strides[2] = x_c;
    // Bare sums lie in pixels of whole vectors.
    const gint64 lanes = dtype == GK_F32 ? 4 : 8;
    const gint64 y_c = (row->o + lanes - 1) / lanes * lanes;
    s.y_strides[0] = s.oh * s.ow * y_c;
    s.y_strides[1] = s.ow * y_c;
    s.y_strides[2] = y_c;
    s.bare = bare;
    if (bare)
        return s;
    s.has_bias = 1;
    s.activation = row->activation;
    s.slope = row->activation == GK_ACT_LEAKY ? 0.2 : 0;
    s.n_residuals = row->n_residuals;
    for (gint64 i = 0; i < row->n_residuals; i++) {
        memcpy(s.r_strides[i], s.y_strides, sizeof s.y_strides);
        s.r_scale[i] = row->scale;
    }
    return s;
}

typedef struct {
    guint n, n_exact, n_same;
    GString *engines;
} Found;

static bool count(const GkCudnnApi *api, cudnnBackendDescriptor_t config, void *data)
{
    Found *found = data;
    bool rounds = false, varies = false;
    const gint64 engine = gk_cudnn_engine(api, config, &rounds, &varies);
    found->n++;
    found->n_exact += !rounds && !varies;
    found->n_same += !varies;
    if (found->n <= 6)
        g_string_append_printf(found->engines, " %" G_GINT64_FORMAT, engine);
    return false;
}

// Engines for a graph as it is asked for; says what is wrong and returns FALSE where
// there are none.
static gboolean check(const GkCudnnApi *api, cudnnBackendDescriptor_t device, const char *name,
                      const GkCudnnShape *shape)
{
    const char *type = shape->dtype == GK_F16    ? "float16"
                       : shape->dtype == GK_BF16 ? "bfloat16"
                                                 : "float32";
    const char *what = shape->kind == GK_CUDNN_INPUT_GRADIENT    ? "input gradient"
                       : shape->kind == GK_CUDNN_WEIGHT_GRADIENT ? "weight gradient"
                       : shape->bare                             ? "bare"
                                                                 : "fused";
    GkCudnnGraph graph;
    const cudnnStatus_t status = gk_cudnn_graph_build(api, NULL, shape, &graph);
    if (status != CUDNN_STATUS_SUCCESS) {
        char words[256] = "";
        api->last_error(words, sizeof words);
        g_print("FAILED: %s, %s, %s: no graph: %s %s\n", name, type, what,
                api->error_string(status), words);
        return FALSE;
    }
    Found found = {0, 0, 0, g_string_new(NULL)};
    gk_cudnn_graph_visit(api, &graph, device, count, &found);
    gk_cudnn_graph_free(api, &graph);
    // float32 is there for its digits, and gradients are the same from run to run.
    const guint n_fit = shape->dtype == GK_F32            ? found.n_exact
                        : shape->kind == GK_CUDNN_FORWARD ? found.n
                                                          : found.n_same;
    g_print("%s%s, %s, %s: %u configurations (%u the same each time, %u of them without "
            "rounding), engines%s\n",
            n_fit > 0 ? "" : "FAILED: ", name, type, what, found.n, found.n_same, found.n_exact,
            found.engines->str);
    g_string_free(found.engines, TRUE);
    return n_fit > 0;
}

static gboolean check_forward(const GkCudnnApi *api, cudnnBackendDescriptor_t device,
                              const Row *row, GkDtype dtype, gboolean bare)
{
    const GkCudnnShape shape = shape_of(row, dtype, bare);
    return check(api, device, row->name, &shape);
}

// Returns how many of what a step of training asks for have no engine.
static guint check_training(const GkCudnnApi *api, cudnnBackendDescriptor_t device,
                            const TrainingRow *row)
{
    const GkDtype dtypes[] = {GK_F16, GK_BF16, GK_F32};
    const GkCudnnKind kinds[] = {GK_CUDNN_FORWARD, GK_CUDNN_INPUT_GRADIENT,
                                 GK_CUDNN_WEIGHT_GRADIENT};
    guint n_failed = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(dtypes); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++) {
            const GkCudnnShape shape = training_shape_of(row, dtypes[i], kinds[k]);
            n_failed += !check(api, device, row->name, &shape);
        }
    return n_failed;
}

static cudnnBackendDescriptor_t describe(const GkCudnnApi *api, const char *path)
{
    g_autofree char *json = NULL;
    gsize length = 0;
    cudnnBackendDescriptor_t device = NULL;
    if (!g_file_get_contents(path, &json, &length, NULL) ||
        api->descriptor_create(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &device) !=
            CUDNN_STATUS_SUCCESS)
        return NULL;
    if (api->set(device, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, (gint64)length,
                 json) == CUDNN_STATUS_SUCCESS &&
        api->finalize(device) == CUDNN_STATUS_SUCCESS)
        return device;
    api->descriptor_destroy(device);
    return NULL;
}

int main(int argc, char **argv)
{
    char reason[256];
    GkCudnnApi api;
    if (argc != 2) {
        g_printerr("usage: %s DEVICE.json\n", argv[0]);
        return 2;
    }
    if (!gk_cudnn_api_open(&api, reason, sizeof reason)) {
        g_print("skipped: %s\n", reason);
        return EXIT_SKIPPED;
    }
    g_print("%s\n", reason);
    const cudnnBackendDescriptor_t device = describe(&api, argv[1]);
    if (device == NULL) {
        g_print("skipped: this cuDNN takes no description of a device like %s\n", argv[1]);
        return EXIT_SKIPPED;
    }
    guint n_failed = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        n_failed += !rows[i].bare && !check_forward(&api, device, &rows[i], GK_F16, FALSE);
        n_failed += !check_forward(&api, device, &rows[i], GK_F16, TRUE);
        n_failed += !check_forward(&api, device, &rows[i], GK_F32, TRUE);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(training_rows); i++)
        n_failed += check_training(&api, device, &training_rows[i]);
    g_print("%u failed\n", n_failed);
    api.descriptor_destroy(device);
    gk_cudnn_api_close(&api);
    return n_failed > 0;
}
