// SPDX-License-Identifier: LGPL-3.0-or-later
#include "card.h"

#include <gan/catalogue.h>
#include <gio/gio.h>
#include <string.h>

// A card is a page of text.
static const goffset CARD_MAX_BYTES = 1 << 20;

static char *beside(const char *weights_path, const char *extension)
{
    const char *dot = strrchr(weights_path, '.');
    const gsize stem = dot != NULL ? (gsize)(dot - weights_path) : strlen(weights_path);
    return g_strdup_printf("%.*s.%s", (int)stem, weights_path, extension);
}

static gboolean is_page(const char *path)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    g_autoptr(GFileInfo) info =
        g_file_query_info(file, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
                          G_FILE_QUERY_INFO_NONE, NULL, NULL);
    return info != NULL && g_file_info_get_file_type(info) == G_FILE_TYPE_REGULAR &&
           g_file_info_get_size(info) <= CARD_MAX_BYTES;
}

JsonNode *gan_card_load(const char *weights_path)
{
    g_autofree char *path = beside(weights_path, "json");
    g_autoptr(JsonParser) parser = json_parser_new();
    if (!is_page(path) || !json_parser_load_from_file(parser, path, NULL))
        return NULL;
    JsonNode *root = json_parser_get_root(parser);
    return root != NULL && JSON_NODE_HOLDS_OBJECT(root) ? json_node_copy(root) : NULL;
}

char *gan_card_page(const char *weights_path, const char *extension)
{
    g_autofree char *path = beside(weights_path, extension);
    g_autofree char *words = NULL;
    return is_page(path) && g_file_get_contents(path, &words, NULL, NULL) &&
                   g_utf8_validate(words, -1, NULL)
               ? g_steal_pointer(&words)
               : NULL;
}

// Texts, numbers and lists of them; what is nested is for programs.
static void append_value(GString *text, JsonNode *node)
{
    if (JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *array = json_node_get_array(node);
        for (guint i = 0; i < json_array_get_length(array); i++) {
            if (i > 0)
                g_string_append(text, ", ");
            append_value(text, json_array_get_element(array, i));
        }
        return;
    }
    if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING) {
        g_string_append(text, json_node_get_string(node));
        return;
    }
    g_autofree char *json = json_to_string(node, FALSE);
    g_string_append(text, json);
}

static void append_member(JsonObject *object, const char *name, JsonNode *node, gpointer data)
{
    GString *text = data;
    g_string_append_printf(text, "%s: ", name);
    append_value(text, node);
    g_string_append_c(text, '\n');
}

char *gan_catalogue_card(const char *path)
{
    g_return_val_if_fail(path != NULL, NULL);
    GString *text = g_string_new(NULL);
    g_autoptr(JsonNode) card = gan_card_load(path);
    if (card != NULL)
        json_object_foreach_member(json_node_get_object(card), append_member, text);
    g_autoptr(GanWeights) weights = gan_weights_open(path, NULL);
    g_autofree const char **keys = weights != NULL ? gan_weights_metadata_keys(weights) : NULL;
    for (const char **key = keys; key != NULL && *key != NULL; key++)
        g_string_append_printf(text, "%s: %s\n", *key, gan_weights_metadata(weights, *key));
    static const char *const pages[] = {"md", "txt", "license", "LICENSE"};
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *words = gan_card_page(path, pages[i]);
        if (words != NULL)
            g_string_append_printf(text, "%s%s\n", text->len > 0 ? "\n" : "", words);
    }
    return g_string_free(text, FALSE);
}
