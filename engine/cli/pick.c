// SPDX-License-Identifier: LGPL-3.0-or-later
// Which weight file a command means: a path, a name of the catalogue, or none at all.
#include "pick.h"

#include "options.h"

#include <gan/nearest.h>
#include <gan/provenance.h>
#include <gan/restore.h>
#include <string.h>

void cli_pick_clear(CliPick *pick)
{
    g_clear_pointer(&pick->path, g_free);
    g_clear_pointer(&pick->name, g_free);
    g_clear_pointer(&pick->licence, g_free);
    g_clear_pointer(&pick->print, g_free);
}

static char *name_of_path(const char *path)
{
    char *name = g_path_get_basename(path);
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = '\0';
    return name;
}

static void take_entry(CliPick *pick, const GanCatalogueEntry *entry)
{
    pick->path = g_strdup(entry->path);
    pick->name = g_strdup(entry->name);
    pick->licence = g_strdup(entry->licence);
    pick->non_commercial = entry->non_commercial;
}

static gboolean check_task(const char *name, GanTask found, GanTask wanted, GError **error)
{
    if (wanted == GAN_TASK_ANY || found == wanted)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                "The model '%s' is one to %s with, not to %s: 'gimp-gan %s' takes it.", name,
                gan_task_name(found), gan_task_name(wanted), gan_task_name(found));
    return FALSE;
}

static void set_none_error(GanTask task, GError **error)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    g_autofree char *shown = g_filename_display_name(folder);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                "No model to %s with was found. Put a .pth or .safetensors file of such a network "
                "into %s, or name one with --model FILE. 'gimp-gan models' lists what is there.",
                gan_task_name(task), shown);
}

static void set_unknown_error(const GanCatalogue *catalogue, const char *name, GanTask task,
                              GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < gan_catalogue_n_entries(catalogue); i++) {
        const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, i);
        if (entry->problem != NULL || (task != GAN_TASK_ANY && entry->task != task))
            continue;
        g_string_append_printf(known, "%s%s", known->len > 0 ? ", " : "", entry->name);
        g_ptr_array_add(names, entry->name);
    }
    g_ptr_array_add(names, NULL);
    const char *nearest = gan_nearest(name, (const char *const *)names->pdata);
    g_autofree char *folder = gan_catalogue_user_folder();
    g_autofree char *shown_folder = g_filename_display_name(folder);
    g_autofree char *shown = g_filename_display_name(name);
    if (known->len == 0)
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "There is no model and no file called '%s', nor any other model%s%s%s. "
                    "Models are looked for in %s and in the folders of --models.",
                    shown, task != GAN_TASK_ANY ? " to " : "",
                    task != GAN_TASK_ANY ? gan_task_name(task) : "",
                    task != GAN_TASK_ANY ? " with" : "", shown_folder);
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    "There is no model and no file called '%s'.%s%s%s The models are: %s.", shown,
                    nearest != NULL ? " Did you mean '" : "", nearest != NULL ? nearest : "",
                    nearest != NULL ? "'?" : "", known->str);
}

gboolean cli_pick(const char *name, char **folders, GanTask task, double wanted_scale,
                  CliPick *pick, GError **error)
{
    CliPick found = {0};
    const gboolean is_file = name != NULL && g_file_test(name, G_FILE_TEST_EXISTS) &&
                             !g_file_test(name, G_FILE_TEST_IS_DIR);
    if (is_file || (name != NULL && strchr(name, G_DIR_SEPARATOR) != NULL)) {
        if (!is_file) {
            g_autofree char *shown = g_filename_display_name(name);
            g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                        g_file_test(name, G_FILE_TEST_IS_DIR)
                            ? "'%s' is a folder; name a weight file in it, or give the folder to "
                              "--models and name a model."
                            : "There is no model file '%s'.",
                        shown);
            return FALSE;
        }
        found.path = g_strdup(name);
        found.name = name_of_path(name);
        found.is_file = TRUE;
        *pick = found;
        return TRUE;
    }
    g_autoptr(GanCatalogue) catalogue = gan_catalogue_open((const char *const *)folders, error);
    if (catalogue == NULL)
        return FALSE;
    const GanCatalogueEntry *entry = name != NULL
                                         ? gan_catalogue_find(catalogue, name)
                                         : gan_catalogue_default(catalogue, task, wanted_scale);
    if (entry == NULL) {
        if (name == NULL)
            set_none_error(task, error);
        else
            set_unknown_error(catalogue, name, task, error);
        return FALSE;
    }
    if (entry->problem != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "The model '%s' cannot be used: %s",
                    entry->name, entry->problem);
        return FALSE;
    }
    if (!check_task(entry->name, entry->task, task, error))
        return FALSE;
    take_entry(&found, entry);
    found.chosen = name == NULL;
    *pick = found;
    return TRUE;
}

