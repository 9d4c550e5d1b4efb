// SPDX-License-Identifier: LGPL-3.0-or-later
// What was learnt of weight files, kept in the user's cache by path, size and time of change.
#ifndef GAN_CACHE_H
#define GAN_CACHE_H

#include <gan/task.h>

typedef struct GanCache GanCache;

// What a file is: a changed one is another.
typedef struct {
    const char *path; // absolute
    guint64 bytes;
    gint64 changed_ns; // since 1970
} GanCacheKey;

// What is kept of it. Texts are NULL where nothing is known.
typedef struct {
    char *sha256;
    char *family; // NULL: not recognised, so far
    char *title;
    char *licence;  // that the file itself states, or that its source had
    char *good_for; // the same; "": it says nothing
    GanTask task;
    double scale;
} GanCacheFacts;

void gan_cache_facts_clear(GanCacheFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GanCacheFacts, gan_cache_facts_clear)

// Reads $XDG_CACHE_HOME/gimp-gan/catalogue.json. A missing or damaged file, or one of another
// version of the program, is an empty cache.
GanCache *gan_cache_open(void);

// Writes the cache if it has changed. That it cannot be written is not an error: the
// next look is slow.
void gan_cache_close(GanCache *cache); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanCache, gan_cache_close)

// Copies what is known of the file. Returns FALSE if nothing is.
gboolean gan_cache_find(const GanCache *cache, const GanCacheKey *key, GanCacheFacts *facts);

void gan_cache_put(GanCache *cache, const GanCacheKey *key, const GanCacheFacts *facts);

#endif
