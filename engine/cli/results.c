// SPDX-License-Identifier: LGPL-3.0-or-later
// What is known of results of earlier runs, and what that means for this one.
#include "results.h"

#include "naming.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

// --- results among the inputs ---

// Ends the settings of a result that took its source's place.
#define IN_PLACE "; in place"

typedef struct {
    const GPtrArray *items;
    GanProvenance *provenances; // one an item; without settings where none is known
    char **prints;              // one an item; NULL: not asked for yet
    GHashTable *sizes;          // guint64 -> items of so many bytes whose prints are not known yet
    GHashTable *n_of_prints;    // print -> how many items have it; not of those in `sizes`
    GHashTable *names;          // of pictures that are no results, without folders
    GHashTable *stems;          // paths of the items without their extensions
    gboolean mixed;             // there are pictures among the items that are no results
} Look;

// The path without its extension.
static char *stem_of(const char *path)
{
    const gsize ending = strlen(cli_naming_extension(path));
    return g_strndup(path, strlen(path) - (ending > 0 ? ending + 1 : 0));
}

static gboolean has_name(const CliItem *item, const char *name)
{
    g_autofree char *own = g_path_get_basename(item->input);
    return strcmp(own, name) == 0;
}

static void count_print(Look *look, guint i)
{
    char *print = gan_provenance_print(((CliItem *)look->items->pdata[i])->input);
    look->prints[i] = print;
    if (print == NULL)
        return;
    const guint n = GPOINTER_TO_UINT(g_hash_table_lookup(look->n_of_prints, print));
    g_hash_table_replace(look->n_of_prints, print, GUINT_TO_POINTER(n + 1));
}

// Whether another item than `i` has this content. Its size comes first in a print: only files of that
// size are read, each once, however many results ask.
static gboolean has_twin(Look *look, guint i, const char *print)
{
    const guint64 size = g_ascii_strtoull(print, NULL, 10);
    const GArray *same = g_hash_table_lookup(look->sizes, &size);
    for (guint k = 0; same != NULL && k < same->len; k++)
        count_print(look, g_array_index(same, guint, k));
    g_hash_table_remove(look->sizes, &size);
    const guint n = GPOINTER_TO_UINT(g_hash_table_lookup(look->n_of_prints, print));
    return n > (g_strcmp0(look->prints[i], print) == 0 ? 1u : 0u);
}

// Whether another item than `i` is what that was made of: the same content, or, where that has changed
// since, the same name; a result may bear the name of its source and is told by the content alone.
static gboolean has_source(Look *look, guint i, const GanProvenance *provenance)
{
    return g_hash_table_contains(look->names, provenance->source) ||
           has_twin(look, i, provenance->source_print);
}

// Takes "-x4" or "-x2.5" off the end of the stem; FALSE when there is none.
static gboolean strip_factor(char *stem)
{
    char *dash = strrchr(stem, '-');
    if (dash == NULL || dash[1] != 'x' || !g_ascii_isdigit(dash[2]) ||
        dash[2 + strspn(dash + 2, "0123456789.")] != '\0')
        return FALSE;
    *dash = '\0';
    return TRUE;
}

static gboolean strip_restored(char *stem)
{
    if (!g_str_has_suffix(stem, "-restored"))
        return FALSE;
    stem[strlen(stem) - strlen("-restored")] = '\0';
    return TRUE;
}

// Whether the item is called as results of another one are: of earlier versions, which noted
// nothing, or without their metadata. Names with a size are no sign; many programs give them.
static gboolean is_named_like_result(Look *look, const CliItem *item)
{
    if (item->named)
        return FALSE;
    g_autofree char *stem = stem_of(item->input);
    return (strip_factor(stem) && g_hash_table_contains(look->stems, stem)) ||
           (strip_restored(stem) && g_hash_table_contains(look->stems, stem));
}

