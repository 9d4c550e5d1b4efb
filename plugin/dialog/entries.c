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

// What lies behind the pointers that windows get.
typedef struct {
    GanCatalogueEntry entry; // the first member
    char *partner, *of;
    GanPartner kind;
} Item;

static void entry_free(gpointer data)
{
    Item *item = data;
    GanCatalogueEntry *entry = &item->entry;
    g_free(item->partner);
    g_free(item->of);
    g_free(entry->name);
    g_free(entry->path);
    g_free(entry->family);
    g_free(entry->title);
    g_free(entry->licence);
    g_free(entry->good_for);
    g_free(entry->sha256);
    g_free(entry->problem);
    g_free(entry);
}

static GanCatalogueEntry *entry_copy(const GanCatalogueEntry *entry)
{
    Item *item = g_new0(Item, 1);
    GanCatalogueEntry *copy = &item->entry;
    *copy = *entry;
    copy->name = g_strdup(entry->name);
    copy->path = g_strdup(entry->path);
    copy->family = g_strdup(entry->family);
    copy->title = g_strdup(entry->title);
    copy->licence = g_strdup(entry->licence);
    copy->good_for = g_strdup(entry->good_for);
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

static Item *find_item(const GPtrArray *entries, const char *name)
{
    for (guint i = 0; i < entries->len; i++) {
        Item *item = g_ptr_array_index(entries, i);
        if (g_str_equal(item->entry.name, name))
            return item;
    }
    return NULL;
}

static void find_pairs(const GPtrArray *entries, const GanCatalogue *catalogue)
{
    for (guint i = 0; i < entries->len; i++) {
        Item *item = g_ptr_array_index(entries, i);
        const GanCatalogueEntry *entry = gan_catalogue_find(catalogue, item->entry.name);
        const GanCatalogueEntry *partner =
            entry != NULL ? gan_catalogue_partner(catalogue, entry, &item->kind) : NULL;
        Item *other = partner != NULL ? find_item(entries, partner->name) : NULL;
        if (other == NULL)
            continue;
        item->partner = g_strdup(partner->name);
        // Of two that go back to one, the first is shown for it.
        if (other->of == NULL)
            other->of = g_strdup(item->entry.name);
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
    find_pairs(look->entries, catalogue);
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

EntriesPair entries_pair(const GanCatalogueEntry *entry)
{
    const Item *item = (const Item *)(const void *)entry;
    return (EntriesPair){item->partner, item->kind, item->of};
}

static gboolean is_between_words(char c)
{
    return c == 0 || strchr("-_. ", c) != NULL;
}

char *entries_pair_name(const GPtrArray *entries, const GanCatalogueEntry *entry)
{
    const char *a = entry->name, *b = entries_pair(entry).partner;
    const gsize a_length = strlen(a), b_length = b != NULL ? strlen(b) : 0;
    gsize before = 0, after = 0;
    while (before < MIN(a_length, b_length) && a[before] == b[before])
        before++;
    while (after < MIN(a_length, b_length) - before &&
           a[a_length - after - 1] == b[b_length - after - 1])
        after++;
    // Whole words only: both end with l, those that end with detail and faithful.
    while (before > 0 && !is_between_words(a[before - 1]))
        before--;
    while (!is_between_words(a[a_length - after]))
        after--;
    g_autofree char *name =
        before > 0 ? g_strdup_printf("%.*s%s", (int)before - 1, a, a + a_length - after) : NULL;
    return name == NULL || name[0] == 0 || find_item(entries, name) != NULL
               ? g_strdup(a)
               : g_steal_pointer(&name);
}

static const char *translated(const char *word)
{
    static const char *const words[] = {N_("photographs"), N_("drawings"), N_("JPEG"),
                                        N_("noise"),       N_("textures"), N_("faces")};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(word, words[i]) == 0)
            return _(words[i]);
    return word;
}

char *entries_good_for_text(const GanCatalogueEntry *entry)
{
    if (entry->good_for == NULL)
        return NULL;
    g_auto(GStrv) words = g_strsplit(entry->good_for, ",", -1);
    g_autofree const char **shown = g_new0(const char *, g_strv_length(words) + 1);
    for (guint i = 0; words[i] != NULL; i++)
        shown[i] = translated(g_strstrip(words[i]));
    // Translators: between the words of a list, such as "photographs, JPEG".
    return g_strjoinv(_(", "), (char **)shown);
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
