// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a plan: node by node, each kernel on the views that the plan gave it, nothing
// allocated on the way.
#include "plan-private.h"
#include "rules.h"

#include <gio/gio.h>

// The caller's view with the size of a value that lies there.
static GkView end_view(const GanPlan *plan, const GanValue *value)
{
    GkView view = value->view;
    const GkView *ends = plan->ends[value->home == HOME_OUTPUT];
    if (ends == NULL)
        return view; // no run is under way
    const GkView *end = &ends[value->source];
    if (!gan_view_is_dense(end))
        view = *end;
    view.data = end->data;
    view.h = value->view.h;
    view.w = value->view.w;
    return view;
}

GkView gan_plan_view(const GanPlan *plan, const GanValue *value)
{
    GkView view = value->view;
    char *arena = gan_workspace_memory(plan->workspace);
    switch (value->home) {
    case HOME_NONE:
        break;
    case HOME_ARENA:
        if (arena != NULL)
            view.data = arena + g_array_index(plan->spans, GanSpan, value->span).offset +
                        value->offset_bytes;
        break;
    case HOME_INPUT:
    case HOME_OUTPUT:
        return end_view(plan, value);
    case HOME_PARAMETER:
        view.data = gan_program_parameter(plan->program, value->source);
        break;
    }
    return view;
}

GkView gan_plan_array(const GanPlan *plan, const GanShape *s, const void *data)
{
    return gk_view_nhwc((void *)data, gan_device_backend(plan->program->device)->dtype, s->n, s->h,
                        s->w, s->c);
}

gboolean gan_plan_prepare(GanPlan *plan, GError **error)
{
    if (!gan_program_prepare(plan->program, error))
        return FALSE;
    if (gan_workspace_need(plan->workspace, plan->info.arena_bytes))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                "no memory for the %" G_GSIZE_FORMAT " MB of %s", plan->info.arena_bytes >> 20,
                plan->purpose == FOR_STEPS ? "a training step" : "a tile");
    return FALSE;
}

static gboolean run_node(GanPlan *plan, guint i, GError **error)
{
    const GanProgram *program = plan->program;
    const GanNode *node = gan_graph_node(program->graph, i);
    const GanValue *value = &plan->values[i];
    const GkView output = gan_plan_view(plan, value);
    if (node->op == GAN_OP_INPUT)
        return gan_program_has_own_memory(program) ||
               gan_plan_put(plan, &plan->ends[0][value->source], &output, error);
    for (guint k = 0; k < node->n_inputs; k++)
        plan->call_views[k] = gan_plan_view(plan, &plan->values[node->inputs[k]->id]);
    const GanCall call = {.ops = &gan_device_backend(program->device)->ops,
                          .context = gan_device_context(program->device),
                          .node = node,
                          .inputs = plan->call_views,
                          .output = &output,
                          .plan = &program->packed[i]};
    const GkStatus status = gan_op_row(node->op)->run(&call);
    if (status == GK_OK)
        return TRUE;
    g_autofree char *what = g_strdup_printf("%s '%s'", gan_op_name(node->op), node->name);
    return gan_device_check_on(program->device, status, what, error);
}

// How far a run is, and who wants to know it.
typedef struct {
    GanPlanProgress progress;
    gpointer data;
    double done; // flops
} Account;

