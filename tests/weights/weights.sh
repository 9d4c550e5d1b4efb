#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Each shipped model says what it is, has a card, and enlarges a drawing that it never saw better than bicubic does.
source "$(dirname "$0")/../cli/check.sh"
: "${WEIGHTS:?is not set}"

mkdir drawing
convert logo: -resize 320x240 drawing/logo.png
shopt -s nullglob
models=("$WEIGHTS"/models/*.safetensors)
((${#models[@]} > 0)) || claim_failed "there are no weights in $WEIGHTS/models"
for model in "${models[@]}"; do
    name=$(basename "$model" .safetensors)
    run 0 "$GIMP_GAN" info "$model" --json
    json_is "d['licence']" LGPL-3.0-or-later
    json_is "'-x%d-' % d['scale'] in '-$name-'" True
    card=$WEIGHTS/models/$name.md
    [[ $(head -n 1 "$card") == "# $name" ]] || claim_failed "$card does not begin with '# $name'"
    grep -q pictures.tsv "$card" || claim_failed "$card does not say where its pictures are named"
    # A path in the metadata tells where its author keeps files.
    python3 -c 'import json, re, struct, sys
file = open(sys.argv[1], "rb")
metadata = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))["__metadata__"]
sys.exit(any(re.search(r"(^|[ =])/\w", text) for text in metadata.values()))' "$model" || claim_failed "$name holds a path"
    run 0 "$GIMP_GAN" evaluate "$model" --data drawing --json
    json_is "d['mean']['model']['psnr_y'] > d['mean']['bicubic']['psnr_y'] + 1" True
done

# They are what a model folder lists.
run 0 "$GIMP_GAN" models --models "$WEIGHTS/models"
for model in "${models[@]}"; do out_says "$(basename "$model" .safetensors)"; done
for card in "$WEIGHTS"/models/*.md; do
    [[ -e ${card%.md}.safetensors ]] || claim_failed "$card has no weights"
done
finish
