// SPDX-License-Identifier: LGPL-3.0-or-later
// What is known of results of earlier runs: they are no input of a later one, and only what the same
// settings made need not be made again.
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

#include "batch.h"
#include "pictures.h"

#include <gan/provenance.h>

// Moves the items to `left_out` that an earlier run made of another item, or of one that another
// item was made of, or, where not all items are results, of a file beside them. They are known by
// what is noted of them, those that were found and not named also by the names that results have. A
// result that comes without its source is left alone: it is to be worked on; so is one that took its
// source's place, whoever has that content beside it.
// `left_out`: an array that frees CliItems.
void cli_results_leave_out(GPtrArray *items, GPtrArray *left_out);

// What one picture is to be made of, and how, to be compared with what is there and to be noted.
// `quality`: of the formats that have one. `page`: 0: the file's own choice.
// Owner:   the caller clears the result. `source_print` is NULL where the input cannot be read.
GanProvenance cli_results_provenance(const CliItem *item, const CliPictureVerb *verb,
                                     const CliPictures *pictures, const char *scale, guint quality,
                                     const char *page);

typedef enum {
    CLI_RESULT_NONE,  // there is no file
    CLI_RESULT_DONE,  // it is there, made of the same by the same settings
    CLI_RESULT_OTHER, // an earlier result that is not
    CLI_RESULT_ALIEN, // a file, but not known as a result
} CliResult;

// Returns whether the item, which its result is to replace, is what the same settings made in its place
// already: to be interrupted and to go on does nothing twice.
gboolean cli_results_is_done_in_place(const CliItem *item, const GanProvenance *wanted);

// Looks at the file where the item's result goes.
// `reason`: set to why it is another: words that follow "made".
CliResult cli_results_look(const CliItem *item, const GanProvenance *wanted, const char **reason);

#endif
