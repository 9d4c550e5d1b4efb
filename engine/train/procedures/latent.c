// SPDX-License-Identifier: LGPL-3.0-or-later
// Pictures out of random numbers: a generator and a critic that learn from each other, with
// classes or without.
//
// Goodfellow et al. 2014, arXiv:1406.2661; Radford, Metz, Chintala 2016 (DCGAN), arXiv:1511.06434;
// Mirza, Osindero 2014 (classes), arXiv:1411.1784. The critic takes its steps first; then the
// generator learns from the numbers that the critic has just seen, as the code of DCGAN does.
#include "critic_turn.h"
#include "grid.h"
#include "procedure.h"

#include <math.h>
#include <stddef.h>

typedef struct {
    gboolean conditional; // both networks are told the class
    guint critic_steps;   // for one of the generator
} Settings;

#define AT(member) offsetof(Settings, member)
static const GanKey rows[] = {
    {"network", "conditional", GAN_KEY_FLAG, AT(conditional), 0, 0, "no", NULL},
    {"critic", "steps", GAN_KEY_INTEGER, AT(critic_steps), 1, 100, "1", NULL},
};
#undef AT
static const GanKeys own_keys = {rows, G_N_ELEMENTS(rows), sizeof(Settings), NULL};

static const GanKeys *const keys[] = {&gan_network_keys,  &gan_data_keys, &gan_critic_keys,
                                      &gan_learning_keys, &own_keys,      NULL};

typedef struct {
    GanTraining *training;
    const Settings *settings;
    const GanNetworkSettings *sizes;
    const GanCriticSettings *critic_settings;
    guint n_classes; // that the networks are told; 0: none
    guint length;    // of a generator's input: random numbers, then classes

    GanNetwork *network;
    GanParameters *critic_network;
    GanPlayer *generator, *critic;
    GanTurn *generating, *criticising, *learning;
    float *latent, *planes; // planes: or NULL
    guint *labels;          // of the batch that is worked on
    guint64 n_latents;      // drawn so far
    GanTensor *sheet;       // fixed numbers of the samples, or NULL
} Own;

static gboolean check(const GanRecipe *recipe, GError **error)
{
    const GanNetworkSettings *n = gan_recipe_settings(recipe, &gan_network_keys);
    const GanDataSettings *d = gan_recipe_settings(recipe, &gan_data_keys);
    const GanCriticSettings *c = gan_recipe_settings(recipe, &gan_critic_keys);
    const Settings *s = gan_recipe_settings(recipe, &own_keys);
    const GanRule rules[] = {
        {gan_network_task(n) != GAN_TASK_GENERATE, "network.family",
         "the procedure 'latent' needs a network that makes pictures of numbers, such as dcgan"},
        {c->kind == GAN_CRITIC_NONE, "critic.kind", "the procedure 'latent' needs a critic"},
        {d->kind != GAN_DATASET_PICTURES && d->kind != GAN_DATASET_CLASSES, "data.kind",
         "the procedure 'latent' learns from pictures or classes"},
        {s->conditional && d->kind != GAN_DATASET_CLASSES, "network.conditional",
         "needs data of the kind 'classes'"},
        {c->kind == GAN_CRITIC_VGG && n->size != 128, "network.size",
         "the critic 'vgg' sees pictures of 128 pixels"},
        {c->kind == GAN_CRITIC_UNET && n->size % 8 != 0, "network.size",
         "the critic 'unet' sees pictures of a multiple of 8 pixels"},
    };
    return gan_recipe_check(recipe, rules, G_N_ELEMENTS(rules), error);
}

// --- players ---

static gboolean build_generating(Own *o, GError **error)
{
    GanTurn *turn = o->generating = gan_training_turn(o->training);
    GanNet *net = gan_turn_network(turn, o->network->parameters, NULL);
    GanNode *x =
        gan_turn_input(turn, "latent", (GanShape){o->training->loading.batch, 1, 1, o->length});
    gan_turn_output(turn, "made", gan_network_append(o->network, net, x, NULL));
    return gan_turn_compute(turn, o->training->step_device, error);
}

static gboolean build_learning(Own *o, GanShape pictures, GError **error)
{
    const GanCriticSettings *c = o->critic_settings;
    const gboolean relativistic = c->loss == GAN_CRITIC_LOSS_RELATIVISTIC;
    const GanShape planes_shape = {pictures.n, pictures.h, pictures.w, o->n_classes};
    GanTurn *turn = o->learning = gan_training_turn(o->training);
    GanNode *x = gan_turn_input(turn, "latent", (GanShape){pictures.n, 1, 1, o->length});
    GanNode *target = relativistic ? gan_turn_input(turn, "real", pictures) : NULL;
    GanNode *planes = o->n_classes > 0 ? gan_turn_input(turn, "planes", planes_shape) : NULL;
    GanNet *net = gan_turn_network(turn, o->network->parameters, NULL);
    GanNet *critic = gan_turn_network(turn, o->critic_network, NULL);
    GanNode *made = gan_network_append(o->network, net, x, NULL);
    GanNode *fake = gan_critic_opinion(c, critic, made, planes, pictures);
    GanNode *real = relativistic ? gan_critic_opinion(c, critic, target, planes, pictures) : NULL;
    gan_turn_loss(turn, "generator", gan_loss_generator((GanCriticLoss)c->loss, real, fake),
                  c->weight);
    return gan_turn_train(turn, o->generator, o->training->step_device, error);
}

