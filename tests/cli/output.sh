#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What is said: dry run, quiet, JSON, a bar on a terminal, plain lines in a pipe.
source "$(dirname "$0")/check.sh"
model=$GOLDEN/srvgg-prelu-x4.pth
mkdir in
picture 12x8 in/a.png
picture 400x300 in/b.png

run 0 "$GIMP_GAN" upscale in -o out -m "$model" --dry-run
out_says "in/a.png -> out/a-x4.png: 12 x 8 to 48 x 32 pixels, 1 pass (1 tile of"
out_says "of memory, about"
last_line_is "2 would be done, 0 skipped, 0 failed"
is_missing out
run 0 "$GIMP_GAN" upscale in/a.png -m "$model" --dry-run --scale 16
out_says "12 x 8 to 192 x 128 pixels, 2 passes"
run 0 "$GIMP_GAN" upscale in/a.png -m "$model" --dry-run --scale 3
out_says "and a resampling"

# The amount of memory is of the pixels, too: those of 16 bits take twice as much.
mkdir deep
convert in/b.png -depth 16 PNG48:deep/b.png
memory_of() {
    run 0 "$GIMP_GAN" upscale "$1" -o out -m "$model" --dry-run --json
    sed -n 's/.*"event":"would-do".*"memory_bytes":\([0-9]*\).*/\1/p' "$log/out"
}
more=$(($(memory_of deep/b.png) - $(memory_of in/b.png)))
((more == (400 * 300 + 1600 * 1200) * 3)) || claim_failed "16 bits take $more bytes more"

run 0 "$GIMP_GAN" upscale in -o out -m "$model" --quiet
out_is_empty
err_is_empty
echo broken >in/c.png
run 1 "$GIMP_GAN" upscale in -o out -m "$model" --quiet
out_is_empty
err_says "in/c.png"
[[ $(wc -l <"$log/err") == 1 ]] || claim_failed "more than one line for one failure"

run 1 "$GIMP_GAN" upscale in -o out -m "$model" --json
out_is_json_lines
out_says '"event":"skipped"'
out_says '"event":"failed"'
out_says '"event":"summary","done":0,"skipped":2,"failed":1'
run 1 "$GIMP_GAN" upscale in -o out -m "$model" --json --overwrite
out_is_json_lines
out_says '"event":"start","model":"srvgg-prelu-x4"'
out_says '"event":"done","input":"in/a.png","output":"out/a-x4.png","width":12,"height":8,"result_width":48'
run 1 "$GIMP_GAN" upscale in -o out -m "$model" --json --overwrite --dry-run
out_is_json_lines
out_says '"event":"would-do"'
rm in/c.png

# In a pipe: plain lines, no control characters.
run 0 "$GIMP_GAN" upscale in -o out -m "$model" --overwrite
err_says "[2/2] in/b.png: 400 x 300 to 1600 x 1200 pixels"
out_says "in/b.png -> out/b-x4.png: 1600 x 1200 pixels"
if grep -q $'[\r\033]' "$log/out" "$log/err"; then
    claim_failed "control characters in a pipe"
fi

# On a terminal: a bar that goes when the file is done.
run 0 script -qec "'$GIMP_GAN' upscale in -o out -m '$model' --overwrite" typescript </dev/null
grep -q $'\r\\[2/2\\] in/b.png \\[#*\\.*\\]' "$log/out" || claim_failed "no bar on a terminal"
grep -q $'\r\033\\[K' "$log/out" || claim_failed "the bar is not removed"
tr -d '\r' <"$log/out" | grep -q '^2 done, 0 skipped, 0 failed$' || claim_failed "no last line on a terminal"
run 0 script -qec "'$GIMP_GAN' upscale in -o out -m '$model' --overwrite --quiet" typescript </dev/null
out_is_empty
run 0 script -qec "TERM=dumb '$GIMP_GAN' upscale in -o out -m '$model' --overwrite" typescript </dev/null
if grep -q $'\033' "$log/out"; then
    claim_failed "control characters on a dumb terminal"
fi
finish
