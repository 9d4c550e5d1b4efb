// SPDX-License-Identifier: LGPL-3.0-or-later
// A model: weights, the graph that its family made of them, and that graph on the
// devices it ran on.
#include "blend.h"
#include "family.h"
#include "model-private.h"

#include <math.h>
#include <string.h>

// Up to this reach tiles are exact, whatever smaller border a family proposes.
#define EXACT_REACH 64

// A reach beyond any picture: what depends on all pixels is computed of all of them at once.
#define WHOLE_PICTURE (1u << 20)

// No number that a network is told of a picture is larger: levels, or parts of a hundred.
#define MOST_TOLD 255

typedef struct {
    GanDevice *device;
    GanProgram *program;
    GanPlan *plan;  // of gan_model_run()'s last call, or NULL while it runs
    gsize shape[3]; // N, H, W of that call
} OnDevice;

struct GanModel {
    gint ref_count;
    GanWeights *weights; // as given; of a blend, its first file
    GanWeights *used;    // that the graph was made of
    GanGraph *graph;     // not fused
    const GanFamily *family;
    GanSizes sizes;
    GanModelInfo info;
    char *title;
    GMutex lock;       // of the next member
    GArray *on_device; // of OnDevice
};

// --- recognition ---

static const GanFamily *recognise(const GanWeights *weights)
{
    for (guint i = 0; gan_families[i] != NULL; i++)
        if (gan_families[i]->recognise(weights))
            return gan_families[i];
    return NULL;
}

// The first part of the file that is a network of `family`, or of any where that is NULL; else the
// weights as they are.
static GanWeights *find_part(GanWeights *weights, const GanFamily *family)
{
    g_auto(GStrv) names = gan_weights_part_names(weights);
    for (guint i = 0; names[i] != NULL; i++) {
        g_autoptr(GanWeights) part = gan_weights_part(weights, names[i]);
        if (family != NULL ? family->recognise(part) : recognise(part) != NULL)
            return g_steal_pointer(&part);
    }
    return gan_weights_ref(weights);
}

GanWeights *gan_family_part(const GanFamily *family, GanWeights *weights)
{
    return find_part(weights, family);
}

// --- what is known of the built graph ---

// Counts the elements of the file's tensors. FALSE if the file has tensors that the family
// does not know: then it is a relative of that family, and running it would give wrong pictures.
static gboolean count_parameters(const GanModel *model, const GanFamily *family, const GanNet *net,
                                 guint64 *n_elements, GError **error)
{
    guint n_left = 0;
    const char *left = NULL;
    *n_elements = 0;
    for (guint i = 0; i < gan_weights_n_entries(model->used); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(model->used, i);
        if (entry->dtype == GAN_DTYPE_OTHER)
            continue;
        guint64 product = 1;
        for (guint k = 0; k < entry->rank; k++)
            product *= entry->shape[k];
        *n_elements += product;
        if (!gan_net_knows(net, entry->name) && n_left++ == 0)
            left = entry->name;
    }
    if (n_left == 0)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN,
                "%s looks like %s, but %u of its tensors %s no place there, first '%s'",
                gan_weights_path(model->used), family->title, n_left, n_left == 1 ? "has" : "have",
                left);
    return FALSE;
}

// Multiplications and additions of all convolutions for one input pixel.
static double flops_of(const GanGraph *graph, const GanGeometry *rows)
{
    double flops = 0;
    for (guint i = 0; i < gan_graph_n_nodes(graph); i++) {
        const GanNode *node = gan_graph_node(graph, i);
        if (node->op != GAN_OP_CONV2D)
            continue;
        const double per_pixel = (double)rows[i].scale_num / rows[i].scale_den;
        const GanTensor *weight = node->inputs[1]->attributes.parameter;
        flops += 2. * gan_tensor_length(weight) * per_pixel * per_pixel;
    }
    return flops;
}

// A range that the family left out is that of a picture, 0..1.
static void describe_end(GanEnd *end)
{
    if (end->low == end->high)
        end->high = end->low + 1;
}

// "noise 0 50 15": what the number of a network that is told was in its training, from where to
// where, and where to leave it. A damaged value is as good as none.
static void describe_number(GanEnd *end, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text != NULL ? text : "", " ", -1);
    if (end->kind != GAN_END_NUMBER || g_strv_length(words) != 4 ||
        strcmp(words[0], end->name) != 0)
        return;
    const float low = (float)g_ascii_strtod(words[1], NULL),
                high = (float)g_ascii_strtod(words[2], NULL),
                initial = (float)g_ascii_strtod(words[3], NULL);
    // The comparisons also refuse what is not a number.
    if (!(low >= 0 && low < high && high <= MOST_TOLD && initial >= low && initial <= high))
        return;
    end->low = low;
    end->high = high;
    end->initial = initial;
}

