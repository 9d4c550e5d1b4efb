// SPDX-License-Identifier: LGPL-3.0-or-later
// Which pictures a command line means. No picture is opened here.
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include <gan/error.h>

#define CLI_MAX_COMPANIONS 2u

typedef struct {
    char *input;    // path
    char *folder;   // folder of the input below the argument that found it, "" at its top
    gboolean named; // the user named this very file; FALSE: found in a folder or through a pattern
    char *output;   // path; NULL before cli_naming_apply(), and with a problem
    gboolean in_place;                    // the output is the input; set by cli_naming_apply()
    char *problem;                        // why there is nothing to work on; else NULL
    char *companions[CLI_MAX_COMPANIONS]; // paths of what goes in beside it, such as a mask
} CliItem;

void cli_item_free(CliItem *item); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliItem, cli_item_free)

// What folders hold that is not taken: of pictures the endings of their names, one a file.
typedef struct {
    GPtrArray *not_read; // their formats are not read
    GPtrArray *alone;    // camera raw and drawings, which are taken when they are named
    GPtrArray *links;    // paths of links to folders, which are not followed
} CliLeft;

// Returns "2 files of kinds that are `what`: .dds, .psd", or NULL for none.
// Owner:   the caller frees it.
char *cli_batch_describe_left(const GPtrArray *endings, const char *what);

// Turns arguments into items: a file is itself; a folder, the pictures in it, sorted by name (by
// what their names end in; hidden files are left out); a pattern with * ? [ that is no file, what
// it matches. Every file comes once. A file that is missing becomes an item with a problem, so that
// the rest of a batch is still done. `recursive`: sub-folders too; symbolic links to folders are
// not followed. `exclude`:   a folder that is not entered (the one that results go to), or NULL.
// `left`: NULL, or arrays that own their texts, which are added to.
// Owner:   the caller gets an array of CliItem that frees its elements.
GPtrArray *cli_batch_expand(char **arguments, gboolean recursive, const char *exclude,
                            CliLeft *left);

// Gives every item without a problem its companion `number`: `place` itself when that is a file;
// when it is a folder, the picture of the same name (whichever its ending) in it, in the same
// folder below. An item whose companion is missing gets a problem.
// `option`: that names the place, for messages.
// Errors:  GAN_ERROR_ARGUMENT: there is no such place.
gboolean cli_batch_pair(GPtrArray *items, guint number, const char *option, const char *place,
                        GError **error);

// Returns TRUE when the file name ends like a picture that can be looked for in a folder.
gboolean cli_batch_is_picture(const char *name);

// Returns a path that is equal for equal files: absolute, the folder's symbolic links resolved, the
// last part as it is. The file need not exist.
// Owner:   the caller frees it.
char *cli_batch_canonical(const char *path);

#endif
