// SPDX-License-Identifier: LGPL-3.0-or-later
// Turns: graphs that are fed by name.
#include "turn.h"

#include <string.h>

typedef struct {
    const char *name;
    GanShape shape;
    const float *numbers; // NULL: not fed yet
    float *room;          // or NULL
    gboolean linked;      // on the device
} Input;

typedef struct {
    const char *name;
    GanNode *value;
    float *room; // in the process's memory, where somebody reads it; or NULL
} Output;

struct GanTurn {
    GanGraph *graph;       // until it is finished
    GPtrArray *nets;       // of GanNet, until it is finished
    GPtrArray *parameters; // of GanParameters, of each net
    GArray *inputs;        // of Input, in the graph's order
    GArray *terms;         // of Output: watched numbers
    GArray *outputs;       // of Output
    GanNode *total;        // the loss so far, or NULL
    GanPlayer *player;     // or NULL: it only computes
    GanStep *own;          // of a turn without a player
    gboolean on_device;    // that has memory of its own
    guint64 n_runs, bytes;
};

// --- building ---

GanTurn *gan_turn_new(void)
{
    GanTurn *turn = g_new0(GanTurn, 1);
    turn->graph = gan_graph_new();
    turn->nets = g_ptr_array_new_with_free_func((GDestroyNotify)gan_net_free);
    turn->parameters = g_ptr_array_new();
    turn->inputs = g_array_new(FALSE, TRUE, sizeof(Input));
    turn->terms = g_array_new(FALSE, TRUE, sizeof(Output));
    turn->outputs = g_array_new(FALSE, TRUE, sizeof(Output));
    return turn;
}

void gan_turn_free(GanTurn *turn)
{
    if (turn == NULL)
        return;
    for (guint i = 0; i < turn->inputs->len; i++)
        g_free(g_array_index(turn->inputs, Input, i).room);
    for (guint i = 0; i < turn->outputs->len; i++)
        g_free(g_array_index(turn->outputs, Output, i).room);
    g_ptr_array_unref(turn->nets);
    g_ptr_array_unref(turn->parameters);
    gan_graph_free(turn->graph);
    gan_step_free(turn->own);
    g_array_unref(turn->inputs);
    g_array_unref(turn->terms);
    g_array_unref(turn->outputs);
    g_free(turn);
}

GanGraph *gan_turn_graph(const GanTurn *turn)
{
    return turn->graph;
}

GanNode *gan_turn_input(GanTurn *turn, const char *name, GanShape shape)
{
    const Input input = {.name = name, .shape = shape};
    g_array_append_val(turn->inputs, input);
    return gan_named_input(turn->graph, name, (guint)shape.c);
}

GanNet *gan_turn_network(GanTurn *turn, GanParameters *parameters, GRand *random)
{
    GanNet *net = gan_net_new_training(turn->graph, parameters, random);
    g_ptr_array_add(turn->nets, net);
    g_ptr_array_add(turn->parameters, parameters);
    return net;
}

void gan_turn_watch(GanTurn *turn, const char *name, GanNode *value)
{
    const Output term = {.name = name, .value = value};
    g_array_append_val(turn->terms, term);
}

void gan_turn_loss(GanTurn *turn, const char *name, GanNode *value, double weight)
{
    GanNode *weighted = gan_linear_map(value, (float)weight, 0);
    gan_turn_watch(turn, name, value);
    turn->total = turn->total != NULL ? gan_sum(turn->total, weighted) : weighted;
}

void gan_turn_output(GanTurn *turn, const char *name, GanNode *value)
{
    const Output output = {.name = name, .value = value};
    g_array_append_val(turn->outputs, output);
}

static gboolean check_nets(const GanTurn *turn, GError **error)
{
    for (guint i = 0; i < turn->nets->len; i++)
        if (!gan_net_check(turn->nets->pdata[i], error))
            return FALSE;
    return TRUE;
}

static GanShape *shapes_of(const GanTurn *turn)
{
    GanShape *shapes = g_new(GanShape, MAX(turn->inputs->len, 1));
    for (guint i = 0; i < turn->inputs->len; i++)
        shapes[i] = g_array_index(turn->inputs, Input, i).shape;
    return shapes;
}

gboolean gan_turn_train(GanTurn *turn, GanPlayer *player, GanDevice *device, GError **error)
{
    g_return_val_if_fail(turn->total != NULL, FALSE);
    if (!check_nets(turn, error))
        return FALSE;
    g_autoptr(GPtrArray) trained = g_ptr_array_new();
    for (guint i = 0; i < turn->nets->len; i++)
        if (gan_player_has(player, turn->parameters->pdata[i]))
            g_ptr_array_add(trained, turn->nets->pdata[i]);
    g_autofree GanNode **watched = g_new(GanNode *, turn->terms->len + turn->outputs->len);
    guint n = 0;
    g_array_set_size(player->terms, 0);
    for (guint i = 0; i < turn->terms->len; i++) {
        const Output *output = &g_array_index(turn->terms, Output, i);
        const GanTerm term = {.name = g_strdup(output->name)};
        g_array_append_val(player->terms, term);
        watched[n++] = output->value;
    }
    for (guint i = 0; i < turn->outputs->len; i++)
        watched[n++] = g_array_index(turn->outputs, Output, i).value;
    g_autofree GanShape *shapes = shapes_of(turn);
    GanGradients *gradients =
        gan_gradients_new(g_steal_pointer(&turn->graph), device, turn->total, watched, n,
                          (GanNet *const *)trained->pdata, trained->len, NULL, 0, shapes, error);
    g_ptr_array_set_size(turn->nets, 0);
    turn->player = player;
    turn->on_device = gan_device_backend(device)->device != NULL;
    return gradients != NULL && gan_player_learn(player, gradients, error);
}

