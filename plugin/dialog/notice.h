// SPDX-License-Identifier: LGPL-3.0-or-later
// A place in a window where it says what is wrong, and that is not there when nothing is.
#ifndef PLUGIN_DIALOG_NOTICE_H
#define PLUGIN_DIALOG_NOTICE_H

#include "toolkit.h"

G_BEGIN_DECLS

// `width`:   in which the words are broken.
// `button`:  what may help, or NULL.
GtkWidget *notice_new(gint width, GtkWidget *button);

// Shows `text`, or hides the notice when it is NULL.
void notice_say(GtkWidget *notice, const char *text, gboolean with_button);

G_END_DECLS
#endif
