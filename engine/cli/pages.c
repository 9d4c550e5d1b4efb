// SPDX-License-Identifier: LGPL-3.0-or-later
// Which page, frame, part or layer of a file is asked for.
#include "pages.h"

#include <gan/series.h>

// 0: it is no number, or none that a page has.
static guint number_of(const char *wanted)
{
    guint64 number = 0;
    return g_ascii_string_to_unsigned(wanted, 10, 1, G_MAXINT, &number, NULL) ? (guint)number : 0;
}

gboolean cli_pages_check(const char *wanted, GError **error)
{
    gboolean is_name = wanted == NULL;
    for (const char *p = wanted; p != NULL && *p != '\0' && !is_name; p++)
        is_name = !g_ascii_isdigit(*p) && (p > wanted || (*p != '-' && *p != '+'));
    if (is_name || number_of(wanted) > 0)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                "--page is '%s'; it is a number from 1 on, the name of a part or layer, or all.",
                wanted);
    return FALSE;
}

// All pages, where there are several.
static gboolean find_all(GanImagePages *pages, const char *output, guint *page, GanImagePages **all,
                         GError **error)
{
    g_autofree char *problem = pages->n > 1 ? gan_series_problem(output, pages) : NULL;
    if (problem != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: %s", output, problem);
        gan_image_pages_free(pages);
        return FALSE;
    }
    if (pages->n > 1) {
        *page = 1;
        *all = pages;
    } else {
        gan_image_pages_free(pages);
    }
    return TRUE;
}

gboolean cli_pages_find(const char *wanted, const char *path, const char *output, guint *page,
                        GanImagePages **all, GError **error)
{
    *page = wanted != NULL ? number_of(wanted) : 0;
    if (wanted == NULL || *page > 0)
        return TRUE;
    g_autoptr(GanImagePages) pages = gan_image_pages(path, error);
    if (pages == NULL)
        return FALSE;
    if (g_strcmp0(wanted, "all") == 0)
        return find_all(g_steal_pointer(&pages), output, page, all, error);
    *page = gan_image_pages_find(pages, wanted);
    if (*page > 0)
        return TRUE;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; pages->names != NULL && i < pages->names->len; i++) {
        const char *name = pages->names->pdata[i];
        if (*name != '\0')
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : ", but ", name);
    }
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: it has no part or layer called '%s'%s",
                path, wanted, names->str);
    return FALSE;
}
