// SPDX-License-Identifier: LGPL-3.0-or-later
// Which known word was meant: the one that fewest slips lead to. A slip is a letter too many, one
// that is missing, another one, or two that have changed places.
// Source:  the optimal string alignment distance; Damerau, "A technique for computer detection and
//          correction of spelling errors", 1964.
#include <gan/nearest.h>

#include <string.h>

// Longer ones are no slips.
#define LONGEST 128u

static guint slips(const char *a, const char *b)
{
    guint rows[3][LONGEST + 1]; // the row before the last, the last, and the one at hand
    const gsize n_a = strlen(a), n_b = strlen(b);
    if (n_a > LONGEST || n_b > LONGEST)
        return G_MAXUINT;
    guint *older = rows[0], *old = rows[1], *now = rows[2];
    for (guint k = 0; k <= n_b; k++)
        old[k] = k;
    for (guint i = 1; i <= n_a; i++) {
        now[0] = i;
        for (guint k = 1; k <= n_b; k++) {
            const gboolean same = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[k - 1]);
            now[k] = MIN(MIN(old[k], now[k - 1]) + 1, old[k - 1] + (same ? 0 : 1));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                now[k] = MIN(now[k], older[k - 2] + 1);
        }
        guint *free_row = older;
        older = old;
        old = now;
        now = free_row;
    }
    return old[n_b];
}

const char *gan_nearest(const char *text, const char *const *known)
{
    const gsize length = strlen(text);
    const guint most = length < 3 ? 1 : MIN(3u, (guint)(length + 2) / 4 + 1);
    const char *nearest = NULL;
    guint fewest = most + 1;
    for (const char *const *word = known; *word != NULL; word++) {
        const guint n = slips(text, *word);
        // All letters new is another word, not a slip.
        if (n < fewest && n < strlen(*word)) {
            fewest = n;
            nearest = *word;
        }
    }
    g_autofree char *lower = g_ascii_strdown(text, -1);
    for (const char *const *word = known; nearest == NULL && length >= 3 && *word != NULL; word++) {
        g_autofree char *other = g_ascii_strdown(*word, -1);
        if (strstr(other, lower) != NULL)
            nearest = *word;
    }
    return nearest;
}