gboolean gan_turn_compute(GanTurn *turn, GanDevice *device, GError **error)
{
    if (!check_nets(turn, error))
        return FALSE;
    for (guint i = 0; i < turn->outputs->len; i++)
        gan_graph_add_output(turn->graph, g_array_index(turn->outputs, Output, i).value);
    g_ptr_array_set_size(turn->nets, 0);
    g_autofree GanShape *shapes = shapes_of(turn);
    turn->on_device = gan_device_backend(device)->device != NULL;
    turn->own = gan_step_new(g_steal_pointer(&turn->graph), device, shapes, error);
    return turn->own != NULL;
}

// --- feeding ---

static GanStep *step_of(const GanTurn *turn)
{
    return turn->own != NULL ? turn->own : gan_gradients_step(turn->player->gradients);
}

static guint input_of(const GanTurn *turn, const char *name)
{
    for (guint i = 0; i < turn->inputs->len; i++)
        if (strcmp(g_array_index(turn->inputs, Input, i).name, name) == 0)
            return i;
    g_error("a turn has no input '%s'", name);
}

static guint output_of(const GanTurn *turn, const char *name)
{
    for (guint i = 0; i < turn->outputs->len; i++)
        if (strcmp(g_array_index(turn->outputs, Output, i).name, name) == 0)
            return i;
    g_error("a turn has no output '%s'", name);
}

// Of an output among those of the step.
static guint place_of(const GanTurn *turn, guint output)
{
    return turn->own != NULL ? output : turn->terms->len + output;
}

static float *make_room(GanTurn *turn, GanShape shape, GError **error)
{
    const gsize n = shape.n * shape.h * shape.w * shape.c;
    float *room = g_try_new0(float, n);
    if (room == NULL)
        g_set_error(error, GAN_ERROR, GAN_ERROR_MEMORY,
                    "no memory for a batch of %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT
                    " x %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT " numbers",
                    shape.n, shape.h, shape.w, shape.c);
    else
        turn->bytes += n * sizeof(float);
    return room;
}

void gan_turn_feed(GanTurn *turn, const char *input, const float *numbers)
{
    g_array_index(turn->inputs, Input, input_of(turn, input)).numbers = numbers;
}

float *gan_turn_room(GanTurn *turn, const char *input, GError **error)
{
    Input *in = &g_array_index(turn->inputs, Input, input_of(turn, input));
    if (in->room == NULL)
        in->room = make_room(turn, in->shape, error);
    in->numbers = in->room;
    return in->room;
}

const float *gan_turn_read(GanTurn *turn, const char *output, GError **error)
{
    const guint k = output_of(turn, output);
    Output *out = &g_array_index(turn->outputs, Output, k);
    if (out->room == NULL)
        out->room = make_room(turn, gan_step_output_shape(step_of(turn), place_of(turn, k)), error);
    return out->room;
}

gboolean gan_turn_link(GanTurn *turn, const char *input, GanTurn *from, const char *output,
                       GError **error)
{
    const guint i = input_of(turn, input);
    Input *in = &g_array_index(turn->inputs, Input, i);
    if (turn->on_device) {
        gan_step_link(step_of(turn), i, step_of(from), place_of(from, output_of(from, output)));
        in->linked = TRUE;
        return TRUE;
    }
    in->numbers = gan_turn_read(from, output, error);
    return in->numbers != NULL;
}

void gan_turn_bind(GanTurn *turn, const GanPlayer *player)
{
    if (player->resident != NULL && player != turn->player)
        gan_resident_bind(player->resident, step_of(turn));
}

// --- running ---

gboolean gan_turn_run(GanTurn *turn, gboolean accumulate, GError **error)
{
    const guint n_terms = turn->own != NULL ? 0 : turn->terms->len;
    g_autofree const float **inputs = g_new(const float *, MAX(turn->inputs->len, 1));
    g_autofree float **outputs = g_new(float *, n_terms + turn->outputs->len + 1);
    for (guint i = 0; i < turn->inputs->len; i++) {
        const Input *input = &g_array_index(turn->inputs, Input, i);
        if (input->numbers == NULL && !input->linked)
            g_error("the input '%s' of a turn was not fed", input->name);
        inputs[i] = input->numbers;
    }
    for (guint i = 0; i < n_terms; i++)
        outputs[i] = &g_array_index(turn->player->terms, GanTerm, i).value;
    for (guint i = 0; i < turn->outputs->len; i++)
        outputs[n_terms + i] = g_array_index(turn->outputs, Output, i).room;
    turn->n_runs++;
    if (turn->own != NULL)
        return gan_step_run(turn->own, (const void *const *)inputs, (void *const *)outputs, error);
    const GanPlayer *player = turn->player;
    return gan_gradients_run(player->gradients, inputs, outputs, accumulate, error) &&
           (player->resident == NULL || gan_resident_collect(player->resident, accumulate, error));
}

const GanStepInfo *gan_turn_info(const GanTurn *turn)
{
    return gan_step_info(step_of(turn));
}

GanShape gan_turn_output_shape(const GanTurn *turn, const char *output)
{
    return gan_step_output_shape(step_of(turn), place_of(turn, output_of(turn, output)));
}

guint64 gan_turn_n_runs(const GanTurn *turn)
{
    return turn->n_runs;
}

guint64 gan_turn_bytes(const GanTurn *turn)
{
    return turn->bytes;
}
