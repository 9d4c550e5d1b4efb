#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Models by name: the user's folder, --models in front of it, problems, info and import.
source "$(dirname "$0")/check.sh"
folder=$XDG_DATA_HOME/gimp-gan/models
picture 8x6 a.png

run 0 "$GIMP_GAN" models
out_says "There are no models yet"
run 0 "$GIMP_GAN" models --json
out_is_json
json_is 'len(d)' 0

mkdir -p "$folder" extra
cp "$GOLDEN/srvgg-prelu-x4.pth" "$folder/mine.pth"
echo "no weights" >"$folder/damaged.pth"
cp "$GOLDEN/srvgg-relu-x2.pth" extra/mine.pth
run 0 "$GIMP_GAN" models
out_says "mine"
out_says "x4"
out_says "Compact"
grep -q '^damaged .*cannot be used: ' "$log/out" || claim_failed "no reason for the damaged file"
run 0 "$GIMP_GAN" models --json
out_is_json
json_is '[m["scale"] for m in d if m["name"] == "mine"][0]' 4
json_is '[m["family"] for m in d if m["name"] == "mine"][0]' srvgg
json_is '[len(m["sha256"]) for m in d if m["name"] == "mine"][0]' 64
json_is '[m["problem"] is not None for m in d if m["name"] == "damaged"][0]' True

# By name, without a name, and --models in front.
run 0 "$GIMP_GAN" upscale a.png -m mine
exists a-x4.png
run 0 "$GIMP_GAN" upscale a.png -m mine.pth --overwrite
run 0 "$GIMP_GAN" upscale a.png --overwrite
out_says "Model: mine"
run 0 "$GIMP_GAN" upscale a.png -m mine --models extra
exists a-x2.png
# The last number of the file is NaN, as after a training that failed.
python3 -c 'import sys; open(sys.argv[2], "wb").write(open(sys.argv[1], "rb").read()[:-4] + b"\0\0\xc0\x7f")' \
    "$GOLDEN/srvgg-prelu-x4.safetensors" failed.safetensors
for verb in "upscale a.png -o black.png -m" import; do
    # shellcheck disable=SC2086 # the verb and its arguments
    run 1 "$GIMP_GAN" $verb failed.safetensors
    err_says "holds numbers that are none"
done
[[ ! -e black.png ]] || claim_failed "a network without numbers made a picture"
run 1 "$GIMP_GAN" upscale a.png -m damaged
err_says "The model 'damaged' cannot be used"
run 1 "$GIMP_GAN" upscale a.png -m other
err_says "The models are: mine"

# Licences: of a card, of the file itself; and a warning where commerce is excluded.
echo '{"license": "CC-BY-NC-4.0"}' >extra/mine.json
run 0 "$GIMP_GAN" info extra/mine.pth
out_says "CC-BY-NC-4.0, no commercial use"
run 0 "$GIMP_GAN" upscale a.png -m extra/mine.pth --overwrite
err_says "the licence of the model 'mine' (CC-BY-NC-4.0) allows no commercial use"
run 0 "$GIMP_GAN" import extra/mine.pth -o licensed
run 0 "$GIMP_GAN" info licensed/mine.safetensors --json
json_is 'd["licence"], d["non_commercial"]' "('CC-BY-NC-4.0', True)"

# info
run 0 "$GIMP_GAN" info mine
[[ $(head -1 "$log/out") == "mine: enlarges pictures 4 times; good for what, it does not say" ]] ||
    claim_failed "the first line does not say what the model is for: $(head -1 "$log/out")"
for text in "Compact: SRVGGNetCompact" "x4" "tensors" "parameters" "PyTorch zip" "SHA-256: with --all" "exact" "GFLOP per megapixel" \
    "1920 x 1080 to 7680 x 4320" "of memory"; do
    out_says "$text"
done
run 0 "$GIMP_GAN" info mine --all
out_says "SHA-256      $(sha256sum "$folder/mine.pth" | cut -d' ' -f1)"
run 0 "$GIMP_GAN" info "$folder/mine.pth" --size 640x480 --json
out_is_json
json_is 'd["picture"]["result_width"]' 2560
json_is 'd["exact_tiles"]' True
json_is 'd["sha256"]' "$(sha256sum "$folder/mine.pth" | cut -d' ' -f1)"
json_is 'd["picture"]["memory_bytes"] > 0 and d["picture"]["seconds"] > 0' True
run 1 "$GIMP_GAN" info "$folder/damaged.pth"
err_says damaged.pth

