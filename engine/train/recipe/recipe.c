// SPDX-License-Identifier: LGPL-3.0-or-later
// Recipes: read from files, whose lines are read here because messages shall name them,
// checked, and written.
#include "recipe.h"
#include "former.h"

#include <string.h>

// A line that says something.
typedef struct {
    char *place;         // "file:12" or "--set …"
    char *section, *key; // key: NULL where a section begins
    char *text;
} Line;

// What one table was read into.
typedef struct {
    const GanKeys *keys;
    gpointer settings;
} Part;

struct GanRecipe {
    char *path;
    GPtrArray *lines; // of Line, in order
    GArray *parts;    // of Part
    GPtrArray *notices;
};

static void line_free(gpointer data)
{
    Line *line = data;
    g_free(line->place);
    g_free(line->section);
    g_free(line->key);
    g_free(line->text);
    g_free(line);
}

static void part_clear(gpointer data)
{
    Part *part = data;
    for (guint i = 0; i < part->keys->n; i++)
        gan_key_clear(&part->keys->rows[i], part->settings);
    g_free(part->settings);
}

static gboolean fail_at(const char *place, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static gboolean fail_at(const char *place, GError **error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: %s", place, text);
    return FALSE;
}

// --- the text ---

// The line that has the last word on a key, or NULL.
static Line *line_of(const GanRecipe *recipe, const char *section, const char *key)
{
    for (guint i = recipe->lines->len; i-- > 0;) {
        Line *line = recipe->lines->pdata[i];
        if (line->key != NULL && strcmp(line->section, section) == 0 && strcmp(line->key, key) == 0)
            return line;
    }
    return NULL;
}

static Line *line_new(const char *place, const char *section, const char *key, const char *text)
{
    Line *line = g_new0(Line, 1);
    line->place = g_strdup(place);
    line->section = g_strdup(section);
    line->key = g_strdup(key);
    line->text = g_strdup(text);
    return line;
}

// Adds a setting under the name that it has today.
static Line *add_setting(GanRecipe *recipe, const char *place, const char *section, const char *key,
                         const char *text)
{
    g_autofree char *full = g_strdup_printf("%s.%s", section, key);
    const char *today, *value;
    Line *line;
    if (gan_key_former(full, text, &today, &value)) {
        g_auto(GStrv) words = g_strsplit(today, ".", 2);
        line = line_new(place, words[0], words[1], value != NULL ? value : text);
        g_ptr_array_add(recipe->notices,
                        g_strdup_printf("%s: [%s] %s = %s is [%s] %s = %s now", place, section, key,
                                        text, line->section, line->key, line->text));
    } else {
        line = line_new(place, section, key, text);
    }
    g_ptr_array_add(recipe->lines, line);
    return line;
}

// One line of the file. `section` holds the current one.
static gboolean read_line(GanRecipe *recipe, const char *place, char *text, char **section,
                          GError **error)
{
    g_strstrip(text);
    const gsize length = strlen(text);
    if (text[0] == '\0' || text[0] == '#' || text[0] == ';')
        return TRUE;
    if (text[0] == '[') {
        if (text[length - 1] != ']')
            return fail_at(place, error, "'%s' begins a section and does not end in ]", text);
        g_free(*section);
        *section = g_strndup(text + 1, length - 2);
        g_ptr_array_add(recipe->lines, line_new(place, *section, NULL, NULL));
        return TRUE;
    }
    char *equals = strchr(text, '=');
    if (equals == NULL)
        return fail_at(place, error, "'%s' is neither a [section], key = value, nor a # comment",
                       text);
    if (*section == NULL)
        return fail_at(place, error, "'%s' comes before any [section]", text);
    *equals = '\0';
    g_strchomp(text);
    const char *value = g_strchug(equals + 1);
    const guint n = recipe->lines->len;
    Line *line = add_setting(recipe, place, *section, text, value);
    for (guint i = 0; i < n; i++) {
        const Line *former = recipe->lines->pdata[i];
        if (former->key != NULL && strcmp(former->section, line->section) == 0 &&
            strcmp(former->key, line->key) == 0)
            return fail_at(place, error, "[%s] %s was set already, at %s", line->section, line->key,
                           former->place);
    }
    return TRUE;
}

static gboolean read_file(GanRecipe *recipe, GError **error)
{
    g_autoptr(GError) reason = NULL;
    g_autofree char *text = NULL, *section = NULL;
    gsize length;
    if (!g_file_get_contents(recipe->path, &text, &length, &reason)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", reason->message);
        return FALSE;
    }
    if (!g_utf8_validate(text, (gssize)length, NULL))
        return fail_at(recipe->path, error, "not a text in UTF-8");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        g_autofree char *place = g_strdup_printf("%s:%u", recipe->path, i + 1);
        if (!read_line(recipe, place, lines[i], &section, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_change(GanRecipe *recipe, const char *change, GError **error)
{
    const char *equals = strchr(change, '=');
    const char *dot = equals != NULL ? memchr(change, '.', (gsize)(equals - change)) : NULL;
    if (dot == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--set takes section.key=value, such as optimizer.rate=1e-4; it is '%s'",
                    change);
        return FALSE;
    }
    g_autofree char *section = g_strstrip(g_strndup(change, (gsize)(dot - change)));
    g_autofree char *name = g_strstrip(g_strndup(dot + 1, (gsize)(equals - dot) - 1));
    g_autofree char *value = g_strstrip(g_strdup(equals + 1));
    g_autofree char *place = g_strdup_printf("--set %s", change);
    add_setting(recipe, place, section, name, value);
    return TRUE;
}

GanRecipe *gan_recipe_open(const char *path, const char *const *changes, GError **error)
{
    g_autoptr(GanRecipe) recipe = g_new0(GanRecipe, 1);
    recipe->path = g_strdup(path);
    recipe->lines = g_ptr_array_new_with_free_func(line_free);
    recipe->notices = g_ptr_array_new_with_free_func(g_free);
    recipe->parts = g_array_new(FALSE, FALSE, sizeof(Part));
    g_array_set_clear_func(recipe->parts, part_clear);
    if (!read_file(recipe, error))
        return NULL;
    for (guint i = 0; changes != NULL && changes[i] != NULL; i++)
        if (!read_change(recipe, changes[i], error))
            return NULL;
    return g_steal_pointer(&recipe);
}

void gan_recipe_free(GanRecipe *recipe)
{
    if (recipe == NULL)
        return;
    g_array_unref(recipe->parts);
    g_ptr_array_unref(recipe->lines);
    g_ptr_array_unref(recipe->notices);
    g_free(recipe->path);
    g_free(recipe);
}

const char *gan_recipe_path(const GanRecipe *recipe)
{
    return recipe->path;
}

const char *gan_recipe_word(const GanRecipe *recipe, const char *section, const char *key)
{
    const Line *line = line_of(recipe, section, key);
    return line != NULL ? line->text : NULL;
}

const GPtrArray *gan_recipe_notices(const GanRecipe *recipe)
{
    return recipe->notices;
}

// --- by tables ---

static const GanKey *key_of(const GanKeys *keys, const char *section, const char *name)
{
    for (guint i = 0; i < keys->n; i++)
        if (strcmp(keys->rows[i].section, section) == 0 && strcmp(keys->rows[i].key, name) == 0)
            return &keys->rows[i];
    return NULL;
}

// The key of the tables that were read, and the settings that it is read into.
static const GanKey *find(const GanRecipe *recipe, const char *section, const char *name,
                          gpointer *settings)
{
    for (guint i = 0; i < recipe->parts->len; i++) {
        const Part *part = &g_array_index(recipe->parts, Part, i);
        const GanKey *key = key_of(part->keys, section, name);
        if (key == NULL)
            continue;
        *settings = part->settings;
        return key;
    }
    return NULL;
}

static gboolean has_key(const GanKeys *const *tables, const char *section, const char *name)
{
    for (; *tables != NULL; tables++)
        if (key_of(*tables, section, name) != NULL)
            return TRUE;
    return FALSE;
}

// The names of the sections of all tables, in their order, once each.
static GPtrArray *sections_of(const GanKeys *const *keys, const GanKeys *const *others)
{
    GPtrArray *names = g_ptr_array_new();
    for (guint k = 0; k < 2; k++)
        for (const GanKeys *const *table = k == 0 ? keys : others; *table != NULL; table++)
            for (guint i = 0; i < (*table)->n; i++)
                if (!g_ptr_array_find_with_equal_func(names, (*table)->rows[i].section, g_str_equal,
                                                      NULL))
                    g_ptr_array_add(names, (gpointer)(*table)->rows[i].section);
    return names;
}

// Levenshtein's distance: the fewest letters to insert, leave out or replace.
static guint distance(const char *a, const char *b)
{
    const gsize n = strlen(b);
    g_autofree guint *row = g_new(guint, n + 1);
    for (guint k = 0; k <= n; k++)
        row[k] = k;
    for (guint i = 0; a[i] != '\0'; i++) {
        guint diagonal = row[0];
        row[0] = i + 1;
        for (gsize k = 0; k < n; k++) {
            const guint replaced = diagonal + (a[i] != b[k] ? 1 : 0);
            diagonal = row[k + 1];
            row[k + 1] = MIN(replaced, MIN(row[k], row[k + 1]) + 1);
        }
    }
    return row[n];
}

// The key whose name is nearest; one of another section has to be two letters nearer.
static const GanKey *nearest(const GanKeys *const *tables, const char *section, const char *name)
{
    const GanKey *best = NULL;
    guint least = G_MAXUINT;
    for (; *tables != NULL; tables++)
        for (guint i = 0; i < (*tables)->n; i++) {
            const GanKey *key = &(*tables)->rows[i];
            const guint found =
                2 * distance(name, key->key) + (strcmp(section, key->section) != 0 ? 3 : 0);
            if (found < least) {
                best = key;
                least = found;
            }
        }
    return best;
}

// Whether one name is a slip of the hand from the other, or a part of it.
static gboolean is_near(const char *name, const char *key)
{
    return 2 * distance(name, key) <= strlen(name) || strstr(name, key) != NULL ||
           strstr(key, name) != NULL;
}

static char *keys_of(const GanKeys *const *tables, const char *section)
{
    GString *list = g_string_new(NULL);
    for (; *tables != NULL; tables++)
        for (guint i = 0; i < (*tables)->n; i++)
            if (strcmp((*tables)->rows[i].section, section) == 0)
                g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "",
                                       (*tables)->rows[i].key);
    return g_string_free(list, FALSE);
}

static gboolean read_setting(GanRecipe *recipe, const Line *line, const GanKeys *const *keys,
                             const GanKeys *const *others, GError **error)
{
    gpointer settings;
    const GanKey *key = find(recipe, line->section, line->key, &settings);
    if (key == NULL && has_key(others, line->section, line->key)) {
        g_ptr_array_add(recipe->notices,
                        g_strdup_printf("%s: [%s] %s means nothing to this procedure", line->place,
                                        line->section, line->key));
        return TRUE;
    }
    if (key == NULL) {
        const GanKey *other = nearest(keys, line->section, line->key);
        g_autofree char *known = keys_of(keys, line->section);
        if (known[0] != 0 && !is_near(line->key, other->key))
            return fail_at(line->place, error, "[%s] has no key '%s'; it has %s", line->section,
                           line->key, known);
        return fail_at(line->place, error, "[%s] has no key '%s'; the nearest is [%s] %s",
                       line->section, line->key, other->section, other->key);
    }
    if (gan_key_read(key, line->text, settings))
        return TRUE;
    g_autofree char *wanted = gan_key_takes(key);
    return fail_at(line->place, error, "[%s] %s is '%s'; it takes %s", line->section, line->key,
                   line->text, wanted);
}

static gboolean read_settings(GanRecipe *recipe, const GanKeys *const *keys,
                              const GanKeys *const *others, GError **error)
{
    g_autoptr(GPtrArray) sections = sections_of(keys, others);
    for (guint i = 0; i < recipe->lines->len; i++) {
        const Line *line = recipe->lines->pdata[i];
        if (!g_ptr_array_find_with_equal_func(sections, line->section, g_str_equal, NULL)) {
            g_ptr_array_add(sections, NULL);
            g_autofree char *known = g_strjoinv(", ", (char **)sections->pdata);
            return fail_at(line->place, error, "there is no section [%s]; there are %s",
                           line->section, known);
        }
        if (line->key != NULL && !read_setting(recipe, line, keys, others, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean fill_missing(const GanRecipe *recipe, const Part *part, GError **error)
{
    for (guint i = 0; i < part->keys->n; i++) {
        const GanKey *key = &part->keys->rows[i];
        if (line_of(recipe, key->section, key->key) != NULL)
            continue;
        if (key->fallback == NULL) {
            g_autofree char *wanted = gan_key_takes(key);
            return fail_at(recipe->path, error, "[%s] %s is missing; it takes %s", key->section,
                           key->key, wanted);
        }
        const gboolean fine = gan_key_read(key, key->fallback, part->settings);
        g_assert(fine);
    }
    return TRUE;
}

gboolean gan_recipe_fill(GanRecipe *recipe, const GanKeys *const *keys,
                         const GanKeys *const *others, GError **error)
{
    for (guint i = 0; keys[i] != NULL; i++) {
        const Part part = {keys[i], g_malloc0(keys[i]->bytes)};
        g_array_append_val(recipe->parts, part);
    }
    if (!read_settings(recipe, keys, others, error))
        return FALSE;
    for (guint i = 0; i < recipe->parts->len; i++)
        if (!fill_missing(recipe, &g_array_index(recipe->parts, Part, i), error))
            return FALSE;
    for (guint i = 0; i < recipe->parts->len; i++) {
        const Part *part = &g_array_index(recipe->parts, Part, i);
        if (part->keys->check != NULL && !part->keys->check(recipe, part->settings, error))
            return FALSE;
    }
    return TRUE;
}

gconstpointer gan_recipe_settings(const GanRecipe *recipe, const GanKeys *keys)
{
    for (guint i = 0; i < recipe->parts->len; i++)
        if (g_array_index(recipe->parts, Part, i).keys == keys)
            return g_array_index(recipe->parts, Part, i).settings;
    g_return_val_if_reached(NULL);
}

// --- what goes together ---

gboolean gan_recipe_refuse(const GanRecipe *recipe, const char *full, GError **error,
                           const char *format, ...)
{
    g_auto(GStrv) words = g_strsplit(full, ".", 2);
    const Line *line = line_of(recipe, words[0], words[1]);
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    return fail_at(line != NULL ? line->place : recipe->path, error, "[%s] %s: %s", words[0],
                   words[1], text);
}

gboolean gan_recipe_check(const GanRecipe *recipe, const GanRule *rules, gsize n, GError **error)
{
    for (gsize i = 0; i < n; i++)
        if (rules[i].wrong)
            return gan_recipe_refuse(recipe, rules[i].full, error, "%s", rules[i].text);
    return TRUE;
}

// --- writing ---

// What is told of a setting; NULL: it is left out.
typedef char *Telling(const GanRecipe *recipe, const GanKey *key, gconstpointer settings);

static char *tell_all(const GanRecipe *recipe, const GanKey *key, gconstpointer settings)
{
    (void)recipe;
    return gan_key_text(key, settings);
}

static char *tell_given(const GanRecipe *recipe, const GanKey *key, gconstpointer settings)
{
    if (line_of(recipe, key->section, key->key) == NULL)
        return NULL;
    g_autofree char *value = gan_key_text(key, settings);
    return key->type == GAN_KEY_FILE && value[0] != '\0' ? g_path_get_basename(value)
                                                         : g_steal_pointer(&value);
}

// Several tables may have keys of one section.
static void write_section(const GanRecipe *recipe, const char *section, Telling *telling,
                          GString *text)
{
    gboolean begun = FALSE;
    for (guint i = 0; i < recipe->parts->len; i++) {
        const Part *part = &g_array_index(recipe->parts, Part, i);
        for (guint k = 0; k < part->keys->n; k++) {
            const GanKey *key = &part->keys->rows[k];
            if (strcmp(key->section, section) != 0)
                continue;
            g_autofree char *value = telling(recipe, key, part->settings);
            if (value == NULL)
                continue;
            if (!begun)
                g_string_append_printf(text, "%s[%s]\n", text->len > 0 ? "\n" : "", section);
            begun = TRUE;
            g_string_append_printf(text, "%s = %s\n", key->key, value);
        }
    }
}

static char *write_all(const GanRecipe *recipe, Telling *telling)
{
    static const GanKeys *const none[] = {NULL};
    g_autoptr(GPtrArray) tables = g_ptr_array_new();
    for (guint i = 0; i < recipe->parts->len; i++)
        g_ptr_array_add(tables, (gpointer)g_array_index(recipe->parts, Part, i).keys);
    g_ptr_array_add(tables, NULL);
    g_autoptr(GPtrArray) sections = sections_of((const GanKeys *const *)tables->pdata, none);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < sections->len; i++)
        write_section(recipe, sections->pdata[i], telling, text);
    return g_string_free(text, FALSE);
}

char *gan_recipe_text(const GanRecipe *recipe)
{
    return write_all(recipe, tell_all);
}

char *gan_recipe_given(const GanRecipe *recipe)
{
    return write_all(recipe, tell_given);
}

char *gan_recipe_value(const GanRecipe *recipe, const char *section, const char *key)
{
    gpointer settings;
    const GanKey *row = find(recipe, section, key, &settings);
    g_return_val_if_fail(row != NULL, NULL);
    return gan_key_text(row, settings);
}
