// SPDX-License-Identifier: LGPL-3.0-or-later
// What is said of a batch of pictures as a whole.
#ifndef CLI_ANNOUNCE_H
#define CLI_ANNOUNCE_H

#include "pictures.h"
#include "progress.h"

// Says which models were taken where the user named none, and what follows from them.
void cli_announce(CliProgress *progress, const CliPictures *pictures, const GanDevice *device);

// Says which items are results of others, a line for all of them.
void cli_announce_left_out(CliProgress *progress, const GPtrArray *left_out);

// Says which kinds of pictures the folders hold that were not taken; in the end, where it is read.
void cli_announce_not_taken(CliProgress *progress, const CliLeft *left);

#endif
