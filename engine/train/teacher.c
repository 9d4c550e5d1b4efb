// SPDX-License-Identifier: LGPL-3.0-or-later
// A trained network whose results another is to match.
#include "teacher.h"

#include <model-private.h>
#include <recipe.h>

#include <stddef.h>

#define AT(member) offsetof(GanTeacherSettings, member)
static const GanKey rows[] = {
    {"loss", "teacher", GAN_KEY_FILE, AT(file), 0, 0, "", NULL},
    {"loss", "teacher_weight", GAN_KEY_NUMBER, AT(weight), 0, 1e6, "1", NULL},
};
#undef AT

const GanKeys gan_teacher_keys = {rows, G_N_ELEMENTS(rows), sizeof(GanTeacherSettings), NULL};

// Why the network cannot learn from the teacher, or NULL.
static char *unlike(const GanModelInfo *info, const GanNetwork *network)
{
    const GanEnd *in = &info->inputs[0], *number = &info->inputs[1];
    const guint channels = network->sizes.channels_in, scale = network->sizes.scale;
    if (in->kind != GAN_END_PICTURE || info->output.kind != GAN_END_PICTURE)
        return g_strdup("it makes no pictures of pictures");
    if (info->scale != scale)
        return g_strdup_printf("it enlarges by %g, the network by %u", info->scale, scale);
    if (in->channels != channels || info->output.channels != channels)
        return g_strdup_printf("it takes %u and makes %u channels, the network %u", in->channels,
                               info->output.channels, channels);
    if (info->n_inputs > 2 || (info->n_inputs == 2 && number->kind != GAN_END_NUMBER))
        return g_strdup("it takes more than a picture");
    if (info->n_inputs == 2 &&
        (!network->told || g_strcmp0(number->name, network->number.name) != 0))
        return g_strdup_printf("it is told the %s, which the network is not", number->name);
    return NULL;
}

GanModel *gan_teacher_open(const GanRecipe *recipe, const GanNetwork *network, GError **error)
{
    const GanTeacherSettings *s = gan_recipe_settings(recipe, &gan_teacher_keys);
    g_autoptr(GanModel) teacher = gan_model_load(s->file, NULL, error);
    if (teacher == NULL) {
        g_prefix_error(error, "[loss] teacher: ");
        return NULL;
    }
    g_autofree char *problem = unlike(gan_model_info(teacher), network);
    if (problem == NULL)
        return g_steal_pointer(&teacher);
    gan_recipe_refuse(recipe, "loss.teacher", error, "the network cannot learn from it: %s",
                      problem);
    return NULL;
}

GanNode *gan_teacher_append(const GanModel *teacher, GanNode *x, GanNode *number, GError **error)
{
    const GanModelInfo *info = gan_model_info(teacher);
    const GanEnd *in = &info->inputs[0], *out = &info->output;
    const float span = out->high - out->low;
    GanNode *const inputs[] = {gan_linear_map(x, in->high - in->low, in->low), number};
    GanNode *made = gan_model_append(teacher, inputs, error);
    return made != NULL ? gan_stop(gan_linear_map(made, 1 / span, -out->low / span)) : NULL;
}
