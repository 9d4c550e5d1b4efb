#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# How runs begin: what a failed one leaves, what a resumed one takes over, what there is to train.
source "$(dirname "$0")/../cli/check.sh"
: "${RECIPES:?is not set}"

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

# Recipes are told once, in order, though two folders have them.
mkdir -p "$XDG_DATA_HOME/gimp-gan" "$XDG_DATA_DIRS/gimp-gan"
cp -r "$RECIPES" "$XDG_DATA_HOME/gimp-gan/recipes"
cp -r "$RECIPES" "$XDG_DATA_DIRS/gimp-gan/recipes"
run 1 "$GIMP_GAN" train nothing --data photos
err_says "there is no recipe 'nothing'; there are cgan, dcgan-64, dcgan-mnist, lsgan, restore-denoise, restore-jpeg, sngan, sr-detail, sr-faithful, sr-real, wgan, wgan-gp"
# Where is computed is told; without a word it is the fastest there is.
run 0 train none "${tiny[@]}" --dry-run
grep -q '^  device     .' "$log/out" || claim_failed "the device is not told"
is_missing none
finish
