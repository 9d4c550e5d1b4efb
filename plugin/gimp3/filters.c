// SPDX-License-Identifier: LGPL-3.0-or-later
// Filters that stay beside a layer's pixels and are applied to them again and again.
#include "filters.h"

gboolean filters_show(GimpDrawable *drawable)
{
    g_autofree GimpDrawableFilter **filters = gimp_drawable_get_filters(drawable);
    for (guint i = 0; filters && filters[i]; i++) {
        if (gimp_drawable_filter_get_visible(filters[i]))
            return TRUE;
    }
    return FALSE;
}

// Sets what both configurations have.
static void copy_settings(GObject *from, GObject *to)
{
    guint n = 0;
    g_autofree GParamSpec **specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(from), &n);
    for (guint i = 0; i < n; i++) {
        const GParamFlags both = G_PARAM_READABLE | G_PARAM_WRITABLE;
        if ((specs[i]->flags & both) != both || (specs[i]->flags & G_PARAM_CONSTRUCT_ONLY) ||
            g_object_class_find_property(G_OBJECT_GET_CLASS(to), specs[i]->name) == NULL)
            continue;
        GValue value = G_VALUE_INIT;
        g_value_init(&value, specs[i]->value_type);
        g_object_get_property(from, specs[i]->name, &value);
        g_object_set_property(to, specs[i]->name, &value);
        g_value_unset(&value);
    }
}

static gboolean copy(GimpDrawableFilter *filter, GimpDrawable *to)
{
    g_autofree char *operation = gimp_drawable_filter_get_operation_name(filter);
    g_autofree char *name = gimp_drawable_filter_get_name(filter);
    GimpDrawableFilter *made = gimp_drawable_filter_new(to, operation, name);
    GimpDrawableFilterConfig *settings = gimp_drawable_filter_get_config(filter);
    if (made == NULL)
        return FALSE;
    if (settings != NULL)
        copy_settings(G_OBJECT(settings), G_OBJECT(gimp_drawable_filter_get_config(made)));
    gimp_drawable_filter_set_opacity(made, gimp_drawable_filter_get_opacity(filter));
    gimp_drawable_filter_set_blend_mode(made, gimp_drawable_filter_get_blend_mode(filter));
    gimp_drawable_append_filter(to, made);
    gimp_drawable_filter_update(made);
    gimp_drawable_filter_set_visible(made, gimp_drawable_filter_get_visible(filter));
    return TRUE;
}

gboolean filters_copy(GimpDrawable *from, GimpDrawable *to)
{
    g_autofree GimpDrawableFilter **filters = gimp_drawable_get_filters(from);
    guint n = 0;
    while (filters && filters[n])
        n++;
    for (; n > 0; n--) {
        if (!copy(filters[n - 1], to))
            return FALSE;
    }
    return TRUE;
}
