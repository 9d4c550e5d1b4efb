// SPDX-License-Identifier: LGPL-3.0-or-later
#include "entries.h"

#include "../session.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
    EntriesReady ready;
    gpointer data;
    // Filled by the thread.
    GPtrArray *entries;
    char *problem;
} Look;

static void entry_free(gpointer data)
{
    GanCatalogueEntry *entry = data;
    g_free(entry->name);
    g_free(entry->path);
    g_free(entry->family);
    g_free(entry->title);
    g_free(entry->licence);
    g_free(entry->sha256);
    g_free(entry->problem);
    g_free(entry);
}

static GanCatalogueEntry *entry_copy(const GanCatalogueEntry *entry)
{
    GanCatalogueEntry *copy = g_new(GanCatalogueEntry, 1);
    *copy = *entry;
    copy->name = g_strdup(entry->name);
    copy->path = g_strdup(entry->path);
    copy->family = g_strdup(entry->family);
    copy->title = g_strdup(entry->title);
    copy->licence = g_strdup(entry->licence);
    copy->sha256 = g_strdup(entry->sha256);
    copy->problem = g_strdup(entry->problem);
    return copy;
}

static void add(GPtrArray *entries, const GanCatalogue *catalogue, gboolean usable)
{
    for (guint i = 0; i < gan_catalogue_n_entries(catalogue); i++) {
        const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, i);
        if ((entry->problem == NULL) == usable)
            g_ptr_array_add(entries, entry_copy(entry));
    }
}

static void look_run(WorkerJob *job, Session *session, gpointer data)
{
    Look *look = data;
    session_refresh(session);
    g_autoptr(GError) error = NULL;
    const GanCatalogue *catalogue = session_catalogue(session, &error);
    if (catalogue == NULL) {
        look->problem = g_strdup(error->message);
        return;
    }
    add(look->entries, catalogue, TRUE);
    add(look->entries, catalogue, FALSE);
}

static void look_done(gpointer data)
{
    Look *look = data;
    look->ready(look->entries, look->problem, look->data);
}

static void look_free(gpointer data)
{
    Look *look = data;
    g_ptr_array_unref(look->entries);
    g_free(look->problem);
    g_free(look);
}

void entries_load(Worker *worker, EntriesReady ready, gpointer data)
{
    static const WorkerWork work = {look_run, NULL, look_done, look_free};
    Look *look = g_new0(Look, 1);
    look->ready = ready;
    look->data = data;
    look->entries = g_ptr_array_new_with_free_func(entry_free);
    worker_post(worker, WORKER_CATALOGUE, &work, look);
}

GanTask entries_task(const Task *task, const Argument *argument)
{
    return argument->task != GAN_TASK_ANY ? argument->task : gan_task_parse(task->name);
}

char *entries_scale_text(const GanCatalogueEntry *entry)
{
    return entry->scale > 0 ? g_strdup_printf("×%g", entry->scale) : g_strdup("");
}

char *entries_licence_text(const GanCatalogueEntry *entry)
{
    const char *licence = entry->licence != NULL ? entry->licence : _("unknown licence");
    // Translators: a licence such as CC-BY-NC-4.0 that forbids commercial use.
    return entry->non_commercial ? g_strdup_printf(_("%s, non-commercial only"), licence)
                                 : g_strdup(licence);
}

gboolean entries_is_own(const GanCatalogueEntry *entry)
{
    g_autofree char *folder = gan_catalogue_user_folder();
    g_autofree char *canonical = g_canonicalize_filename(folder, NULL);
    g_autofree char *inside = g_strconcat(canonical, G_DIR_SEPARATOR_S, NULL);
    g_autofree char *path = g_canonicalize_filename(entry->path, NULL);
    return g_str_has_prefix(path, inside);
}
