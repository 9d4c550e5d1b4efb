// SPDX-License-Identifier: LGPL-3.0-or-later
// The weight files of this machine: the system's folder, the user's folder, and any other.
#ifndef GAN_CATALOGUE_H
#define GAN_CATALOGUE_H

#include <gan/model.h>

G_BEGIN_DECLS

typedef struct {
    char *name; // file name without extension
    char *path;
    char *family; // NULL when the file cannot be used; then `problem` says why
    char *title;
    char *licence; // SPDX identifier if the file, its card or a list of known files tells, or NULL
    gboolean non_commercial;
    // What pictures the file is for if it, its card, its number or a list of known files tells:
    // words such as "photographs, JPEG"; else NULL.
    char *good_for;
    GanTask task;
    double scale; // output pixels per input pixel, in each direction
    guint64 bytes;
    char *sha256;
    char *problem;
} GanCatalogueEntry;

typedef struct GanCatalogue GanCatalogue;

// Looks through `extra_folders` (NULL-terminated, or NULL), the user's folder and the system's
// folders, in this order; of files of one name the first counts. Sub-folders are looked through
// as well. Nothing is executed, and a damaged file becomes an entry with a problem, not an
// error. What was learnt of a file is kept in the user's cache by path, size and time, so that
// the next look is fast.
GanCatalogue *gan_catalogue_open(const char *const *extra_folders, GError **error);
void gan_catalogue_free(GanCatalogue *catalogue); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanCatalogue, gan_catalogue_free)

guint gan_catalogue_n_entries(const GanCatalogue *catalogue);
const GanCatalogueEntry *gan_catalogue_entry(const GanCatalogue *catalogue, guint i);

// Returns the entry called `name` (with or without extension), or NULL.
const GanCatalogueEntry *gan_catalogue_find(const GanCatalogue *catalogue, const char *name);

// Returns the model that is taken for a task where nobody named one, or NULL when there is none:
// the first of the wanted scale, else the first of all; not a set that makes detail up where the
// faithful one of the same network is there.
// `scale`: 0 when any will do.
const GanCatalogueEntry *gan_catalogue_default(const GanCatalogue *catalogue, GanTask task,
                                               double scale);

// What a blend with a partner changes.
typedef enum {
    GAN_PARTNER_DETAIL,  // trained with a critic; the partner without one, faithful but softer
    GAN_PARTNER_DENOISE, // trained to remove noise; the partner to keep it
} GanPartner;

// Returns the weight set that `entry` can be blended with by gan_model_blend(), or NULL. It has the
// same architecture, and a name that differs in nothing but detail / faithful, GAN / Net, ESRGAN /
// PSNR, GAN / PSNR, GAN / ResNet, or in the added word wdn; or `entry` is a safetensors file whose
// metadata "detail_of" or "denoise_of" is the partner's name. Of the two, only the one with the
// detail, or the one that removes more noise, has a partner.
// `kind`:  NULL, or set when there is one.
// Source:  file names and --denoise_strength of Real-ESRGAN's inference_realesrgan.py; the names
//          of ESRGAN, BSRGAN and BasicSR's SRGAN.
const GanCatalogueEntry *gan_catalogue_partner(const GanCatalogue *catalogue,
                                               const GanCatalogueEntry *entry, GanPartner *kind);

// Returns the licence of a weight file that need not be in the catalogue: what the file says
// itself, its card, or a list of known files; NULL when it is not known.
// `sha256`:         of the file, or NULL to leave the list out.
// `non_commercial`: NULL, or set to whether the licence forbids commercial use.
// Owner:   the caller frees the text.
char *gan_catalogue_licence(const GanWeights *weights, const char *sha256,
                            gboolean *non_commercial);

// The same for what pictures a model is good for: words such as "photographs, JPEG".
char *gan_catalogue_good_for(GanModel *model, const char *sha256);

// How a weight file becomes a model. A zeroed member means the default, but for the dtype.
typedef struct {
    const char *folder;          // to write into, made if need be; NULL: the user's
    const char *name;            // of the model, without extension; NULL: the file's
    const char *licence;         // to note, as an SPDX identifier; NULL: what is known
    GanDtype dtype;              // to store: F32, F16 or BF16; OTHER: what the file has
    const GanModelOptions *told; // what the file cannot tell; NULL: nothing
    gboolean overwrite;          // a model of the same name
} GanImport;

// Converts a weight file to safetensors in a model folder. The metadata keep what the file tells,
// and tell family, scale, licence, and name and sum of the file; what was written is read again.
// `dtype`: NULL, or set to what was stored.
// Owner:   the caller gets the model as read again; gan_weights_path() of its weights
//          is the new file.
// Errors:  gan_model_load()'s; then nothing is written. GAN_ERROR_EXISTS: there is a model of this
//          name in the folder. GAN_ERROR_FILE: folder or file cannot be written.
GanModel *gan_catalogue_import(const char *file, const GanImport *import, GanDtype *dtype,
                               GError **error);

// Returns what is told about a weight file: its card's members (NAME.json beside it) and its own
// metadata, "key: value" a line, then the pages NAME.md, NAME.txt and NAME.license beside it.
// Owner:   the caller frees the text, which is "" when nothing is told.
char *gan_catalogue_card(const char *path);

// Returns the user's folder, $XDG_DATA_HOME/gimp-gan/models. It may not exist yet.
// Owner:   the caller frees it.
char *gan_catalogue_user_folder(void);

// Returns the system's folders, NULL-terminated: gimp-gan/models in each of $XDG_DATA_DIRS and in
// the data folder of this installation.
// Owner:   the caller frees them with g_strfreev().
char **gan_catalogue_system_folders(void);

G_END_DECLS
#endif
