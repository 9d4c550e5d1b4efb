#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# `gimp-gan prepare` as a user runs it.
source "$(dirname "$0")/../cli/check.sh"

# photo SEED FILE: a picture of its own look.
photo() { convert -size 96x80 -seed "$1" plasma:fractal -depth 8 "$2"; }
mkdir -p photos/deeper
for k in 1 2 3; do photo $k photos/$k.png; done
photo 4 photos/deeper/4.jpg
cp photos/1.png photos/same.png
head -c 900 photos/2.png >photos/cut.png
run 0 "$GIMP_GAN" prepare photos -o data.ganpack --tile 64
err_says "cut.png"
err_says "same.png: left out, it equals a former picture"
out_says "6 pictures: of these"
out_says "1 could not be read"
out_says "data.ganpack: 16 tiles"
[[ -z $(find . -maxdepth 1 -name ".gimp-gan*") ]] || claim_failed "a temporary file is left"
# The same data, the same sum.
run 0 "$GIMP_GAN" prepare photos -o again.ganpack --tile 64 --json
out_is_json_lines
tail -n 1 "$log/out" >"$log/last" && mv "$log/last" "$log/out"
json_is "d['tiles']" 16
json_is "d['damaged']" 1
cmp -s data.ganpack again.ganpack || claim_failed "the same folder gives another file"

run 0 "$GIMP_GAN" prepare photos -o quiet.ganpack --quiet --tile 0 --grey --near 0
out_is_empty
run 1 "$GIMP_GAN" prepare photos -o none.ganpack --least 500 -q
err_says "nothing is left to write"
is_missing none.ganpack
run 1 "$GIMP_GAN" prepare nowhere -o none.ganpack
err_says "nowhere: there is no such file or folder"
run 1 "$GIMP_GAN" prepare photos -o missing/none.ganpack
err_says "missing/none.ganpack: No such file or directory"
run 2 "$GIMP_GAN" prepare photos
err_says "--output is missing"
run 2 "$GIMP_GAN" prepare -o x
err_says "A folder of pictures is missing"
run 2 "$GIMP_GAN" prepare photos -o x --kind pears
err_says "the kind is 'pears'; it is one of pictures, pairs, unpaired, classes"
run 2 "$GIMP_GAN" prepare photos -o x --tile -1
run 2 "$GIMP_GAN" prepare photos -o x --sharpness blurred
err_says "--sharpness is 'blurred'"
is_missing x

# Pictures narrower than a tile are kept as they are, and what they are good for is told.
mkdir narrow
photo 1 narrow/1.png
convert -size 300x40 -seed 9 plasma:fractal -depth 8 narrow/9.png
run 0 "$GIMP_GAN" prepare narrow -o narrow.ganpack --tile 64
out_says "Smaller than 64 x 64: 5 of them; the shortest side has 40 pixels"
out_says "Training leaves out those into which its patch (data.patch) does not fit; up to 40 all do"
run 0 "$GIMP_GAN" prepare narrow -o narrow.ganpack --tile 64 --json
out_is_json
json_is "d['narrow_tiles'], d['shortest_side']" "(5, 40)"
run 0 "$GIMP_GAN" prepare narrow -o narrow.ganpack --tile 64 --least 64
err_says "9.png: left out, 300 x 40 pixels; the shorter side needs at least 64"
grep -q Smaller "$log/out" && claim_failed "tiles are called narrow that are none"
run 1 "$GIMP_GAN" prepare narrow -o none.ganpack --resize 30
err_says "1.png: left out, 36 x 30 pixels; the shorter side needs at least 32"
# Pairs of another scale are no small pictures.
mkdir -p pairs/HR pairs/LR
photo 1 pairs/HR/1.png
convert -size 24x20 xc:gray pairs/LR/1.png
run 1 "$GIMP_GAN" prepare pairs -o none.ganpack --kind pairs
err_says "needs 96 x 80 at the scale 1; they are of the scale 4"
err_says "0 were too small, 1 had a partner of another size"
run 0 "$GIMP_GAN" prepare pairs -o pairs.ganpack --kind pairs --scale 4
# A former pack is replaced; nothing else is.
cp photos/1.png precious.png
run 1 "$GIMP_GAN" prepare photos -o precious.png
err_says "precious.png: this file is there and no pack of 'gimp-gan prepare'; it is left alone"
cmp -s photos/1.png precious.png || claim_failed "a photograph was overwritten"
run 1 "$GIMP_GAN" prepare photos -o photos
err_says "photos: this is a folder; the output is a file, such as data.ganpack"

# A full disk: nothing is left behind.
if (ulimit -f 100 && trap '' XFSZ && "$GIMP_GAN" prepare photos -o full.ganpack --tile 64) 2>"$log/err"; then
    claim_failed "a full disk is not noticed"
fi
err_says "full.ganpack: File too large"
is_missing full.ganpack
[[ -z $(find . -name '.gimp-gan*') ]] || claim_failed "a part of the file is left"
finish
