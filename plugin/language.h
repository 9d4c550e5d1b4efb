// SPDX-License-Identifier: LGPL-3.0-or-later
// The user's language. Files with words for the user include <glib/gi18n-lib.h>; _() looks them up,
// N_() marks those of declarations, which are looked up where they are shown.
#ifndef PLUGIN_LANGUAGE_H
#define PLUGIN_LANGUAGE_H

// Tells gettext where the plug-in's translations are. To be called before the first _().
void language_init(void);

#endif
