// SPDX-License-Identifier: LGPL-3.0-or-later
// Steps: a plan and a program of their own, with dense arrays at the ends.
#include "step.h"

#include "plan-private.h"
#include "simplify.h"

// Where an input comes from: an output of another step.
typedef struct {
    guint input;
    GanStep *from;
    guint output;
} GanStepLink;

struct GanStep {
    GanProgram *program;
    GanPlan *plan;
    GArray *links; // of GanStepLink
    GkView *in;    // by input
};

GanStep *gan_step_new(GanGraph *graph, GanDevice *device, const GanShape *inputs, GError **error)
{
    g_autoptr(GanGraph) taken = graph;
    const GkDevice *gpu = gan_device_backend(device)->device;
    // Gradients reach beyond the range of float16.
    GanDevice *able =
        gpu != NULL && gpu->dtype == GK_F16 ? gan_device_in(device, GK_F32, error) : device;
    if (able == NULL)
        return NULL;
    g_autoptr(GanStep) step = g_new0(GanStep, 1);
    // Equal values are one first: fusion asks who reads a value.
    g_autoptr(GanGraph) simple = gan_graph_simplify(taken);
    GanGraph *fused = gan_graph_fuse(simple, error);
    if (fused == NULL)
        return NULL;
    step->program = gan_program_make(fused, able);
    step->links = g_array_new(FALSE, FALSE, sizeof(GanStepLink));
    step->in = g_new0(GkView, MAX(gan_graph_n_inputs(step->program->graph), 1));
    step->plan = gan_plan_make(step->program, NULL, inputs, FOR_STEPS, error);
    return step->plan == NULL ? NULL : g_steal_pointer(&step);
}

void gan_step_free(GanStep *step)
{
    if (step == NULL)
        return;
    gan_plan_free(step->plan);
    gan_program_free(step->program);
    g_clear_pointer(&step->links, g_array_unref);
    g_free(step->in);
    g_free(step);
}

const GanStepInfo *gan_step_info(const GanStep *step)
{
    return gan_plan_info(step->plan);
}

GanShape gan_step_output_shape(const GanStep *step, guint index)
{
    return gan_plan_output_shape(step->plan, index);
}

static const GanStepLink *find_link(const GanStep *step, guint input)
{
    for (guint i = 0; i < step->links->len; i++) {
        const GanStepLink *link = &g_array_index(step->links, GanStepLink, i);
        if (link->input == input)
            return link;
    }
    return NULL;
}

static GkView output_view(const GanStep *step, guint output)
{
    return gan_plan_view(step->plan, gan_plan_output(step->plan, output));
}

// Brings an input to the device.
static gboolean put_input(GanStep *step, guint input, const GkView *to, GError **error)
{
    const GanStepLink *link = find_link(step, input);
    if (link == NULL)
        return gan_plan_put(step->plan, &step->in[input], to, error);
    const GkView from = output_view(link->from, link->output);
    return gan_plan_copy(step->plan, &from, to, "input", error);
}

static gboolean compute(GanStep *step, GError **error)
{
    GanPlan *plan = step->plan;
    const GanGraph *graph = step->program->graph;
    if (!gan_program_has_own_memory(step->program))
        return gan_plan_compute(plan, NULL, NULL, error);
    for (guint i = 0; i < gan_graph_n_inputs(graph); i++) {
        const GanValue *value = &plan->values[gan_graph_input_at(graph, i)->id];
        const GkView to = gan_plan_view(plan, value);
        if (value->computed && !put_input(step, i, &to, error))
            return FALSE;
    }
    return gan_plan_queue(plan, "training step", error);
}

static gboolean fetch(GanStep *step, void *const *outputs, GError **error)
{
    const guint n_outputs = gan_graph_n_outputs(step->program->graph);
    g_autofree GanFetch *fetches = g_new(GanFetch, MAX(n_outputs, 1));
    guint n = 0;
    for (guint i = 0; i < n_outputs; i++) {
        const GanShape shape = gan_step_output_shape(step, i);
        if (outputs[i] != NULL)
            fetches[n++] =
                (GanFetch){output_view(step, i), gan_plan_array(step->plan, &shape, outputs[i])};
    }
    return gan_plan_fetch(step->plan, fetches, n, error);
}

gboolean gan_step_run(GanStep *step, const void *const *inputs, void *const *outputs,
                      GError **error)
{
    GanPlan *plan = step->plan;
    const GanGraph *graph = step->program->graph;
    if (!gan_plan_prepare(plan, error))
        return FALSE;
    for (guint i = 0; i < gan_graph_n_inputs(graph); i++) {
        const GanShape *shape = &plan->values[gan_graph_input_at(graph, i)->id].shape;
        step->in[i] = gan_plan_array(plan, shape, inputs[i]);
    }
    plan->ends[0] = step->in;
    const gboolean done = compute(step, error) && fetch(step, outputs, error);
    plan->ends[0] = NULL;
    return done;
}

void gan_step_bind(GanStep *step, const GanTensor *tensor, void *memory)
{
    g_return_if_fail(gan_program_has_own_memory(step->program));
    gan_recording_forget(&step->plan->recording, step->program->device);
    gan_program_bind(step->program, tensor, memory);
}

void gan_step_link(GanStep *step, guint input, GanStep *from, guint output)
{
    g_return_if_fail(gan_program_has_own_memory(step->program) &&
                     from->program->device == step->program->device);
    const GanStepLink link = {input, from, output};
    g_array_append_val(step->links, link);
}

gboolean gan_step_take(GanStep *step, guint output, void *memory, gboolean add, GError **error)
{
    const GkView from = output_view(step, output);
    const GanShape shape = gan_step_output_shape(step, output);
    const GkView to = gan_plan_array(step->plan, &shape, memory);
    return add ? gan_plan_add(step->plan, &from, &to, error)
               : gan_plan_copy(step->plan, &from, &to, "output", error);
}

void gan_step_watch(GanStep *step, GanStepWatch watch, gpointer data)
{
    gan_plan_watch(step->plan, watch, data);
}
