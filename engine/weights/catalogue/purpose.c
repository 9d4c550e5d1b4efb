// SPDX-License-Identifier: LGPL-3.0-or-later
// Source:  of the list's words, the authors' pages of Real-ESRGAN and those of openmodeldb.info.
#include "purpose.h"

#include "card.h"
#include <string.h>

// Longer than a few words is a page, and not for a list.
#define MOST_BYTES 120

static const struct {
    const char *sha256, *words;
} KNOWN[] = {
    // RealESRGAN_x4plus, RealESRGAN_x2plus
    {"4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1",
     "photographs, JPEG, noise"},
    {"49fafd45f8fd7aa8d31ab2a22d14d91b536c34494a5cfe31eb5d89c2fa266abb",
     "photographs, JPEG, noise"},
    // RealESRGAN_x4plus_anime_6B
    {"f872d837d3c90ed2e05227bed711af5671a6fd1c9f7d7e91c911a61f155e99da", "drawings, JPEG"},
    // realesr-general-x4v3, realesr-general-wdn-x4v3, realesr-animevideov3
    {"8dc7edb9ac80ccdc30c3a5dca6616509367f05fbc184ad95b731f05bece96292",
     "photographs, JPEG, noise"},
    {"1641f8c4464b9f097c9fdda5589273713f67cf59f3d909e0bd688f0cee269dca", "photographs, JPEG"},
    {"b8a8376811077954d82ca3fcf476f1ac3da3e8a68a4f4d71363008000a18b75d", "drawings, JPEG"},
    // RealESRGANv2-animevideo-xsx2
    {"27985aa2198711ecd72f9bb274ec7b164e018fc9ce2933daaa7c7ab36a2bd3fe", "drawings, JPEG"},
    // 4x-UltraSharp, 4x_foolhardy_Remacri
    {"a5812231fc936b42af08a5edba784195495d303d5b3248c24489ef0c4021fe01", "photographs, JPEG"},
    {"e1a73bd89c2da1ae494774746398689048b5a892bd9653e146713f9df8bca86a", "photographs"},
};

static const char *known(const char *sha256)
{
    for (guint i = 0; sha256 != NULL && i < G_N_ELEMENTS(KNOWN); i++)
        if (g_ascii_strcasecmp(sha256, KNOWN[i].sha256) == 0)
            return KNOWN[i].words;
    return NULL;
}

// One line of a few words, or NULL.
static char *clean(const char *text)
{
    if (text == NULL || !g_utf8_validate(text, -1, NULL))
        return NULL;
    g_autofree char *words = g_strstrip(g_strdup(text));
    gsize length = strcspn(words, "\r\n");
    length = MIN(length, MOST_BYTES);
    // Of the last letter, all bytes or none.
    while (length > 0 && ((guchar)words[length] & 0xc0) == 0x80)
        length--;
    words[length] = 0;
    g_strchomp(words);
    const gsize kept = strlen(words);
    if (kept > 0 && words[kept - 1] == '.')
        words[kept - 1] = 0;
    return words[0] != 0 ? g_steal_pointer(&words) : NULL;
}

char *gan_purpose_of_weights(const GanWeights *weights)
{
    char *stated = clean(gan_weights_metadata(weights, "good_for"));
    return stated != NULL ? stated
                          : g_strdup(known(gan_weights_metadata(weights, "source_sha256")));
}

// A text, or a list of them.
static char *words_of(JsonNode *node)
{
    if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING)
        return clean(json_node_get_string(node));
    if (!JSON_NODE_HOLDS_ARRAY(node))
        return NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    JsonArray *array = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *word = json_array_get_element(array, i);
        if (JSON_NODE_HOLDS_VALUE(word) && json_node_get_value_type(word) == G_TYPE_STRING)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
                                   json_node_get_string(word));
    }
    return clean(text->str);
}

static char *words_of_page(const char *page)
{
    static const char begin[] = "good for:";
    g_auto(GStrv) lines = g_strsplit(page, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        const char *text = *line + strspn(*line, " \t-*");
        if (g_ascii_strncasecmp(text, begin, strlen(begin)) == 0)
            return clean(text + strlen(begin));
    }
    return NULL;
}

char *gan_purpose_of_card(const char *weights_path)
{
    g_autoptr(JsonNode) card = gan_card_load(weights_path);
    JsonNode *node =
        card != NULL ? json_object_get_member(json_node_get_object(card), "good_for") : NULL;
    char *words = node != NULL ? words_of(node) : NULL;
    if (words != NULL)
        return words;
    g_autofree char *page = gan_card_page(weights_path, "md");
    return page != NULL ? words_of_page(page) : NULL;
}

char *gan_purpose_of_model(const GanModel *model, const char *sha256)
{
    const char *words = known(sha256);
    const GanModelInfo *info = gan_model_info(model);
    for (guint i = 0; words == NULL && i < info->n_inputs; i++) {
        if (info->inputs[i].kind != GAN_END_NUMBER)
            continue;
        if (g_strcmp0(info->inputs[i].name, "noise") == 0)
            words = "noise";
        else if (g_strcmp0(info->inputs[i].name, "quality") == 0)
            words = "JPEG";
    }
    return g_strdup(words);
}