// Tells of node `i`, which was computed since `begun_us` along with others of `flops`.
static gboolean tell(const GanPlan *plan, guint i, gint64 begun_us, double flops, Account *account,
                     GError **error)
{
    if (plan->watch != NULL)
        plan->watch(gan_graph_node(plan->program->graph, i),
                    (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC, plan->watch_data);
    account->done += flops;
    if (account->progress == NULL ||
        account->progress(MIN(account->done / plan->info.flops, 1), account->data))
        return TRUE;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
    return FALSE;
}

static gboolean run_told(GanPlan *plan, guint i, Account *account, GError **error)
{
    const gint64 begun_us = plan->watch != NULL ? g_get_monotonic_time() : 0;
    return !plan->values[i].computed ||
           (run_node(plan, i, error) &&
            tell(plan, i, begun_us, plan->values[i].flops, account, error));
}

static gboolean is_link(const GanChain *chain, guint i)
{
    for (guint k = 0; k < chain->args.n_links; k++)
        if (chain->link[k] == i)
            return TRUE;
    return FALSE;
}

static gboolean run_chain(GanPlan *plan, GanChain *chain, Account *account, GError **error)
{
    GanDevice *device = plan->program->device;
    GkChain *args = &chain->args;
    for (guint i = chain->first; i < chain->last; i++)
        if (!is_link(chain, i) && !run_told(plan, i, account, error))
            return FALSE;
    const gint64 begun_us = plan->watch != NULL ? g_get_monotonic_time() : 0;
    double flops = 0;
    for (guint k = 0; k < args->n_inputs; k++)
        args->input[k] = gan_plan_view(plan, &plan->values[chain->input[k]]);
    for (guint k = 0; k < args->n_links; k++) {
        args->link[k].y = gan_plan_view(plan, &plan->values[chain->link[k]]);
        flops += plan->values[chain->link[k]].flops;
    }
    const GkStatus status = gan_device_backend(device)->ops.chain(gan_device_context(device), args);
    if (status == GK_OK)
        return tell(plan, chain->first, begun_us, flops, account, error);
    g_autofree char *what = g_strdup_printf(
        "chain of functions to '%s'", gan_graph_node(plan->program->graph, chain->last)->name);
    return gan_device_check_on(device, status, what, error);
}

gboolean gan_plan_compute(GanPlan *plan, GanPlanProgress progress, gpointer data, GError **error)
{
    Account account = {.progress = progress, .data = data};
    for (guint i = 0; i < gan_graph_n_nodes(plan->program->graph); i++) {
        GanChain *chain = gan_plan_chain_at(plan, i);
        if (chain == NULL ? !run_told(plan, i, &account, error)
                          : chain->first == i && !run_chain(plan, chain, &account, error))
            return FALSE;
    }
    return TRUE;
}

// Whether the caller's ends have the shapes of the plan.
static gboolean ends_fit(const GanPlan *plan, const GkView *in, const GkView *out)
{
    const GanGraph *graph = plan->program->graph;
    for (guint i = 0; i < gan_graph_n_inputs(graph) + gan_graph_n_outputs(graph); i++) {
        const guint n = gan_graph_n_inputs(graph);
        const GanNode *node =
            i < n ? gan_graph_input_at(graph, i) : gan_graph_output_at(graph, i - n);
        const GanShape *s = &plan->values[node->id].shape;
        const GkView *v = i < n ? &in[i] : &out[i - n];
        if (v->n != s->n || v->h != s->h || v->w != s->w || v->c != s->c)
            return FALSE;
    }
    return TRUE;
}

// The outputs that are not where the caller wants them yet.
static gboolean fetch_outputs(GanPlan *plan, const GkView *out, GError **error)
{
    const guint n_outputs = gan_graph_n_outputs(plan->program->graph);
    g_autofree GanFetch *fetches = g_new(GanFetch, MAX(n_outputs, 1));
    guint n = 0;
    for (guint i = 0; i < n_outputs; i++)
        if (gan_plan_output(plan, i)->home != HOME_OUTPUT)
            fetches[n++] = (GanFetch){gan_plan_view(plan, gan_plan_output(plan, i)), out[i]};
    return gan_plan_fetch(plan, fetches, n, error);
}

// Runs on a device with memory of its own, whose nodes tell nothing of how far they are.
static gboolean run_queued(GanPlan *plan, const GkView *in, const GkView *out, GError **error)
{
    GkView result;
    if (!gan_plan_start(plan, 0, in, error) || !gan_plan_finish(plan, 0, &result, error))
        return FALSE;
    gan_view_rows(&result, &out[0]);
    for (guint i = 1; i < gan_graph_n_outputs(plan->program->graph); i++) {
        const GanFetch fetch = {gan_plan_view(plan, gan_plan_output(plan, i)), out[i]};
        if (!gan_plan_fetch(plan, &fetch, 1, error))
            return FALSE;
    }
    return TRUE;
}

gboolean gan_plan_run(GanPlan *plan, const GkView *in, const GkView *out, GanPlanProgress progress,
                      gpointer data, GError **error)
{
    g_return_val_if_fail(ends_fit(plan, in, out), FALSE);
    if (gan_program_has_own_memory(plan->program)) {
        if (!run_queued(plan, in, out, error))
            return FALSE;
        if (progress == NULL || progress(1, data))
            return TRUE;
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
        return FALSE;
    }
    if (!gan_plan_prepare(plan, error))
        return FALSE;
    plan->ends[0] = in;
    plan->ends[1] = out;
    const gboolean done =
        gan_plan_compute(plan, progress, data, error) && fetch_outputs(plan, out, error);
    plan->ends[0] = plan->ends[1] = NULL;
    return done;
}

void gan_plan_watch(GanPlan *plan, GanPlanWatch watch, gpointer data)
{
    plan->watch = watch;
    plan->watch_data = data;
}
