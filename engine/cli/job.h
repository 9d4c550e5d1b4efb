// SPDX-License-Identifier: LGPL-3.0-or-later
// A batch of pictures at work, and what is said of each picture: for people or as JSON.
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include "announce.h"
#include "compute.h"
#include "interrupt.h"
#include "pictures.h"
#include "progress.h"

// What the command line says, first as text, then checked.
typedef struct {
    CliCompute compute;
    char **files;
    char *output, *template, *format, *model, *blend;
    char *page; // a number or a name; NULL: what the file is about
    int quality;
    gboolean overwrite, dry_run, recursive, quiet, json;
} CliJobOptions;

typedef struct {
    const CliPictureVerb *verb;
    const CliJobOptions *options;
    CliPictures *pictures;
    const char *scale; // what {scale} stands for
    CliInterrupt *interrupt;
    CliProgress *progress;
    // The companions of the picture before, by their paths: often they are the same for all.
    GeglBuffer *companions[CLI_MAX_COMPANIONS];
    char *companion_paths[CLI_MAX_COMPANIONS];
    // What is not carried over from the picture at hand: sentences, and how many are said already.
    GPtrArray *notes;
    guint n_said;
    // All pages of it are asked for: how many there are, how many are done, and the word for them; 1
    // where it is one picture.
    guint n_pages, n_pages_done;
    const char *unit;
    guint n_done, n_skipped, n_failed;
    CliLeft left; // what folders hold besides
} CliJob;

typedef enum { RESULT_DONE, RESULT_SKIPPED, RESULT_FAILED, RESULT_STOPPED } CliJobResult;

// Each says what became of a picture, and returns that.
CliJobResult cli_job_fail(CliJob *job, const CliItem *item, const char *message);
CliJobResult cli_job_skip(CliJob *job, const CliItem *item);
// A file that this program did not make is not its to replace.
CliJobResult cli_job_refuse(CliJob *job, const CliItem *item);
// Of a dry run.
CliJobResult cli_job_describe(CliJob *job, const CliItem *item, const CliPicture *picture,
                              const CliPlan *plan);

void cli_job_say_replaced(CliJob *job, const CliItem *item, const char *reason);

// Says what there is to say of the picture since the last time, a line each.
void cli_job_say_notes(CliJob *job, const char *path);

// Whether a note says that other pages are left out.
gboolean cli_job_is_of_pages(const char *note);

// Begins a JSON event with what is known of one picture's work; NULL without JSON.
JsonBuilder *cli_job_event(CliJob *job, const char *name, const CliItem *item,
                           const CliPicture *picture, const CliPlan *plan);

// Returns "640 x 480 pixels", or "640 x 480 to 1280 x 960 pixels", and how many frames.
// Owner:   the caller frees it.
char *cli_job_sizes(const CliJob *job, const CliPicture *picture, const CliPlan *plan);

#endif