# Of a checkpoint with several networks, which one it is and what stays behind.
checkpoints=$GOLDEN/../checkpoints
run 0 "$GIMP_GAN" info "$checkpoints/gan-average.pth"
out_says "taken        'netG_ema' of the file"
out_says "left out     netD (6 tensors), netG (8 tensors)"
run 0 "$GIMP_GAN" info "$checkpoints/gan-average.pth" --json
json_is 'd["part"], d["left_out"]' "('netG_ema', ['netD (6 tensors)', 'netG (8 tensors)'])"
run 0 "$GIMP_GAN" import "$checkpoints/gan-average.pth" -o parts
out_says "gan-average.pth: taken: netG_ema; left out: netD (6 tensors), netG (8 tensors)"
run 1 "$GIMP_GAN" generate letters --count 1
err_says "no file called 'letters', nor any other model to generate with"
run 1 "$GIMP_GAN" import "$checkpoints" -o parts
err_says "this is a folder; name weight files in it"
run 1 "$GIMP_GAN" upscale a.png -m "$checkpoints"
err_says "is a folder"
run 0 "$GIMP_GAN" upscale a.png -m "$checkpoints/gan-average.pth" -o part.png
out_says "'gan-average': 'netG_ema' is taken of the file; left out: netD (6 tensors), netG (8 tensors)."
run 0 "$GIMP_GAN" upscale a.png -m "$checkpoints/gan-average.pth" -o part.png --overwrite --json
out_says '"part":"netG_ema","left_out":["netD (6 tensors)","netG (8 tensors)"]'
run 0 "$GIMP_GAN" import "$checkpoints/plain.safetensors" -o parts
run 0 "$GIMP_GAN" upscale a.png -o average.png -m parts/gan-average.safetensors
run 0 "$GIMP_GAN" upscale a.png -o plain.png -m parts/plain.safetensors
grep -q "is taken of the file" "$log/out" && claim_failed "a part is named where there was no choice"
compare -metric AE average.png plain.png null: 2>/dev/null || claim_failed "another network was taken"
run 0 "$GIMP_GAN" import "$checkpoints/net-f8.safetensors" -o parts
run 0 "$GIMP_GAN" info parts/net-f8.safetensors --json
json_is 'd["dtypes"]' f16

# import, into the user's folder and elsewhere; the source is noted; nothing is replaced unasked.
run 0 "$GIMP_GAN" import "$GOLDEN/rrdb-old-x4.pth" --licence MIT
exists "$folder/rrdb-old-x4.safetensors"
run 0 "$GIMP_GAN" info rrdb-old-x4 --json
json_is 'd["container"]' safetensors
json_is 'd["scale"]' 4
json_is 'd["licence"]' MIT
json_is 'd["metadata"]["source_file"]' rrdb-old-x4.pth
json_is 'd["metadata"]["source_sha256"]' "$(sha256sum "$GOLDEN/rrdb-old-x4.pth" | cut -d' ' -f1)"
run 1 "$GIMP_GAN" import "$GOLDEN/rrdb-old-x4.pth"
err_says "exists already"
run 0 "$GIMP_GAN" import "$GOLDEN/rrdb-old-x4.pth" --overwrite
run 0 "$GIMP_GAN" upscale a.png -o pth.png -m "$GOLDEN/rrdb-old-x4.pth"
run 0 "$GIMP_GAN" upscale a.png -o safe.png -m rrdb-old-x4
compare -metric AE pth.png safe.png null: 2>/dev/null || claim_failed "import changed the network"
run 0 "$GIMP_GAN" import "$GOLDEN/srvgg-prelu-x4.pth" -o half --dtype f16 --name small
run 0 "$GIMP_GAN" info half/small.safetensors --json
json_is 'd["dtypes"]' f16
run 0 "$GIMP_GAN" import "$GOLDEN/srvgg-prelu-x4.bf16.pth" -o half
run 0 "$GIMP_GAN" info half/srvgg-prelu-x4.bf16.safetensors --json
json_is 'd["dtypes"]' bf16
run 1 "$GIMP_GAN" import "$folder/damaged.pth" "$GOLDEN/span-train-x2.pth" -o half --json
out_is_json
json_is 'd[0]["problem"] is None' False
json_is 'd[1]["problem"] is None' True
err_says damaged.pth
exists half/span-train-x2.safetensors
is_missing half/damaged.safetensors

# What the tensors cannot tell is kept in the file.
run 0 "$GIMP_GAN" import "$GOLDEN/srvgg-leakyrelu-x1.pth" -o told --activation leakyrelu
run 0 "$GIMP_GAN" import "$GOLDEN/srvgg-leakyrelu-x1.pth" -o told --name guess
run 0 "$GIMP_GAN" restore a.png -o told.png -m told/srvgg-leakyrelu-x1.safetensors
run 0 "$GIMP_GAN" restore a.png -o guess.png -m told/guess.safetensors
if compare -metric AE told.png guess.png null: 2>/dev/null; then
    claim_failed "--activation has no effect"
fi
run 0 "$GIMP_GAN" import "$GOLDEN/rrdb-old-x3.pth" -o told --scale 3
run 0 "$GIMP_GAN" info told/rrdb-old-x3.safetensors --json
json_is 'd["scale"]' 3
finish
