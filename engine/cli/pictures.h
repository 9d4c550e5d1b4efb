// SPDX-License-Identifier: LGPL-3.0-or-later
// What all verbs share that make pictures of pictures: which files, names of results, skipping,
// failing, interrupts, what is said. A verb says its options, what it plans for one picture and
// how it makes the result.
#ifndef CLI_PICTURES_H
#define CLI_PICTURES_H

#include "batch.h"
#include "cli.h"
#include "pick.h"

#include <gan/upscale.h>
#include <json-glib/json-glib.h>

// One network of the work.
typedef struct {
    // To be said before the work begins.
    const char *name;   // of a model or its file; NULL: the catalogue's first that fits
    GanTask task;       // that it is to be for
    double scale;       // that is preferred where none is named; 0: any
    const char *option; // that names another, for a message: "--model NAME"
    // There while the work goes on.
    CliPick pick;
    GanModel *model;
    GanRunner *runner;
} CliNetwork;

// A picture that goes in beside each one, such as a mask.
typedef struct {
    const char *option; // "--mask", for messages
    const char *place;  // a file, the same for every picture, or a folder; see cli_batch_pair()
} CliCompanion;

#define CLI_MAX_NETWORKS 2u

// What is done to one picture. It begins as the plan of doing nothing.
typedef struct {
    guint width, height;  // of the result
    guint n_passes;       // runs of a network
    gboolean resample;    // to the size, after them
    guint64 memory_bytes; // predicted peak
    guint64 gpu_bytes;    // of a GPU's memory; 0 without one
    double seconds;       // predicted; 0 when not measured
    guint n_tiles;        // of all passes, and as text; both of a dry run only
    GString *tiles;
} CliPlan;

typedef struct {
    GeglBuffer *buffer;
    const char *input;   // its file
    guint page;          // of its file, as gan_image_load_page() counts
    guint width, height; // as the file holds it
    gboolean sideways;   // its orientation shows the width as the height; sizes are said as shown
    GeglBuffer *companions[CLI_MAX_COMPANIONS]; // as `check` set them
} CliPicture;

typedef struct CliPictures CliPictures;

typedef struct {
    const char *summary;         // of the help
    const GOptionEntry *entries; // of its own options, before the shared ones; NULL: it has none
    GanTask task;
    const char *usual; // template of the results' names
    gpointer data;     // of the functions: the verb's options

    // Checks the options before any file is read; may set what `pictures` takes for that. NULL:
    // there is nothing to check.
    // Errors:  GAN_ERROR_ARGUMENT.
    gboolean (*check)(CliPictures *pictures, gpointer data, GError **error);

    // Completes the options when the models are known: returns what {scale} in names stands for. May
    // set the note. NULL: there is nothing to complete, and that is the first model's scale.
    // Owner:   the caller frees the text.
    // Errors:  GAN_ERROR_ARGUMENT: the models cannot do what is wanted.
    char *(*complete)(CliPictures *pictures, gpointer data, GError **error);

    // Plans one picture; `measure`: with time and tiles.
    gboolean (*plan)(const CliPictures *pictures, const CliPicture *picture, gboolean measure,
                     CliPlan *plan, gpointer data, GError **error);

    // Makes the result.
    // Owner:   the caller gets the buffer.
    GeglBuffer *(*run)(const CliPictures *pictures, const CliPicture *picture, const CliPlan *plan,
                       GanProgress progress, gpointer progress_data, gpointer data, GError **error);

    // Adds what is the verb's own to the JSON event of a picture; NULL: nothing.
    void (*report)(JsonBuilder *event, gpointer data);
} CliPictureVerb;

// What the verb's functions may use. `check` may set the usual template, the wanted scale of the
// first network, a second network and companions; the strings are borrowed from its options.
struct CliPictures {
    const char *usual;
    CliNetwork networks[CLI_MAX_NETWORKS];
    guint n_networks;
    CliCompanion companions[CLI_MAX_COMPANIONS];
    guint n_companions;
    char *note; // is said before the work; owned; NULL: nothing
};

// Runs the verb over all that its command line names.
CliExit cli_pictures_main(const CliPictureVerb *verb, int argc, char **argv);

// Each adds a step to a plan; it begins with the size that the plan has come to.
// A step of `n_passes` runs of a network; `measure`: with their tiles.
// Errors:  gan_runner_estimate()'s.
gboolean cli_plan_add_passes(CliPlan *plan, const CliNetwork *network, guint n_passes,
                             gboolean measure, GError **error);
// Enlarging.
// Errors:  gan_upscale_plan()'s.
gboolean cli_plan_add_upscale(CliPlan *plan, const CliNetwork *network,
                              const GanUpscaleOptions *options, gboolean measure, GError **error);

#endif
