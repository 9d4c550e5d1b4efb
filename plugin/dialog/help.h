// SPDX-License-Identifier: LGPL-3.0-or-later
// The page that Help opens, which is installed with the program.
#ifndef PLUGIN_DIALOG_HELP_H
#define PLUGIN_DIALOG_HELP_H

#include "toolkit.h"

G_BEGIN_DECLS

// Opens the page in the user's language; where it is not there, or no program shows it, says these
// words instead.
void help_show(GtkWindow *parent, const char *title, const char *summary, const char *text);

G_END_DECLS
#endif