// Whether what `provenance` was made of lies beside the item, though it is no item: "*.png" names the
// result of a BMP, but not the BMP.
static gboolean has_source_beside(const CliItem *item, const GanProvenance *provenance)
{
    g_autofree char *folder = g_path_get_dirname(item->input);
    g_autofree char *path = g_build_filename(folder, provenance->source, NULL);
    GStatBuf status;
    if (has_name(item, provenance->source) || g_stat(path, &status) != 0 ||
        (guint64)status.st_size != g_ascii_strtoull(provenance->source_print, NULL, 10))
        return FALSE;
    g_autofree char *print = gan_provenance_print(path);
    return g_strcmp0(print, provenance->source_print) == 0;
}

static gboolean is_result(Look *look, guint i)
{
    const CliItem *item = look->items->pdata[i];
    const GanProvenance *provenance = &look->provenances[i];
    if (item->problem != NULL)
        return FALSE;
    if (provenance->settings == NULL)
        return is_named_like_result(look, item);
    // Its source is gone; who has the same content is another picture.
    if (g_str_has_suffix(provenance->settings, IN_PLACE))
        return FALSE;
    if (has_source(look, i, provenance))
        return TRUE;
    // Of results alone somebody wants more.
    return look->mixed && has_source_beside(item, provenance);
}

static void add_size(GHashTable *sizes, guint i, const CliItem *item)
{
    GStatBuf status;
    if (g_stat(item->input, &status) != 0)
        return;
    const guint64 size = (guint64)status.st_size;
    GArray *same = g_hash_table_lookup(sizes, &size);
    if (same == NULL) {
        same = g_array_new(FALSE, FALSE, sizeof(guint));
        g_hash_table_insert(sizes, g_memdup2(&size, sizeof size), same);
    }
    g_array_append_val(same, i);
}

// Reads what is noted of the items.
static void look_at_all(Look *look)
{
    for (guint i = 0; i < look->items->len; i++) {
        const CliItem *item = look->items->pdata[i];
        if (item->problem != NULL)
            continue;
        gan_provenance_read(item->input, &look->provenances[i]);
        g_hash_table_add(look->stems, stem_of(item->input));
        add_size(look->sizes, i, item);
        if (look->provenances[i].settings != NULL)
            continue;
        look->mixed = TRUE;
        g_hash_table_add(look->names, g_path_get_basename(item->input));
    }
}

void cli_results_leave_out(GPtrArray *items, GPtrArray *left_out)
{
    if (items->len < 2)
        return;
    const guint n = items->len;
    g_autofree GanProvenance *provenances = g_new0(GanProvenance, n);
    g_autofree char **prints = g_new0(char *, n);
    g_autoptr(GHashTable) sizes =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
    g_autoptr(GHashTable) n_of_prints = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) stems = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Look look = {.items = items,
                 .provenances = provenances,
                 .prints = prints,
                 .sizes = sizes,
                 .n_of_prints = n_of_prints,
                 .names = names,
                 .stems = stems};
    look_at_all(&look);
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    for (guint i = 0; i < n; i++)
        g_ptr_array_add(is_result(&look, i) ? left_out : kept, items->pdata[i]);
    for (guint i = 0; i < n; i++) {
        items->pdata[i] = NULL;
        gan_provenance_clear(&provenances[i]);
        g_free(prints[i]);
    }
    // What is freed with the array is NULL now.
    g_ptr_array_set_size(items, 0);
    for (guint i = 0; i < kept->len; i++)
        g_ptr_array_add(items, kept->pdata[i]);
}

// --- what is there already ---

// A value with folders in it is told by its last part and a sum: whoever gets the picture need not
// know where its maker's files lie.
static void append_text(GString *text, const char *name, const char *value)
{
    const char *slash = strrchr(value, G_DIR_SEPARATOR);
    g_string_append_printf(text, "; %s %s", name, slash != NULL ? slash + 1 : value);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, value, -1);
    if (slash != NULL)
        g_string_append_printf(text, " (%.8s)", sum);
}

