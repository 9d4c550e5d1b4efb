// SPDX-License-Identifier: LGPL-3.0-or-later
// What is said of a weight file that is no model.
#include "family.h"
#include "model-private.h"

#include <string.h>

// Those of which most files go round.
static const char *const USUAL[] = {"rrdb", "srvgg", "span"};

static char *list_families(void)
{
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(USUAL); i++)
        g_string_append_printf(list, "%s%s", i == 0 ? "" : ", ", gan_family_title(USUAL[i]));
    for (guint i = 0; gan_families[i] != NULL; i++) {
        gboolean usual = FALSE;
        for (guint k = 0; k < G_N_ELEMENTS(USUAL); k++)
            usual = usual || strcmp(gan_families[i]->name, USUAL[k]) == 0;
        if (!usual)
            g_string_append_printf(list, ", %s", gan_families[i]->title);
    }
    return g_string_free(list, FALSE);
}

static const char *find_stranger(GanWeights *weights, char **parts)
{
    const char *title = gan_stranger(weights);
    for (guint i = 0; title == NULL && parts[i] != NULL; i++) {
        g_autoptr(GanWeights) part = gan_weights_part(weights, parts[i]);
        title = gan_stranger(part);
    }
    return title;
}

// Beside another network a critic is no part.
static gboolean is_critic(GanWeights *weights, char **parts)
{
    gboolean found = FALSE;
    for (guint i = 0; !found && parts[i] != NULL; i++) {
        g_autoptr(GanWeights) part = gan_weights_part(weights, parts[i]);
        found = gan_stranger_is_critic(part);
    }
    return found;
}

// "a DAT model", "an ATD model".
static const char *article(const char *title)
{
    return strchr("AEIOaeio", title[0]) != NULL ? "an" : "a";
}

void gan_unknown(GanWeights *weights, const GError *reason, GError **error)
{
    const char *path = gan_weights_path(weights);
    const char *format = gan_weights_metadata(weights, "format");
    if (format != NULL && g_str_has_prefix(format, "gimp-gan checkpoint")) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN,
                    "%s: this is the state of a run, from which 'gimp-gan train --resume' goes on; "
                    "the network is in the file beside it that ends in -last.safetensors",
                    path);
        return;
    }
    g_auto(GStrv) parts = gan_weights_part_names(weights);
    if (parts[0] == NULL) {
        g_auto(GStrv) others = gan_weights_left_out(weights);
        g_autofree char *joined = g_strjoinv(", ", others);
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN,
                    "%s holds %s, but no network that makes pictures: a critic and the state of a "
                    "training are of use in training only",
                    path, joined);
        return;
    }
    g_autofree char *families = list_families();
    if (is_critic(weights, parts)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN,
                    "%s: this is a critic (a discriminator), which judges pictures and makes none; "
                    "the file of its generator is needed",
                    path);
        return;
    }
    const char *stranger = find_stranger(weights, parts);
    if (stranger != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN,
                    "%s: this is %s %s model, which is not supported; supported are %s", path,
                    article(stranger), stranger, families);
        return;
    }
    if (reason != NULL) {
        g_propagate_error(error, g_error_copy(reason));
        return;
    }
    g_autoptr(GString) names = g_string_new(NULL);
    const guint n = gan_weights_n_entries(weights);
    g_autofree char *what =
        n == 1 ? g_strdup("this tensor alone") : g_strdup_printf("these %u tensors", n);
    for (guint i = 0; i < MIN(n, 4); i++)
        g_string_append_printf(names, "%s%s", i == 0 ? "" : ", ",
                               gan_weights_entry(weights, i)->name);
    g_set_error(error, GAN_ERROR, GAN_ERROR_UNKNOWN,
                "%s: no supported network has %s (%s%s); supported are %s", path, what, names->str,
                n > 4 ? ", ..." : "", families);
}
