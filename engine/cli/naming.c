// SPDX-License-Identifier: LGPL-3.0-or-later
// What results are called: -o, the template, the format, and what must not happen to files
// that are there.
#include "naming.h"

#include <gan/image.h>
#include <glib/gstdio.h>
#include <string.h>

const char *cli_naming_extension(const char *path)
{
    const char *slash = strrchr(path, G_DIR_SEPARATOR);
    const char *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return dot != NULL && dot != name ? dot + 1 : "";
}

// jpg and jpeg, tif and tiff name one format each.
static gboolean same_format(const char *a, const char *b)
{
    static const char *const pairs[][2] = {{"jpg", "jpeg"}, {"tif", "tiff"}};
    if (g_ascii_strcasecmp(a, b) == 0)
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++)
        for (guint k = 0; k < 2; k++)
            if (g_ascii_strcasecmp(a, pairs[i][k]) == 0 &&
                g_ascii_strcasecmp(b, pairs[i][1 - k]) == 0)
                return TRUE;
    return FALSE;
}

char *cli_naming_size_problem(const char *path, guint width, guint height)
{
    // JPEG: libjpeg's JPEG_MAX_DIMENSION, just below the format's 65535. WebP: 14 bits a side. PNG:
    // the limit that libpng puts on what it writes.
    static const struct {
        const char *extension, *title;
        guint limit;
    } formats[] = {{"jpg", "JPEG", 65500}, {"webp", "WebP", 16383}, {"png", "PNG", 1000000}};
    const char *extension = cli_naming_extension(path);
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (same_format(extension, formats[i].extension) && MAX(width, height) > formats[i].limit)
            return g_strdup_printf(
                "The result is %u x %u pixels; a %s file holds at most %u a side. --format or the "
                "extension of the output names another format.",
                width, height, formats[i].title, formats[i].limit);
    return NULL;
}

// Appends the value of the placeholder of `length` bytes at `key`; FALSE when there is
// none of that name.
static gboolean append_placeholder(GString *result, const char *key, gsize length,
                                   const CliPlaceholders *values)
{
    g_autofree char *index = g_strdup_printf("%u", values->index);
    const char *const table[][2] = {
        {"name", values->name},   {"ext", values->ext},       {"model", values->model},
        {"scale", values->scale}, {"folder", values->folder}, {"index", index},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
        if (strlen(table[i][0]) == length && memcmp(table[i][0], key, length) == 0) {
            g_string_append(result, table[i][1]);
            return TRUE;
        }
    return FALSE;
}

char *cli_naming_fill(const char *template, const CliPlaceholders *values, GError **error)
{
    g_autoptr(GString) result = g_string_new(NULL);
    const char *problem = NULL;
    for (const char *c = template; *c != '\0' && problem == NULL; c++) {
        if ((*c == '{' || *c == '}') && c[1] == *c) {
            g_string_append_c(result, *c);
            c++;
        } else if (*c == '{') {
            const char *end = strchr(c, '}');
            if (end == NULL)
                problem = "has a { without its }";
            else if (!append_placeholder(result, c + 1, (gsize)(end - c - 1), values))
                problem = "has an unknown placeholder";
            else
                c = end;
        } else if (*c == '}') {
            problem = "has a } without its {";
        } else {
            g_string_append_c(result, *c);
        }
    }
    if (problem == NULL && (result->len == 0 || result->str[result->len - 1] == G_DIR_SEPARATOR))
        problem = "gives an empty file name";
    if (problem != NULL) {
        g_autofree char *shown = g_filename_display_name(template);
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "The template '%s' %s. Placeholders are {name}, {ext}, {model}, {scale}, "
                    "{folder} and {index}; {{ "
                    "and }} stand for braces.",
                    shown, problem);
        return NULL;
    }
    return g_string_free(g_steal_pointer(&result), FALSE);
}

