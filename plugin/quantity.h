// SPDX-License-Identifier: LGPL-3.0-or-later
// Times and sizes in the user's words.
#ifndef PLUGIN_QUANTITY_H
#define PLUGIN_QUANTITY_H

#include <glib.h>

G_BEGIN_DECLS

// Returns "12 s", "1 min 20 s", "2 h 5 min".
// Owner:   the caller frees it.
char *quantity_time(double seconds);

// Returns "850 MB", "1.5 GB".
// Owner:   the caller frees it.
char *quantity_bytes(guint64 bytes);

// Reads a factor as people write it: "2.5", "2,5", "3/2", "150 %", "×2". FALSE: it is none.
gboolean quantity_parse_factor(const char *text, double *factor);

G_END_DECLS
#endif
