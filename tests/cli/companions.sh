#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A verb whose pictures have others beside them: a mask each, one style for all.
source "$(dirname "$0")/check.sh"
: "${PATCH:?is not set}"
mkdir -p in/sub masks/sub
convert -size 12x8 xc:green in/a.png
convert -size 9x7 xc:green in/b.png
convert -size 6x6 xc:green in/sub/a.png
convert -size 6x6 xc:green in/alone.png
# Of two masks the one with the very name counts; other endings do, other stems do not.
convert -size 12x8 xc:black -fill white -draw 'rectangle 0,0 3,7' masks/a.png
convert -size 12x8 xc:white masks/a.gif
convert -size 9x7 xc:white masks/b.tif
convert -size 9x7 xc:black masks/b-2.png
convert -size 6x6 xc:black masks/sub/a.pgm
convert -size 2x2 xc:red style.png
common=(--style style.png -m "$GOLDEN/srvgg-prelu-x4.pth" -o out)
colour_is() {
    local colour
    colour=$(convert "$1" -format "%[hex:p{$2}]" info:)
    [[ $colour == "$3" ]] || claim_failed "$1 at $2 is $colour, wanted $3"
}

run 1 "$PATCH" in "${common[@]}" --mask masks --recursive
last_line_is "3 done, 0 skipped, 1 failed"
err_says "in/alone.png: There is no picture of this name in 'masks', which --mask is."
files_are out "a-patched.png b-patched.png sub/a-patched.png"
colour_is out/a-patched.png 3,7 FF0000
colour_is out/a-patched.png 4,0 008000
colour_is out/b-patched.png 8,6 FF0000
colour_is out/sub/a-patched.png 0,0 008000

# One mask for all; a mask that does not fit fails its picture only.
run 1 "$PATCH" in "${common[@]}" --mask masks/b.tif --overwrite --json
out_is_json_lines
out_says '"event":"done","input":"in/b.png","mask":"masks/b.tif","style":"style.png","output":"out/b-patched.png"'
out_says '"message":"The mask is 9 x 7 pixels, the picture 12 x 8."'
out_says '"done":1,"skipped":0,"failed":2'
run 0 "$PATCH" in/b.png "${common[@]}" --mask masks/b.tif --overwrite --dry-run
out_says "in/b.png -> out/b-patched.png: 9 x 7 pixels, 1 pass (1 tile of"

# The same masks are skipped, another one is not.
run 0 "$PATCH" in/b.png "${common[@]}" --mask masks
run 0 "$PATCH" in/b.png "${common[@]}" --mask masks
last_line_is "0 done, 1 skipped, 0 failed"
convert masks/b.tif -negate masks/b2.tif
mv masks/b2.tif masks/b.tif
run 0 "$PATCH" in/b.png "${common[@]}" --mask masks
last_line_is "1 done, 0 skipped, 0 failed"

# A damaged companion, none at all, and one that a result would replace.
echo damaged >masks/a.png
run 1 "$PATCH" in/a.png in/b.png "${common[@]}" --mask masks --overwrite
last_line_is "1 done, 0 skipped, 1 failed"
err_says "masks/a.png"
run 2 "$PATCH" in/a.png "${common[@]}" --mask nowhere
err_says "--mask is 'nowhere': no such file or folder."
run 2 "$PATCH" in/a.png in/b.png "${common[@]}" --mask masks -o masks -t '{name}.{ext}' --overwrite
err_says "The result of 'in/a.png' would replace 'masks/a.png', which goes in too."
finish
