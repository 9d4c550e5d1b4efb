#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Factors, exact sizes, blends, depths and the smallest picture.
source "$(dirname "$0")/check.sh"
model=$GOLDEN/srvgg-prelu-x4.pth
picture 24x16 a.png

for row in 0.5:12x8 1:24x16 1.5:36x24 2:48x32 3:72x48 4:96x64 5:120x80 16:384x256; do
    run 0 "$GIMP_GAN" upscale a.png -o "out-${row%%:*}.png" -m "$model" --scale "${row%%:*}"
    size_is "out-${row%%:*}.png" "${row#*:}"
done
run 0 "$GIMP_GAN" upscale a.png -o quotient.png -m "$model" --scale 3/2
size_is quotient.png 36x24
run 0 "$GIMP_GAN" upscale a.png -o to.png -m "$model" --to 101x33
size_is to.png 101x33
run 0 "$GIMP_GAN" upscale a.png -o tall.png -m "$model" --to x40
size_is tall.png 60x40
run 0 "$GIMP_GAN" upscale a.png -o x2.png -m "$GOLDEN/srvgg-relu-x2.pth"
size_is x2.png 48x32

# The smallest picture, and odd ones, through networks with shuffles and strides.
picture 1x1 one.png
for name in srvgg-prelu-x4 rrdb-basicsr-x4 rrdb-basicsr-x2 span-train-x2 edsr-basicsr-x3; do
    run 0 "$GIMP_GAN" upscale one.png -o "one-$name.png" -m "$GOLDEN/$name.pth"
    scale=${name##*x}
    size_is "one-$name.png" "${scale}x$scale"
done
run 0 "$GIMP_GAN" upscale one.png -o tiny.png -m "$model" --scale 0.5
size_is tiny.png 1x1

# A blend of a model with itself is the model; 0 and 1 are the two models.
other=$GOLDEN/srvgg-prelu-x4.safetensors
run 0 "$GIMP_GAN" upscale a.png -o plain.png -m "$model"
run 0 "$GIMP_GAN" upscale a.png -o same.png --blend "$model:$other:0.3"
compare -metric AE plain.png same.png null: 2>/dev/null || claim_failed "a blend with itself differs"
cp "$model" 'with:colon.pth'
run 0 "$GIMP_GAN" upscale a.png -o colon.png --blend "with:colon.pth:./with:colon.pth:0.5"
exists colon.png
run 1 "$GIMP_GAN" upscale a.png -o bad.png --blend "$model:$GOLDEN/srvgg-relu-x2.pth:0.5"
is_missing bad.png

# Depth, grey and transparency stay.
convert a.png -depth 16 -define png:bit-depth=16 deep.png
run 0 "$GIMP_GAN" upscale deep.png -o deep-x4.png -m "$model"
[[ $(identify -format '%z' deep-x4.png) == 16 ]] || claim_failed "16 bits are lost"
convert a.png -colorspace Gray -define png:color-type=0 grey.png
run 0 "$GIMP_GAN" upscale grey.png -o grey-x4.png -m "$model"
[[ $(identify -format '%[channels]' grey-x4.png) == gray* ]] || claim_failed "grey became colour"
convert a.png -alpha set -channel A -evaluate set 50% clear.png
run 0 "$GIMP_GAN" upscale clear.png -o clear-x4.png -m "$model"
[[ $(identify -format '%[channels]' clear-x4.png) == *a* ]] || claim_failed "transparency is lost"
convert a.png -alpha set -channel A -fx 'i>11' shape.png
run 0 "$GIMP_GAN" upscale shape.png -o cubic.png -m "$model"
run 0 "$GIMP_GAN" upscale shape.png -o network.png -m "$model" --network-alpha
convert cubic.png -alpha off cubic-colours.png
convert network.png -alpha off network-colours.png
compare -metric AE cubic-colours.png network-colours.png null: 2>/dev/null || claim_failed "alpha changes the colours"
compare -channel A -metric AE cubic.png network.png null: 2>/dev/null && claim_failed "the network leaves alpha alone"
run 0 "$GIMP_GAN" upscale shape.png -o network.png -m "$model" --network-alpha --overwrite --dry-run
out_says "2 passes (1 tile of"
run 0 "$GIMP_GAN" upscale a.png -o plain-alpha.png -m "$model" --network-alpha --dry-run
out_says "1 pass (1 tile of"
run 0 "$GIMP_GAN" upscale clear.png -o clear-x4.jpg -m "$model"
err_says "clear.png: warning: JPEG files have no transparency"
[[ $(grep -c "JPEG files have no" "$log/err") == 1 ]] || claim_failed "said more than once"
run 0 "$GIMP_GAN" upscale clear.png -o clear-x4.jpg -m "$model" --overwrite --json
[[ $(tail -n 2 "$log/out" | head -n 1 | python3 -c 'import json, sys
print(json.loads(sys.stdin.readline())["warnings"])') == "['JPEG files have no transparency; what"* ]] ||
    claim_failed "no warnings in the JSON"

# Sizes are meant as a picture is shown.
picture 40x30 turned.jpg
exiftool -q -n -overwrite_original -Orientation=6 turned.jpg
run 0 "$GIMP_GAN" upscale turned.jpg -o turned-100.jpg -m "$model" --to 90x
size_is turned-100.jpg 120x90
out_says "turned-100.jpg: 90 x 120 pixels"
run 0 "$GIMP_GAN" upscale turned.jpg -o turned-100.exr -m "$model" --to x120
[[ $(exiftool -s3 -ImageSize turned-100.exr) == 90x120 ]] || claim_failed "the EXR lies on its side"

# A small budget gives the same picture in more tiles.
picture 300x200 b.png
run 0 "$GIMP_GAN" upscale b.png -o large.png -m "$model"
run 0 "$GIMP_GAN" upscale b.png -o small.png -m "$model" --memory 24M --threads 1
compare -metric AE large.png small.png null: 2>/dev/null || claim_failed "the budget changes the picture"
finish
