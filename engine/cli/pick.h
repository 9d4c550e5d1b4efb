// SPDX-License-Identifier: LGPL-3.0-or-later
// Which weight file a command means: a path, a name of the catalogue, or none at all.
#ifndef CLI_PICK_H
#define CLI_PICK_H

#include <gan/catalogue.h>
#include <gan/model.h>

typedef struct {
    char *path;
    char *name;    // file name without extension
    char *licence; // NULL: not known
    char *print;   // tells its weights from others; of one that was loaded
    gboolean non_commercial;
    gboolean chosen;     // the user named none; this one was taken from the catalogue
    gboolean is_file;    // the user named the file itself
    gboolean keeps_size; // to enlarge with a model that restores: only sampling makes it larger
} CliPick;

// Finds the weight file that `name` means. With a slash in it, or when it is an existing file, it
// is a path; else a name of the catalogue. NULL: the catalogue's first for `task`, one of
// `wanted_scale` if any is.
// `folders`: NULL-terminated folders in front of the catalogue, or NULL.
// Errors:  GAN_ERROR_FILE: no such model; the message says where models are looked for, or which
//          there are. GAN_ERROR_ARGUMENT: the catalogue's model is for another task.
gboolean cli_pick(const char *name, char **folders, GanTask task, double wanted_scale,
                  CliPick *pick, GError **error);
void cli_pick_clear(CliPick *pick);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliPick, cli_pick_clear)

// Picks a model and loads it. `pick` has the licence of a file outside the catalogue, too, as far
// as the file and its card tell it.
// A file that the user named may restore where one that enlarges is asked for: it keeps the size.
// Errors:  cli_pick()'s, gan_model_load()'s. GAN_ERROR_ARGUMENT: the model is for another task; the
//          message says which verb takes it.
GanModel *cli_pick_load(const char *name, char **folders, GanTask task, double wanted_scale,
                        CliPick *pick, GError **error);

// Reads `text`, the value of `option`: the number that the model takes beside the picture, such as
// the strength of the noise.
// Errors:  GAN_ERROR_ARGUMENT: it is out of the model's range, or the model takes none.
gboolean cli_pick_level(const CliPick *pick, const GanModel *model, const char *option,
                        const char *text, double *level, GError **error);

// Interpolates the two models of "A:B:T", which are for `task`. `pick` gets a name made of the two
// and the part.
// Errors:  cli_pick()'s, gan_model_blend()'s, GAN_ERROR_ARGUMENT.
GanModel *cli_pick_blend(const char *text, char **folders, GanTask task, CliPick *pick,
                         GError **error);

#endif