gboolean cli_naming_is_folder(const GPtrArray *items, const CliNaming *naming)
{
    const char *output = naming->output;
    if (output == NULL || output[0] == '\0')
        return FALSE;
    if (g_str_has_suffix(output, G_DIR_SEPARATOR_S) || g_file_test(output, G_FILE_TEST_IS_DIR))
        return TRUE;
    if (naming->template != NULL || cli_naming_extension(output)[0] == '\0')
        return TRUE;
    const CliItem *only = items->len == 1 ? items->pdata[0] : NULL;
    return only == NULL || !only->named;
}

gboolean cli_naming_check(const GPtrArray *items, const CliNaming *naming, GError **error)
{
    const CliPlaceholders probe_values = {"name", "png", "model", "1", "folder", 1};
    g_autofree char *filled = cli_naming_fill(
        naming->template != NULL ? naming->template : naming->usual, &probe_values, error);
    if (filled == NULL)
        return FALSE;
    if (naming->format != NULL) {
        g_autofree char *probe = g_strconcat("x.", naming->format, NULL);
        if (!gan_image_can_save(probe)) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        "--format is '%s'; pictures are written as png, jpg, tif, webp or exr.",
                        naming->format);
            return FALSE;
        }
    }
    if (naming->output == NULL)
        return TRUE;
    g_autofree char *shown = g_filename_display_name(naming->output);
    if (naming->output[0] == '\0') {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--output is empty; it takes a file or a folder.");
        return FALSE;
    }
    if (!cli_naming_is_folder(items, naming)) {
        const char *extension = cli_naming_extension(naming->output);
        if (!gan_image_can_save(naming->output)) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        "--output is '%s', but pictures cannot be written as '%s', only as png, "
                        "jpg, tif, webp or exr.",
                        shown, extension);
            return FALSE;
        }
        if (naming->format != NULL && !same_format(extension, naming->format)) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        "--output is '%s', but --format is '%s'.", shown, naming->format);
            return FALSE;
        }
        return TRUE;
    }
    // A name that looks like a picture's is hardly meant as a folder's.
    if (!g_str_has_suffix(naming->output, G_DIR_SEPARATOR_S) &&
        !g_file_test(naming->output, G_FILE_TEST_IS_DIR) &&
        (g_file_test(naming->output, G_FILE_TEST_EXISTS) || gan_image_can_save(naming->output))) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "--output is '%s', which is a file; a folder is needed for a folder, a "
                    "pattern, several pictures or "
                    "a template. A name that ends in / is made as a folder.",
                    shown);
        return FALSE;
    }
    return TRUE;
}

static char *name_output(const CliItem *item, const CliNaming *naming, gboolean is_folder,
                         guint index, GError **error)
{
    if (naming->output != NULL && !is_folder)
        return g_strdup(naming->output);
    const char *own = cli_naming_extension(item->input);
    const char *ext = naming->format != NULL ? naming->format : own;
    if (naming->format == NULL && !gan_image_can_save(item->input))
        ext = "png";
    g_autofree char *name = g_path_get_basename(item->input);
    if (own[0] != '\0')
        name[strlen(name) - strlen(own) - 1] = '\0';
    g_autofree char *canonical = cli_batch_canonical(item->input);
    g_autofree char *parent = g_path_get_dirname(canonical);
    g_autofree char *parent_name = g_path_get_basename(parent);
    const CliPlaceholders values = {.name = name,
                                    .ext = ext,
                                    .model = naming->model,
                                    .scale = naming->scale,
                                    .folder = parent_name,
                                    .index = index};
    const char *template = naming->template != NULL ? naming->template : naming->usual;
    g_autofree char *filled = cli_naming_fill(template, &values, error);
    if (filled == NULL)
        return NULL;
    if (!gan_image_can_save(filled) ||
        (naming->format != NULL && !same_format(cli_naming_extension(filled), ext))) {
        g_autofree char *shown = g_filename_display_name(filled);
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "The template gives '%s'; it has to end in {ext} or in .png, .jpg, .tif, .webp "
                    "or .exr%s%s.",
                    shown, naming->format != NULL ? " and agree with --format " : "",
                    naming->format != NULL ? naming->format : "");
        return NULL;
    }
    if (is_folder)
        return g_build_filename(naming->output, item->folder, filled, NULL);
    g_autofree char *beside = g_path_get_dirname(item->input);
    return strcmp(beside, ".") == 0 && !g_str_has_prefix(item->input, "./")
               ? g_strdup(filled)
               : g_build_filename(beside, filled, NULL);
}

