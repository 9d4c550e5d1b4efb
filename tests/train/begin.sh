#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# How runs begin: what a failed one leaves, what a resumed one takes over, what there is to train.
source "$(dirname "$0")/../cli/check.sh"
: "${RECIPES:?is not set}" "${PACKAGING:?is not set}"

mkdir photos
for k in 1 2 3; do convert -size 96x80 -seed $k plasma:fractal -depth 8 photos/$k.png; done
tiny=(--set network.features=8 --set network.blocks=2 --set data.batch=2 --set data.patch=32)

# train OUTPUT OPTION…: a run of a second.
train() {
    local output=$1
    shift
    "$GIMP_GAN" train "$RECIPES/sr-faithful.ini" --data photos -o "$output" --threads 1 "$@"
}

# A run that ends before its first step leaves nothing: no folder of its own, nothing in one that was there.
mkdir there bad
echo kept >there/mine
for k in 1 2 3; do echo damaged >bad/$k.png; done
for output in gone there; do
    run 1 "$GIMP_GAN" train "$RECIPES/sr-faithful.ini" --data bad -o $output "${tiny[@]}" --set run.steps=2
done
is_missing gone
files_are there mine
run 0 train there "${tiny[@]}" --set run.steps=2
exists there/sr-faithful-last.safetensors
# Nor does one that was killed in its first step block the next.
train killed --set network.features=64 --set data.patch=80 --set data.batch=64 --set run.steps=2 2>/dev/null &
pid=$!
until [[ -e killed/checkpoint.safetensors ]]; do
    kill -0 $pid 2>/dev/null || { claim_failed "the slow run ended before it began"; break; }
    sleep 0.02
done
kill -KILL "$(pgrep -P $pid)" 2>/dev/null || kill -KILL $pid
wait $pid 2>/dev/null
files_are killed "checkpoint.safetensors log.jsonl"
run 0 train killed "${tiny[@]}" --set run.steps=2
# One that has saved does; and so does one whose weights are there.
run 1 train killed "${tiny[@]}" --set run.steps=2
err_says "killed: a run has been saved here; --resume goes on with it, another --output begins anew"

# The last folder counts, and that is said.
run 0 train twice --data there --data photos "${tiny[@]}" --set run.steps=2
err_says "--data is given 3 times, and 'photos' counts; 'gimp-gan prepare FOLDER… -o FILE' makes one file of several folders"

# A deeper network begins as what a shallower one does, if that is asked for.
grow=(--set network.start=twice/sr-faithful-last.safetensors --set network.start_grow=yes)
run 0 train grown "${tiny[@]}" "${grow[@]}" --set network.blocks=5 --set run.steps=1 --set optimizer.rate=0
run 0 "$GIMP_GAN" upscale photos/1.png -m twice/sr-faithful-last.safetensors -o shallow.png
run 0 "$GIMP_GAN" upscale photos/1.png -m grown/sr-faithful-last.safetensors -o deep.png
cmp -s <(convert shallow.png rgb:-) <(convert deep.png rgb:-) || claim_failed "a deeper network does not begin as the shallower one"
run 1 train wider "${tiny[@]}" "${grow[@]}" --set network.features=12 --set run.steps=1
err_says "start: twice/sr-faithful-last.safetensors: its features: 8; the network has 12, and only its blocks can be more"
run 1 train other "${tiny[@]}" "${grow[@]}" --set network.family=edsr --set run.steps=1
err_says "a deeper edsr cannot begin as a shallower one; those of srvgg, ffdnet, dncnn can"
run 1 train nowhere "${tiny[@]}" --set network.start_grow=yes --set run.steps=1
err_says "network.start_grow"

# A pack that is cut while it is read ends the run with a word, and with what it has saved.
run 0 "$GIMP_GAN" prepare photos -o cut.ganpack --tile 64 -q
"$GIMP_GAN" train "$RECIPES/sr-faithful.ini" --data cut.ganpack -o cut --threads 1 "${tiny[@]}" \
    --set run.steps=1000000 --set run.save_every=5 >/dev/null 2>cut.err &
pid=$!
until [[ -e cut/sr-faithful-last.safetensors ]]; do sleep 0.05; done
: >cut.ganpack
wait $pid
status=$?
((status == 1)) || claim_failed "a run whose pack was cut ends with status $status"
grep -q "a file that was being read was cut off" cut.err || claim_failed "a run whose pack was cut does not say so"

