// SPDX-License-Identifier: LGPL-3.0-or-later
#include "language.h"

#include <libintl.h>

void language_init(void)
{
    bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
    // Whatever the locale says: GTK and GIMP take nothing else.
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
}
