// SPDX-License-Identifier: LGPL-3.0-or-later
// What is opened once for a series of runs, and kept while the next run asks for the same.
#include "session.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct Session {
    GanTask task;
    GanCatalogue *catalogue;
    // What model and runner were made of.
    char *name, *other;
    double t;
    char *device_name;
    GanModel *model;
    GanDevice *device;
    GanRunner *runner;
    Session *beside; // NULL: not asked for yet
    Session *parent; // of one that is beside another
};

Session *session_new(GanTask task)
{
    Session *session = g_new0(Session, 1);
    session->task = task;
    return session;
}

static void forget_model(Session *session)
{
    g_clear_pointer(&session->runner, gan_runner_free);
    g_clear_pointer(&session->model, gan_model_unref);
    g_clear_pointer(&session->name, g_free);
    g_clear_pointer(&session->other, g_free);
}

static void forget_device(Session *session)
{
    g_clear_pointer(&session->runner, gan_runner_free);
    g_clear_pointer(&session->device, gan_device_unref);
    g_clear_pointer(&session->device_name, g_free);
}

void session_free(Session *session)
{
    if (session == NULL)
        return;
    session_free(session->beside);
    forget_model(session);
    forget_device(session);
    gan_catalogue_free(session->catalogue);
    g_free(session);
}

GanTask session_task(const Session *session)
{
    return session->task;
}

const GanCatalogue *session_catalogue(Session *session, GError **error)
{
    if (session->parent != NULL)
        return session_catalogue(session->parent, error);
    if (session->catalogue == NULL)
        session->catalogue = gan_catalogue_open(NULL, error);
    return session->catalogue;
}

void session_refresh(Session *session)
{
    forget_model(session);
    if (session->beside != NULL)
        forget_model(session->beside);
    g_clear_pointer(&session->catalogue, gan_catalogue_free);
}

// --- which file a name means ---

static void set_none_error(GanTask task, GError **error)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    g_autofree char *shown = g_filename_display_name(folder);
    g_set_error(
        error, GAN_ERROR, GAN_ERROR_FILE,
        // Translators: %s is a task's name as in weight files, such as upscale, then a folder.
        _("No model for '%s' is installed. Get a .pth or .safetensors file of such a network "
          "and add it with Filters > GAN > Weights and Models…, or put it into the folder %s."),
        gan_task_name(task), shown);
}

static void set_unknown_error(const GanCatalogue *catalogue, const char *name, GanTask task,
                              GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);
    for (guint i = 0; i < gan_catalogue_n_entries(catalogue); i++) {
        const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, i);
        if (entry->problem == NULL && (task == GAN_TASK_ANY || entry->task == task))
            g_string_append_printf(known, "%s%s", known->len > 0 ? ", " : "", entry->name);
    }
    if (known->len == 0) {
        set_none_error(task, error);
        g_prefix_error(error, _("There is no model and no file called '%s'. "), name);
        return;
    }
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                _("There is no model and no file called '%s'. Choose one of these: %s; or add it "
                  "with Filters > GAN > Weights and Models…"),
                name, known->str);
}

static gboolean check_task(const Session *session, const char *name, GanTask task, GError **error)
{
    if (session->task == GAN_TASK_ANY || session->task == task)
        return TRUE;
    g_set_error(
        error, GAN_ERROR, GAN_ERROR_ARGUMENT,
        // Translators: a model's name, and twice a task's name as in weight files, such as restore.
        _("The model '%s' is for '%s', not for '%s'. Choose another model."), name,
        gan_task_name(task), gan_task_name(session->task));
    return FALSE;
}

const GanCatalogueEntry *session_entry(Session *session, const char *name, GError **error)
{
    const GanCatalogue *catalogue = session_catalogue(session, error);
    if (catalogue == NULL)
        return NULL;
    const GanCatalogueEntry *entry = name[0] != 0
                                         ? gan_catalogue_find(catalogue, name)
                                         : gan_catalogue_default(catalogue, session->task, 0.0);
    if (entry == NULL) {
        if (name[0] == 0)
            set_none_error(session->task, error);
        else
            set_unknown_error(catalogue, name, session->task, error);
        return NULL;
    }
    if (entry->problem != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    _("The model '%s' cannot be used: %s. Get the file again, or choose another "
                      "model."),
                    entry->name, entry->problem);
        return NULL;
    }
    return check_task(session, entry->name, entry->task, error) ? entry : NULL;
}

