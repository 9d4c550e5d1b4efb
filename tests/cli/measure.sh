#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# evaluate, bench and doctor.
source "$(dirname "$0")/check.sh"
model=$GOLDEN/srvgg-prelu-x4.pth
mkdir -p set/HR ready
picture 61x50 set/HR/one.png
convert -size 48x44 gradient:red-blue set/HR/two.png
cp set/HR/*.png ready

run 0 "$GIMP_GAN" evaluate "$model" --data set
out_says bicubic
out_says model
tail -n 1 "$log/out" | grep -q '^mean' || claim_failed "no mean"
run 0 "$GIMP_GAN" evaluate "$model" --data set --json --scale 4 --ready ready
out_is_json
json_is '[p["name"] for p in d["pictures"]]' "['one', 'two']"
json_is 'd["mean"]["ready"]["psnr_y"]' None
json_is 'abs(d["mean"]["ready"]["ssim_y"] - 1) < 1e-9' True
json_is '20 < d["mean"]["bicubic"]["psnr_y"] < 80' True
json_is 'd["mean"]["model"]["psnr_y"] < d["mean"]["bicubic"]["psnr_y"]' True
# What could not be measured is in the object, too, when that is all.
mkdir small
convert -size 10x10 xc:red small/tiny.png
run 1 "$GIMP_GAN" evaluate "$model" --data small --json
out_is_json
json_is '[p["name"] for p in d["passed_over"]]' "['tiny']"
json_is 'd["mean"]' None
# Output that is lost is no success.
if [[ -w /dev/full ]]; then
    for words in "evaluate $model --data set --json" "info $model" "info --help" models -V; do
        # shellcheck disable=SC2086,SC2016 # the words are words; $0 is the inner shell's
        run 1 bash -c '"$0" "$@" >/dev/full' "$GIMP_GAN" $words
        err_says "the output could not be written"
    done
fi
run 0 "$GIMP_GAN" evaluate --ready ready --data set/HR --scale 2 --limit 1 --json
json_is 'len(d["pictures"])' 1
# The distance in features, of a network that passes its normalised input on: 10 levels lie 10/255 of the mean of
# 1/0.229, 1/0.224 and 1/0.225 apart.
python3 -c 'import json, struct
weight = [float(o == i and k == 4) for o in range(3) for i in range(3) for k in range(9)]
head = json.dumps({"conv1_1.weight": {"dtype": "F32", "shape": [3, 3, 3, 3], "data_offsets": [0, 324]},
                   "conv1_1.bias": {"dtype": "F32", "shape": [3], "data_offsets": [324, 336]}}).encode()
open("see.safetensors", "wb").write(struct.pack("<Q", len(head)) + head + struct.pack("<84f", *weight, 0, 0, 0))'
mkdir -p plain brighter
convert -size 1100x44 "xc:rgb(100,110,120)" plain/a.png
convert -size 1100x44 "xc:rgb(110,120,130)" brighter/a.png
run 0 "$GIMP_GAN" evaluate --ready brighter --data plain --scale 2 --json --features see.safetensors
json_is 'd["feature_layer"]' conv1_1
json_is 'abs(d["mean"]["ready"]["feature_distance"] - 10 / 255 * (1 / .229 + 1 / .224 + 1 / .225) / 3) < 1e-6' True
json_is 'd["mean"]["bicubic"]["feature_distance"] < 1e-6' True
run 0 "$GIMP_GAN" evaluate --ready brighter --data plain --scale 2 --features see.safetensors --feature-layer relu1_1
out_says "layer relu1_1 of see.safetensors"
run 1 "$GIMP_GAN" evaluate --ready brighter --data plain --scale 2 --features see.safetensors --feature-layer fire9
err_says "see.safetensors: feature layer 'fire9' is none of conv1_1, relu1_1"
run 1 "$GIMP_GAN" evaluate --ready brighter --data plain --scale 2 --features plain/a.png
err_says "a.png is a picture, not a weight file"
# Given small pictures are taken as they are: with black ones, bicubic is bad.
mkdir -p set/LR_bicubic/X4
convert -size 15x12 xc:black set/LR_bicubic/X4/onex4.png
convert -size 12x11 xc:black set/LR_bicubic/X4/twox4.png
run 0 "$GIMP_GAN" evaluate "$model" --data set --json
json_is 'd["pictures"][0]["lr_given"]' True
json_is 'd["mean"]["bicubic"]["psnr_y"] < 15' True
rm set/LR_bicubic/X4/twox4.png
# What cannot be measured is named and no part of the mean: no partner, a partner of another size, pictures that are
# damaged, or too small for the scale or for the measure.
run 0 "$GIMP_GAN" evaluate "$model" --data set
err_says "passed over: set/LR_bicubic/X4 has no picture for 'two', such as two.png or twox4.png."
grep -q '^mean of 1 ' "$log/out" || claim_failed "the mean does not say of how many pictures it is"
out_says "1 of 2 pictures could not be measured; they are no part of the mean."
convert -size 12x12 xc:black set/LR_bicubic/X4/twox4.png
run 0 "$GIMP_GAN" evaluate "$model" --data set
err_says "needs 12 x 11"
mkdir odd odd-ready
cp set/HR/one.png odd/b.png
cp set/HR/two.png odd/z.png
convert -size 1x1 xc:red odd/a.png
convert -size 40x13 xc:red odd/flat.png
head -c 900 set/HR/one.png >odd/cut.png
: >odd/empty.png
echo text >odd/text.jpg
run 0 "$GIMP_GAN" evaluate "$model" --data odd --json
out_is_json
mv "$log/out" odd.json
for name in a flat cut empty text; do err_says "odd/$name."; done
run 0 "$GIMP_GAN" evaluate "$model" --data set/HR --json
python3 - odd.json "$log/out" <<'END' || claim_failed "the mean of the rest is another than that of the rest alone"
import json, sys
odd, rest = (json.load(open(name)) for name in sys.argv[1:])
names = [p["name"] for p in odd["pictures"]], [p["name"] for p in odd["passed_over"]]
print(names)
sys.exit(names != (["b", "z"], ["a", "cut", "empty", "flat", "text"]) or odd["mean"] != rest["mean"]
         or not all(p["reason"] for p in odd["passed_over"]) or rest["passed_over"] != [])
END
# A ready result without a partner costs its picture, too.
cp set/HR/one.png odd-ready/b.png
run 0 "$GIMP_GAN" evaluate --data odd --ready odd-ready --scale 2
err_says "passed over: odd-ready has no picture for 'z', such as z.png or zx2.png."
grep -q '^mean of 1 ' "$log/out" || claim_failed "ready results: no mean of the rest"
# An original of a format that is not read is no silence.
: >odd/drawing.psd
: >odd/notes.txt
run 0 "$GIMP_GAN" evaluate "$model" --data odd
err_says "1 file of a kind that is not measured: .psd"
rm odd/[bz].png
run 1 "$GIMP_GAN" evaluate "$model" --data odd
err_says "none of the pictures could be measured"
mkdir none
run 1 "$GIMP_GAN" evaluate "$model" --data none
err_says "There is no picture in 'none'"
run 1 "$GIMP_GAN" evaluate "$model" --data nowhere
err_says "'nowhere' is not a folder"

# A model that restores: pairs of equal size, every pixel, and the damaged pictures beside it. Of a grey picture that is
# 10 levels too bright at the outermost pixels alone, 20 log10(255/10) + 10 log10(64 x 48 / 220) dB are left.
restorer=$GOLDEN/srvgg-leakyrelu-x1.pth
mkdir -p pairs/target pairs/input
convert -size 64x48 xc:'gray(100)' pairs/target/a.png
convert -size 62x46 xc:'gray(100)' -bordercolor 'gray(110)' -border 1 pairs/input/a.png
run 0 "$GIMP_GAN" evaluate "$restorer" --data pairs
out_says "Damaged pictures: those of pairs/input."
out_says "damaged"
run 0 "$GIMP_GAN" evaluate "$restorer" --data pairs --ready pairs/target --json
json_is 'd["task"], d["scale"], d["border"]' "('restore', 1, 0)"
json_is 'abs(d["mean"]["damaged"]["psnr_rgb"] - 39.58) < 0.01' True
json_is 'd["mean"]["ready"]["psnr_y"]' None
json_is 'd["mean"]["model"]["psnr_y"] > 0' True
run 1 "$GIMP_GAN" evaluate "$restorer" --data set/HR
err_says "'set/HR' has no pairs"
run 2 "$GIMP_GAN" evaluate "$restorer" --data pairs --scale 2
err_says "--scale is 2; the model 'srvgg-leakyrelu-x1' restores pictures at their size, so it is 1."
run 2 "$GIMP_GAN" evaluate "$GOLDEN/dcgan-g.pth" --data pairs
err_says "The model 'dcgan-g' is one to generate with"
convert -size 9x9 xc:black pairs/input/a.png
run 1 "$GIMP_GAN" evaluate "$restorer" --data pairs
err_says "pairs/input/a.png is 9 x 9 pixels; x1 of this original needs 64 x 48."

# Damage that is made here: what ImageMagick makes of the original, by JPEG's float transform, is measured alike. Small
# pictures are damaged, too, the given ones as well; restoring needs no pairs then.
mkdir jpeg
convert set/HR/one.png -quality 30 -sampling-factor 4:2:0 jpeg/one.jpg
convert set/HR/two.png -quality 30 -sampling-factor 4:2:0 jpeg/two.jpg
run 0 "$GIMP_GAN" evaluate "$restorer" --data set --degrade jpeg:30 --ready jpeg --json
json_is 'd["degrade"], d["seed"], d["level"]' "('jpeg:30', 0, None)"
json_is 'len(d["pictures"]), d["pictures"][0]["lr_given"]' '(2, False)'
json_is 'all(abs(p["damaged"]["psnr_y"] - p["ready"]["psnr_y"]) < 0.05 for p in d["pictures"])' True
run 0 "$GIMP_GAN" evaluate "$restorer" --data set --degrade noise:10,jpeg:30 --seed 3
out_says "Damage: noise:10,jpeg:30, seed 3."
rm -r set/LR_bicubic
run 0 "$GIMP_GAN" evaluate "$model" --data set --json
json_is 'd["degrade"]' None
clean=$(json 'd["mean"]["bicubic"]["psnr_y"]')
run 0 "$GIMP_GAN" evaluate "$model" --data set --degrade jpeg:10 --json
json_is "d['mean']['bicubic']['psnr_y'] < $clean - 0.5" True
run 0 "$GIMP_GAN" evaluate "$model" --data set --degrade noise:20 --json
once=$(json 'd["mean"]["bicubic"], d["mean"]["model"]')
json_is "d['mean']['bicubic']['psnr_y'] < $clean - 0.5" True
run 0 "$GIMP_GAN" evaluate "$model" --data set --degrade noise:20 --json
json_is 'd["mean"]["bicubic"], d["mean"]["model"]' "$once"
run 0 "$GIMP_GAN" evaluate "$model" --data set --degrade noise:20 --json --seed 1
[[ $(json 'd["mean"]["bicubic"], d["mean"]["model"]') != "$once" ]] || claim_failed "another seed, the same noise"
mkdir -p set/LR_bicubic/X4
convert -size 15x12 xc:'rgb(0,0,60)' set/LR_bicubic/X4/onex4.png
run 0 "$GIMP_GAN" evaluate "$model" --data set --limit 1 --degrade noise:60 --json
noisy=$(json 'd["mean"]["bicubic"]["psnr_rgb"]')
run 0 "$GIMP_GAN" evaluate "$model" --data set --limit 1 --json
json_is "d['mean']['bicubic']['psnr_rgb'] != $noisy" True
# A model that takes a number is told of the damage, as far as it knows such; another that finds it out is not.
told=$GOLDEN/ffdnet-colour.safetensors
run 0 "$GIMP_GAN" evaluate "$told" --data set --degrade noise:30 --level 30 --json
by_hand=$(json 'd["mean"]["model"]["psnr_y"]')
run 0 "$GIMP_GAN" evaluate "$told" --data set --degrade noise:30 --json
json_is 'd["level"]' 30.0
json_is 'd["mean"]["model"]["psnr_y"]' "$by_hand"
run 0 "$GIMP_GAN" evaluate "$told" --data set --degrade noise:90
out_says "The model is told 75."
run 0 "$GIMP_GAN" evaluate "$told" --data set --degrade jpeg:30 --json
json_is 'd["level"]' None
run 0 "$GIMP_GAN" evaluate "$GOLDEN/fbcnn-colour.safetensors" --data set --degrade jpeg:30 --json
json_is 'd["level"]' None

run 0 "$GIMP_GAN" bench "$model" --size 32x24 --runs 3
out_says "GFLOP/s"
out_says "of 3 runs"
python3 -c 'import struct
open("in.raw", "wb").write(struct.pack("<%df" % (9 * 7 * 3), *[i / 200 for i in range(9 * 7 * 3)]))'
run 0 "$GIMP_GAN" bench "$model" --size 9x7 --runs 4 --json --input-raw in.raw --output-raw cpu.raw
out_is_json
json_is 'len(d["run_ms"])' 4
json_is 'd["least_ms"] <= d["median_ms"] <= d["most_ms"]' True
json_is 'd["peak_bytes"] > 1000000' True
run 0 "$GIMP_GAN" bench "$model" --size 9x7 --runs 1 --device reference --input-raw in.raw --output-raw ref.raw
[[ $(stat -c %s cpu.raw) == $((9 * 4 * 7 * 4 * 3 * 4)) ]] || claim_failed "the raw output has another size"
python3 -c 'import struct, sys
a, b = (struct.unpack("<%df" % (9 * 7 * 16 * 3), open(n, "rb").read()) for n in ("cpu.raw", "ref.raw"))
sys.exit(max(abs(x - y) for x, y in zip(a, b)) > 2e-4)' || claim_failed "the processor differs from the reference"
run 1 "$GIMP_GAN" bench "$model" --size 9x8 --input-raw in.raw
err_says "9 x 8 pixels of 3 channels in float32 need"

run 0 "$GIMP_GAN" doctor
for text in "may be used" "of memory" "Networks run on: CPU" "the right result" "PNG is read and written" \
    "JPEG is read and written" "TIFF is read and written" "folder of your own" "no model yet"; do
    out_says "$text"
done
# Without a model it does not say that all works.
last_line_is "The program works, but there is no model yet, and nothing to be done without one."
run 0 "$GIMP_GAN" doctor --models "$GOLDEN"
out_says "Everything that is needed works"
run 0 "$GIMP_GAN" doctor --json
out_is_json
json_is 'any(f["verdict"] == "fails" for f in d)' False
finish
