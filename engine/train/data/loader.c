// SPDX-License-Identifier: LGPL-3.0-or-later
// Batches made ahead by threads: each takes the next step that nobody makes yet and puts its batch
// in that step's slot of a ring.
#include "loader.h"

typedef struct {
    gboolean full;
    GanBatch batch;
    GError *error;
} Slot;

struct GanLoader {
    GanDataset *dataset;
    GanLoaderOptions options;
    GThread **threads;
    GMutex lock; // of all below
    GCond changed;
    gboolean stopping;
    guint64 begun, taken; // the next step to be made, and to be taken
    Slot *slots;          // options.queue of them; a step's is its number modulo that
    GHashTable *noticed;
    GQueue notices;
    GanLoaderStats stats;
};

static void keep_notices(GanLoader *loader, const GPtrArray *notices)
{
    for (guint i = 0; i < notices->len; i++)
        if (g_hash_table_add(loader->noticed, g_strdup(notices->pdata[i])))
            g_queue_push_tail(&loader->notices, g_strdup(notices->pdata[i]));
}

static gpointer make_batches(gpointer data)
{
    GanLoader *loader = data;
    g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(g_free);
    g_mutex_lock(&loader->lock);
    for (;;) {
        while (!loader->stopping && loader->begun >= loader->taken + loader->options.queue)
            g_cond_wait(&loader->changed, &loader->lock);
        if (loader->stopping)
            break;
        const guint64 step = loader->begun++;
        g_mutex_unlock(&loader->lock);
        const gint64 begun_us = g_get_monotonic_time();
        GanBatch batch = {0};
        GError *error = NULL;
        gan_batch_make(loader->dataset, &loader->options, step, notices, &batch, &error);
        const gint64 took_us = g_get_monotonic_time() - begun_us;
        g_mutex_lock(&loader->lock);
        Slot *slot = &loader->slots[step % loader->options.queue];
        *slot = (Slot){TRUE, batch, error};
        loader->stats.make_us += took_us;
        keep_notices(loader, notices);
        g_ptr_array_set_size(notices, 0);
        g_cond_broadcast(&loader->changed);
    }
    g_mutex_unlock(&loader->lock);
    return NULL;
}

GanLoader *gan_loader_new(GanDataset *dataset, const GanLoaderOptions *options, guint64 first_step)
{
    g_return_val_if_fail(options->n_threads > 0 && options->queue > 0, NULL);
    GanLoader *loader = g_new0(GanLoader, 1);
    loader->dataset = dataset;
    loader->options = *options;
    loader->begun = loader->taken = first_step;
    loader->slots = g_new0(Slot, options->queue);
    loader->noticed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_queue_init(&loader->notices);
    g_mutex_init(&loader->lock);
    g_cond_init(&loader->changed);
    loader->threads = g_new0(GThread *, options->n_threads);
    for (guint i = 0; i < options->n_threads; i++)
        loader->threads[i] = g_thread_new("loader", make_batches, loader);
    return loader;
}

void gan_loader_free(GanLoader *loader)
{
    if (loader == NULL)
        return;
    g_mutex_lock(&loader->lock);
    loader->stopping = TRUE;
    g_cond_broadcast(&loader->changed);
    g_mutex_unlock(&loader->lock);
    for (guint i = 0; i < loader->options.n_threads; i++)
        g_thread_join(loader->threads[i]);
    for (guint i = 0; i < loader->options.queue; i++) {
        gan_batch_clear(&loader->slots[i].batch);
        g_clear_error(&loader->slots[i].error);
    }
    g_hash_table_unref(loader->noticed);
    g_queue_clear_full(&loader->notices, g_free);
    g_mutex_clear(&loader->lock);
    g_cond_clear(&loader->changed);
    g_free(loader->threads);
    g_free(loader->slots);
    g_free(loader);
}

gboolean gan_loader_next(GanLoader *loader, GanBatch *batch, GError **error)
{
    const gint64 begun_us = g_get_monotonic_time();
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&loader->lock);
    Slot *slot = &loader->slots[loader->taken % loader->options.queue];
    loader->stats.n_batches++;
    if (!slot->full)
        loader->stats.n_waited++;
    while (!slot->full)
        g_cond_wait(&loader->changed, &loader->lock);
    loader->stats.wait_us += g_get_monotonic_time() - begun_us;
    loader->taken++;
    *batch = slot->batch;
    GError *problem = slot->error;
    *slot = (Slot){0};
    g_cond_broadcast(&loader->changed);
    if (problem == NULL)
        return TRUE;
    g_propagate_error(error, problem);
    return FALSE;
}

char *gan_loader_notice(GanLoader *loader)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&loader->lock);
    return g_queue_pop_head(&loader->notices);
}

GanLoaderStats gan_loader_stats(GanLoader *loader)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&loader->lock);
    return loader->stats;
}