// Whether a model does to a picture what one that enlarges by 1 would do.
static gboolean only_restores(const GanModel *model)
{
    const GanModelInfo *info = gan_model_info(model);
    return info->task == GAN_TASK_RESTORE && info->n_inputs == 1;
}

GanModel *cli_pick_load(const char *name, char **folders, GanTask task, double wanted_scale,
                        CliPick *pick, GError **error)
{
    g_auto(CliPick) found = {0};
    if (!cli_pick(name, folders, task, wanted_scale, &found, error))
        return NULL;
    g_autoptr(GanModel) model = gan_model_load(found.path, NULL, error);
    if (model == NULL)
        return NULL;
    found.keeps_size = task == GAN_TASK_UPSCALE && found.is_file && only_restores(model);
    if (!found.keeps_size && !check_task(found.name, gan_model_info(model)->task, task, error))
        return NULL;
    // The list of known files is left out: a sum over a large file takes too long.
    if (found.licence == NULL)
        found.licence =
            gan_catalogue_licence(gan_model_weights(model), NULL, &found.non_commercial);
    found.print = gan_provenance_print(found.path);
    *pick = found;
    found = (CliPick){0};
    return g_steal_pointer(&model);
}

gboolean cli_pick_level(const CliPick *pick, const GanModel *model, const char *option,
                        const char *text, double *level, GError **error)
{
    const GanEnd *number = gan_restore_level(model);
    if (number != NULL)
        return cli_options_number(option, text, (double)number->low, (double)number->high, level,
                                  error);
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                "%s is '%s', but the model '%s' takes no level; what it does is fixed by its "
                "weights.",
                option, text, pick->name);
    return FALSE;
}

// Picks both models of one way to split the text.
static gboolean pick_pair(const char *a, const char *b, char **folders, GanTask task,
                          CliPick *first, CliPick *second, GError **error)
{
    return cli_pick(a, folders, task, 0, first, error) &&
           cli_pick(b, folders, task, 0, second, error);
}

GanModel *cli_pick_blend(const char *text, char **folders, GanTask task, CliPick *pick,
                         GError **error)
{
    g_auto(CliPick) first = {0};
    g_auto(CliPick) second = {0};
    double t = 0;
    g_autoptr(GError) reason = NULL; // of the first way to split, which is the usual one
    gboolean picked = FALSE;
    for (guint split = 0; !picked; split++) {
        g_autofree char *a = NULL;
        g_autofree char *b = NULL;
        GError *problem = NULL;
        if (!cli_options_blend(text, split, &a, &b, &t, &problem)) {
            if (problem == NULL)
                problem = g_steal_pointer(&reason);
            g_propagate_error(error, problem);
            return NULL;
        }
        cli_pick_clear(&first);
        cli_pick_clear(&second);
        picked = pick_pair(a, b, folders, task, &first, &second, &problem);
        if (!picked && reason == NULL)
            reason = problem;
        else
            g_clear_error(&problem);
    }
    g_autoptr(GanWeights) weights_a = gan_weights_open(first.path, error);
    g_autoptr(GanWeights) weights_b =
        weights_a != NULL ? gan_weights_open(second.path, error) : NULL;
    g_autoptr(GanModel) model =
        weights_b != NULL ? gan_model_blend(weights_a, weights_b, t, NULL, error) : NULL;
    if (model == NULL || !check_task(first.name, gan_model_info(model)->task, task, error))
        return NULL;
    pick->path = g_strdup(first.path);
    pick->name = g_strdup_printf("%s-%s-%g", first.name, second.name, t);
    g_autofree char *print_a = gan_provenance_print(first.path);
    g_autofree char *print_b = gan_provenance_print(second.path);
    pick->print = g_strdup_printf("%s, %s, %.17g", print_a, print_b, t);
    // The stricter licence counts; where they differ, none is named.
    pick->licence = g_strcmp0(first.licence, second.licence) == 0 ? g_strdup(first.licence) : NULL;
    pick->non_commercial = first.non_commercial || second.non_commercial;
    return g_steal_pointer(&model);
}
