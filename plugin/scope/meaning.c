// SPDX-License-Identifier: LGPL-3.0-or-later
// What a scope comes to in this image: a sentence for the dialog, or why there is nothing to do.
#include "work.h"

#include <glib/gi18n-lib.h>

static void set(GError **error, const char *words)
{
    g_set_error_literal(error, GAN_ERROR, GAN_ERROR_ARGUMENT, words);
}

void meaning_set_floating(GError **error)
{
    set(error, _("The image has a floating selection. Anchor it (Layer > Anchor Layer) or "
                 "make it a layer (Layer > To New Layer) first."));
}

void meaning_set_group(GError **error)
{
    set(error, _("The active layer is a group. Choose a layer inside it, or work on the whole "
                 "image."));
}

void meaning_set_unselected(GError **error)
{
    set(error, _("Nothing is selected. Select a part of the layer, or choose another scope."));
}

void meaning_set_outside(const char *layer, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                _("The selection lies outside the active layer '%s'. Choose the layer that it is "
                  "meant for, or select a part of this one."),
                layer);
}

static gboolean check_layer(const Subject *subject, GError **error)
{
    if (subject->layer.id > 0 && !subject->layer.is_group)
        return TRUE;
    if (subject->layer.is_group)
        meaning_set_group(error);
    else if (subject->is_channel)
        set(error, _("A channel is active, not a layer. Choose a layer in the Layers dialog, or "
                     "work on the whole image."));
    else
        set(error, _("No single layer is active. Choose one in the Layers dialog, or work on the "
                     "whole image."));
    return FALSE;
}

gboolean scope_check_subject(const Values *values, const Subject *subject, GError **error)
{
    const Scope scope = scope_of(values);
    GeglRectangle area;
    if (subject->has_floating) {
        meaning_set_floating(error);
        return FALSE;
    }
    if (subject->image <= 0 || scope_is_whole(scope))
        return TRUE;
    if (!check_layer(subject, error))
        return FALSE;
    if (scope == SCOPE_LAYER)
        return TRUE;
    if (!subject->has_selection) {
        meaning_set_unselected(error);
        return FALSE;
    }
    if (work_selected(&subject->layer, &subject->selection, &area))
        return TRUE;
    meaning_set_outside(subject->layer_name, error);
    return FALSE;
}

// Of all layers, whatever is active.
static char *whole(const Subject *subject)
{
    if (subject->is_mask)
        return g_strdup(_("All layers with their masks; the active mask alone makes no "
                          "difference."));
    if (subject->is_channel)
        return g_strdup(_("All layers and channels, not only the active channel."));
    if (subject->layer.is_group)
        return g_strdup(_("All layers, not only those of the active group."));
    if (subject->n_layers > 1)
        return g_strdup_printf(_("All %u layers, each by itself."), subject->n_layers);
    return NULL;
}

char *scope_meaning(const Values *values, const Subject *subject)
{
    const Scope scope = scope_of(values);
    GeglRectangle area;
    if (!scope_check_subject(values, subject, NULL))
        return NULL;
    if (scope_is_whole(scope))
        return whole(subject);
    if (scope != SCOPE_LAYER && work_selected(&subject->layer, &subject->selection, &area))
        return g_strdup_printf(_("%d x %d pixels of the layer '%s'."), area.width, area.height,
                               subject->layer_name);
    // Translators: %s is a layer's name.
    return g_strdup_printf(subject->is_mask ? _("The layer '%s', whose mask is active and is kept.")
                                            : _("The layer '%s'."),
                           subject->layer_name);
}