static void append_options(GString *text, const GOptionEntry *entries)
{
    for (const GOptionEntry *entry = entries; entry != NULL && entry->long_name != NULL; entry++) {
        if (entry->arg == G_OPTION_ARG_NONE && *(const gboolean *)entry->arg_data)
            g_string_append_printf(text, "; %s", entry->long_name);
        else if (entry->arg == G_OPTION_ARG_INT)
            g_string_append_printf(text, "; %s %d", entry->long_name,
                                   *(const int *)entry->arg_data);
        else if ((entry->arg == G_OPTION_ARG_STRING || entry->arg == G_OPTION_ARG_FILENAME) &&
                 *(char *const *)entry->arg_data != NULL)
            append_text(text, entry->long_name, *(char *const *)entry->arg_data);
    }
}

GanProvenance cli_results_provenance(const CliItem *item, const CliPictureVerb *verb,
                                     const CliPictures *pictures, const char *scale, guint quality,
                                     const char *page)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "%s; x%s", g_get_prgname(), scale);
    for (guint i = 0; i < pictures->n_networks; i++) {
        const CliPick *pick = &pictures->networks[i].pick;
        g_string_append_printf(text, "; model %s (%s)", pick->name, pick->print);
    }
    append_options(text, verb->entries);
    for (guint i = 0; i < pictures->n_companions; i++) {
        g_autofree char *print = gan_provenance_print(item->companions[i]);
        g_string_append_printf(text, "; %s (%s)", pictures->companions[i].option + strlen("--"),
                               print != NULL ? print : "");
    }
    static const char *const with_quality[] = {"jpg", "jpeg", "webp"};
    for (gsize i = 0; i < G_N_ELEMENTS(with_quality); i++) {
        if (g_ascii_strcasecmp(cli_naming_extension(item->output), with_quality[i]) != 0)
            continue;
        if (quality > 0 || *with_quality[i] == 'j')
            g_string_append_printf(text, "; quality %u", quality > 0 ? quality : 95);
        else
            g_string_append(text, "; quality of the source");
    }
    if (page != NULL)
        g_string_append_printf(text, "; page %s", page);
    if (item->in_place)
        g_string_append(text, IN_PLACE);
    g_autofree char *name = g_path_get_basename(item->input);
    return (GanProvenance){.settings = g_utf8_make_valid(text->str, (gssize)text->len),
                           .source = g_utf8_make_valid(name, -1),
                           .source_print = gan_provenance_print(item->input)};
}

static gboolean is_newer(const char *path, const GStatBuf *than)
{
    GStatBuf status;
    if (g_stat(path, &status) != 0)
        return FALSE;
    if (status.st_mtim.tv_sec != than->st_mtim.tv_sec)
        return status.st_mtim.tv_sec > than->st_mtim.tv_sec;
    return status.st_mtim.tv_nsec > than->st_mtim.tv_nsec;
}

gboolean cli_results_is_done_in_place(const CliItem *item, const GanProvenance *wanted)
{
    g_auto(GanProvenance) provenance = {0};
    return item->in_place && gan_provenance_read(item->input, &provenance) &&
           strcmp(provenance.settings, wanted->settings) == 0;
}

CliResult cli_results_look(const CliItem *item, const GanProvenance *wanted, const char **reason)
{
    GStatBuf status;
    g_auto(GanProvenance) provenance = {0};
    if (g_stat(item->output, &status) != 0)
        return CLI_RESULT_NONE;
    if (!gan_provenance_read(item->output, &provenance))
        return CLI_RESULT_ALIEN;
    if (strcmp(provenance.settings, wanted->settings) != 0)
        *reason = "with other settings";
    else if (g_strcmp0(provenance.source_print, wanted->source_print) != 0)
        *reason = "of another picture";
    else if (is_newer(item->input, &status))
        *reason = "before its picture";
    else
        return CLI_RESULT_DONE;
    return CLI_RESULT_OTHER;
}
