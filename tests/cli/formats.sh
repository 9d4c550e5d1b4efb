#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What a folder holds is read, or counted and named; one page of several is said and asked for.
pictures=$(realpath "$(dirname "$0")/../tiles/pictures")
source "$(dirname "$0")/check.sh"
model=$GOLDEN/srvgg-prelu-x4.pth
mkdir in
picture 6x5 in/a.png
printf 'P1\n2 2\n1 0\n0 1\n' >in/b.pbm
printf 'P2\n2 2\n1023\n0 1 2 1023\n' >in/c.pgm
printf 'Pf\n1 1\n-1.0\n\0\0\200\77' >in/d.pfm
echo "not read" | tee in/e.psd in/f.PSD in/g.dds >in/h.nef
echo "no picture" >in/notes.txt
run 0 "$GIMP_GAN" upscale in -o out -m "$model"
last_line_is "4 done, 0 skipped, 0 failed"
out_says "3 files of kinds that are not read: .dds, .psd"
out_says "1 file of a kind that is taken only when named: .nef"
files_are out "a-x4.png b-x4.png c-x4.png d-x4.png"
run 0 "$GIMP_GAN" upscale in -o out -m "$model" --json --overwrite
out_says '"not_read":3'

# gdk-pixbuf is told what it reads, since there may be no database of types, as there is none here.
"$GIMP_GAN" doctor >doctor.txt || true # there is no model here
if grep -q "own:.* BMP, TGA and icons" doctor.txt; then
    mkdir bitmaps
    formats=(bmp tga ico cur xpm)
    # Where gdk-pixbuf reads by glycin, its loaders are named in the system's data folders, and XPM is not one of theirs.
    if [[ -d /usr/share/glycin-loaders ]]; then
        export XDG_DATA_DIRS=$XDG_DATA_DIRS:/usr/share
        formats=(bmp tga ico cur)
    fi
    for format in "${formats[@]}"; do convert -size 6x5 gradient:red-blue "bitmaps/$format.$format"; done
    for file in bitmaps/*; do
        run 0 "$GIMP_GAN" upscale "$file" -o "$(basename "$file").png" -m "$model"
        size_is "$(basename "$file").png" 24x20
    done
fi

# A folder of nothing else says so.
mkdir none && cp in/e.psd none/
run 1 "$GIMP_GAN" upscale none -o out -m "$model"
err_says "Beside: 1 file of a kind that is not read: .psd"

# Frames.
cp "$pictures/anim.gif" .
run 0 "$GIMP_GAN" upscale anim.gif -o one.png -m "$model"
err_says "frame 1 of 3 is read; the others are left out; --page N takes another"
run 0 "$GIMP_GAN" upscale anim.gif -o one.png -m "$model" --page 2
last_line_is "1 done, 0 skipped, 0 failed"
run 0 "$GIMP_GAN" upscale anim.gif -o one.png -m "$model" --page 2
last_line_is "0 done, 1 skipped, 0 failed"
run 1 "$GIMP_GAN" upscale anim.gif -o other.png -m "$model" --page 4
err_says "it has no frame 4, but 3"
cp "$pictures/anim.png" .
run 0 "$GIMP_GAN" upscale anim.png -o frame.png -m "$model" --page 3
err_says "frame 3 of 3 is read; the others are left out"

# Parts and layers of OpenEXR go by names, too.
cp "$pictures/parts.exr" .
run 0 "$GIMP_GAN" upscale parts.exr -o part.png -m "$model"
if [[ $(<"$log/err") == *"picture 1 of 4"* ]]; then # OpenEXR is built in
    run 0 "$GIMP_GAN" upscale parts.exr -o part.png -m "$model" --page spec
    err_says "picture 4 of 4 is read; the others are left out (beauty, fog, depth); --page NAME takes another"
    run 1 "$GIMP_GAN" upscale parts.exr -o none.png -m "$model" --page smoke
    err_says "it has no part or layer called 'smoke', but beauty, fog, depth, spec"
fi
run 2 "$GIMP_GAN" upscale parts.exr -o none.png -m "$model" --page 0

# All pages, into a file of as many; frames become pages of a TIFF.
run 0 "$GIMP_GAN" upscale anim.gif -o pages.tif -m "$model" --page all
err_says "how long each frame is shown is not told in the new file"
out_says "3 frames"
run 0 "$GIMP_GAN" upscale anim.gif -o pages.tif -m "$model" --page all
last_line_is "0 done, 1 skipped, 0 failed"
run 0 "$GIMP_GAN" upscale pages.tif -o again.tif -m "$model" --page all --scale 1 --json
json_is 'd["done"]' 1
run 0 "$GIMP_GAN" upscale again.tif -o third.png -m "$model" --page 3 --dry-run
err_says "page 3 of 3 is read"
# Animations keep their times; of a GIF they are PNG where nothing else is asked for.
run 0 "$GIMP_GAN" upscale anim.gif -m "$model" --page all
exists anim-x4.png
run 0 "$GIMP_GAN" upscale anim-x4.png -o film.webp -m "$model" --page all --scale 1
run 0 "$GIMP_GAN" upscale anim-x4.png -o frame-3.png -m "$model" --page 3 --dry-run
err_says "frame 3 of 3 is read"
if "$GIMP_GAN" upscale film.webp -m "$model" -o film.tif --dry-run >"$log/out" 2>&1; then # it is built in
    run 0 "$GIMP_GAN" upscale film.webp -o film.tif -m "$model" --page all --dry-run
    out_says "3 frames, 3 passes"
fi
run 1 "$GIMP_GAN" upscale anim.gif -o film.jpg -m "$model" --page all
err_says "this format does not hold 3 frames; png, webp, tif do"
run 1 "$GIMP_GAN" upscale pages.tif -o pages.jpg -m "$model" --page all
err_says "pages.jpg: this format does not hold 3 pages; tif does"
is_missing pages.jpg
run 0 "$GIMP_GAN" upscale in/a.png -o one.tif -m "$model" --page all
last_line_is "1 done, 0 skipped, 0 failed"
[[ -z $(find . -maxdepth 1 -name '.*gimp*') ]] || claim_failed "something half-written is left"
finish