// Returns the weight file's path.
static char *find_file(Session *session, const char *name, GError **error)
{
    if (name[0] != 0 && g_file_test(name, G_FILE_TEST_IS_REGULAR))
        return g_strdup(name);
    if (strchr(name, G_DIR_SEPARATOR) != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                    _("There is no model file '%s'. Check its path, or choose another model."),
                    name);
        return NULL;
    }
    const GanCatalogueEntry *entry = session_entry(session, name, error);
    return entry != NULL ? g_strdup(entry->path) : NULL;
}

// --- opening ---

static GanWeights *open_weights(Session *session, const char *name, GError **error)
{
    g_autofree char *path = find_file(session, name, error);
    if (path == NULL)
        return NULL;
    g_log(SESSION_LOG_DOMAIN, G_LOG_LEVEL_DEBUG, "opening the model %s", path);
    GanWeights *weights = gan_weights_open(path, error);
    if (weights == NULL)
        g_prefix_error(error, "%s ",
                       _("The model cannot be used; get the file again, or choose "
                         "another model."));
    return weights;
}

static GanModel *open_model(Session *session, const char *name, const char *other, double t,
                            GError **error)
{
    g_autoptr(GanWeights) a = open_weights(session, name, error);
    if (a == NULL)
        return NULL;
    g_autoptr(GanWeights) b = other != NULL ? open_weights(session, other, error) : NULL;
    if (other != NULL && b == NULL)
        return NULL;
    g_autoptr(GanModel) model =
        b != NULL ? gan_model_blend(a, b, t, NULL, error) : gan_model_new(a, NULL, error);
    return model != NULL && check_task(session, name, gan_model_info(model)->task, error)
               ? g_steal_pointer(&model)
               : NULL;
}

GanModel *session_model(Session *session, const char *name, const char *other, double t,
                        GError **error)
{
    g_return_val_if_fail(session != NULL && name != NULL, NULL);
    const char *blended = other != NULL && other[0] != 0 ? other : NULL;
    const double part = blended != NULL ? t : 0.0;
    if (session->model != NULL && strcmp(session->name, name) == 0 &&
        g_strcmp0(session->other, blended) == 0 && session->t == part)
        return session->model;
    forget_model(session);
    session->model = open_model(session, name, blended, part, error);
    session->name = g_strdup(name);
    session->other = g_strdup(blended);
    session->t = part;
    return session->model;
}

static gboolean open_device(Session *session, const char *name, GError **error)
{
    const char *wanted = name[0] != 0 ? name : "auto";
    if (session->device != NULL && strcmp(session->device_name, wanted) == 0)
        return TRUE;
    forget_device(session);
    if (session->parent != NULL && g_strcmp0(session->parent->device_name, wanted) == 0)
        session->device = gan_device_ref(session->parent->device);
    else
        session->device = gan_device_open(wanted, 0, error);
    if (session->device == NULL) {
        g_prefix_error(error, "%s ",
                       _("The device cannot be used; choose 'auto' or 'cpu' instead."));
        return FALSE;
    }
    session->device_name = g_strdup(wanted);
    return TRUE;
}

GanRunner *session_runner(Session *session, const char *name, const char *other, double t,
                          const char *device, GError **error)
{
    g_return_val_if_fail(session != NULL && name != NULL && device != NULL, NULL);
    GanModel *model = session_model(session, name, other, t, error);
    if (model == NULL || !open_device(session, device, error))
        return NULL;
    if (session->runner == NULL)
        session->runner = gan_runner_new(model, session->device, NULL, error);
    return session->runner;
}

Session *session_beside(Session *session, GanTask task)
{
    if (session->beside != NULL && session->beside->task != task)
        g_clear_pointer(&session->beside, session_free);
    if (session->beside == NULL) {
        session->beside = session_new(task);
        session->beside->parent = session;
    }
    return session->beside;
}

double session_network_seconds(const Session *session)
{
    const double own = session->runner != NULL ? gan_runner_network_seconds(session->runner) : 0.0;
    return own + (session->beside != NULL ? session_network_seconds(session->beside) : 0.0);
}
