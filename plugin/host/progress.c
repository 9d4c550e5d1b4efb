// SPDX-License-Identifier: LGPL-3.0-or-later
// GIMP's progress bar and messages. Who presses Cancel there has GIMP kill this process. Compiled
// with each version of libgimp: the names are the same.
#include "../host.h"

#include <libgimp/gimp.h>

void host_progress_begin(const char *text)
{
    gimp_progress_init(text);
}

void host_progress_update(double fraction, const char *text)
{
    if (text)
        gimp_progress_set_text(text);
    gimp_progress_update(CLAMP(fraction, 0.0, 1.0)); // drops steps below 1/256 itself
}

void host_progress_end(void)
{
    gimp_progress_end();
}

void host_message(const char *text)
{
    gimp_message(text);
}
