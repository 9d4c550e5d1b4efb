// SPDX-License-Identifier: LGPL-3.0-or-later
// Graphs: fusion changes no value, plans share memory without harm, reach is what it says.
#include "nets.h"
#include "ops.h"
#include "plan.h"

#include <gio/gio.h>
#include <math.h>
#include <string.h>

static const char *const devices[] = {"reference", "cpu:avx512", "cpu:avx2", "cpu:plain"};

typedef struct {
    gsize n, h, w, c;
    float *data;
} Image;

static Image image_new(gsize n, gsize h, gsize w, gsize c)
{
    return (Image){n, h, w, c, g_new0(float, n *h *w *c)};
}

static Image random_image(gsize n, gsize h, gsize w, gsize c, guint32 seed)
{
    Image image = image_new(n, h, w, c);
    GRand *random = g_rand_new_with_seed(seed);
    for (gsize i = 0; i < n * h * w * c; i++)
        image.data[i] = (float)g_rand_double(random);
    g_rand_free(random);
    return image;
}

static GkView view(const Image *i)
{
    return gk_view_nhwc(i->data, GK_F32, i->n, i->h, i->w, i->c);
}

// Runs a graph through a plan; takes `graph`.
static Image run_plan(GanGraph *graph, GanDevice *device, const Image *in)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanProgram) program = gan_program_new(graph, device);
    g_autoptr(GanPlan) plan = gan_plan_new(program, NULL, in->n, in->h, in->w, &error);
    g_assert_no_error(error);
    const GanPlanInfo *info = gan_plan_info(plan);
    const Image out = image_new(in->n, info->out_h, info->out_w, info->out_c);
    const GkView from = view(in), to = view(&out);
    gan_plan_run(plan, &from, &to, NULL, NULL, &error);
    g_assert_no_error(error);
    return out;
}

// Runs a graph node by node with the reference kernels, every value in memory of its own.
static Image run_naively(const GanGraph *graph, const Image *in)
{
    GkContext *context = NULL;
    const GkOptions options = {0};
    g_assert_cmpint(gk_backend_ref_f32.open(&options, &context), ==, GK_OK);
    const guint n = gan_graph_n_nodes(graph);
    GanShape *shapes = g_new0(GanShape, n);
    GkView *views = g_new0(GkView, n);
    for (guint i = 0; i < n; i++) {
        const GanNode *node = gan_graph_node(graph, i);
        if (node->op == GAN_OP_PARAMETER) {
            const GanTensor *tensor = node->attributes.parameter;
            shapes[i] = gan_parameter_shape(tensor);
            views[i] = gk_view_nhwc(g_memdup2(tensor->data, gan_tensor_length(tensor) * 4), GK_F32,
                                    shapes[i].n, shapes[i].h, shapes[i].w, shapes[i].c);
            continue;
        }
        GanShape in_shapes[8];
        GkView inputs[8];
        float slopes[64];
        for (guint k = 0; k < node->n_inputs; k++) {
            const GanNode *p = node->inputs[k];
            in_shapes[k] = shapes[p->id];
            inputs[k] = views[p->id];
            if (p->op == GAN_OP_PARAMETER && gan_tensor_length(p->attributes.parameter) == 1 &&
                gan_op_row(node->op)->spread != NULL) {
                g_assert_cmpuint(gan_op_row(node->op)->spread(node, k), <=, G_N_ELEMENTS(slopes));
                for (guint c = 0; c < G_N_ELEMENTS(slopes); c++)
                    slopes[c] = p->attributes.parameter->data[0];
                inputs[k].data = slopes;
            }
        }
        in_shapes[0] =
            node->op == GAN_OP_INPUT ? (GanShape){in->n, in->h, in->w, in->c} : in_shapes[0];
        g_assert_true(gan_op_row(node->op)->shape(node, in_shapes, &shapes[i], NULL));
        const GanShape *s = &shapes[i];
        views[i] =
            gk_view_nhwc(g_new0(float, s->n * s->h * s->w * s->c), GK_F32, s->n, s->h, s->w, s->c);
        if (node->op == GAN_OP_INPUT) {
            memcpy(views[i].data, in->data, s->n * s->h * s->w * s->c * sizeof(float));
        } else if (node->op == GAN_OP_CROP_LIKE) {
            for (gsize y = 0; y < s->n * s->h; y++)
                memcpy((float *)views[i].data + y * s->w * s->c,
                       (float *)inputs[0].data + gk_offset(&inputs[0], y / s->h, y % s->h, 0, 0),
                       s->w * s->c * sizeof(float));
        } else {
            const GanCall call = {&gk_backend_ref_f32.ops, context, node, inputs, &views[i],
                                  &(GkPlan *){NULL}};
            g_assert_cmpint(gan_op_row(node->op)->run(&call), ==, GK_OK);
        }
    }
    const guint last = gan_graph_output(graph)->id;
    const Image out = {shapes[last].n, shapes[last].h, shapes[last].w, shapes[last].c,
                       views[last].data};
    for (guint i = 0; i < n; i++)
        if (i != last)
            g_free(views[i].data);
    g_free(views);
    g_free(shapes);
    gk_backend_ref_f32.close(context);
    return out;
}