// All turns take the numbers and classes from one place.
static gboolean share_inputs(Own *o, GError **error)
{
    o->latent = gan_turn_room(o->learning, "latent", error);
    if (o->latent == NULL)
        return FALSE;
    gan_turn_feed(o->generating, "latent", o->latent);
    if (o->n_classes > 0) {
        o->planes = gan_turn_room(o->learning, "planes", error);
        if (o->planes == NULL)
            return FALSE;
        gan_turn_feed(o->criticising, "planes", o->planes);
    }
    return gan_turn_link(o->criticising, "fake", o->generating, "made", error);
}

static gboolean build(Own *o, GError **error)
{
    GanTraining *t = o->training;
    const GanLearning *learning = gan_recipe_settings(t->recipe, &gan_learning_keys);
    const GanShape pictures = gan_training_target(t, o->sizes->channels);
    o->network = gan_network_new(t->recipe, t->run->seed, o->n_classes, NULL, error);
    if (o->network == NULL)
        return FALSE;
    o->critic_network = gan_parameters_new();
    o->generator = gan_training_player(t, "generator", GAN_PLAYER_GENERATOR, learning);
    gan_player_add(o->generator, "generator", o->network->parameters);
    o->critic = gan_critic_player(t, "critic", o->critic_settings, learning, o->critic_network);
    // The critic's turn comes first: it makes the weights, which the generator's then uses.
    o->criticising = gan_critic_turn(t, o->critic, o->critic_settings, pictures, o->n_classes,
                                     t->run->seed + 1, error);
    return o->criticising != NULL && build_learning(o, pictures, error) &&
           build_generating(o, error) && share_inputs(o, error);
}

static void end(gpointer own)
{
    Own *o = own;
    if (o == NULL)
        return;
    gan_network_free(o->network);
    gan_parameters_free(o->critic_network);
    gan_tensor_unref(o->sheet);
    g_free(o->labels);
    g_free(o);
}

static gboolean begin(GanTraining *t, gpointer *own, GError **error)
{
    Own *o = *own = g_new0(Own, 1);
    o->training = t;
    o->settings = gan_recipe_settings(t->recipe, &own_keys);
    o->sizes = gan_recipe_settings(t->recipe, &gan_network_keys);
    o->critic_settings = gan_recipe_settings(t->recipe, &gan_critic_keys);
    const GanNetworkSettings *n = o->sizes;
    t->network_text = g_strdup_printf("%s, %u features, %u numbers to %u x %u pixels", n->family,
                                      n->features, n->latent, n->size, n->size);
    t->loading = gan_data_loader(gan_recipe_settings(t->recipe, &gan_data_keys), t->run->seed);
    t->loading.patch = n->size;
    t->loading.resize = TRUE;
    t->loading.low = -1; // as the network's tanh gives
    if (!gan_training_open_data(t, n->channels, 1, FALSE, error))
        return FALSE;
    o->n_classes = o->settings->conditional ? gan_dataset_n_classes(t->dataset) : 0;
    o->length = n->latent + o->n_classes;
    o->labels = g_new0(guint, t->loading.batch);
    if (!build(o, error))
        return FALSE;
    gan_training_say_unread(t, o->network, n->start);
    return TRUE;
}

// --- turns ---

static void fill_latent(const Own *o, GanRandomUse use, guint64 draw, const guint *labels, guint n,
                        float *latent)
{
    const guint n_numbers = o->sizes->latent;
    GanRandom random = gan_training_random(o->training, use, draw);
    for (guint i = 0; i < n; i++) {
        float *row = latent + (gsize)i * o->length;
        for (guint k = 0; k < n_numbers; k++)
            row[k] = (float)gan_random_normal(&random);
        for (guint k = 0; k < o->n_classes; k++)
            row[n_numbers + k] = labels[i] == k ? 1 : 0;
    }
}

static void draw_latent(Own *o)
{
    const GanTrainingSource *source = o->training->source;
    if (source != NULL)
        source->numbers(source->data, o->latent);
    else
        fill_latent(o, GAN_RANDOM_NOISE, o->n_latents++, o->labels, o->training->loading.batch,
                    o->latent);
}

static gboolean next_batch(Own *o, GanBatch *batch, GError **error)
{
    const guint n = o->training->loading.batch;
    if (!gan_training_batch(o->training, batch, error))
        return FALSE;
    for (guint i = 0; i < n && batch->labels != NULL; i++)
        o->labels[i] = batch->labels[i];
    const gsize n_pixels = batch->target->shape[1] * batch->target->shape[2];
    for (gsize i = 0; o->planes != NULL && i < n * n_pixels; i++)
        for (guint k = 0; k < o->n_classes; k++)
            o->planes[i * o->n_classes + k] = o->labels[i / n_pixels] == k ? 1 : 0;
    return TRUE;
}

