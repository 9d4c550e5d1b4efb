#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# `gimp-gan train` as a user runs it: what it leaves, resuming to equal bits, being killed, bad data.
source "$(dirname "$0")/../cli/check.sh"
: "${RECIPES:?is not set}"

mkdir photos
for k in 1 2 3 4 5 6; do convert -size 80x64 -seed $k plasma:fractal -depth 8 photos/$k.png; done
echo damaged >photos/broken.png

# small RECIPE OUTPUT OPTION…: a run small enough for a test.
small() {
    local recipe=$1 output=$2
    shift 2
    "$GIMP_GAN" train "$RECIPES/$recipe.ini" --data photos -o "$output" --threads 2 --device cpu --quiet \
        --set network.features=8 --set data.batch=2 --set run.log_every=1 "$@"
}
faithful=(--set network.blocks=2 --set data.patch=32 --set data.validation=photos --set data.validation_limit=2
    --set run.n_samples=2)

# What a run leaves.
run 0 small sr-faithful a "${faithful[@]}" --set run.steps=8 --set run.save_every=4 --set run.samples_every=4 \
    --set run.validate_every=4
err_says "passed over: photos/broken.png"
err_says "step 8: validation PSNR Y"
files_are a "checkpoint.safetensors curves.png log.jsonl samples-0000004.png samples-0000008.png sr-faithful-best.safetensors sr-faithful-last.safetensors"
run 0 "$GIMP_GAN" info a/sr-faithful-last.safetensors --json
json_is "d['family']" srvgg
json_is "d['scale']" 4
run 0 "$GIMP_GAN" import a/sr-faithful-best.safetensors
run 0 "$GIMP_GAN" models
out_says "sr-faithful-best"
run 0 "$GIMP_GAN" upscale photos/1.png -m sr-faithful-best -o large.png
size_is large.png 320x256
run 1 small sr-faithful a "${faithful[@]}" --set run.steps=8
err_says "a: a run has been saved here; --resume goes on with it"
run 1 small sr-faithful b "${faithful[@]}" --resume
err_says "there is nothing to resume"

# strip FILE: the log without times.
strip() { sed -E 's/"seconds":[0-9.e-]+//' "$1"; }
# same_run ONE OTHER: equal weights, state and losses.
same_run() {
    local file
    for file in "$1"/*-last.safetensors checkpoint.safetensors; do
        cmp -s "$1/${file##*/}" "$2/${file##*/}" || claim_failed "$2/${file##*/} differs from $1's"
    done
    diff <(strip "$1/log.jsonl") <(strip "$2/log.jsonl") >/dev/null || claim_failed "the logs of $1 and $2 differ"
}

# Other data than the run began with are told.
convert -size 80x64 -seed 7 plasma:fractal -depth 8 photos/7.png
run 0 small sr-faithful a "${faithful[@]}" --set run.steps=9 --resume
err_says "the data are not those that the run began with"
rm photos/7.png

# Stopped in the middle and resumed, the numbers are those of a run without a stop; so they are after
# the process was killed, from the last checkpoint on. The GAN keeps two optimizers and running statistics.
gan=(--set critic.features=8 --set data.batch=4)
for recipe in sr-faithful sngan; do
    options=("${faithful[@]}")
    [[ $recipe == sngan ]] && options=("${gan[@]}")
    options+=(--set run.save_every=2 --set run.samples_every=0 --set run.validate_every=0)
    run 0 small $recipe $recipe-whole "${options[@]}" --set run.steps=30
    for how in INT KILL; do
        small $recipe $recipe-$how "${options[@]}" --set run.steps=30 2>/dev/null &
        pid=$!
        until grep -qs '"step":5,' $recipe-$how/log.jsonl; do
            kill -0 $pid 2>/dev/null || { claim_failed "$recipe-$how: ended before its fifth step"; break; }
            sleep 0.02
        done
        # The function runs in a shell of its own; its child is the program.
        kill -$how "$(pgrep -P $pid)" 2>/dev/null || kill -$how $pid
        wait $pid 2>/dev/null
        tail -n 1 $recipe-$how/log.jsonl | grep -q '"step":30,' && echo "$how came too late to say anything"
        # What a killed process was writing; and what is none of the run's.
        touch $recipe-$how/{.gimp-gan-AbC123,.gimp-gan-Zz9_-a,.gimp-gan-of-mine,.mine}
        run 0 small $recipe $recipe-$how "${options[@]}" --set run.steps=30 --resume
        [[ $(cd $recipe-$how && find . -name '.?*' | sort) == ./.gimp-gan-of-mine$'\n'./.mine ]] || claim_failed "$recipe-$how: not swept clean"
        same_run $recipe-whole $recipe-$how
    done
