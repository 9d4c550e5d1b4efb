// SPDX-License-Identifier: LGPL-3.0-or-later
// Recipes and the procedures that they name.
#include "procedure.h"

#include <string.h>

static const GanProcedure *procedure_of(const GanProcedure *const *procedures,
                                        const GanRecipe *recipe, GError **error)
{
    const char *name = gan_recipe_word(recipe, "recipe", "procedure");
    g_autoptr(GString) known = g_string_new(NULL);
    for (guint i = 0; procedures[i] != NULL; i++) {
        if (g_strcmp0(procedures[i]->name, name) == 0)
            return procedures[i];
        g_string_append_printf(known, "%s%s", i > 0 ? ", " : "", procedures[i]->name);
    }
    if (name == NULL)
        gan_recipe_refuse(recipe, "recipe.procedure", error, "it is missing; it takes one of %s",
                          known->str);
    else
        gan_recipe_refuse(recipe, "recipe.procedure", error, "it is '%s'; it takes one of %s", name,
                          known->str);
    return NULL;
}

// The tables that all recipes have, those of a procedure between them.
static const GanKeys **tables_of(const GanProcedure *procedure)
{
    g_autoptr(GPtrArray) tables = g_ptr_array_new();
    g_ptr_array_add(tables, (gpointer)&gan_title_keys);
    for (guint i = 0; procedure->keys[i] != NULL; i++)
        g_ptr_array_add(tables, (gpointer)procedure->keys[i]);
    g_ptr_array_add(tables, (gpointer)&gan_run_keys);
    g_ptr_array_add(tables, NULL);
    return (const GanKeys **)g_ptr_array_free(g_steal_pointer(&tables), FALSE);
}

static const GanKeys **tables_of_all(const GanProcedure *const *procedures)
{
    g_autoptr(GPtrArray) tables = g_ptr_array_new();
    for (guint i = 0; procedures[i] != NULL; i++)
        for (guint k = 0; procedures[i]->keys[k] != NULL; k++)
            g_ptr_array_add(tables, (gpointer)procedures[i]->keys[k]);
    g_ptr_array_add(tables, NULL);
    return (const GanKeys **)g_ptr_array_free(g_steal_pointer(&tables), FALSE);
}

GanRecipe *gan_procedure_read(const GanProcedure *const *procedures, const char *path,
                              const char *const *changes, const GanProcedure **procedure,
                              GError **error)
{
    g_autoptr(GanRecipe) recipe = gan_recipe_open(path, changes, error);
    const GanProcedure *found = recipe != NULL ? procedure_of(procedures, recipe, error) : NULL;
    if (found == NULL)
        return NULL;
    g_autofree const GanKeys **own = tables_of(found);
    g_autofree const GanKeys **others = tables_of_all(procedures);
    if (!gan_recipe_fill(recipe, own, others, error) ||
        (found->check != NULL && !found->check(recipe, error)))
        return NULL;
    *procedure = found;
    return g_steal_pointer(&recipe);
}
