// SPDX-License-Identifier: LGPL-3.0-or-later
// Licences of weight files.
// Source:  the list's sums and licences are those of openmodeldb.info, data/models/*.json.
#include "licence.h"

#include "card.h"
#include <string.h>

static const struct {
    const char *sha256, *licence;
} KNOWN[] = {
    // RealESRGAN_x4plus, RealESRGAN_x2plus, RealESRGAN_x4plus_anime_6B
    {"4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1", "BSD-3-Clause"},
    {"49fafd45f8fd7aa8d31ab2a22d14d91b536c34494a5cfe31eb5d89c2fa266abb", "BSD-3-Clause"},
    {"f872d837d3c90ed2e05227bed711af5671a6fd1c9f7d7e91c911a61f155e99da", "BSD-3-Clause"},
    // realesr-general-x4v3, realesr-general-wdn-x4v3, realesr-animevideov3
    {"8dc7edb9ac80ccdc30c3a5dca6616509367f05fbc184ad95b731f05bece96292", "BSD-3-Clause"},
    {"1641f8c4464b9f097c9fdda5589273713f67cf59f3d909e0bd688f0cee269dca", "BSD-3-Clause"},
    {"b8a8376811077954d82ca3fcf476f1ac3da3e8a68a4f4d71363008000a18b75d", "BSD-3-Clause"},
    // RealESRGANv2-animevideo-xsx2
    {"27985aa2198711ecd72f9bb274ec7b164e018fc9ce2933daaa7c7ab36a2bd3fe", "BSD-3-Clause"},
    // 4x-UltraSharp, 4x_foolhardy_Remacri
    {"a5812231fc936b42af08a5edba784195495d303d5b3248c24489ef0c4021fe01", "CC-BY-NC-SA-4.0"},
    {"e1a73bd89c2da1ae494774746398689048b5a892bd9653e146713f9df8bca86a", "CC-BY-NC-SA-4.0"},
};

const char *gan_licence_of_known(const char *sha256)
{
    for (guint i = 0; i < G_N_ELEMENTS(KNOWN); i++)
        if (g_ascii_strcasecmp(sha256, KNOWN[i].sha256) == 0)
            return KNOWN[i].licence;
    return NULL;
}

// Returns the text member, or NULL if it is missing, empty or of another type.
static char *text_member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    if (node == NULL || json_node_get_value_type(node) != G_TYPE_STRING ||
        json_node_get_string(node)[0] == 0)
        return NULL;
    return g_strdup(json_node_get_string(node));
}

char *gan_licence_of_card(const char *weights_path)
{
    g_autoptr(JsonNode) root = gan_card_load(weights_path);
    if (root == NULL)
        return NULL;
    JsonObject *card = json_node_get_object(root);
    char *licence = text_member(card, "licence");
    return licence != NULL ? licence : text_member(card, "license");
}

gboolean gan_licence_is_non_commercial(const char *licence)
{
    // SPDX's identifiers: CC-BY-NC-…, PolyForm-Noncommercial-…
    g_autofree char *lower = g_ascii_strdown(licence, -1);
    return strstr(lower, "-nc") != NULL || strstr(lower, " nc") != NULL ||
           strstr(lower, "noncommercial") != NULL || strstr(lower, "non-commercial") != NULL;
}