done

# A rate that blows up: back to the checkpoint, and in the end a clear word.
run 1 small sr-faithful nan "${faithful[@]}" --set run.steps=400 --set optimizer.kind=adam --set optimizer.rate=1 \
    --set schedule.kind=constant --set schedule.warm_up=0 --set run.save_every=400 --set run.samples_every=0 \
    --set run.validate_every=0 --set loss.pixel=mse --set loss.pixel_weight=1e6 --set network.blocks=8 \
    --set run.diverged=1.0001
err_says "back to step 0 with 0.5 times the rate"
err_says "the run diverged at step"

# Every recipe takes a step; overfit.sh has them learn.
for recipe in "$RECIPES"/*.ini; do
    name=$(basename "$recipe" .ini)
    options=(--set run.steps=2 --set run.samples_every=1 --set run.n_samples=4)
    case $name in
    sr-* | restore-*)
        options+=(--set data.patch=32 --set network.blocks=2 --set loss.perceptual_weight=0
            --set critic.features=4) ;;
    cgan) options+=(--data classes --set critic.features=8 --set data.batch=4) ;;
    *) options+=(--set critic.features=8 --set data.batch=4) ;;
    esac
    mkdir -p classes/one classes/two
    cp photos/[1-3].png classes/one
    cp photos/[4-6].png classes/two
    run 0 small "$name" "step-$name" "${options[@]}"
    exists "step-$name/samples-0000002.png"
done

# Weights of another scale are a start for all but the last layer, if that is asked for.
start=(--set run.steps=1 --set network.start=a/sr-faithful-last.safetensors --set network.scale=2)
run 1 small sr-faithful x2 "${faithful[@]}" "${start[@]}"
err_says "[network] start: a/sr-faithful-last.safetensors: tensor 'body.6.weight' is [48,8,3,3]; the network needs [12,8,3,3]"
run 0 small sr-faithful x2 "${faithful[@]}" "${start[@]}" --set network.start_strict=no
err_says "9 of 11 tensors are taken; these begin anew: body.6.weight, body.6.bias"
run 0 small sr-faithful x2 "${faithful[@]}" "${start[@]}" --set network.start_strict=no --set run.steps=2 --resume
grep -q "begin anew" "$log/err" && claim_failed "a run that goes on begins something anew"
run 1 small sr-faithful other "${faithful[@]}" "${start[@]}" --set network.start_strict=no --set network.features=16
err_says "none of its 11 tensors has name and shape of one of the network's"

# A teacher is matched: of itself a network has nothing to learn, of another it does, with or without the truth.
own=(--set run.steps=2 --set data.patch=32 --set network.blocks=3 --set network.start="$GOLDEN/srvgg-prelu-x4.pth")
run 0 small sr-faithful itself "${own[@]}" --set loss.pixel=none --set loss.teacher="$GOLDEN/srvgg-prelu-x4.pth"
grep -q '^{"step":1,"loss/teacher":0.0,"rate"' itself/log.jsonl || claim_failed "a network differs from itself"
run 0 small sr-faithful taught "${own[@]}" --set loss.pixel=l1 --set loss.teacher="$GOLDEN/edsr-basicsr-x4.pth"
grep -q '^{"step":1,"loss/pixel":0\.[0-9]*,"loss/teacher":0\.[1-9]' taught/log.jsonl || claim_failed "no teacher's loss"
run 1 small sr-faithful untaught "${own[@]}" --set loss.teacher="$GOLDEN/srvgg-relu-x2.pth"
err_says "[loss] teacher: the network cannot learn from it: it enlarges by 2, the network by 4"
run 1 small sr-faithful untaught "${own[@]}" --set network.scale=1 --set network.start= --set degrade.kind=jpeg \
    --set loss.teacher="$GOLDEN/ffdnet-colour.safetensors"
err_says "it is told the noise, which the network is not"
# One that is told the noise tells its teacher: both make the picture itself, so that they are equal.
told=$GOLDEN/ffdnet-colour.safetensors
run 0 small restore-denoise told --set run.steps=2 --set data.patch=32 --set network.blocks=4 --set network.residual=no \
    --set network.start="$told" --set loss.teacher="$told" --set loss.pixel=none
grep -q '^{"step":1,"loss/teacher":0.0,"rate"' told/log.jsonl || claim_failed "the teacher is told something else"

# Wrong recipes and places.
run 1 "$GIMP_GAN" train nothing --data photos
err_says "there is no recipe 'nothing'"
mkdir -p "$XDG_DATA_HOME/gimp-gan/recipes"
cp "$RECIPES/wgan.ini" "$XDG_DATA_HOME/gimp-gan/recipes/"
run 0 "$GIMP_GAN" train wgan --data photos --dry-run --json --set data.batch=4 --set network.features=8
json_is "d['pictures']" 7
json_is "d['steps']" 20000
is_missing wgan
run 0 "$GIMP_GAN" train wgan --data photos --dry-run --set data.batch=4 --set network.features=8 \
    --set loss.adversary=hinge --set network.blocks=2 --set degrade.kind=jpeg
err_says "--set loss.adversary=hinge: [loss] adversary = hinge is [critic] loss = hinge now"
err_says "--set degrade.kind=jpeg: [degrade] kind means nothing to this procedure"
run 1 "$GIMP_GAN" train wgan --data photos --set critic.lose=hinge
err_says "--set critic.lose=hinge: [critic] has no key 'lose'; the nearest is [critic] loss"
run 1 "$GIMP_GAN" train wgan --data nowhere
err_says "nowhere: there is no such file or folder"
run 1 "$GIMP_GAN" train wgan --data photos --set optimizer.rate=fast
err_says "--set optimizer.rate=fast: [optimizer] rate is 'fast'"
run 2 "$GIMP_GAN" train wgan
err_says "--data is missing"
run 2 "$GIMP_GAN" train --data photos
err_says "One recipe is needed"

# A disk that is full says so and leaves what was there.
if (ulimit -f 40 && trap '' XFSZ && small sr-faithful full "${faithful[@]}" --set run.steps=2) 2>"$log/err"; then
    claim_failed "a full disk is not noticed"
fi
err_says "File too large"
[[ -z $(find full -name '.gimp-gan-??????' 2>/dev/null) ]] || claim_failed "a part of a file is left"
# One that has room for the state and not for the pictures goes on.
(ulimit -f 60 && trap '' XFSZ && small sr-faithful tight "${faithful[@]}" --set run.steps=4 --set run.save_every=2 \
    --set run.samples_every=2 --set run.n_samples=24 --set data.patch=64 --set network.features=4) 2>"$log/err" ||
    claim_failed "a sample grid that has no room ends the run"
err_says "samples-0000002.png: "
err_says "samples-0000004.png: "
[[ $(tail -n 1 tight/log.jsonl) == '{"step":4,'* ]] || claim_failed "the log has stopped"
exists tight/sr-faithful-last.safetensors
finish