static gboolean describe(GanModel *model, const GanFamily *family, const GanNet *net,
                         GError **error)
{
    GanModelInfo *info = &model->info;
    const GanNode *output = gan_graph_output(model->graph);
    g_autofree GanGeometry *rows = g_try_new0(GanGeometry, gan_graph_n_nodes(model->graph));
    if (rows == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY, "no memory for %u nodes",
                    gan_graph_n_nodes(model->graph));
        return FALSE;
    }
    if (!gan_graph_geometry(model->graph, rows, error)) {
        g_prefix_error(error, "%s: %s: ", gan_weights_path(model->used), family->name);
        return FALSE;
    }
    const GanGeometry *geometry = &rows[output->id];
    guint64 n_parameters;
    if (!count_parameters(model, family, net, &n_parameters, error))
        return FALSE;
    info->family = family->name;
    info->scale = (double)geometry->scale_num / geometry->scale_den;
    info->output.channels = output->channels;
    describe_end(&info->output);
    for (guint i = 0; i < info->n_inputs; i++) {
        describe_number(&info->inputs[i], gan_weights_metadata(model->weights, "number"));
        describe_end(&info->inputs[i]);
    }
    info->task = gan_task_parse(gan_weights_metadata(model->weights, "task"));
    if (info->task == GAN_TASK_ANY)
        info->task =
            family->task == GAN_TASK_UPSCALE && info->scale <= 1 ? GAN_TASK_RESTORE : family->task;
    info->sight = geometry->sight;
    info->alignment = geometry->alignment;
    info->reach = geometry->sight == GAN_SIGHT_LOCAL ? (guint)ceil(geometry->reach) : WHOLE_PICTURE;
    if (info->overlap == 0 || info->reach <= MAX(info->overlap, EXACT_REACH))
        info->overlap = info->reach;
    info->exact_tiles = info->overlap >= info->reach;
    if (info->n_parameters == 0)
        info->n_parameters = n_parameters;
    info->flops_per_pixel = flops_of(model->graph, rows);
    return TRUE;
}

// --- making and freeing ---

static gboolean check_options(const GanModelOptions *options, GError **error)
{
    if (options->activation != NULL && strcmp(options->activation, "relu") != 0 &&
        strcmp(options->activation, "leakyrelu") != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "activation is '%s'; it needs to be relu or leakyrelu", options->activation);
        return FALSE;
    }
    if (options->padding != NULL && strcmp(options->padding, "reflect") != 0 &&
        strcmp(options->padding, "replicate") != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "padding is '%s'; it needs to be reflect or replicate", options->padding);
        return FALSE;
    }
    // The comparison also refuses what is not a number.
    if (!(options->residual_scale >= 0 && options->residual_scale <= 16)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "residual scale is %g; it needs to be in 0..16", options->residual_scale);
        return FALSE;
    }
    return TRUE;
}

// Fills zeroed members from the metadata of a converted file. A damaged value there is
// as good as none.
static GanModelOptions complete_options(const GanWeights *weights, const GanModelOptions *options)
{
    GanModelOptions full = *options;
    const char *activation = gan_weights_metadata(weights, "activation");
    const char *residual_scale = gan_weights_metadata(weights, "residual_scale");
    const char *scale = gan_weights_metadata(weights, "scale");
    if (full.activation == NULL &&
        (g_strcmp0(activation, "relu") == 0 || g_strcmp0(activation, "leakyrelu") == 0))
        full.activation = activation;
    if (full.padding == NULL)
        full.padding = gan_weights_metadata(weights, "padding");
    if (full.residual_scale == 0 && residual_scale != NULL) {
        const double value = g_ascii_strtod(residual_scale, NULL);
        full.residual_scale = value > 0 && value <= 16 ? value : 0;
    }
    if (full.scale == 0 && scale != NULL)
        full.scale = (guint)CLAMP(g_ascii_strtoll(scale, NULL, 10), 0, 64);
    return full;
}

