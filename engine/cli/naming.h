// SPDX-License-Identifier: LGPL-3.0-or-later
// What results are called: -o, the template, the format, and what must not happen to files
// that are there.
#ifndef CLI_NAMING_H
#define CLI_NAMING_H

#include "batch.h"

#define CLI_TEMPLATE_FACTOR "{name}-x{scale}.{ext}" // for --scale
#define CLI_TEMPLATE_SIZE "{name}-{scale}.{ext}"    // for --to, where {scale} is "800x600"

typedef struct {
    const char *output;   // -o: a file or a folder; NULL: beside each input
    const char *template; // NULL: `usual`
    const char *usual;    // one of the CLI_TEMPLATEs
    // Extension of the result; NULL: the input's own where it can be written, else png.
    const char *format;
    const char *model;  // for {model}
    const char *scale;  // for {scale}
    gboolean overwrite; // a result may replace its own input where the user named it so
} CliNaming;

// Returns TRUE when -o means a folder: it is one, ends in a slash or has no extension, or several
// results go there.
gboolean cli_naming_is_folder(const GPtrArray *items, const CliNaming *naming);

// Checks the options by themselves, before a model is known: model and scale may be NULL.
// Errors:  GAN_ERROR_ARGUMENT: the template is wrong; -o is a file but there are several inputs;
//          no such format.
gboolean cli_naming_check(const GPtrArray *items, const CliNaming *naming, GError **error);

// Sets every item's output. One that would replace an item that was found, not named, gets a problem:
// results of former runs are no items any more, so that this is somebody's own picture.
// Errors:  GAN_ERROR_ARGUMENT: the template is wrong; -o is a file but there are several inputs; no
//          such format; two inputs have one output; an output is an input.
gboolean cli_naming_apply(GPtrArray *items, const CliNaming *naming, GError **error);

typedef struct {
    const char *name, *ext, *model, *scale;
    const char *folder; // name of the folder that the input is in
    guint index;        // from 1
} CliPlaceholders;

// Fills {name} {ext} {model} {scale} {folder} {index}; {{ and }} are braces.
// Owner:   the caller frees the result.
// Errors:  GAN_ERROR_ARGUMENT: an unknown placeholder, a brace without its partner,
//          an empty result.
char *cli_naming_fill(const char *template, const CliPlaceholders *values, GError **error);

// Says why a picture of this size cannot be stored in the format that the extension of `path`
// names; NULL when it can.
// Owner:   the caller frees the result.
char *cli_naming_size_problem(const char *path, guint width, guint height);

// Returns the extension of `path` without its dot, "" when there is none.
const char *cli_naming_extension(const char *path);

#endif