static gboolean criticise(Own *o, GanBatch *batch, gboolean accumulate, GError **error)
{
    gan_batch_clear(batch);
    if (!next_batch(o, batch, error))
        return FALSE;
    draw_latent(o);
    gan_turn_feed(o->criticising, "real", batch->target->data);
    return gan_turn_run(o->generating, FALSE, error) &&
           gan_critic_run(o->training, o->criticising, o->critic_settings, accumulate, error);
}

static gboolean step(gpointer own, gboolean *diverged, GError **error)
{
    Own *o = own;
    const guint accumulate = o->generator->learning.accumulate;
    g_auto(GanBatch) batch = {0};
    for (guint k = 0; k < o->settings->critic_steps; k++) {
        for (guint a = 0; a < accumulate; a++)
            if (!criticise(o, &batch, a > 0, error))
                return FALSE;
        if (!gan_training_update(o->training, o->critic, diverged, error))
            return FALSE;
        if (*diverged)
            return TRUE;
    }
    g_assert(batch.target != NULL);
    if (o->critic_settings->loss == GAN_CRITIC_LOSS_RELATIVISTIC)
        gan_turn_feed(o->learning, "real", batch.target->data);
    for (guint a = 0; a < accumulate; a++) {
        // The first time with the numbers whose pictures the critic has just seen.
        if (a > 0)
            draw_latent(o);
        if (!gan_turn_run(o->learning, a > 0, error))
            return FALSE;
    }
    return gan_training_update(o->training, o->generator, diverged, error);
}

// --- what is written ---

static char *class_names(const Own *o)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < o->n_classes; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? "\n" : "",
                               gan_dataset_class_name(o->training->dataset, i));
    return g_string_free(names, FALSE);
}

static gboolean save(gpointer own, const char *which, GError **error)
{
    const Own *o = own;
    g_autofree char *latent = g_strdup_printf("%u", o->sizes->latent);
    g_autofree char *classes = class_names(o);
    const char *const metadata[] = {
        "family",  o->sizes->family, "task", gan_task_name(GAN_TASK_GENERATE), "latent", latent,
        "classes", classes,          NULL};
    return gan_training_save_network(o->training, o->generator, o->network, which, metadata, error);
}

static void keep(gpointer own, GanCheckpoint *state)
{
    gan_checkpoint_set_count(state, "latents", ((const Own *)own)->n_latents);
}

static void restore(gpointer own, const GanCheckpoint *state)
{
    ((Own *)own)->n_latents = gan_checkpoint_get_count(state, "latents");
}

// The same numbers each time; with classes columns for each.
static gboolean samples(gpointer own, const char *path, GError **error)
{
    Own *o = own;
    GanTraining *t = o->training;
    const guint n = t->run->n_samples;
    const gsize shape[] = {n, 1, 1, o->length};
    if (o->sheet == NULL) {
        g_autofree guint *labels = g_new(guint, n);
        for (guint i = 0; i < n; i++)
            labels[i] = o->n_classes > 0 ? i % o->n_classes : 0;
        o->sheet = gan_tensor_new(4, shape, error);
        if (o->sheet == NULL)
            return FALSE;
        fill_latent(o, GAN_RANDOM_GRID, 0, labels, n, o->sheet->data);
    }
    g_autoptr(GanModel) model = gan_training_model(t, o->generator, o->network, error);
    g_autoptr(GanTensor) made =
        model != NULL ? gan_model_run(model, t->device, o->sheet, error) : NULL;
    if (made == NULL)
        return FALSE;
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (guint i = 0; i < n; i++)
        g_ptr_array_add(cells, gan_grid_sample(made, i));
    const gboolean by_class = o->n_classes > 0 && o->n_classes <= 20;
    // About square, the classes side by side once or several times.
    const guint side = (guint)ceil(sqrt(n));
    const guint columns = by_class ? o->n_classes * MAX(side / o->n_classes, 1) : side;
    g_autofree char *names = class_names(o), *title = gan_training_sheet_title(t);
    g_auto(GStrv) heads = by_class ? g_strsplit(names, "\n", -1) : NULL;
    const GanGridText text = {title, (const char *const *)heads};
    return gan_grid_write((GanTensor *const *)cells->pdata, cells->len, columns, -1, 1, &text, path,
                          error);
}

static gboolean foresee(gpointer own, GanMemory *memory, GError **error)
{
    const Own *o = own;
    const GanRunSettings *run = o->training->run;
    return run->samples_every == 0 ||
           gan_memory_add_run(memory, o->training, o->network,
                              (GanShape){run->n_samples, 1, 1, o->length}, error);
}

const GanProcedure gan_procedure_latent = {
    .name = "latent",
    .keys = keys,
    .check = check,
    .begin = begin,
    .free = end,
    .step = step,
    .samples = samples,
    .save = save,
    .keep = keep,
    .restore = restore,
    .foresee = foresee,
};