static gboolean build(GanModel *model, const GanFamily *family, GanNet *net,
                      const GanModelOptions *options, GError **error)
{
    GanModelInfo *info = &model->info;
    GanSizes sizes = {0};
    family->sizes_of_file(net, options, &sizes);
    model->family = family;
    model->sizes = sizes;
    if (!gan_net_check(net, error))
        return FALSE;
    info->n_inputs = 1;
    info->inputs[0].channels = sizes.channels_in;
    family->describe(&sizes, info);
    model->title = (char *)info->title;
    g_assert(info->n_inputs <= GAN_MODEL_MAX_INPUTS);
    GanNode *inputs[GAN_MODEL_MAX_INPUTS];
    for (guint i = 0; i < info->n_inputs; i++) {
        inputs[i] = gan_named_input(model->graph, "input", info->inputs[i].channels);
        // A number has no pixels.
        if (info->inputs[i].kind == GAN_END_NUMBER)
            inputs[i]->attributes.scale_num = 0;
    }
    gan_net_feed(net, inputs, info->n_inputs);
    gan_graph_set_output(model->graph, family->build(net, &sizes));
    return gan_net_check(net, error);
}

// `used`: what the graph is made of, `weights` what gan_model_weights() shows.
static GanModel *model_of(const GanFamily *family, GanWeights *weights, GanWeights *used,
                          const GanModelOptions *options, GError **error)
{
    const GanModelOptions full = complete_options(weights, options);
    g_autoptr(GanModel) model = g_new0(GanModel, 1);
    model->ref_count = 1;
    model->weights = gan_weights_ref(weights);
    model->used = gan_weights_ref(used);
    g_mutex_init(&model->lock);
    model->on_device = g_array_new(FALSE, FALSE, sizeof(OnDevice));
    model->graph = gan_graph_new();
    g_autoptr(GanNet) net = gan_net_new(model->graph, used);
    if (!build(model, family, net, &full, error)) {
        g_prefix_error(error, "%s: ", family->title);
        return NULL;
    }
    if (!describe(model, family, net, error))
        return NULL;
    return g_steal_pointer(&model);
}

static const GanModelOptions no_options;

// A part with a tensor too many may be the whole file around the network: the next one is tried.
GanModel *gan_model_new(GanWeights *weights, const GanModelOptions *options, GError **error)
{
    options = options != NULL ? options : &no_options;
    if (!check_options(options, error))
        return NULL;
    g_autoptr(GError) first = NULL;
    g_auto(GStrv) names = gan_weights_part_names(weights);
    for (guint i = 0; names[i] != NULL; i++) {
        g_autoptr(GanWeights) part = gan_weights_part(weights, names[i]);
        const GanFamily *family = recognise(part);
        g_autoptr(GError) problem = NULL;
        GanModel *model = family != NULL ? model_of(family, part, part, options, &problem) : NULL;
        if (model != NULL)
            return model;
        if (problem != NULL && first == NULL)
            first = g_steal_pointer(&problem);
    }
    gan_unknown(weights, first, error);
    return NULL;
}

GanModel *gan_model_load(const char *path, const GanModelOptions *options, GError **error)
{
    g_autoptr(GanWeights) weights = gan_weights_open(path, error);
    return weights == NULL ? NULL : gan_model_new(weights, options, error);
}

GanModel *gan_model_blend(GanWeights *a, GanWeights *b, double t, const GanModelOptions *options,
                          GError **error)
{
    if (!(t >= 0 && t <= 1)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "blend weight is %g; it needs to be in 0..1", t);
        return NULL;
    }
    options = options != NULL ? options : &no_options;
    if (!check_options(options, error))
        return NULL;
    g_autoptr(GanWeights) part_a = find_part(a, NULL);
    g_autoptr(GanWeights) part_b = find_part(b, NULL);
    g_autoptr(GanWeights) blended = gan_blend(part_a, part_b, t, error);
    if (blended == NULL)
        return NULL;
    const GanFamily *family = recognise(blended);
    if (family == NULL)
        gan_unknown(a, NULL, error);
    return family != NULL ? model_of(family, part_a, blended, options, error) : NULL;
}

GanModel *gan_model_ref(GanModel *model)
{
    g_atomic_int_inc(&model->ref_count);
    return model;
}

void gan_model_unref(GanModel *model)
{
    if (model == NULL || !g_atomic_int_dec_and_test(&model->ref_count))
        return;
    for (guint i = 0; i < model->on_device->len; i++) {
        const OnDevice *entry = &g_array_index(model->on_device, OnDevice, i);
        gan_plan_free(entry->plan);
        gan_program_free(entry->program);
        gan_device_unref(entry->device);
    }
    g_array_unref(model->on_device);
    g_mutex_clear(&model->lock);
    gan_graph_free(model->graph);
    gan_weights_unref(model->used);
    gan_weights_unref(model->weights);
    g_free(model->title);
    g_free(model);
}

const GanModelInfo *gan_model_info(const GanModel *model)
{
    return &model->info;
}

