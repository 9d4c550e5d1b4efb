// SPDX-License-Identifier: LGPL-3.0-or-later
// The catalogue, model, device and runner of a series of runs, opened when first asked for and kept
// while the same are asked for: many images in one call load the model once.
#ifndef PLUGIN_SESSION_H
#define PLUGIN_SESSION_H

#include "task.h"
#include <gan/catalogue.h>

G_BEGIN_DECLS

// G_MESSAGES_DEBUG=gimp-gan tells what is opened and how long a run took.
#define SESSION_LOG_DOMAIN "gimp-gan"

// For runs of one task, whose models alone are taken; GAN_TASK_ANY takes all.
Session *session_new(GanTask task);
void session_free(Session *session); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)
GanTask session_task(const Session *session);

const GanCatalogue *session_catalogue(Session *session, GError **error);
// Looks at the folders again.
void session_refresh(Session *session);

// Returns the catalogue's entry called `name` ("": the first for the session's task).
// Owner:   the session, until it is refreshed.
// Errors:  in words that say what to do: none installed, no such name, a damaged file,
//          one for another task.
const GanCatalogueEntry *session_entry(Session *session, const char *name, GError **error);

// Returns the model called `name` (as session_entry(), or the path of a weight file), blended with
// `other` (NULL or "": none) by `t`, on the device called `device`.
// Owner:   the session; valid until the next call with other values.
// Errors:  in words that say what to do: no model installed (name the folder and Models…), no such
//          name, damaged file, no such device, too little memory.
GanRunner *session_runner(Session *session, const char *name, const char *other, double t,
                          const char *device, GError **error);
GanModel *session_model(Session *session, const char *name, const char *other, double t,
                        GError **error);

// Returns a session for models of another task, for a run that needs two; it has the same catalogue
// and device.
// Owner:   the session, which keeps it.
Session *session_beside(Session *session, GanTask task);

// Seconds that networks ran since the present ones were opened.
double session_network_seconds(const Session *session);

G_END_DECLS
#endif