static double distance(const Image *a, const Image *b)
{
    g_assert_true(a->n == b->n && a->h == b->h && a->w == b->w && a->c == b->c);
    double d = 0, top = 1e-30;
    for (gsize i = 0; i < a->n * a->h * a->w * a->c; i++) {
        // Not MAX(): a NaN must count.
        if (!(fabs((double)a->data[i] - b->data[i]) <= d))
            d = fabs((double)a->data[i] - b->data[i]);
        top = MAX(top, fabs((double)a->data[i]));
    }
    return d / top;
}

// Devices that this machine has.
static GanDevice *open_device(const char *name)
{
    g_autoptr(GError) error = NULL;
    GanDevice *device = gan_device_open(name, 0, &error);
    if (device == NULL)
        g_test_message("%s: %s", name, error->message);
    return device;
}

static const gsize sizes[][3] = {{1, 1, 1}, {1, 2, 5}, {2, 7, 4}, {1, 19, 23}, {1, 32, 16}};

// Sharing memory changes no bit.
static void test_plan(gconstpointer data)
{
    const TestNet *net = data;
    g_autoptr(GanDevice) device = open_device("reference");
    for (guint s = 0; s < G_N_ELEMENTS(sizes); s++) {
        const Image in = random_image(sizes[s][0], sizes[s][1], sizes[s][2], net->channels, s);
        g_autoptr(GanGraph) graph = test_net_build(net);
        const Image a = run_naively(graph, &in);
        const Image b = run_plan(g_steal_pointer(&graph), device, &in);
        g_assert_cmpfloat(distance(&a, &b), ==, 0);
        g_autoptr(GanGraph) unfused = test_net_build(net);
        GanGraph *fused = gan_graph_fuse(unfused, NULL);
        const Image c = run_naively(fused, &in);
        const Image d = run_plan(fused, device, &in);
        g_assert_cmpfloat(distance(&c, &d), ==, 0);
        g_free(a.data);
        g_free(b.data);
        g_free(c.data);
        g_free(d.data);
        g_free(in.data);
    }
}

// Fused equals unfused, on every device.
static void test_fusion(gconstpointer data)
{
    const TestNet *net = data;
    for (guint d = 0; d < G_N_ELEMENTS(devices); d++) {
        g_autoptr(GanDevice) device = open_device(devices[d]);
        for (guint s = 0; device != NULL && s < G_N_ELEMENTS(sizes); s++) {
            const Image in = random_image(sizes[s][0], sizes[s][1], sizes[s][2], net->channels, s);
            g_autoptr(GanGraph) graph = test_net_build(net);
            const Image a = run_naively(graph, &in);
            const Image b = run_plan(gan_graph_fuse(graph, NULL), device, &in);
            const Image c = run_plan(g_steal_pointer(&graph), device, &in);
            // Winograd's transforms cost about a digit and a half of float's seven.
            g_assert_cmpfloat(distance(&a, &b), <, d == 0 ? 2e-6 : 2e-5);
            g_assert_cmpfloat(distance(&a, &c), <, d == 0 ? 2e-6 : 2e-5);
            g_free(a.data);
            g_free(b.data);
            g_free(c.data);
            g_free(in.data);
        }
    }
}

// Fusion does what it is there for.
static void test_fused_size(gconstpointer data)
{
    const TestNet *net = data;
    g_autoptr(GanGraph) graph = test_net_build(net);
    g_autoptr(GanGraph) fused = gan_graph_fuse(graph, NULL);
    guint n = 0;
    for (guint i = 0; i < gan_graph_n_nodes(fused); i++)
        n += gan_op_row(gan_graph_node(fused, i)->op)->run != NULL;
    g_assert_cmpuint(n, ==, net->n_fused_nodes);
}