static gboolean same_file(const char *a, const char *b)
{
    g_autofree char *canonical_a = cli_batch_canonical(a);
    g_autofree char *canonical_b = cli_batch_canonical(b);
    if (strcmp(canonical_a, canonical_b) == 0)
        return TRUE;
    GStatBuf stat_a, stat_b;
    return g_stat(a, &stat_a) == 0 && g_stat(b, &stat_b) == 0 && stat_a.st_dev == stat_b.st_dev &&
           stat_a.st_ino == stat_b.st_ino;
}

static gboolean check_companions(const CliItem *item, GHashTable *outputs, GError **error)
{
    for (guint i = 0; i < CLI_MAX_COMPANIONS; i++) {
        if (item->companions[i] == NULL)
            continue;
        g_autofree char *canonical = cli_batch_canonical(item->companions[i]);
        const CliItem *maker = g_hash_table_lookup(outputs, canonical);
        if (maker == NULL)
            continue;
        g_autofree char *shown = g_filename_display_name(item->companions[i]);
        g_autofree char *other = g_filename_display_name(maker->input);
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "The result of '%s' would replace '%s', which goes in too. -o or --template "
                    "names another file.",
                    other, shown);
        return FALSE;
    }
    return TRUE;
}

// Checks one item against the outputs of all. What would replace a picture that was found in a folder
// is not made, and the others are.
static gboolean check_input(CliItem *item, const CliNaming *naming, GHashTable *outputs,
                            GError **error)
{
    g_autofree char *shown = g_filename_display_name(item->input);
    if (item->output != NULL && same_file(item->input, item->output)) {
        const gboolean asked = naming->output != NULL || naming->template != NULL;
        item->in_place = naming->overwrite && asked;
        if (item->in_place)
            return TRUE;
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "The result of '%s' would replace it. --overwrite allows this; -o or "
                    "--template names another file.",
                    shown);
        return FALSE;
    }
    g_autofree char *canonical = cli_batch_canonical(item->input);
    CliItem *maker = g_hash_table_lookup(outputs, canonical);
    if (!check_companions(item, outputs, error))
        return FALSE;
    if (maker == NULL || maker == item)
        return TRUE;
    g_autofree char *other = g_filename_display_name(maker->input);
    g_autofree char *problem = g_strdup_printf(
        "The result of '%s' would replace the input '%s'. -o or --template names another file.",
        other, shown);
    if (!item->named) {
        maker->problem = g_steal_pointer(&problem);
        return TRUE;
    }
    g_set_error_literal(error, GAN_ERROR, GAN_ERROR_ARGUMENT, problem);
    return FALSE;
}

gboolean cli_naming_apply(GPtrArray *items, const CliNaming *naming, GError **error)
{
    if (!cli_naming_check(items, naming, error))
        return FALSE;
    const gboolean is_folder = cli_naming_is_folder(items, naming);
    g_autoptr(GHashTable) outputs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < items->len; i++) {
        CliItem *item = items->pdata[i];
        if (item->problem != NULL)
            continue;
        item->output = name_output(item, naming, is_folder, i + 1, error);
        if (item->output == NULL)
            return FALSE;
        g_autofree char *canonical = cli_batch_canonical(item->output);
        const CliItem *other = g_hash_table_lookup(outputs, canonical);
        if (other != NULL) {
            g_autofree char *shown = g_filename_display_name(item->output);
            g_autofree char *first = g_filename_display_name(other->input);
            g_autofree char *second = g_filename_display_name(item->input);
            g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                        "'%s' and '%s' would both become '%s'. A --template with {name}, {ext}, "
                        "{folder} or {index} "
                        "tells them apart.",
                        first, second, shown);
            return FALSE;
        }
        g_hash_table_insert(outputs, g_steal_pointer(&canonical), item);
    }
    for (guint i = 0; i < items->len; i++)
        if (!check_input(items->pdata[i], naming, outputs, error))
            return FALSE;
    return TRUE;
}