const GanGraph *gan_model_graph(const GanModel *model)
{
    return model->graph;
}

GanWeights *gan_model_weights(const GanModel *model)
{
    return model->weights;
}

// By the bits of the exponent: loops over floats that ask isfinite() are many times slower.
static gboolean is_finite(const GanTensor *tensor)
{
    const guint32 exponent = 0x7f800000;
    const gsize n = gan_tensor_length(tensor);
    gboolean finite = TRUE;
    for (gsize i = 0; i < n; i++) {
        guint32 bits;
        memcpy(&bits, &tensor->data[i], sizeof bits);
        finite &= (bits & exponent) != exponent;
    }
    return finite;
}

gboolean gan_model_check_numbers(const GanModel *model, GError **error)
{
    for (guint i = 0; i < gan_weights_n_entries(model->used); i++) {
        const GanWeightsEntry *entry = gan_weights_entry(model->used, i);
        if (entry->dtype == GAN_DTYPE_OTHER)
            continue;
        g_autoptr(GanTensor) tensor = gan_weights_tensor(model->used, entry->name, error);
        if (tensor == NULL)
            return FALSE;
        if (is_finite(tensor))
            continue;
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: tensor '%s' holds numbers that are none (NaN or infinite), as a training "
                    "leaves that failed: an earlier state of the model is needed",
                    gan_weights_path(model->used), entry->name);
        return FALSE;
    }
    return TRUE;
}

GanNode *gan_model_append(const GanModel *model, GanNode *const *inputs, GError **error)
{
    g_autoptr(GanNet) net = gan_net_new(inputs[0]->graph, model->used);
    gan_net_feed(net, inputs, model->info.n_inputs);
    GanNode *made = model->family->build(net, &model->sizes);
    return gan_net_check(net, error) ? made : NULL;
}

// --- running ---

// The model's row for a device, or NULL; to be called under the lock.
static OnDevice *on_device(const GanModel *model, const GanDevice *device)
{
    for (guint i = 0; i < model->on_device->len; i++)
        if (g_array_index(model->on_device, OnDevice, i).device == device)
            return &g_array_index(model->on_device, OnDevice, i);
    return NULL;
}

GanProgram *gan_model_program(GanModel *model, GanDevice *device, GError **error)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&model->lock);
    const OnDevice *known = on_device(model, device);
    if (known != NULL)
        return known->program;
    GanGraph *fused = gan_graph_fuse(model->graph, error);
    if (fused == NULL)
        return NULL;
    const OnDevice entry = {.device = gan_device_ref(device),
                            .program = gan_program_new(fused, device)};
    g_array_append_val(model->on_device, entry);
    return entry.program;
}

// A dense channels-last view of memory in the backend's dtype: the tensor's own, or a copy of it.
static gboolean view_of(GanTensor *tensor, GkDtype dtype, GkView *view, double **copy,
                        GError **error)
{
    const gsize n = gan_tensor_length(tensor), *shape = tensor->shape;
    if (dtype == GK_F64) {
        *copy = g_try_new(double, n);
        if (*copy == NULL) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                        "no memory for %" G_GSIZE_FORMAT " numbers", n);
            return FALSE;
        }
    }
    gpointer data = dtype == GK_F64 ? (gpointer)*copy : tensor->data;
    *view = gk_view_nhwc(data, dtype, shape[0], shape[1], shape[2], shape[3]);
    return TRUE;
}

// Pictures are of one size, that of the first; numbers have a single place.
static gboolean check_inputs(const GanModel *model, GanTensor *const *in, GError **error)
{
    for (guint i = 0; i < model->info.n_inputs; i++) {
        const GanEnd *end = &model->info.inputs[i];
        const GanTensor *t = in[i];
        const gboolean number = end->kind == GAN_END_NUMBER;
        if (t->rank == 4 && gan_tensor_length(t) > 0 && t->shape[3] == end->channels &&
            (!number || gan_tensor_length(t) == end->channels) &&
            (number || memcmp(t->shape, in[0]->shape, 3 * sizeof *t->shape) == 0))
            continue;
        g_autofree char *found = gan_shape_text(t->rank, t->shape);
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "input is %s; %s needs [%s,%u]", found,
                    model->info.family, number ? "1,1,1" : "N,H,W", end->channels);
        return FALSE;
    }
    return TRUE;
}

