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
run 0 "$GIMP_GAN" evaluate --ready ready --data set/HR --scale 2 --limit 1 --json
json_is 'len(d["pictures"])' 1
# Given small pictures are taken as they are: with black ones, bicubic is bad.
mkdir -p set/LR_bicubic/X4
convert -size 15x12 xc:black set/LR_bicubic/X4/onex4.png
convert -size 12x11 xc:black set/LR_bicubic/X4/twox4.png
run 0 "$GIMP_GAN" evaluate "$model" --data set --json
json_is 'd["pictures"][0]["lr_given"]' True
json_is 'd["mean"]["bicubic"]["psnr_y"] < 15' True
rm set/LR_bicubic/X4/twox4.png
run 1 "$GIMP_GAN" evaluate "$model" --data set
err_says "no picture for 'two'"
convert -size 12x12 xc:black set/LR_bicubic/X4/twox4.png
run 1 "$GIMP_GAN" evaluate "$model" --data set
err_says "needs 12 x 11"
mkdir none
run 1 "$GIMP_GAN" evaluate "$model" --data none
err_says "There is no picture in 'none'"
run 1 "$GIMP_GAN" evaluate "$model" --data nowhere
err_says "'nowhere' is not a folder"

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
run 0 "$GIMP_GAN" doctor --json
out_is_json
json_is 'any(f["verdict"] == "fails" for f in d)' False
finish
