#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Every recipe learns one batch by heart: the networks are tiny, everything else is the recipe's.
#
# A recipe that enlarges or restores has a target, so near zero means its content loss: below a level of 255, where it
# has a pixel loss; the critic of a perfect copy can only guess, which costs ln 2 a picture.
# A recipe that generates has two players, whose losses do not both fall. So first the generator stands still (its rate
# is 0) and the critic learns to tell one picture from what that generator makes: its loss comes near zero, or, where
# it is a distance without an end, as far as the bound on the critic lets it. Then both play, and all that the generator
# makes is that picture.
source "$(dirname "$0")/../cli/check.sh"
: "${RECIPES:?is not set}"

# learn RECIPE OUTPUT OPTION…
learn() {
    local recipe=$1 output=$2
    shift 2
    run 0 "$GIMP_GAN" train "$RECIPES/$recipe.ini" -o "$output" --threads 2 --device cpu --quiet --set data.flip=no \
        --set data.rotate=no --set run.log_every=10 --set run.samples_every=0 --set run.validate_every=0 \
        --set run.save_every=100000 "$@"
}

# claim RUN EXPRESSION: true of the losses' first values and of the mean of their last five: first['pixel'], last['real'].
claim() {
    python3 - "$1/log.jsonl" "$2" <<'END' || claim_failed "$1: $2"
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
names = [name for name in lines[0] if name.startswith("loss/")]
first = {name[5:]: lines[0][name] for name in names}
last = {name[5:]: sum(line[name] for line in lines[-5:]) / 5 for name in names}
if not eval(sys.argv[2]):
    print({"first": first, "last": last}, file=sys.stderr)
    sys.exit(1)
END
}

# same_as PICTURE FILE…: the mean absolute difference of the files from the picture, 0..1; on average.
same_as() {
    local picture=$1
    shift
    for file; do compare -metric MAE "$picture" "$file" null: 2>&1 | sed 's/.*(\(.*\))/\1/'; echo; done |
        python3 -c 'import sys; v = [float(l) for l in sys.stdin if l.strip()]; print(sum(v) / len(v))'
}
# below NUMBER LIMIT WHAT
below() { python3 -c "import sys; sys.exit(not $1 < $2)" || claim_failed "$3: $1 is not below $2"; }

# Two pictures, and bad copies of them that stay the same.
mkdir -p photos {real,jpeg,noise}/{HR,LR}
for k in 1 2; do
    convert -size 16x16 -seed $k plasma:fractal -depth 8 photos/$k.png
    cp photos/$k.png real/HR
    cp photos/$k.png jpeg/HR
    cp photos/$k.png noise/HR
    convert photos/$k.png -blur 0x1 -resize 25% -seed $k -attenuate 0.2 +noise Gaussian -quality 50 copy.jpg
    convert copy.jpg real/LR/$k.png
    convert photos/$k.png -quality 30 copy.jpg
    convert copy.jpg jpeg/LR/$k.png
    convert photos/$k.png -seed $k -attenuate 0.6 +noise Gaussian -depth 8 noise/LR/$k.png
done
# A feature network of random weights: different pictures have different features.
python3 - <<'END'
import json, random, struct
random.seed(1)
header, data = {}, b""
for name, out, into in (("conv1_1", 8, 3), ("conv1_2", 8, 8)):
    for part, shape, scale in (("weight", [out, into, 3, 3], (2 / (9 * into)) ** 0.5), ("bias", [out], 0.1)):
        n = out * into * 9 if part == "weight" else out
        header[f"{name}.{part}"] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + 4 * n]}
        data += struct.pack(f"<{n}f", *(random.gauss(0, scale) for _ in range(n)))