// No output pixel changes beyond the stated reach of a changed input pixel, and some do at it.
static void test_reach(gconstpointer data)
{
    const TestNet *net = data;
    G_GNUC_UNUSED g_autoptr(GanDevice) device = open_device("reference");
    g_autoptr(GanGraph) graph = test_net_build(net);
    g_autofree GanGeometry *rows = g_new(GanGeometry, gan_graph_n_nodes(graph));
    g_assert_true(gan_graph_geometry(graph, rows, NULL));
    const GanGeometry g = rows[gan_graph_output(graph)->id];
    if (g.sight != GAN_SIGHT_LOCAL) {
        g_test_skip("sees the whole picture");
        return;
    }
    const gsize reach = (gsize)ceil(g.reach), cell = g.alignment;
    // One row of pixels, wide enough for the reach on both sides of the middle cell.
    const gsize middle = (2 * reach / cell + 2) * cell, w = 2 * middle + cell;
    const Image in = random_image(1, cell, w, net->channels, 3);
    const Image before = run_naively(graph, &in);
    for (gsize y = 0; y < cell; y++)
        for (gsize x = middle; x < middle + cell; x++)
            for (gsize c = 0; c < in.c; c++)
                in.data[(y * w + x) * in.c + c] += 1;
    const Image after = run_naively(graph, &in);
    g_assert_nonnull(before.data);
    g_assert_nonnull(after.data);
    gsize left = after.w, right = 0;
    for (gsize i = 0; i < after.h * after.w * after.c; i++)
        if (after.data[i] != before.data[i]) {
            left = MIN(left, i / after.c % after.w);
            right = MAX(right, i / after.c % after.w);
        }
    const gsize scale = g.scale_num / g.scale_den;
    g_assert_cmpuint(left, >=, (middle - reach) * scale);
    g_assert_cmpuint(right, <, (middle + cell + reach) * scale);
    // Tight to the pixel where nothing rounds the reach up.
    if (g.scale_num == 1 || g.reach == floor(g.reach))
        g_assert_cmpuint(left, <, (middle - reach + 1) * scale);
    g_free(before.data);
    g_free(after.data);
    g_free(in.data);
}

// A plan's arena is smaller than its values together, and known before the run.
static void test_arena(void)
{
    g_autoptr(GanDevice) device = open_device("reference");
    g_autoptr(GanGraph) graph = test_net_build(&test_nets[0]);
    g_autoptr(GanProgram) program = gan_program_new(gan_graph_fuse(graph, NULL), device);
    g_autoptr(GanPlan) plan = gan_plan_new(program, NULL, 1, 64, 64, NULL);
    // Two values of 20 channels alive at a time; input and output are the caller's.
    g_assert_cmpuint(gan_plan_info(plan)->arena_bytes, ==, 2 * 64 * 64 * 20 * sizeof(float));
}

static gboolean stop_at_half(double fraction, gpointer data)
{
    *(guint *)data += 1;
    return fraction < 0.5;
}

static void test_cancel(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanDevice) device = open_device("reference");
    g_autoptr(GanGraph) graph = test_net_build(&test_nets[1]);
    g_autoptr(GanProgram) program = gan_program_new(g_steal_pointer(&graph), device);
    g_autoptr(GanPlan) plan = gan_plan_new(program, NULL, 1, 16, 16, NULL);
    const Image in = random_image(1, 16, 16, 3, 0);
    const Image out = image_new(1, 32, 32, 3);
    const GkView from = view(&in), to = view(&out);
    guint calls = 0;
    g_assert_false(gan_plan_run(plan, &from, &to, stop_at_half, &calls, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_cmpuint(calls, >, 1);
    g_free(in.data);
    g_free(out.data);
}

// A convolution that gets other channels than it needs is refused by name.
static void test_shape_error(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanDevice) device = open_device("reference");
    g_autoptr(GanGraph) graph = gan_graph_new();
    GanAttributes a = gan_attributes_default();
    a.channels = 3;
    GanNode *x = gan_graph_append(graph, GAN_OP_INPUT, "input", NULL, 0, &a);
    const gsize shape[] = {8, 4, 3, 3};
    g_autoptr(GanTensor) w = gan_tensor_new(4, shape, NULL);
    a.parameter = w;
    GanNode *p = gan_graph_append(graph, GAN_OP_PARAMETER, "body.0.weight", NULL, 0, &a);
    gan_graph_set_output(
        graph, gan_convolution(x, p, NULL, 4, &(GanConvParams){.kernel_h = 1, .kernel_w = 1}));
    g_autoptr(GanProgram) program = gan_program_new(g_steal_pointer(&graph), device);
    g_assert_null(gan_plan_new(program, NULL, 1, 4, 4, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_SHAPE);
    g_assert_nonnull(strstr(error->message, "'body.0.weight' needs 4 channels and gets 3"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < n_test_nets; i++) {
        const TestNet *net = &test_nets[i];
        const struct {
            const char *claim;
            GTestDataFunc run;
        } rows[] = {{"sharing-memory-changes-no-bit", test_plan},
                    {"fused-equals-unfused", test_fusion},
                    {"fusion-leaves-few-passes", test_fused_size},
                    {"reach-is-true", test_reach}};
        for (guint k = 0; k < G_N_ELEMENTS(rows); k++) {
            g_autofree char *path = g_strdup_printf("/graph/%s/%s", rows[k].claim, net->name);
            g_test_add_data_func(path, net, rows[k].run);
        }
    }
    g_test_add_func("/plan/arena-is-reused-and-known-before", test_arena);
    g_test_add_func("/plan/cancel-stops-between-nodes", test_cancel);
    g_test_add_func("/plan/names-a-misfit-convolution", test_shape_error);
    return g_test_run();
}