# Tiles that the patch does not fit into are left out with a word; when none is left, that is said before anything
# is made. A folder's pictures are told one by one.
mkdir narrow
convert -size 1000x40 -seed 9 plasma:fractal -depth 8 narrow/0.png
cp photos/*.png narrow
run 0 "$GIMP_GAN" prepare narrow -o narrow.ganpack --tile 64 -q
# shellcheck disable=SC2317,SC2329 # called by run
narrow() { "$GIMP_GAN" train "$RECIPES/sr-faithful.ini" --threads 1 "${tiny[@]}" --set run.steps=4 "$@"; }
run 0 narrow --data narrow.ganpack -o packed --set data.patch=48
err_says "narrow.ganpack: left out: 16 of 28 pictures, smaller than the patch of 48 x 48"
run 0 narrow --data narrow.ganpack -o packed-all --set data.patch=40
grep -q "left out" "$log/err" && claim_failed "tiles are left out that fit"
run 1 narrow --data narrow.ganpack -o packed-none --set data.patch=96
err_says "narrow.ganpack: nothing is left to learn from; left out: 28 of 28 pictures, smaller than the patch of 96 x 96; --set data.patch=64 takes the largest"
is_missing packed-none
run 0 narrow --data narrow -o loose --set data.patch=48
err_says "passed over: 0.png: 1000 x 40 pixels; the patch needs 48 x 48"
run 1 narrow --data narrow -o loose-none --set data.patch=96
err_says "none of the 4 pictures can be used; last: "
is_missing loose-none

# What lies about in a folder: no pipe is waited for, no link leads nowhere, and the results of a run are no pictures
# to learn from.
mkdir mixed
cp photos/1.png mixed
cp -r packed mixed/run
mkfifo mixed/pipe.png
ln -s nowhere.png mixed/gone.png
ln -s ../photos mixed/linked
echo text >mixed/notes.txt
run 0 timeout 60 "$GIMP_GAN" train "$RECIPES/sr-faithful.ini" --data mixed -o mixed/other "${tiny[@]}" --set run.steps=1
for text in "pipe.png: left out, no file that can be read" "gone.png: left out, no file that can be read" \
    "run: left out, the output of a training run" "linked: left out, folders are not entered through links"; do
    err_says "mixed/$text"
done
err_says "mixed: 1 file is not read (.txt)"
# What the other verbs read in a folder is read here, too.
convert photos/2.png mixed/2.gif
convert photos/3.png mixed/3.ppm
run 0 timeout 60 "$GIMP_GAN" prepare mixed -o mixed.ganpack --json
tail -n 1 "$log/out" >"$log/last" && mv "$log/last" "$log/out"
json_is "d['pictures'], d['damaged']" "(3, 0)"
rm mixed/2.gif mixed/3.ppm
# Its own folder changes nothing for a run that goes on.
run 0 "$GIMP_GAN" train "$RECIPES/sr-faithful.ini" --data mixed -o mixed/other --resume --set run.steps=2
grep -q "the data are not those" "$log/err" && claim_failed "a run has changed its own data"
# A plan is told whatever lies in the place of the output; a state is no model.
run 0 narrow --data photos -o packed --dry-run
run 1 "$GIMP_GAN" import packed/checkpoint.safetensors
err_says "packed/checkpoint.safetensors: this is the state of a run, from which 'gimp-gan train --resume' goes on"

# Validation passes over what it cannot measure, and says so once; samples are cut where a patch fits.
mkdir val
convert -size 1x1 xc:red val/one.png
convert -size 60x50 -seed 3 plasma:fractal -depth 8 val/right.png
convert -size 30x12 -seed 4 plasma:fractal -depth 8 val/flat.png
echo damaged >val/bad.png
validated=("${tiny[@]}" --set run.steps=4 --set run.validate_every=2 --set run.samples_every=2)
run 0 train valid "${validated[@]}" --set data.validation=val
for name in one flat bad; do
    [[ $(grep -c "validation passes over .*$name.png: ." "$log/err") == 1 ]] || claim_failed "$name.png is not named once"
done
err_says "step 4: validation PSNR Y"
exists valid/sr-faithful-best.safetensors
exists valid/samples-0000004.png
grep -q "samples are of" "$log/err" && claim_failed "samples are not of the validation"
rm val/right.png
run 0 train invalid "${validated[@]}" --set data.validation=val
err_says "no picture for validation could be used"
err_says "samples are of the pictures that are trained with: validation: none of the 3 pictures can be used"
exists invalid/samples-0000004.png
is_missing invalid/sr-faithful-best.safetensors

# What a recipe needs besides is told with what to do.
run 1 "$GIMP_GAN" train "$RECIPES/sr-detail.ini" --data photos -o none
err_says "[loss] perceptual_network: 'vgg19.safetensors' is not there; it is the weight file of a VGG or SqueezeNet"
run 1 train none "${tiny[@]}" --set data.patch=8 --set loss.ms_ssim_weight=1
err_says "[data] patch: 8 x 8 pixels are too few for this recipe: "

# What --set said in the beginning holds when the run goes on; what it says then comes last.
run 0 train killed --resume --set run.steps=4
err_says "as this run began: --set network.features=8 --set network.blocks=2 --set data.batch=2 --set data.patch=32"
run 0 train killed --resume --json
err_is_empty
python3 - "$log/out" <<'END' || claim_failed "the steps of the former call are lost"
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
texts = [e["text"] for e in events if e["event"] == "notice"]
sys.exit(not any("run.steps=4" in t and "run.steps=2" not in t for t in texts))
END
# The last step is in the log, however few there are.
[[ $(tail -n 1 killed/log.jsonl) == '{"step":4,'* ]] || claim_failed "the last step is not in the log"
# A run without --output lies where its recipe's name says, when it goes on, too.
cp "$RECIPES/sr-faithful.ini" mine.ini
run 0 "$GIMP_GAN" train mine.ini --data photos "${tiny[@]}" --set run.steps=1
run 0 "$GIMP_GAN" train mine.ini --data photos --resume --set run.steps=2
[[ $(tail -n 1 mine/log.jsonl) == '{"step":2,'* ]] || claim_failed "mine has not gone on"

# The README's commands work as they stand there, in their order; only the numbers of steps are a test's. Nothing but a
# folder of photographs, a photograph and MNIST's files is there.
mkdir -p readme/photographs readme/MNIST
(cd readme && for k in 1 2 3; do convert -size 320x240 -seed $k plasma:fractal -depth 8 photographs/$k.jpg; done)
convert -size 60x40 -seed 4 plasma:fractal -depth 8 readme/photo.jpg
python3 -c 'import random, struct
open("readme/MNIST/train-images-idx3-ubyte", "wb").write(struct.pack(">4I", 0x803, 64, 28, 28) + random.randbytes(64 * 784))
open("readme/MNIST/train-labels-idx1-ubyte", "wb").write(struct.pack(">2I", 0x801, 64) + bytes(i % 10 for i in range(64)))'
mkdir -p "$XDG_DATA_HOME/gimp-gan"
cp -r "$RECIPES" "$XDG_DATA_HOME/gimp-gan/recipes"
sed -n '/^## Train/,/^## In GIMP/s/^    gimp-gan \(.*\)/\1/p' "$PACKAGING/../README.md" >"$log/commands"
(($(wc -l <"$log/commands") > 4)) || claim_failed "the README has no commands"
n_steps=1
while read -r verb words; do
    few=()
    [[ $verb == train ]] && few=(--set run.steps=$((n_steps += 1)) --set data.batch=2)
    # shellcheck disable=SC2086,SC2030,SC2031 # the words of a command; what failed is told by the status
    (cd readme; n_failed=0; run 0 "$GIMP_GAN" "$verb" ${words%%#*} "${few[@]}"; exit $n_failed) || n_failed=$((n_failed + 1))
done <"$log/commands"
exists readme/run/samples-0000004.png
exists readme/digits/dcgan-mnist-last.safetensors
[[ $(identify -format '%wx%h' readme/photo-x4.*) == 240x160 ]] || claim_failed "the trained model has not enlarged the photograph"

# Recipes are told once, in order, though two folders have them.
mkdir -p "$XDG_DATA_DIRS/gimp-gan"
cp -r "$RECIPES" "$XDG_DATA_DIRS/gimp-gan/recipes"
run 1 "$GIMP_GAN" train nothing --data photos
err_says "there is no recipe 'nothing'; there are cgan, dcgan-64, dcgan-mnist, lsgan, restore-denoise, restore-jpeg, sngan, sr-detail, sr-faithful, sr-photo, sr-real, wgan, wgan-gp"
run 1 "$GIMP_GAN" train sr-fiathful --data photos
err_says "there is no recipe 'sr-fiathful'; did you mean 'sr-faithful'? There are cgan,"
# Where is computed is told; without a word it is the fastest there is.
run 0 train none "${tiny[@]}" --dry-run
grep -q '^  device     .' "$log/out" || claim_failed "the device is not told"
is_missing none
finish