text = json.dumps(header).encode()
open("features.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
END

content=(--set network.features=32 --set network.blocks=3 --set data.patch=16 --set data.batch=2 --set run.steps=500
    --set optimizer.rate=6e-3)
pairs=(--set data.kind=pairs --set degrade.kind=none --set degrade.sharpen=no)
slow=(--set schedule.warm_up=20)
features=(--set loss.perceptual_network=features.safetensors --set critic.features=4 --set schedule.kind=cosine
    --set critic.rate=3e-4 --set optimizer.rate=3e-3)

learn sr-faithful faithful --data photos "${content[@]}" "${slow[@]}"
claim faithful "first['pixel'] > 0.03 and last['pixel'] < 1 / 255"
# Of pairs nobody knows the number that the network is told, so there another one learns.
blind=(--set network.family=srvgg)
learn restore-jpeg restored-jpeg --data jpeg "${pairs[@]}" "${blind[@]}" "${content[@]}" "${slow[@]}" --set loss.pixel=charbonnier
claim restored-jpeg "first['pixel'] > 0.03 and last['pixel'] < 1 / 255"
# Each copy has noise of its own, so that the two pictures themselves are learned.
learn restore-denoise told --data photos "${content[@]}" "${slow[@]}" --set optimizer.rate=2e-3 --set 'degrade.noise=50 50'
claim told "first['pixel'] > 0.1 and last['pixel'] < 0.7 * first['pixel']"
learn restore-denoise restored-noise --data noise "${pairs[@]}" "${blind[@]}" "${content[@]}" "${slow[@]}" --set ema.decay=0.9
claim restored-noise "first['pixel'] > 0.03 and last['pixel'] < 1 / 255"
# The weights that are saved are those that learned.
run 0 "$GIMP_GAN" restore noise/LR/1.png -m restored-noise/restore-denoise-last.safetensors -o clean.png
below 0.03 "$(same_as noise/HR/1.png noise/LR/1.png)" "the noise before"
below "$(same_as noise/HR/1.png clean.png)" 0.01 "the noise that is left"
learn sr-photo photo-sr --data real "${pairs[@]}" "${content[@]}" "${slow[@]}"
claim photo-sr "first['pixel'] > 0.03 and last['pixel'] < 1 / 255"
learn sr-real real-sr --data real "${pairs[@]}" "${content[@]}" "${features[@]}"
claim real-sr "first['pixel'] > 0.03 and last['pixel'] < 1 / 255 and last['perceptual'] < 0.02 * first['perceptual']"
claim real-sr "abs(last['generator'] - 0.693) < 0.02 and abs(last['critic'] - 2 * 0.693) < 0.02"
# Its pixel loss has a hundredth of the weight: the features are what it learns.
learn sr-detail detail --data photos "${content[@]}" "${features[@]}"
claim detail "last['perceptual'] < 0.05 * first['perceptual'] and last['pixel'] < 0.3 * first['pixel']"
claim detail "abs(last['generator'] - 0.693) < 0.02 and abs(last['critic'] - 0.693) < 0.02"

# The features are those of pictures that are moved at random: what comes in at the sides changes the loss a little, in
# as many ways as there are places.
still=(--set optimizer.rate=0 --set critic.rate=0 --set ema.decay=0 --set run.steps=80 --set run.log_every=1)
for shift in 0 3; do
    learn sr-detail moved-$shift --data photos "${content[@]}" "${features[@]}" "${still[@]}" --set loss.perceptual_shift=$shift
    python3 - moved-$shift/log.jsonl $shift <<'END' || claim_failed "moved-$shift: the features are not those of moved pictures"
import json, sys
losses = [json.loads(line)["loss/perceptual"] for line in open(sys.argv[1])]
n = len({round(loss, 5) for loss in losses})
print(f"shift {sys.argv[2]}: {n} losses, {min(losses):.5f} to {max(losses):.5f}")
spread = max(losses) / min(losses) - 1
sys.exit(not (spread < 1e-4 if sys.argv[2] == "0" else 8 < n and 0.01 < spread < 0.5))
END
done

# A wedge and a disc, each the only picture of its class.
mkdir -p classes/disc classes/wedge
convert -size 16x16 radial-gradient:white-black classes/disc/1.png
convert -size 23x23 gradient:white-black -rotate 30 -gravity center -crop 16x16+0+0 +repage classes/wedge/1.png
mkdir wedge
cp classes/wedge/1.png wedge

# The mean of the last thousand steps would be one of all of these.
players=(--set ema.decay=0 --set network.size=16 --set network.latent=8 --set network.features=8 --set critic.features=8
    --set critic.steps=1 --set data.batch=8)
for recipe in dcgan-mnist dcgan-64 cgan lsgan sngan wgan wgan-gp; do
    data=wedge asked=()
    [[ $recipe == cgan ]] && data=classes asked=(--class wedge)
    # A critic that estimates a distance has to be ahead of the generator; one that sees whole batches soon is too far.
    rates=(--set optimizer.rate=3e-3 --set critic.rate=1e-3)
    [[ $recipe == wgan* ]] && rates=(--set optimizer.rate=2e-3 --set critic.rate=2e-3)
    learn $recipe still-$recipe --data $data "${players[@]}" --set run.steps=200 --set optimizer.rate=0 \
        --set critic.rate=2e-3 --set schedule.kind=constant
    case $recipe in
    # The best score of a critic in a box of 0.01 is small; it is that of weights at the box's walls.
    wgan) claim still-$recipe "last['critic'] < 3 * first['critic'] < 0" ;;
    # A slope s gains (s - 1) d of the distance d for a penalty of 10 (s - 1)^2: it settles at 1 + d / 20.
    wgan-gp) claim still-$recipe "last['critic'] < -5 and last['penalty'] < 1" ;;
    *) claim still-$recipe "last['critic'] < 0.01" ;;
    esac

    learn $recipe $recipe --data $data "${players[@]}" "${rates[@]}" --set run.steps=400 \
        --set schedule.kind=linear
    # Where the critic sees one picture at a time, it can but guess in the end: the distance is gone, the hinge costs 2.
    # One with batch norm sees that real pictures are all the same; its loss says nothing.
    case $recipe in
    wgan-gp) claim $recipe "-last['critic'] < 1 and last['penalty'] < 0.02" ;;
    sngan) claim $recipe "1 < last['critic'] < 2.1" ;;
    esac
    for which in still-$recipe $recipe; do
        run 0 "$GIMP_GAN" generate "$which/$recipe-last.safetensors" -o "made-$which" --count 4 --quiet "${asked[@]}"
    done
    before=$(same_as wedge/1.png made-still-$recipe/*) after=$(same_as wedge/1.png made-$recipe/*)
    echo "$recipe: $before before it learned the picture, $after afterwards"
    below 0.15 "$before" "$recipe, before it learned"
    below "$after" 0.1 "$recipe, the picture that it learned"
done

# Asked for the other class, the other picture comes.
run 0 "$GIMP_GAN" generate cgan/cgan-last.safetensors -o discs --count 4 --quiet --class disc
below "$(same_as classes/disc/1.png discs/*)" 0.1 "the disc that was asked for"
finish
