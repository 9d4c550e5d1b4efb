// SPDX-License-Identifier: LGPL-3.0-or-later
// A core that stays awake while a drawable is sent.
//
// GIMP takes and acknowledges tiles one at a time, so that plug-in and GIMP wake each other four
// times a tile. A core that falls asleep in between takes longer to wake than the tile takes to
// send, most of all in a virtual machine. A thread that does nothing but run prevents that: a layer
// of 192 megapixels is sent in a third of the time.
#ifndef PLUGIN_HOST_AWAKE_H
#define PLUGIN_HOST_AWAKE_H

typedef struct Awake Awake;

// Returns NULL where there is one processor only.
Awake *awake_begin(void);

// Ends it; takes NULL, too.
void awake_end(Awake *awake);

#endif
