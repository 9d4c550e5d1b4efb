// SPDX-License-Identifier: LGPL-3.0-or-later
// Which two weight sets of one architecture belong together.
#include <gan/catalogue.h>
#include <math.h>
#include <string.h>

// A word in the name of a set and what stands there in its partner's, in lower case.
static const struct {
    const char *word, *partner;
    GanPartner kind;
} PAIRS[] = {
    {"detail", "faithful", GAN_PARTNER_DETAIL},
    {"esrgan", "psnr", GAN_PARTNER_DETAIL}, // RRDB_ESRGAN_x4, RRDB_PSNR_x4
    {"gan", "psnr", GAN_PARTNER_DETAIL},
    {"gan", "net", GAN_PARTNER_DETAIL},    // RealESRGAN_x4plus, RealESRNet_x4plus
    {"gan", "resnet", GAN_PARTNER_DETAIL}, // MSRGANx4, MSRResNetx4
    {"", "-wdn", GAN_PARTNER_DENOISE},     // realesr-general-x4v3, realesr-general-wdn-x4v3
    {"", "_wdn", GAN_PARTNER_DENOISE},
};

// Whether replacing one occurrence of `word` in `name` by `replacement` gives `wanted`.
static gboolean replaces(const char *name, const char *word, const char *replacement,
                         const char *wanted)
{
    const gsize length = strlen(name), of_word = strlen(word), of_new = strlen(replacement);
    if (length < of_word || length - of_word + of_new != strlen(wanted))
        return FALSE;
    for (gsize i = 0; i + of_word <= length; i++)
        if (strncmp(name, wanted, i) == 0 && strncmp(name + i, word, of_word) == 0 &&
            strncmp(wanted + i, replacement, of_new) == 0 &&
            strcmp(name + i + of_word, wanted + i + of_new) == 0)
            return TRUE;
    return FALSE;
}

static gboolean same_architecture(const GanCatalogueEntry *a, const GanCatalogueEntry *b)
{
    return a != b && a->problem == NULL && b->problem == NULL && a->scale == b->scale &&
           strcmp(a->family, b->family) == 0 && strcmp(a->title, b->title) == 0;
}

static const GanCatalogueEntry *find_stated(const GanCatalogue *catalogue,
                                            const GanCatalogueEntry *entry, GanPartner *kind)
{
    static const struct {
        const char *key;
        GanPartner kind;
    } KEYS[] = {{"detail_of", GAN_PARTNER_DETAIL}, {"denoise_of", GAN_PARTNER_DENOISE}};
    g_autofree char *lower = g_ascii_strdown(entry->path, -1);
    if (!g_str_has_suffix(lower, ".safetensors"))
        return NULL;
    g_autoptr(GanWeights) weights = gan_weights_open(entry->path, NULL);
    for (guint i = 0; weights != NULL && i < G_N_ELEMENTS(KEYS); i++) {
        const char *name = gan_weights_metadata(weights, KEYS[i].key);
        const GanCatalogueEntry *found = name != NULL ? gan_catalogue_find(catalogue, name) : NULL;
        if (found != NULL && same_architecture(entry, found)) {
            *kind = KEYS[i].kind;
            return found;
        }
    }
    return NULL;
}

static const GanCatalogueEntry *find_by_name(const GanCatalogue *catalogue,
                                             const GanCatalogueEntry *entry, GanPartner *kind)
{
    g_autofree char *name = g_ascii_strdown(entry->name, -1);
    for (guint i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
        for (guint k = 0; k < gan_catalogue_n_entries(catalogue); k++) {
            const GanCatalogueEntry *other = gan_catalogue_entry(catalogue, k);
            if (!same_architecture(entry, other))
                continue;
            g_autofree char *other_name = g_ascii_strdown(other->name, -1);
            if (!replaces(name, PAIRS[i].word, PAIRS[i].partner, other_name))
                continue;
            *kind = PAIRS[i].kind;
            return other;
        }
    }
    return NULL;
}

const GanCatalogueEntry *gan_catalogue_partner(const GanCatalogue *catalogue,
                                               const GanCatalogueEntry *entry, GanPartner *kind)
{
    g_return_val_if_fail(catalogue != NULL && entry != NULL, NULL);
    if (entry->problem != NULL)
        return NULL;
    GanPartner found_kind = GAN_PARTNER_DETAIL;
    const GanCatalogueEntry *found = find_stated(catalogue, entry, &found_kind);
    if (found == NULL)
        found = find_by_name(catalogue, entry, &found_kind);
    if (found != NULL && kind != NULL)
        *kind = found_kind;
    return found;
}

const GanCatalogueEntry *gan_catalogue_default(const GanCatalogue *catalogue, GanTask task,
                                               double scale)
{
    const GanCatalogueEntry *first = NULL;
    for (guint i = 0; i < gan_catalogue_n_entries(catalogue); i++) {
        const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, i);
        if (entry->problem != NULL || (task != GAN_TASK_ANY && entry->task != task))
            continue;
        const gboolean fits = fabs(entry->scale - scale) < 1e-9;
        if (!fits && first != NULL)
            continue;
        GanPartner kind = GAN_PARTNER_DENOISE;
        const GanCatalogueEntry *partner = gan_catalogue_partner(catalogue, entry, &kind);
        first = partner != NULL && kind == GAN_PARTNER_DETAIL ? partner : entry;
        if (fits)
            return first;
    }
    return first;
}