// The plan of the last run on the device if it has the input's shape, else a new one; taken out of
// the model, so that two threads never run one plan.
static GanPlan *take_plan(GanModel *model, GanDevice *device, const gsize *shape, GError **error)
{
    GanShape shapes[GAN_MODEL_MAX_INPUTS];
    for (guint i = 0; i < model->info.n_inputs; i++) {
        const GanEnd *end = &model->info.inputs[i];
        shapes[i] = end->kind == GAN_END_NUMBER
                        ? (GanShape){1, 1, 1, end->channels}
                        : (GanShape){shape[0], shape[1], shape[2], end->channels};
    }
    GanProgram *program = gan_model_program(model, device, error);
    if (program == NULL)
        return NULL;
    g_mutex_lock(&model->lock);
    OnDevice *entry = on_device(model, device);
    g_autoptr(GanPlan) last = g_steal_pointer(&entry->plan);
    const gboolean fits = last != NULL && memcmp(entry->shape, shape, sizeof entry->shape) == 0;
    memcpy(entry->shape, shape, sizeof entry->shape);
    g_mutex_unlock(&model->lock);
    return fits ? g_steal_pointer(&last) : gan_plan_new_for(program, NULL, shapes, error);
}

static void keep_plan(GanModel *model, GanDevice *device, const gsize *shape, GanPlan *plan)
{
    g_mutex_lock(&model->lock);
    OnDevice *entry = on_device(model, device);
    if (entry->plan == NULL && memcmp(entry->shape, shape, sizeof entry->shape) == 0)
        entry->plan = g_steal_pointer(&plan);
    g_mutex_unlock(&model->lock);
    gan_plan_free(plan);
}

static gboolean run_plan(GanPlan *plan, GkDtype dtype, GanTensor *const *in, guint n_inputs,
                         GanTensor *out, GError **error)
{
    double *copies[GAN_MODEL_MAX_INPUTS + 1] = {NULL};
    GkView views[GAN_MODEL_MAX_INPUTS], out_view;
    gboolean fine = view_of(out, dtype, &out_view, &copies[n_inputs], error);
    for (guint i = 0; i < n_inputs && fine; i++) {
        GanTensor *from = in[i];
        g_assert(from != NULL);
        fine = view_of(from, dtype, &views[i], &copies[i], error);
        for (gsize k = 0; fine && copies[i] != NULL && k < gan_tensor_length(from); k++)
            copies[i][k] = from->data[k];
    }
    fine = fine && gan_plan_run(plan, views, &out_view, NULL, NULL, error);
    const double *made = copies[n_inputs];
    for (gsize k = 0; fine && made != NULL && k < gan_tensor_length(out); k++)
        out->data[k] = (float)made[k];
    for (guint i = 0; i <= n_inputs; i++)
        g_free(copies[i]);
    return fine;
}

GanTensor *gan_model_run_all(GanModel *model, GanDevice *device, GanTensor *const *in,
                             GError **error)
{
    if (!check_inputs(model, in, error))
        return NULL;
    g_autoptr(GanPlan) plan = take_plan(model, device, in[0]->shape, error);
    if (plan == NULL)
        return NULL;
    const GanPlanInfo *info = gan_plan_info(plan);
    const gsize shape[] = {in[0]->shape[0], info->out_h, info->out_w, info->out_c};
    g_autoptr(GanTensor) out = gan_tensor_new(4, shape, error);
    if (out == NULL ||
        !run_plan(plan, gan_device_backend(device)->dtype, in, model->info.n_inputs, out, error))
        return NULL;
    if (gan_plan_overflowed(plan)) {
        // The type that the device computes in was too short for this network.
        GanDevice *exact = gan_device_in(device, GK_F32, error);
        if (exact == NULL)
            return NULL;
        if (exact != device)
            return gan_model_run_all(model, exact, in, error);
    }
    keep_plan(model, device, in[0]->shape, g_steal_pointer(&plan));
    return g_steal_pointer(&out);
}

GanTensor *gan_model_run(GanModel *model, GanDevice *device, GanTensor *in, GError **error)
{
    GanTensor *all[GAN_MODEL_MAX_INPUTS] = {in};
    float numbers[GAN_MODEL_MAX_INPUTS];
    static const gsize one[] = {1, 1, 1, 1};
    GanTensor *out = NULL;
    guint n = 1;
    for (; n < model->info.n_inputs && model->info.inputs[n].kind == GAN_END_NUMBER; n++) {
        numbers[n] = model->info.inputs[n].initial;
        all[n] = gan_tensor_new_borrowed(4, one, &numbers[n], NULL, NULL);
    }
    if (n == model->info.n_inputs)
        out = gan_model_run_all(model, device, all, error);
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNSUPPORTED, "%s needs more than one picture",
                    model->info.title);
    for (guint i = 1; i < n; i++)
        gan_tensor_unref(all[i]);
    return out;
}
