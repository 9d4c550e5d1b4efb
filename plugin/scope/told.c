// SPDX-License-Identifier: LGPL-3.0-or-later
// What is to be said of layers that are not only pixels.
#include "work.h"

#include <glib/gi18n-lib.h>

// The names of some layers for a sentence, NULL for none.
static char *names_of(const HostLayer *layers, guint n, gboolean (*is_one)(const HostLayer *layer))
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        if (!is_one(&layers[i]))
            continue;
        g_autofree char *name = host_layer_name(layers[i].id);
        g_string_append_printf(names, "%s'%s'", names->len > 0 ? ", " : "", name);
    }
    return names->len > 0 ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

static gboolean is_drawn(const HostLayer *layer)
{
    return layer->content == HOST_DRAWN;
}

static gboolean is_link(const HostLayer *layer)
{
    return layer->content == HOST_LINK;
}

static gboolean has_filters(const HostLayer *layer)
{
    return layer->has_filters;
}

static void add(GString *text, const char *format, const char *names)
{
    if (names == NULL)
        return;
    g_auto(GStrv) parts = g_strsplit(format, "%s", 2);
    g_autofree char *line = g_strjoinv(names, parts);
    g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "", line);
}

char *told_of_layers(gboolean resized, const HostLayer *layers, guint n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *drawn = names_of(layers, n, is_drawn);
    g_autofree char *links = names_of(layers, n, is_link);
    g_autofree char *filtered = names_of(layers, n, has_filters);
    // Translators: %s is one or more layers' names, here and below.
    add(text,
        resized ? _("Drawn by GIMP in the new size, and not by the model: %s. Strokes keep their "
                    "width.")
                : _("Drawn by GIMP, and not by the model: %s."),
        drawn);
    add(text,
        _("No longer linked to a file, but pixels of the model: %s. Layer > Revert Rasterize "
          "brings "
          "the link back."),
        links);
    add(text,
        resized ? _("Filters are applied to the new pixels with the settings they had, so that "
                    "blurs and shadows reach as many pixels as before: %s.")
                : _("Filters are applied to the new pixels: %s."),
        filtered);
    return text->len > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}
