#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# `gimp-gan generate` as a user runs it.
source "$(dirname "$0")/../cli/check.sh"
: "${RECIPES:?is not set}"
model=$GOLDEN/dcgan-g.safetensors

# How many pixels of two files differ, which may have other times inside. ImageMagick 7 adds " (0)".
differing() { compare -metric AE "$1" "$2" null: 2>&1 | cut -d ' ' -f 1; }
same_pixels() { [[ $(differing "$1" "$2") == 0 ]] || claim_failed "$1 and $2 differ"; }
differ() { [[ $(differing "$1" "$2") != 0 ]] || claim_failed "$1 and $2 are equal"; }

run 0 "$GIMP_GAN" generate "$model" -o grid.png --count 5
out_says "grid.png: 5 pictures of 64 x 64 pixels"
size_is grid.png 196x130
run 0 "$GIMP_GAN" generate "$model" -o grid.png --count 5 --columns 5 --json
json_is "d['pictures']" 5
size_is grid.png 328x64
run 0 "$GIMP_GAN" generate "$model" -o single --count 3 --seed 7 --quiet
out_is_empty
files_are single "dcgan-g-7.png dcgan-g-8.png dcgan-g-9.png"
run 0 "$GIMP_GAN" generate "$model" -o one.png --count 1 --seed 8
same_pixels one.png single/dcgan-g-8.png
differ single/dcgan-g-7.png single/dcgan-g-8.png
# The ends of a way are the pictures of their seeds; between them lies something else.
run 0 "$GIMP_GAN" generate "$model" -o way/ --count 3 --seed 7 --to 9
same_pixels way/dcgan-g-7-to-9-0001.png single/dcgan-g-7.png
same_pixels way/dcgan-g-7-to-9-0003.png single/dcgan-g-9.png
differ way/dcgan-g-7-to-9-0002.png single/dcgan-g-7.png
# More than one batch at a time gives the same pictures.
run 0 "$GIMP_GAN" generate "$model" -o many --count 20 --seed 1
same_pixels many/dcgan-g-8.png single/dcgan-g-8.png

# Classes: asked for by name and number, and in turn.
mkdir -p photos/cat photos/dog
for k in 1 2 3; do
    convert -size 32x32 -seed $k plasma:fractal photos/cat/$k.png
    convert -size 32x32 -seed 1$k plasma:red-blue photos/dog/$k.png
done
run 0 "$GIMP_GAN" train "$RECIPES/cgan.ini" --data photos -o run --quiet --set run.steps=2 --set data.batch=4 \
    --set network.features=4 --set critic.features=4 --set network.channels=3 --set run.samples_every=0
trained=run/cgan-last.safetensors
run 0 "$GIMP_GAN" generate $trained -o dogs --class dog --count 2
run 0 "$GIMP_GAN" generate $trained -o ones --class 1 --count 2
run 0 "$GIMP_GAN" generate $trained -o turns --count 2
same_pixels dogs/cgan-last-1.png ones/cgan-last-1.png
same_pixels dogs/cgan-last-2.png turns/cgan-last-2.png
differ dogs/cgan-last-1.png turns/cgan-last-1.png
run 2 "$GIMP_GAN" generate $trained --class cow
err_says "--class is 'cow'; the model has cat, dog"
run 2 "$GIMP_GAN" generate "$model" --class cat
err_says "the model has no classes"

run 2 "$GIMP_GAN" generate "$GOLDEN/srvgg-prelu-x4.pth"
err_says "is one to upscale with"
run 1 "$GIMP_GAN" generate "$model" -o grid.txt
err_says "grid.txt: no format of this name"
run 2 "$GIMP_GAN" generate
err_says "One model is needed"
run 2 "$GIMP_GAN" generate "$model" --count 0
run 1 "$GIMP_GAN" upscale photos/cat/1.png -m "$model" -o x.png
err_says "is one to generate with"
finish
