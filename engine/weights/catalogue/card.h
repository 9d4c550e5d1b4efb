// SPDX-License-Identifier: LGPL-3.0-or-later
// Cards: NAME.json beside a weight file, an object that tells where the weights come from.
#ifndef CATALOGUE_CARD_H
#define CATALOGUE_CARD_H

#include <json-glib/json-glib.h>

// Returns the card of a weight file, an object; NULL when there is none or it cannot be read.
// Owner:   the caller frees it.
JsonNode *gan_card_load(const char *weights_path);

// Returns the page NAME.EXTENSION beside a weight file, UTF-8; NULL when there is none.
// Owner:   the caller frees it.
char *gan_card_page(const char *weights_path, const char *extension);

#endif
